"""A name as heard, put right by what is said of its letters: "avec un T à la fin", "sans H"."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re

from copilot.drafting.names import is_given
from copilot.drafting.speech import fold
from copilot.drafting.spelling import LETTER_NAMES, titled

NAMED_LETTER = "effe|haine|enne|esse|erre|hache|ache|pe|be|ve|ixe|ka"
WITH_LETTER = re.compile(
    r"\b(?P<how>avec|sans|pas|prend|prends|il y a|y a)\s+"
    r"(?:(?P<count>une?|deux|[12])\s+(?P<counted>double [a-z]|i grec|[a-z]|"
    rf"(?:elle|aime|te|the|de)(?=s?(?:$|[,.?!]|\s+(?:a|au|et|comme|final)\b))|{NAMED_LETTER})s?"
    rf"|(?<=avec )(?P<doubled>double [a-z])|(?:(?<=avec )|(?<=sans ))(?P<plain>[b-xz]|{NAMED_LETTER}|i grec)"
    r"|(?:(?<=pas )|(?<=sans ))(?:de |d')(?P<refused>[b-xz]|hache|ache))"
    r"(?:\s+comme\s+\w+)?"
    r"(?P<accent>\s+(?:accent\s+)?(?:aigu|grave|circonflexe|trema|cedille))?"
    r"(?P<place>\s+(?:a la fin|au bout|au debut|final|au milieu|a l'interieur|devant))?"
    r"(?=$|[\s,.?!])"
)
"""A letter, counted ("avec deux f") or plain ("sans h"); "y a des", "avec elle" are no letters."""


def with_letters(name: str, remark: str) -> str:
    """Apply "avec un T à la fin", "avec deux F", "sans H", "avec un Y" to a name as heard.

    `remark` is folded. The name comes back unchanged when the remark cannot be placed.
    """
    for match in WITH_LETTER.finditer(remark):
        name = _with_letter(name, match)
    return name


def remarks(folded: str) -> bool:
    """Whether an utterance says how a name is written."""
    return bool(WITH_LETTER.search(folded))


def already_there(folded: str, surname: str, given: str) -> bool:
    """ "Zermati Simone avec un z", "Thibaud Burnier avec un d": one part's, and it stands there."""
    letter = re.search(
        r"\bavec une? ([a-z])\b(?!,? (?:a la fin|au bout|au debut|devant|final))", folded
    )
    return bool(letter and (letter[1] in fold(surname)) != (letter[1] in fold(given)))


def remarked(given: str, surname: str, folded: str, *, spelled: bool) -> tuple[str, str]:
    """Given name and surname as an utterance says they are written.

    What it says goes for the part said last, unless a known given name would be one no more
    ("Durant Sophie avec un d à la fin"). `spelled`: what is not a given name was spelled, and
    stays.
    """
    part = surname or given
    if not part or (surname and given and already_there(folded, surname, given)):
        return given, surname
    named = folded.rfind(fold(given)) if given else -1
    if named >= 0 and (not surname or named > folded.rfind(fold(surname))):
        changed = with_letters(given, folded[named:])
        other = with_letters(surname, folded[named:])
        if other == surname or is_given(fold(changed)) or not is_given(fold(given)):
            return changed, surname
    if spelled:
        return given, surname
    changed = with_letters(part, folded)
    letter = re.search(r"\b([a-z])s?\b(?:\s+(?:a la fin|au bout|au debut))?", folded)
    if changed == part and given and surname and not (letter and letter[1] in fold(part)):
        other = with_letters(given, folded)
        if other != given:
            return other, surname
    return (given, changed) if surname else (changed, "")


def _with_letter(name: str, match: re.Match[str]) -> str:
    raw = next(raw for raw in match.group("counted", "doubled", "plain", "refused") if raw)
    letter = "y" if raw == "i grec" else raw if len(raw) == 1 else LETTER_NAMES.get(raw, raw[-1])
    count = 2 if match.group("count") in ("deux", "2") or raw.startswith("double") else 1
    head, _, last = name.rpartition(" ")
    lead = head + " " if head else ""
    if not last:
        return name
    if match.group("how") in ("sans", "pas"):
        return lead + _without(last, letter)
    if match.group("accent"):
        return name
    if count == 2:
        doubled = _doubled(last, letter)
        if doubled is None and head:
            other = _doubled(head, letter)
            return f"{other} {last}" if other else name
        return lead + (doubled or last)
    place = (match.group("place") or "").strip()
    if place in ("a la fin", "au bout", "final"):
        return lead + _ending(last, letter)
    if place == "au debut":
        return lead + (last if fold(last).startswith(letter) else _initial(last, letter))
    return lead + _containing(last, letter)


def _without(word: str, letter: str) -> str:
    folded = fold(word)
    if letter * 2 in folded:
        at = folded.index(letter * 2)
        return word[:at] + word[at + 1 :]
    at = folded.rfind(letter)
    if at < 0:
        return word
    cut = word[:at] + word[at + 1 :]
    return titled(cut.lower()) if at == 0 else cut


def _doubled(word: str, letter: str) -> str | None:
    folded = fold(word)
    if letter * 2 in folded:
        return word
    at = folded.find(letter, 1)
    if at < 0:
        return None
    return word[: at + 1] + letter + word[at + 1 :]


MUTE = "tdsxpgzce"


def _ending(word: str, letter: str) -> str:
    folded = fold(word)
    if folded.endswith(letter):
        return word
    if letter == "y" and folded.endswith("i"):
        return word[:-1] + "y"
    if letter == "i" and folded.endswith("y"):
        return word[:-1] + "i"
    if folded[-1] in MUTE and letter in MUTE and letter != "e" and folded[-1] != "e":
        return word[:-1] + letter
    if letter == "x" and folded[-1] in "st":
        return word[:-1] + letter
    return word + letter


def _initial(word: str, letter: str) -> str:
    alike = {"c": "kq", "k": "c", "j": "g", "g": "j", "f": "p", "i": "y", "y": "i", "o": "h"}
    if fold(word)[0] in alike.get(letter, ""):
        return letter.upper() + word[1:]
    return titled(letter + word.lower())


SWAPS = {
    "y": "i", "i": "y", "k": "cq", "c": "kq", "z": "s", "s": "zc", "w": "v", "v": "w", "f": "p",
    "j": "g", "g": "j", "q": "ck", "e": "a", "a": "e", "o": "a",
}  # fmt: skip


def _containing(word: str, letter: str) -> str:
    """ "Durand avec un D", "Leroy avec un Y", "Lefebvre avec un B"."""
    folded = fold(word)
    if letter == "h" and "h" not in folded:
        for consonant in "tcr":
            at = folded.find(consonant)
            if at >= 0 and consonant == "t":
                return word[: at + 1] + "h" + word[at + 1 :]
        return word + "h" if folded[-1] in "aeiou" else word
    if letter in "td" and folded[-1] in "td" and folded[-1] != letter:
        return word[:-1] + letter
    if letter in folded:
        return word
    for other in SWAPS.get(letter, ""):
        if letter == "f" and "ph" in folded:
            at = folded.index("ph")
            return word[:at] + "f" + word[at + 2 :]
        at = folded.rfind(other) if letter in "yzi" else folded.find(other)
        if at >= 0 and letter not in "ea":
            changed = word[:at] + letter + word[at + 1 :]
            return titled(changed.lower()) if at == 0 else changed
    if letter == "b" and "fev" in folded:
        at = folded.index("fev") + 2
        return word[:at].replace("è", "e") + "b" + word[at:]
    if letter in MUTE:
        return _ending(word, letter)
    return word
