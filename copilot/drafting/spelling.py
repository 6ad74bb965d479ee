"""Spelled words: letters by name or by example, doubled, accented.

`respell` rewrites an utterance in which a word is said, then spelled, with the spelling in place of
the word, so that whoever reads it next (names, companies, streets, addresses) sees the right one.
"""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from unicodedata import normalize

from rapidfuzz.distance import Levenshtein

from copilot.drafting.speech import Speech, Word, fold, words

LETTER_NAMES = {
    "be": "b", "bee": "b", "ce": "c", "cee": "c", "de": "d", "dee": "d", "euh": "e", "effe": "f",
    "ef": "f", "ge": "g", "jet": "g", "ache": "h", "hache": "h", "ash": "h", "ji": "j", "gi": "j",
    "ka": "k", "cas": "k", "elle": "l", "aile": "l", "el": "l", "aime": "m", "emme": "m",
    "ene": "n", "enne": "n", "haine": "n", "pe": "p", "paix": "p", "cul": "q", "ku": "q", "qu": "q",
    "erre": "r", "air": "r", "er": "r", "esse": "s", "es": "s", "te": "t", "the": "t", "tee": "t",
    "ve": "v", "ixe": "x", "ix": "x", "igrec": "y", "zede": "z", "zed": "z",
}  # fmt: skip
# Letter names that are also everyday words: only inside a spelling already under way.
EVERYDAY = frozenset(
    [
        "de",
        "ce",
        "ge",
        "elle",
        "air",
        "te",
        "es",
        "er",
        "cas",
        "paix",
        "jet",
        "aime",
        "haine",
        "cul",
        "pe",
        "the",
        "aile",
    ]
)
ACCENTS = {"aigu": "\u0301", "grave": "\u0300", "circonflexe": "\u0302", "trema": "\u0308"}
TIMES = {"deux": 2, "2": 2, "double": 2, "trois": 3, "3": 3}
STOP_AFTER_LIKE = frozenset({"le", "la", "les", "un", "une", "l'", "dans", "au"})


@dataclass(frozen=True, slots=True)
class Spelled:
    """A word given letter by letter."""

    start: int
    end: int
    letters: str
    """Lower case, with the accents that were said; "-" and "'" kept."""

    @property
    def word(self) -> str:
        return titled(self.letters)


def titled(letters: str) -> str:
    """Capital at each part: "le-goff" gives "Le-Goff", "d'arc" gives "D'Arc"."""
    return re.sub(r"(^|[-' ])(\w)", lambda m: m.group(1) + m.group(2).upper(), letters)


def spellings(speech: Speech) -> list[Spelled]:
    """Every stretch of at least two spelled letters."""
    tokens = words(speech)
    found: list[Spelled] = []
    index = 0
    while index < len(tokens):
        spelled, after = _spelled_from(tokens, index)
        if spelled is None:
            index += 1
        else:
            found.append(spelled)
            index = after
    return found


def _spelled_from(tokens: list[Word], start: int) -> tuple[Spelled | None, int]:
    letters: list[str] = []
    index = start
    sure = 0
    while index < len(tokens):
        took, text, firm = _letter(tokens, index, inside=bool(letters))
        if took == 0:
            break
        if text in ACCENTS.values():
            if letters:
                letters[-1] = letters[-1] + text
        else:
            letters.append(text)
        sure += firm
        index += took
        if tokens[index - 1].ends_sentence and "." in tokens[index - 1].gap and index - start > 1:
            following = _letter(tokens, index, inside=True) if index < len(tokens) else (0, "", 0)
            if not following[2]:
                break
    index, letters = _without_trailing_words(tokens, start, index, letters)
    count = sum(len(letter) for letter in letters)
    if count < 2 or sure < 2 or (sure < count / 2):
        return None, start
    return Spelled(
        tokens[start].start, tokens[index - 1].end, normalize("NFC", "".join(letters)).strip("-'")
    ), index


def _without_trailing_words(
    tokens: list[Word], start: int, end: int, letters: list[str]
) -> tuple[int, list[str]]:
    """ "L E B O N et ..." must not take the "de" or "elle" that opens what follows."""
    while end > start + 1 and letters:
        word = tokens[end - 1]
        follows = tokens[end] if end < len(tokens) else None
        everyday = word.norm in EVERYDAY or word.norm in ("a", "y", "et", "c'", "l'", "d'", "j'")
        previous_breaks = tokens[end - 2].breaks
        attached = follows is not None and not word.breaks
        article = word.text.islower() and tokens[end - 2].text.isupper()
        if everyday and attached and (previous_breaks or article or word.norm.endswith("'")):
            end -= 1
            letters = letters[:-1]
            continue
        break
    return end, letters


