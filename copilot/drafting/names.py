"""Words that make a person's name. Who is named is read by `copilot.drafting.people`."""

from __future__ import annotations

from copilot.drafting.lexicon import GIVEN_NAMES, NAME_STOPS, PARTICLES, SURNAMES_TOO, TITLES
from copilot.drafting.speech import Word, fold
from copilot.drafting.spelling import titled
from models.entities import french_lexicon


def is_given(norm: str) -> bool:
    """A French given name, compound ones included ("jean-pierre")."""
    parts = norm.replace("-", " ").split()
    return bool(parts) and all(part in GIVEN_NAMES for part in parts)


def ordinary(norm: str) -> bool:
    """A word of the French vocabulary."""
    return norm in french_lexicon()


def read_name(
    tokens: list[Word], start: int, *, limit: int = 4, whole: bool = False
) -> tuple[int, int, bool] | None:
    """Words from `start` that make a name: (first, after the last, had a title).

    `whole`: the words answer a question for the name, so that a name may be longer, and begin
    with a particle, than the words of a sentence allow.
    """
    index = start
    had_title = False
    while index < len(tokens) and tokens[index].norm in TITLES and not tokens[index].ends_sentence:
        if tokens[index].norm in ("m", "me", "pr") and not tokens[index].text[:1].isupper():
            break
        had_title = True
        index += 1
    first = index
    taken = 0
    given_only = True
    while index < len(tokens) and taken < limit:
        size = _acceptable(tokens, index, begins=index == first, titled=had_title)
        if not size and whole:
            size = _answers(tokens, index, begins=index == first)
        if not size:
            break
        if taken and word_repeats(tokens, index):
            index += 1
            continue
        last = tokens[index + size - 1]
        word = tokens[index]
        surname_known = taken > 0 and not given_only
        foreign = taken == 1 and not had_title and not ordinary(word.norm)
        if surname_known and not (
            tokens[index - 1].gap == "-"
            or is_given(word.norm)
            or foreign
            or (whole and (_rare(tokens, index, size) or (size == 1 and word.norm in SAINTS)))
            or (whole and size > 1 and _only_names(tokens, index))
            or (taken < 3 and _compound(tokens, index, size))
            or (tokens[index - 1].norm in SYLLABLES and _rare(tokens, index, size))
            or (word.text[:1].isupper() and tokens[index - 1].text[:1].isupper())
        ):
            break
        if not is_given(last.norm):
            given_only = False
        index += size
        taken += 1
        if last.breaks:
            break
    if index == first:
        return None
    return first, index, had_title


SAINTS = frozenset(["saint", "sainte"])
SYLLABLES = frozenset(["vu", "ma", "mai", "ba", "sy", "so", "do", "le", "ho", "an", "van", "thi"])
"""Short surnames of Asia and West Africa that are also French words."""


def _rare(tokens: list[Word], at: int, size: int) -> bool:
    """Words that are no French vocabulary, the particle apart."""
    last = tokens[at + size - 1]
    return not ordinary(last.norm) or last.norm in SURNAMES_TOO


def _compound(tokens: list[Word], at: int, size: int) -> bool:
    """ "Nguyen Thi Lan", "Pereira dos Santos": a further part that is no French word."""
    return size > 1 and tokens[at].norm not in SMALL_WORDS and _rare(tokens, at, size)


def _only_names(tokens: list[Word], at: int) -> bool:
    """Nothing but a name is left: "Bertrand de la Tour Saint-Igest"."""
    rest = tokens[at:]
    known = NAME_STOPS - PARTICLES
    return 1 < len(rest) <= 6 and not any(
        word.norm in known or word.norm in TITLES or word.norm.isdigit() or word.norm == "@"
        for word in rest
    )


SMALL_WORDS = frozenset(["de", "du", "des", "d'", "la", "l'", "a", "al", "saint", "sainte"])


