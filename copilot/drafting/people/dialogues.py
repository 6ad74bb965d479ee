"""Written dialogues in which people name themselves and others, with invented people put in.

`dialogues.fr.txt` explains its notation. Each paragraph is expanded many times, with other
people, other wordings, with and without the case and punctuation of a careful recogniser.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from copilot.drafting.lexicon import GIVEN_NAMES
from copilot.drafting.questions import asked
from copilot.drafting.speech import fold
from models.entities import french_lexicon

SLOT = re.compile(r"\{([A-Z]+)(?::(\w))?\}")
TAGS = {"P": "P", "N": "N", "K": "p", "J": "p", "R": "p", "KN": "n", "JN": "n", "RN": "n"}
"""The tag of a slot's words: the caller's given name and surname, another person's."""
TOWNS = (
    "nantes lille roubaix tours vannes albi dax brest metz orange vitré saint-malo la-rochelle gap "
    "pau foix sète bourges melun évry cergy antony vertou rezé clamart la-baule les-ulis le-mans"
)
TRADES = (
    "plomberie menuiserie optique garage cabinet clinique résidence boulangerie électricité étude "
    "transports agence pharmacie imprimerie ambulances maison librairie traiteur carrosserie "
    "mairie tribunal abattoir tannerie fonderie jardinerie poissonnerie fromagerie laboratoires "
    "pépinières institut entrepôts régie studio coussins carrelages école club domaine syndicat"
)
KNOWN_BY = (
    *(
        "du lac",
        "des ormes",
        "moderne",
        "du parc",
        "des trois sources",
        "de l'ouest",
        "marée haute",
    ),
    *("du centre", "des pas perdus", "risette", "encre marine", "de la gare", "saint-clair"),
    *("bel ormeau", "du pont", "des oliviers", "service", "intercommunale", "sainte-barbe", "pro"),
)
"""What companies are called by, beside a person's name or a town."""
SYLLABLES = "lo gi vi ca flam mu tek so pro ti dal ber ma no fi xa ro li pa du"
"""Of brands that no dictionary has."""
PIECES, CALLS = "dialogues.fr.txt", "calls.fr.txt"
CALL_EACH = 10
"""A whole call is put to use this many times less often than a piece of one."""
NUMBERS = (
    *("deux", "trois", "quatre", "six", "huit", "dix", "douze", "quinze", "vingt", "trente"),
    *("quarante", "cinquante"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One utterance with the stretches of it that are names."""

    speaker: str
    text: str
    names: tuple[tuple[int, int, str], ...]
    """First character, after the last, tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """A stretch of a call."""

    lines: tuple[Line, ...]
    contacts: frozenset[str]
    """Folded words of the names of the client's people."""


@cache
def _cells(name: str) -> tuple[str, ...]:
    text = files("copilot.drafting.people").joinpath(name).read_text(encoding="utf-8")
    lines = " ".join(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(dict.fromkeys(cell.strip() for cell in lines.split(",") if cell.strip()))


@cache
def surnames() -> frozenset[str]:
    """Folded words of the surnames that callers are invented with."""
    return frozenset(re.findall(r"[a-z]+", fold(" ".join(_cells("surnames.txt")))))


def written(name: str) -> str:
    """The text of one of the two files, `PIECES` or `CALLS`."""
    return files("copilot.drafting.people").joinpath(name).read_text(encoding="utf-8")


@cache
def _paragraphs(name: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    return paragraphs(written(name))


def paragraphs(text: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Stretches of a call in the notation: who speaks ("O" or "C"), and what is said."""
    kept = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        tuple((line[0], line[2:].strip()) for line in paragraph.splitlines())
        for paragraph in re.split(r"\n\s*\n", kept.strip())
    )


@cache
def _matters() -> tuple[str, ...]:
    """Sentences of callers that name nobody, of every trade."""
    situations, questions = files("copilot.drafting.situations"), files("knowledge.lexicon")
    found = [
        *_sentences(situations.joinpath("urgent.fr.txt").read_text(encoding="utf-8")),
        *_sentences(situations.joinpath("calm.fr.txt").read_text(encoding="utf-8")),
        *_sentences(questions.joinpath("intents.fr.txt").read_text(encoding="utf-8")),
    ]
    return tuple(found)


def _sentences(text: str) -> Iterator[str]:
    """The wordings of a bank; acts ("[~name]"), among which people name themselves, left out."""
    act = False
    for line in text.splitlines():
        if line.startswith("["):
            act = line.startswith("[~")
        elif not act and not line.startswith(("#", "words:")) and len(line.split()) > 2:
            yield line.strip(" ?.").lower()


def template_words() -> frozenset[str]:
    """Folded words of the dialogues themselves, names apart, and the common ones of the bank."""
    lines = " ".join(text for paragraph in _paragraphs(PIECES) for _, text in paragraph)
    own = re.findall(r"[a-z]+'?", fold(SLOT.sub(" ", lines)))
    common = Counter(re.findall(r"[a-z]+'?", fold(" ".join(_matters()))))
    return frozenset(own) | {word for word, times in common.items() if times > 4}


def dialogues(*, each: int, seed: int, calls: str | None = None) -> Iterator[Dialogue]:
    """Every paragraph, `each` times over, with people drawn at random.

    `calls`: whole calls to learn from instead of those of `CALLS`, in the notation.
    """
    chance = random.Random(seed)
    for paragraph in _paragraphs(PIECES):
        for _ in range(each):
            yield _expanded(paragraph, chance)
    for paragraph in _paragraphs(CALLS) if calls is None else paragraphs(calls):
        for _ in range(each // CALL_EACH):
            yield _expanded(paragraph, chance)
    said = [
        text for paragraph in _paragraphs(PIECES) for speaker, text in paragraph if speaker == "O"
    ]
    asks = [text for text in said if not asked(fold(text)) & {"name", "given_name", "spelling"}]
    for matter in _matters():  # most of what is said on the telephone names nobody
        yield _expanded((("O", chance.choice(asks)), ("C", matter)), chance)


def _expanded(paragraph: tuple[tuple[str, str], ...], chance: random.Random) -> Dialogue:
    fills = _fills(chance)
    known = chance.random() < 0.85
    contacts = [fills["R"], fills["RN"]] if known else []
    contacts += [_given(chance), _surname(chance)]
    careful = chance.random() < 0.3
    lines = tuple(
        _line(speaker, _chosen(text, chance), fills, chance, careful=careful)
        for speaker, text in paragraph
    )
    words = frozenset(re.findall(r"[a-z]+", fold(" ".join(contacts))))
    return Dialogue(lines=lines, contacts=words)


def _chosen(text: str, chance: random.Random) -> str:
    """One branch of each [a|b], the innermost first."""
    while True:
        inner = re.search(r"\[([^\[\]]*)\]", text)
        if inner is None:
            return text
        text = text[: inner.start()] + chance.choice(inner[1].split("|")) + text[inner.end() :]


def _line(
    speaker: str, text: str, fills: dict[str, str], chance: random.Random, *, careful: bool
) -> Line:
    if not careful:
        text = re.sub(r"\s*,\s*", " ", text)
    text = re.sub(r"\s+", " ", text).strip(" ,")
    written, names, at = "", [], 0
    for slot in SLOT.finditer(text):
        written += text[at : slot.start()]
        at = slot.end()
        value, tag = fills[slot[1]], slot[2] or TAGS.get(slot[1], "O")
        if slot[1] == "M" and slot.start():
            value = chance.choice(_matters())
        elif slot[1] == "W":
            value = chance.choice(_lexicon())
        if careful and slot[1] not in "TDSHMW":
            value = re.sub(r"(?<![\w'])[^\W\d_]", lambda first: first.group().upper(), value)
        if tag in "PNpn":
            names.append((len(written), len(written) + len(value), tag))
        written += value
    written += text[at:]
    if careful:
        written = written[:1].upper() + written[1:]
    return Line(speaker=speaker, text=written, names=tuple(names))


def _fills(chance: random.Random) -> dict[str, str]:
    fills = {slot: _given(chance) for slot in ("P", "K", "J", "R")}
    fills |= {slot: _surname(chance) for slot in ("N", "KN", "JN", "RN")}
    fills["E"] = _company(chance)
    fills["V"] = chance.choice(TOWNS.split()).replace("-", " ")
    fills["D"] = chance.choice(NUMBERS)
    fills["T"] = "zéro " + " ".join(chance.choice(NUMBERS) for _ in range(5))
    fills["S"] = _spelled(fills["N"])
    fills["H"] = _spelled(fills["P"])
    fills |= {"M": chance.choice(_matters()), "W": ""}
    return fills


def _company(chance: random.Random) -> str:
    draw, trade = chance.random(), chance.choice(TRADES.split())
    if draw < 0.15:
        return "".join(chance.choice(SYLLABLES.split()) for _ in range(chance.choice((2, 3, 4))))
    if draw < 0.3:
        return f"{trade} de {chance.choice(TOWNS.split())}"
    if draw < 0.6:
        return f"{trade} {chance.choice(KNOWN_BY)}"
    return f"{trade} {chance.choice(_cells('surnames.txt'))}"


def _spelled(name: str) -> str:
    return " ".join(letter for letter in fold(name) if letter.isalpha())


def _given(chance: random.Random) -> str:
    draw = chance.random()
    if draw < 0.12:
        return chance.choice(_cells("given_words.txt"))
    common = chance.random() < 0.5
    name = chance.choice(_cells("common_given.txt") if common else sorted_names())
    if draw < 0.3:
        first = chance.choice(COMPOUNDED)
        second = chance.choice((*COMPOUNDED, name))
        return f"{first}{chance.choice('  -')}{second}"
    return name


COMPOUNDED = (
    *("jean", "marie", "anne", "pierre", "paul", "luc", "marc", "claude", "michel", "louis"),
    *("françois", "philippe", "baptiste", "sophie", "laure", "claire", "france", "christine"),
    *("hélène", "thérèse", "lise", "charlotte", "bernard", "yves", "noël", "andré", "charles"),
)
"""Given names that compounds are made of."""


def _surname(chance: random.Random) -> str:
    draw = chance.random()
    if draw < 0.15:
        return chance.choice(_parted())
    name = chance.choice(_cells("surnames.txt"))
    if draw < 0.21:
        return f"{name}{chance.choice(' -')}{chance.choice(_cells('surnames.txt'))}"
    return chance.choice(sorted_names()) if draw < 0.25 else name


@cache
def _parted() -> tuple[str, ...]:
    """Surnames of more than one word."""
    return tuple(name for name in _cells("surnames.txt") if " " in name or "'" in name)


@cache
def _lexicon() -> tuple[str, ...]:
    """French words that are nobody's name, in one order whatever the run."""
    names = GIVEN_NAMES | surnames()
    lemmas = (word for word in french_lexicon() if word.isalpha() and len(word) > 3)
    return tuple(word for word in lemmas if word not in names)


@cache
def sorted_names() -> tuple[str, ...]:
    """Given names in one order whatever the run."""
    return tuple(sorted(name for name in GIVEN_NAMES if len(name) > 2))
