"""Labelled calls with their names taken out: what `calls.fr.txt` is made of.

`python -m tests.drafting.takenames SET.jsonl...` prints them in the notation of `dialogues.fr.txt`.
The label says who calls and for whom, the client who its people are; other people are left to what
the reader of people finds, and read over by whoever adds them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from copilot.drafting.contactnames import name_parts
from copilot.drafting.lexicon import PARTICLES, TITLES
from copilot.drafting.names import ordinary, split
from copilot.drafting.people.features import Setting
from copilot.drafting.people.reader import Mention, PeopleReader
from copilot.drafting.speech import Speech, Word, fold, hear, words
from copilot.drafting.spelling import likeness
from copilot.evaluation.draftscore import expected_value
from copilot.evaluation.labelledcalls import LabelledCall, read_calls

NEAR = 0.8
"""Likeness from which a word of five letters or more is the name, misheard."""
LONGEST_ANSWER = 4
"""Words; in a shorter utterance a common word that is a name is the name."""


def taken_out(call: LabelledCall, people: PeopleReader) -> str:
    """One call, a paragraph of the notation."""
    slots = _slots(call)
    lines, operator, others = [], hear(""), set[str]()
    contacts = frozenset(
        word for contact in call.client.contacts for word in fold(contact.name).split()
    )
    for turn in call.turns:
        speech = hear(turn.text)
        if turn.speaker == "operator":
            operator = speech
            lines.append(f"O: {_replaced(speech, slots, [])}")
            continue
        setting = Setting(operator=operator, contacts=contacts, others=frozenset(others))
        found = people.read(speech, setting)
        others |= {word for each in found if not each.own for word in fold(each.value).split()}
        lines.append(f"C: {_replaced(speech, slots, found)}")
    return "\n".join(lines)


def _slots(call: LabelledCall) -> dict[str, str]:
    """The slot of each folded name; whole surnames of several words too."""
    slots: dict[str, str] = {}
    for contact in call.client.contacts:
        *given, surname = name_parts(contact.name)
        slots |= _parts(" ".join(given), surname, "R", "RN")
    behalf = str(expected_value(call.expected, "on_behalf_of") or "")
    named = " ".join(word for word in behalf.split() if word[:1].isupper())
    if named:
        slots |= _parts(*split(named), "K", "KN")
    caller = str(call.expected.get("caller_name") or "")
    return slots | (_parts(*split(caller), "P", "N") if caller else {})


def _parts(given: str, surname: str, first: str, last: str) -> dict[str, str]:
    return {fold(name): slot for name, slot in ((given, first), (surname, last)) if name.strip()}


def _replaced(speech: Speech, slots: Mapping[str, str], found: list[Mention]) -> str:
    tokens = words(speech)
    text, at, last = "", 0, ""
    for start, end, slot in _stretches(speech, tokens, slots, found):
        text += speech.text[at:start]
        others = slot == "N" and (last.startswith("K") or _not_own(start, found))
        text += "{N:n}" if others else f"{{{slot}}}"
        at, last = end, slot
    return text + speech.text[at:]


def _not_own(start: int, found: list[Mention]) -> bool:
    return any(not each.own and each.start <= start < each.end for each in found)


def _stretches(
    speech: Speech, tokens: list[Word], slots: Mapping[str, str], found: list[Mention]
) -> Iterator[tuple[int, int, str]]:
    """Names and spelled names, in order: first character, after the last, slot."""
    index = 0
    while index < len(tokens):
        for width in (4, 3, 2, 1):
            chosen = tokens[index : index + width]
            slot = _slot(speech, tokens, index, chosen, slots, found) if chosen else None
            if slot and len(chosen) == width:
                yield chosen[0].start, chosen[-1].end, slot
                index += width
                break
        else:
            letters = _letters(tokens, index)
            slot = _spelled("".join(word.norm for word in letters), slots)
            if slot:
                yield letters[0].start, letters[-1].end, slot
            index += max(1, len(letters) if slot else 1)


def _slot(
    speech: Speech,
    tokens: list[Word],
    index: int,
    chosen: list[Word],
    slots: Mapping[str, str],
    found: list[Mention],
) -> str | None:
    said = speech.folded[chosen[0].start : chosen[-1].end]
    for name, slot in slots.items():
        if re.sub(r"[ -]", "", said) == re.sub(r"[ -]", "", name):
            plain = len(chosen) == 1 and ordinary(said)
            return None if plain and not _a_name_here(tokens, index, slots, found) else slot
        if len(chosen) == 1 and len(said) > 4 and not ordinary(said) and said[0] == name[0]:
            if likeness(said, name) >= NEAR:
                return slot
            parts = [part for part in re.split(r"[ -]", name) if part not in PARTICLES]
            if slot.endswith("N") and said in parts:
                return slot
    inside = [each for each in found if each.start <= chosen[0].start < each.end and not each.own]
    if len(chosen) == 1 and inside and said not in TITLES | PARTICLES:
        given = fold(inside[0].given).split()
        return "J" if said in given else "JN"
    return None


def _a_name_here(
    tokens: list[Word], index: int, slots: Mapping[str, str], found: list[Mention]
) -> bool:
    """Whether a common word is meant as the name it also is."""
    word = tokens[index]
    beside = {
        other.norm for other in (*tokens[max(0, index - 1) : index], *tokens[index + 1 : index + 2])
    }
    return (
        len(tokens) <= LONGEST_ANSWER
        or bool(beside & (TITLES | slots.keys()))
        or any(each.start <= word.start < each.end for each in found)
    )


def _letters(tokens: list[Word], index: int) -> list[Word]:
    """The letters said one by one from here on."""
    run = []
    for word in tokens[index:]:
        if len(word.norm) != 1 or not word.norm.isalpha():
            break
        run.append(word)
    return run


def _spelled(letters: str, slots: Mapping[str, str]) -> str | None:
    if len(letters) < 3:
        return None
    near = [
        (likeness(letters, re.sub(r"[^a-z]", "", name)), slot)
        for name, slot in slots.items()
        if slot in ("P", "N")
    ]
    best = max(near, default=(0.0, ""))
    return ("S" if best[1] == "N" else "H") if best[0] >= 0.6 else None


def main(arguments: list[str]) -> None:
    """Print the calls of the sets named."""
    from tests.drafting.learnt import people

    for name in arguments:
        print(f"# {Path(name).stem}")
        for call in read_calls(Path(name)):
            print(taken_out(call, people()), end="\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