HOUSES = frozenset(
    """residence agence societe entreprise cabinet mairie boulangerie pharmacie garage restaurant
    hotel ecole college lycee clinique hopital maison banque assurance etude copropriete immeuble
    boucherie poissonnerie epicerie librairie creche association federation prefecture tribunal
    caisse mutuelle menuiserie plomberie imprimerie transports compagnie service services
    syndicat office bureau atelier usine magasin boutique salon camping domaine chateau ferme
    institut laboratoire centre club conseil cooperative groupe brasserie bar""".split()  # noqa: SIM905
)
"""What people belong to: no part of their name."""


def _answers(tokens: list[Word], at: int, *, begins: bool) -> int:
    """In an answer, how many words from `at` make a part that a sentence would not allow."""
    word = tokens[at]
    rest = tokens[at + 1 : at + 3]
    if word.norm in PARTICLES and any(following.norm in HOUSES for following in rest):
        return 0
    if word.norm in ("le", "la") and at and len(rest) == 1 and len(rest[0].norm) > 2:
        known = rest[0].norm in NAME_STOPS or rest[0].norm in TITLES or rest[0].norm.isdigit()
        return 0 if known else 2
    if word.norm in ("de", "d'", "du", "des") and at and _only_names(tokens, at):
        articled = len(rest) > 1 and rest[0].norm in ("la", "l'", "le")
        return 3 if articled else min(2, 1 + len(rest))
    if word.norm in ("de", "d'", "du", "des") and rest and not word.breaks:
        articled = rest[0].norm in ("la", "l'", "le") and len(rest) > 1
        last = rest[1] if articled else rest[0]
        known = last.norm in NAME_STOPS or last.norm in TITLES or last.norm.isdigit()
        ends = last.breaks or last is tokens[-1] or not ordinary(last.norm)
        fits = not known and len(last.norm) > 2 and (ends or _only_names(tokens, at))
        return (3 if articled else 2) if fits and (begins or not ordinary(last.norm)) else 0
    if word.norm in SYLLABLES and at:
        beyond = rest[0] if rest else None
        if beyond is None or word.breaks:
            return 1 if not ordinary(tokens[at - 1].norm) else 0
        foreign = not ordinary(beyond.norm) and beyond.norm not in NAME_STOPS
        return 1 if foreign and not beyond.norm.isdigit() else 0
    return 0


def word_repeats(tokens: list[Word], at: int) -> bool:
    """ "Enzo, Enzo Marchetti": said twice."""
    return tokens[at].norm == tokens[at - 1].norm and is_given(tokens[at].norm)


def _acceptable(tokens: list[Word], at: int, *, begins: bool, titled: bool) -> int:
    """How many words from `at` make one part of a name: 0, 1, or more with particles."""
    word = tokens[at]
    norm = word.norm
    if norm.isdigit() or norm == "@":
        return 0
    if norm in ("o'", "n'", "m'") and at + 1 < len(tokens) and not word.gap:
        following = tokens[at + 1].norm
        plain_word = ordinary(following) or following in NAME_STOPS or len(following) < 4
        return 0 if plain_word else 2
    if norm in PARTICLES:
        return _with_particle(tokens, at, begins=begins, titled=titled)
    if norm in NAME_STOPS or norm in TITLES or len(norm.rstrip("'")) < 2:
        return 0
    if norm.endswith("'"):
        return 0
    return 1