def _letter(tokens: list[Word], at: int, *, inside: bool) -> tuple[int, str, int]:
    """(words taken, letter or accent, 1 when it can be nothing else); (0, "", 0) for no letter."""
    word = tokens[at]
    norm = word.norm.rstrip("'") if len(word.norm) == 2 else word.norm
    follow = [token.norm for token in tokens[at + 1 : at + 5]]
    repeated = _repeated(tokens, at)
    if repeated:
        return repeated
    if inside and norm == "accent" and follow[:1] and follow[0] in ACCENTS:
        return 2, ACCENTS[follow[0]], 1
    if inside and norm in ACCENTS and word.norm == norm:
        return 1, ACCENTS[norm], 1
    if inside and norm == "cedille":
        return 1, "\u0327", 1
    if inside and norm == "tiret":
        return 1, "-", 0
    if inside and norm == "apostrophe":
        return 1, "'", 0
    if norm == "i" and follow[:1] and follow[0] in ("grec", "grecque"):
        return 2, "y", 1
    if norm == "y" and follow[:1] == ["grec"]:
        return 2, "y", 1
    example = _by_example(tokens, at)
    if example:
        return example
    if len(norm) == 1 and norm.isalpha():
        if word.norm.endswith("'"):
            return (1, norm, 0) if inside and _next_is_letter(tokens, at) else (0, "", 0)
        if norm in ("a", "y") and word.text.islower() and not inside:
            return (1, norm, 0) if _next_is_letter(tokens, at) else (0, "", 0)
        accent = "" if fold(word.text) == word.text.lower() else word.text.lower()
        return 1, accent or norm, 0 if norm in ("a", "y") and word.text.islower() else 1
    if norm in LETTER_NAMES and (inside or norm not in EVERYDAY):
        if norm in EVERYDAY and not _neighbour_letter(tokens, at):
            return 0, "", 0
        return 1, LETTER_NAMES[norm], 0 if norm in EVERYDAY else 1
    if inside and word.text.isupper() and 2 <= len(norm) <= 6 and norm.isalpha():
        return 1, norm, 1
    return 0, "", 0


def _next_is_letter(tokens: list[Word], at: int) -> bool:
    if at + 1 >= len(tokens):
        return False
    following = tokens[at + 1].norm
    if following == "comme" and at + 2 < len(tokens):
        return tokens[at + 2].norm.startswith(tokens[at].norm[0])
    return (
        (len(following) == 1 and following.isalpha())
        or (following in LETTER_NAMES and following not in EVERYDAY)
        or (following in TIMES and at + 2 < len(tokens) and len(tokens[at + 2].norm) == 1)
    )


def _neighbour_letter(tokens: list[Word], at: int) -> bool:
    return _next_is_letter(tokens, at) or at + 1 == len(tokens) or tokens[at].breaks


def _repeated(tokens: list[Word], at: int) -> tuple[int, str, int] | None:
    if tokens[at].norm not in TIMES or at + 1 >= len(tokens):
        return None
    if tokens[at].norm == "double" and tokens[at + 1].norm in ("v", "ve"):
        return 2, "w", 1
    letter = _letter_name(tokens[at + 1])
    if letter is None:
        return None
    return 2, letter * TIMES[tokens[at].norm], 1


def _letter_name(word: Word) -> str | None:
    norm = word.norm
    if len(norm) == 1 and norm.isalpha():
        return norm
    if len(norm) == 2 and norm.endswith("s") and norm[0].isalpha():
        return norm[0]
    return LETTER_NAMES.get(norm) if norm not in EVERYDAY - {"elle", "aime", "air", "te", "pe"} \
        else None  # fmt: skip


def _by_example(tokens: list[Word], at: int) -> tuple[int, str, int] | None:
    """ "B comme Bernard", "bé comme Bernard"."""
    if at + 2 >= len(tokens) or tokens[at + 1].norm != "comme":
        return None
    letter = _letter_name(tokens[at]) or LETTER_NAMES.get(tokens[at].norm)
    if letter is None:
        return None
    take = 3
    example = tokens[at + 2].norm
    if example in STOP_AFTER_LIKE and at + 3 < len(tokens):
        example, take = tokens[at + 3].norm, 4
    if example[:1] != letter and not (letter in "kqc" and example[:1] in "kqc"):
        return None
    return take, letter, 1


