"""Which words of a name are the given name and which the surname, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import prod

from copilot.drafting.people.features import kind
from copilot.drafting.speech import Word
from copilot.drafting.spelling import titled


def parted(
    tokens: Sequence[Word],
    tags: Sequence[str],
    shares: Sequence[Mapping[str, float]],
    kept: Sequence[int],
) -> tuple[list[int], list[int]]:
    """Which words are the given name and which the surname.

    What the caller says of it tells best ("Linh, mon prénom c'est Linh"), then a pause; the order
    tells little; a word that is only ever a given name, beside one that never is, tells.
    """
    apart = _told(tokens, kept) or _apart(tokens, kept)
    if apart:
        return apart
    if len(kept) == 3 and tokens[kept[1]].norm in MIDDLE:  # "Nguyen Thi Lan" stays as it is said
        return [], list(kept)
    given = [at for at in kept if tags[at] in "Pp"]
    surname = [at for at in kept if tags[at] in "Nn"]
    kinds = {at: kind(tokens[at]) for at in kept}
    if len(kept) == 2 and tokens[kept[0]].norm in COMPOUNDING and kinds[kept[1]] == "given":
        return list(kept), []
    if len(kept) > 1 and not any(kinds[at] in GIVEN for at in given):
        for edge in (kept[0], kept[-1]):
            if kinds[edge] == "given" and edge in surname:
                return [edge], [at for at in kept if at != edge]
    if given and surname and len(kept) > 2:
        return _split(shares, kept)
    return given, surname


def _split(
    shares: Sequence[Mapping[str, float]], kept: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Where the given name ends and the surname begins, or the other way round."""

    def odds(at: int, tags: str) -> float:
        return sum(shares[at].get(tag, 0.0) for tag in tags) + 0.01

    ways = []
    for size in range(1, len(kept)):
        for parts in ((kept[:size], kept[size:]), (kept[size:], kept[:size])):
            likely = prod(odds(at, "Pp") for at in parts[0])
            ways.append((likely * prod(odds(at, "Nn") for at in parts[1]), parts))
    given, surname = max(ways, key=lambda way: way[0])[1]
    return list(given), list(surname)


def _told(tokens: Sequence[Word], kept: Sequence[int]) -> tuple[list[int], list[int]] | None:
    """ "Tran Linh, mon prénom c'est Linh": which part is which, in the caller's words."""
    text = " ".join(word.norm for word in tokens)
    if "nom" not in text:
        return None
    given = {said for match in GIVEN_TOLD.finditer(text) for said in match.groups() if said}
    surname = {said for match in SURNAME_TOLD.finditer(text) for said in match.groups() if said}
    first = [at for at in kept if tokens[at].norm in given - surname]
    last = [at for at in kept if tokens[at].norm in surname - given]
    if first and first in (list(kept[: len(first)]), list(kept[-len(first) :])):
        return first, [at for at in kept if at not in first]
    whole = "prenom" not in text and len(last) < len(kept)  # "mon nom c'est Linh Tran"
    if last and last in (list(kept[-len(last) :]), [] if whole else list(kept[: len(last)])):
        return [at for at in kept if at not in last], last
    return None


MIDDLE = frozenset(["thi", "van"])
"""What stands in the middle of most Vietnamese names."""


def _telling(part: str) -> re.Pattern[str]:
    """ "Linh, c'est mon prénom", "Linh le prénom", "prénom Linh", "mon prénom c'est Linh"."""
    return re.compile(
        rf"([a-z'-]+) (?:c' ?est (?:le|mon) {part}\b(?! c')|(?:le|mon) {part}(?=$| et\b))"
        rf"|(?<!au )\b{part}(?: de famille)?(?: c' ?est)? ([a-z'-]+)"
    )


GIVEN_TOLD, SURNAME_TOLD = _telling("prenom"), _telling("nom")


def _apart(tokens: Sequence[Word], kept: Sequence[int]) -> tuple[list[int], list[int]] | None:
    """ "Diop, Cheikh": the surname, a pause, the given name."""
    pauses = [step for step, at in enumerate(kept[:-1]) if "," in tokens[at].gap]
    if len(pauses) != 1 or pauses[0] + 2 != len(kept):
        return None
    surname, given = list(kept[: pauses[0] + 1]), [kept[-1]]
    plainly = kind(tokens[surname[0]]) == "given" and kind(tokens[given[0]]) not in GIVEN
    return None if plainly else (given, surname)


GIVEN = frozenset(["given", "givenword", "either"])
COMPOUNDING = frozenset(["jean", "marie", "anne"])
"""What begins most given names of two words."""


def written(tokens: Sequence[Word], kept: Sequence[int]) -> str:
    text = ""
    for step, at in enumerate(kept):
        word = tokens[at]
        mixed = word.text[:1].isupper() and any(letter.islower() for letter in word.text)
        text += word.text if mixed else word.text.lower()
        if step + 1 < len(kept) and not word.norm.endswith("'"):
            text += "-" if word.gap.strip() == "-" and kept[step + 1] == at + 1 else " "
    return titled(text)