def _with_particle(tokens: list[Word], at: int, *, begins: bool, titled: bool) -> int:
    norm = tokens[at].norm
    if at + 1 >= len(tokens) or tokens[at].breaks:
        return 0
    following = tokens[at + 1]
    beyond_article = tokens[at + 2].norm if at + 2 < len(tokens) else ""
    if norm in ("de", "d'", "du", "des") and (
        following.norm in HOUSES
        or (following.norm in ("la", "l'", "le") and beyond_article in HOUSES)
    ):
        return 0
    if norm in ("van", "von") and following.norm in ("de", "den", "der") and at + 2 < len(tokens):
        return 3
    if following.norm in NAME_STOPS or following.norm.isdigit() or len(following.norm) < 3:
        if norm == "de" and following.norm == "la" and at + 2 < len(tokens):
            third = tokens[at + 2]
            return 3 if third.text[:1].isupper() and tokens[at].text[:1].isupper() else 0
        return 0
    cased = following.text[:1].isupper()
    if norm in ("le", "la"):
        own_case = tokens[at].text[:1].isupper()
        rare = not ordinary(following.norm) and following.norm not in GIVEN_NAMES
        return 2 if (cased and own_case) or (not cased and rare) else 0
    if norm == "l'":
        return 2 if cased and tokens[at].text[:1].isupper() else 0
    if norm in ("de", "d'", "du", "des"):
        if begins and titled:
            return 2
        if begins:
            return 2 if cased and tokens[at].text[:1].isupper() else 0
        if tokens[at].text[:1].isupper() and cased:
            return 2
        beyond: Word | None = tokens[at + 2] if at + 2 < len(tokens) else None
        lone = following.breaks or beyond is None or not beyond.text[:1].isupper()
        if norm in ("de", "d'") and cased and at and is_given(tokens[at - 1].norm) and lone:
            return 2 if not ordinary(following.norm) else 0
        return 2 if norm in ("de", "d'") and _noble(following) and not cased else 0
    return 2


def _noble(word: Word) -> bool:
    return word.norm in {
        "oliveira",
        "sousa",
        "almeida",
        "carvalho",
        "freitas",
        "araujo",
        "villiers",
    }


def written(tokens: list[Word], first: int, after: int, *, had_title: bool = False) -> str:
    """Words first to after as a name is written."""
    text = ""
    for index in range(first, after):
        word = tokens[index]
        if index > first and word_repeats(tokens, index):
            continue
        shown = word.text if _mixed_case(word.text) else word.text.lower()
        if word.text.isupper() and len(word.text) > 1:
            shown = word.text.lower()
        text += shown
        if index + 1 < after and not word.norm.endswith("'"):
            text += "-" if word.gap.strip() == "-" else " "
    return _swapped(_surname_first(titled(text.strip())), had_title=had_title)


def _surname_first(name: str) -> str:
    """ "Pereira Joaquim Pereira": the surname, then the whole name."""
    parts = name.split(" ")
    for size in (1, 2, 3):
        folded = [fold(part) for part in parts]
        if len(parts) == 2 * size + 1 and folded[-size:] == folded[:size]:
            return " ".join(parts[size:])
    return name


def _mixed_case(text: str) -> bool:
    return text[:1].isupper() and any(c.islower() for c in text)


def _swapped(name: str, *, had_title: bool) -> str:
    """ "Garnier Sophie" is written "Sophie Garnier".

    After a title the surname comes first, even before a given name that may be one.
    """
    parts = name.split(" ")
    if len(parts) == 3 and fold(parts[0]) in PARTICLES and fold(parts[0]) not in SYLLABLES:
        # "Ben Salah Mourad": a surname in two words, then the given name.
        last = fold(parts[2])
        if is_given(last) and last not in SURNAMES_TOO:
            return f"{parts[2]} {parts[0]} {parts[1]}"
    if len(parts) != 2 or "-" in parts[0]:
        return name
    if fold(parts[1]) in SURNAMES_TOO and not had_title:
        return name
    if is_given(fold(parts[1])) and not is_given(fold(parts[0])):
        return f"{parts[1]} {parts[0]}"
    return name


def split(name: str) -> tuple[str, str]:
    """Given name and surname; a lone word is a given name only when French people bear it so."""
    parts = [part for part in name.split(" ") if fold(part) not in TITLES]
    if len(parts) == 1:
        return (parts[0], "") if is_given(fold(parts[0])) else ("", parts[0])
    size = 1
    while size < len(parts) - 1 and is_given(fold(parts[size])):
        size += 1
    if fold(parts[0]) in (
        "le",
        "la",
        "de",
        "du",
        "van",
        "von",
        "el",
        "ben",
        "da",
        "dos",
    ) and not is_given(fold(parts[0])):
        return "", " ".join(parts)
    return " ".join(parts[:size]), " ".join(parts[size:])