def likeness(letters: str, heard: str) -> float:
    """How much a spelled word can be the one heard: 1 for the same letters, 0 for none."""
    left, right = sound(letters), sound(heard)
    by_sound = Levenshtein.normalized_similarity(left, right)
    by_letter = Levenshtein.normalized_similarity(_bare(letters), _bare(heard))
    return max(by_sound, by_letter)


def _bare(text: str) -> str:
    return re.sub(r"[^a-z]", "", fold(text))


SOUNDS = (
    (r"ph", "f"), (r"sch|sh", "ch"), (r"qu|q(?!u)|ck|cqu|k", "c"), (r"c(?=[eiy])", "s"),
    (r"ç", "s"), (r"ge(?=[ao])|g(?=[eiy])", "j"), (r"gu(?=[ei])", "g"), (r"th", "t"),
    (r"eaux?|aux?|eau", "o"), (r"ault?|aud|aut", "o"), (r"[ae]in|im(?=[bp])|yn|ym|ein", "in"),
    (r"am(?=[bp])|en(?![aeiouyn])|an|em(?=[bp])", "an"), (r"om(?=[bp])", "on"), (r"ai|ei|ey|ay", "e"),
    (r"oeu|eu", "e"), (r"y", "i"), (r"z", "s"), (r"w", "v"), (r"h", ""), (r"x$", ""),
    (r"(.)\1+", r"\1"), (r"(?<=[a-z]{2})(?:ent|[esxtdp]+)$", ""), (r"er$|ez$", "e"),
)  # fmt: skip


@lru_cache(maxsize=8192)
def sound(name: str) -> str:
    """A rough key by which French homophones agree ("Lefèvre" and "Lefebvre", "Roussel" and "Rousselle")."""
    key = fold(name).replace("febvre", "fevre").replace("ç", "s")
    key = re.sub(r"[^a-z]", "", key)
    for pattern, replacement in SOUNDS:
        key = re.sub(pattern, replacement, key)
    return key


SPELLING_CUE = r"(?:(?:ca |cela |qui |je |j'|et )*(?:s'ecrit|s'epelle|epelle|ecrit|s'ecrie)\s*(?:vous\s*)?(?::|,)?\s*)"


def respell(speech: Speech) -> tuple[Speech, list[Spelled], list[Spelled]]:
    """Put each spelling in the place of the word it spells.

    Returns the new speech, the spellings of nothing said in it, and those put in place.
    """
    orphans: list[Spelled] = []
    placed: list[Spelled] = []
    text = speech.text
    shift = 0
    for item in spellings(speech):
        start, end = item.start + shift, item.end + shift
        heard = _heard_before(Speech(text, fold(text)), start, item.letters)
        if heard is None:
            orphans.append(replace(item, start=start, end=end))
            continue
        first, last = heard
        if _no_other(text[first:last], item.letters):
            item = replace(item, letters=text[first:last].lower())
        placed.append(item)
        replaced = text[:first] + item.word + text[last:start].rstrip(" ,")
        cleaned = re.sub(rf"[\s,]*{SPELLING_CUE}$", "", fold(replaced[first + len(item.word) :]))
        middle = replaced[first + len(item.word) :][: len(cleaned)].rstrip(" ,:")
        new = text[:first] + item.word + middle
        tail = text[end:]
        joint = "" if not tail or tail[0] in " ,.?!;" else " "
        shift += len(new) + len(joint) - end
        text = new + joint + tail
    return Speech(text, fold(text)), orphans, placed


def _no_other(heard: str, letters: str) -> bool:
    """The letters are those heard, or their end: "van Loon, v a n l o o n", "Derain, r a i n"."""
    whole, spelled = fold(heard).replace(" ", ""), fold(letters)
    return whole == spelled or (len(spelled) < len(whole) - 1 and whole.endswith(spelled))


def _heard_before(speech: Speech, start: int, letters: str) -> tuple[int, int] | None:
    """Offsets of the word, among the last few, that the letters spell."""
    before = words(speech.cut(0, start))[-7:]
    best: tuple[float, int, int] | None = None
    for index in range(len(before) - 1, -1, -1):
        for width in (1, 2, 3):
            chosen = before[index : index + width]
            if len(chosen) < width or (width == 1 and len(_bare(chosen[0].norm)) < 2):
                continue
            heard = "".join(_bare(word.norm) for word in chosen)
            if abs(len(heard) - len(letters)) > max(3, len(letters) // 2):
                continue
            score = likeness(letters, heard) - 0.01 * (len(before) - index) - 0.02 * (width - 1)
            if score >= 0.55 and (best is None or score > best[0] + 0.001):
                best = (score, chosen[0].start, chosen[-1].end)
    return (best[1], best[2]) if best else None
