"""Labelled calls as drafts learn from them: `python -m tests.drafting.takecalls SET.jsonl...`
prints them in the notation of `copilot/drafting/situations/calls.fr.txt`.

What the caller says stands as the drafter reads it, without names and numbers; from what the
operator says, the names that the labels and the client know are taken.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from copilot.drafting.drafter import BuiltinDrafter
from copilot.drafting.situations.calls import UNKNOWN
from copilot.drafting.speech import Speech, fold, hear, words
from copilot.evaluation.labelledcalls import LabelledCall, read_calls
from tests.drafting.learnt import houses, people, situations

LETTERS = 3
"""Of a name that is taken out: shorter ones are words as well."""


class Listener(BuiltinDrafter):
    """Keeps what the drafter reads meanings from, and reads none of them."""

    matter = ""

    def _read_matter(self, speech: Speech, matter: Speech, utterance_id: str, *, yes: bool) -> None:
        self.matter = " ".join(matter.text.split()).strip(" ,.")


def taken(call: LabelledCall) -> Iterator[str]:
    """The lines of one call."""
    expected = call.expected
    level, category = (expected.get(name) or UNKNOWN for name in ("urgency", "category"))
    yield f"= {level} {category} "
    yield from (f"? {rule}" for rule in call.client.urgent_rules if rule.strip())
    listener = Listener(
        client=call.client, at=call.at, situations=situations(), people=people(), houses=houses()
    )
    names = _names(call)
    begun = False
    for turn in call.turns:
        listener.matter = ""
        listener.hear(turn)
        begun = begun or turn.speaker == "caller"
        operator = begun and turn.speaker == "operator"
        text = _without(hear(turn.text), names) if operator else listener.matter
        if any(letter.isalpha() for letter in text):
            yield f"{'+' if operator else '-'} {text}"


def _names(call: LabelledCall) -> set[str]:
    extra = call.expected.get("extra") or {}
    known = [contact.name for contact in call.client.contacts]
    known += [call.expected.get("caller_name") or "", extra.get("on_behalf_of") or ""]
    said = {word.norm for name in known for word in words(hear(fold(name)))}
    return {word for word in said if len(word) >= LETTERS}


def _without(speech: Speech, names: set[str]) -> str:
    text, at = "", 0
    for word in words(speech):
        if word.norm in names or any(each.isdigit() for each in word.norm):
            text += speech.text[at : word.start]
            at = word.end
    return " ".join((text + speech.text[at:]).split()).strip(" ,.")


def main(arguments: list[str]) -> None:
    """Print the calls of the sets named."""
    for name in arguments:
        source = Path(name).stem
        for call in read_calls(Path(name)):
            heading, *rest = taken(call)
            print(f"{heading}{source}", *rest, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
