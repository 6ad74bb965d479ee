"""What the sequence model sees of each word: its kind, its neighbours, what was just asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from copilot.drafting.lexicon import GIVEN_NAMES, PARTICLES, TITLES
from copilot.drafting.lexicon.relations import RELATIONS
from copilot.drafting.people.dialogues import surnames
from copilot.drafting.questions import asked
from copilot.drafting.speech import Speech, Word, words
from models.entities import french_lexicon

NUMBERS = frozenset(
    """zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize
    vingt vingts trente quarante cinquante soixante septante huitante octante nonante cent cents
    mille et""".split()  # noqa: SIM905
)
KIN = frozenset(RELATIONS.split("|")) - frozenset(
    ["petit", "petite", "cousin", "compagnon", "papy", "ami"]  # surnames as often
)
NAMELESS = frozenset(["particle", "letter", "title", "digit", "number"])
"""Kinds of words that by themselves are nobody's name."""
TELLING = frozenset(
    [
        "name", "given_name", "spelling", "on_behalf_of", "company", "phone", "address", "email",
        "reason", "recipient",
    ]
)  # fmt: skip
"""Questions that say whose name, or that no name, comes next."""
SHORT = 8
"""Words; a shorter utterance may be nothing but an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is known when an utterance is read."""

    operator: Speech
    """What the operator said last."""
    contacts: frozenset[str] = frozenset()
    """Folded words of the names of the client's people."""
    caller: frozenset[str] = frozenset()
    """Folded words of the caller's name as far as it is known."""
    others: frozenset[str] = frozenset()
    """Of other people named so far."""
    first: bool = False
    """Nothing was said by the caller before."""


def kind(word: Word) -> str:
    """What sort of word it is."""
    norm = word.norm
    parts = norm.split("-")
    if all(part in NUMBERS for part in parts):
        return "number"
    if norm in KIN:
        return "kin"
    if len(parts) > 1:
        return _kind_of_joined(parts)
    if norm.isdigit():
        return "digit"
    if norm in TITLES:
        return "title"
    if norm in PARTICLES:
        return "particle"
    if len(norm.rstrip("'")) < 2:
        return "letter"
    ordinary = norm.rstrip("'") in french_lexicon()
    if norm not in GIVEN_NAMES:
        return "ordinary" if ordinary else "rare"
    if norm in surnames():
        return "either"
    return "givenword" if ordinary else "given"


def _kind_of_joined(parts: Sequence[str]) -> str:
    """Of a word with hyphens: "marie-laure", "rendez-vous", "kerbrat-morvan"."""
    if all(part in GIVEN_NAMES for part in parts):
        return "given"
    return "ordinary" if all(part in french_lexicon() for part in parts) else "rare"


def units(speech: Speech) -> list[Word]:
    """The words, what hyphens join as one."""
    joined: list[Word] = []
    for word in words(speech):
        if joined and joined[-1].gap == "-":
            start = joined.pop().start
            text, folded = speech.text[start : word.end], speech.folded[start : word.end]
            word = Word(text, folded, start, word.end, word.gap)
        joined.append(word)
    return joined


def features(
    tokens: Sequence[Word], setting: Setting, vocabulary: Collection[str]
) -> list[list[str]]:
    """One list of features a word. Words outside `vocabulary` are seen by their kind alone."""
    kinds = [kind(word) for word in tokens]
    shown = [
        word.norm if word.norm in vocabulary else f"*{sort}"
        for word, sort in zip(tokens, kinds, strict=True)
    ]
    said = frozenset(word.norm for word in words(setting.operator))
    questions = sorted(asked(setting.operator.folded) & TELLING)
    hints = [f"op={word}" for word in sorted(said) if word in vocabulary]
    rows = []
    for at, (place, size) in enumerate(sentence_places(tokens)):
        row = ["bias", *_neighbours(at, shown, kinds), *_place(at, tokens, kinds, place, size)]
        row += _known(at, tokens, kinds[at], setting, said)
        short = size < SHORT
        for question in questions:
            row += [f"q={question}", f"q={question}_{kinds[at]}_{short}"]
            row.append(f"q={question}_{min(place, 3)}_{short}")
        row += hints
        row += [f"{hint}_{kinds[at]}" for hint in hints]
        rows.append(row)
    return rows


def sentence_places(tokens: Sequence[Word]) -> list[tuple[int, int]]:
    """Of each word, its place in its sentence, and how many words that has."""
    ends = [at + 1 for at, word in enumerate(tokens) if word.ends_sentence]
    bounds = [0, *ends, *([len(tokens)] if not ends or ends[-1] < len(tokens) else [])]
    return [
        (at - first, after - first)
        for first, after in pairwise(bounds)
        for at in range(first, after)
    ]


def _neighbours(at: int, shown: Sequence[str], kinds: Sequence[str]) -> Iterator[str]:
    size, this = len(shown), kinds[at]
    yield from (f"w={shown[at]}", f"k={this}")
    for step in (-3, -2, -1, 1, 2, 3):
        beside = at + step
        if not 0 <= beside < size:
            yield f"edge{step}"
            continue
        yield from (f"w{step}={shown[beside]}", f"k{step}={kinds[beside]}")
        if abs(step) == 1:
            yield f"k{step}{this}={kinds[beside]}"
    before, before2 = shown[at - 1] if at else "^", shown[at - 2] if at > 1 else "^"
    after = shown[at + 1] if at + 1 < size else "$"
    after2 = shown[at + 2] if at + 2 < size else "$"
    yield from (f"w-2w-1={before2}_{before}", f"w-1={before}_{this}", f"w+1={after}_{this}")
    yield from (f"w+1w+2={after}_{after2}", f"around={before}_{after}")
    near = [kinds[one] if 0 <= one < size else "-" for one in range(at - 2, at + 3)]
    yield from (f"k3{part}={'_'.join(near[part : part + 3])}" for part in range(3))


def _place(
    at: int, tokens: Sequence[Word], kinds: Sequence[str], place: int, size: int
) -> Iterator[str]:
    """Where the word stands, in its sentence of `size` words, and what marks it there."""
    word, this = tokens[at], kinds[at]
    yield f"len={min(len(word.norm), 4)}"
    yield f"place={min(place, 4)}_{this}"
    yield f"size={min(size, 5) if size <= SHORT else 'long'}_{min(place, 3)}_{this}"
    if at and "," in tokens[at - 1].gap:
        yield "pause-1"
    if word.breaks:
        yield "pause+1"
    if any(other.text[:1].isupper() for other in tokens[1:]):
        yield f"cased={word.text[:1].isupper()}_{this}"
    if this not in NAMELESS:
        norms = [other.norm for other in tokens]
        if norms.index(word.norm) < at:
            yield f"again_{this}"
        elif word.norm in norms[at + 1 :]:
            yield f"later_{this}"


def _known(
    at: int, tokens: Sequence[Word], this: str, setting: Setting, said: frozenset[str]
) -> Iterator[str]:
    """Whether the word was met before, and as whose name."""
    norm = tokens[at].norm
    if setting.first:
        yield f"first_{min(at, 4)}_{this}"
    if setting.caller:
        yield f"known_{this}"
    if this in NAMELESS - {"digit", "number"}:
        return
    if norm in setting.contacts:
        yield "contact"
    if norm in setting.caller:
        yield "caller"
    if norm in setting.others:
        yield "other"
    if norm in said:
        yield f"said_{this}"
