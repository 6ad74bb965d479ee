"""French numbers as they are said.

`text2num` reads one well-formed cardinal. On the phone people say groups ("zéro six trente-neuf"),
drop hyphens, mix digits with words and use the Belgian and Swiss forms, so what matters is where a
group may end. `numerals` reads greedily (dates, streets, amounts); `digit_readings` gives every way
a dictated run can be written in digits, best first (phones, references).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from copilot.drafting.speech import Speech

UNITS = {
    "zero": 0, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6,
    "sept": 7, "huit": 8, "neuf": 9,
}  # fmt: skip
TEENS = {
    "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16,
}  # fmt: skip
TENS = {
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
    "septante": 70, "huitante": 80, "octante": 80, "nonante": 90,
}  # fmt: skip
HUNDRED = frozenset({"cent", "cents"})
THOUSAND = frozenset({"mille", "mil"})
NUMBER_WORDS = frozenset(UNITS) | frozenset(TEENS) | frozenset(TENS) | HUNDRED | THOUSAND

# What a recogniser writes for a digit inside a dictated number, and only there.
HOMOPHONES = {
    "de": "deux", "cet": "sept", "cette": "sept", "set": "sept", "vin": "vingt", "vins": "vingt",
    "vint": "vingt", "si": "six", "dis": "dix", "sans": "cent", "sang": "cent", "oui": "huit",
    "saint": "cinq", "sinq": "cinq", "hun": "un", "en": "un", "o": "zero",
    "katre": "quatre", "neufs": "neuf",
    "onz": "onze", "zeros": "zero", "ze": "zero", "quarantes": "quarante", "cat": "quatre",
    "zerro": "zero", "catorze": "quatorze", "traize": "treize", "trante": "trente", "uit": "huit",
}  # fmt: skip
SAFE_HOMOPHONES = frozenset({"neufs", "zeros", "zerro", "katre", "catorze", "trante", "uit"})


def below_hundred(norms: Sequence[str], at: int) -> Iterator[tuple[int, int]]:
    """Every reading under 100 starting at `at`: (value, words taken), longest first."""
    first = norms[at]
    rest = norms[at + 1 : at + 5]
    if first == "quatre" and rest and rest[0] in ("vingt", "vingts"):
        # "quatre-vingts" with its s is 80 and nothing more.
        if rest[0] == "vingts":
            yield 80, 2
        else:
            yield from _tens(80, norms, at + 2, 2, wide=True)
    elif first in TENS:
        value = TENS[first]
        yield from _tens(value, norms, at + 1, 1, wide=value == 60)
    if first == "dix" and rest and rest[0] in ("sept", "huit", "neuf"):
        yield 10 + UNITS[rest[0]], 2
    if first in TEENS:
        yield TEENS[first], 1
    if first in UNITS:
        yield UNITS[first], 1


def _tens(
    value: int, norms: Sequence[str], at: int, taken: int, *, wide: bool
) -> Iterator[tuple[int, int]]:
    follow = norms[at : at + 3]
    joined = follow[1:] if follow[:1] == ["et"] else follow
    skip = len(follow) - len(joined) if joined is not follow else 0
    if wide and joined:
        if joined[0] == "dix" and len(joined) > 1 and joined[1] in ("sept", "huit", "neuf"):
            yield value + 10 + UNITS[joined[1]], taken + skip + 2
        if joined[0] in TEENS:
            yield value + TEENS[joined[0]], taken + skip + 1
    if joined and joined[0] in UNITS and UNITS[joined[0]] > 0:
        one = UNITS[joined[0]] == 1
        if not skip or one:
            yield value + UNITS[joined[0]], taken + skip + 1
    yield value, taken


def cardinals(norms: Sequence[str], at: int) -> Iterator[tuple[int, int]]:
    """Every reading of a cardinal up to 999,999 starting at `at`, longest first."""
    yield from sorted(set(_cardinals(list(norms), at)), key=lambda reading: -reading[1])


def _hundreds(norms: list[str], at: int) -> Iterator[tuple[int, int]]:
    if at >= len(norms):
        return
    if norms[at] in HUNDRED:
        yield from _after_hundred(100, norms, at + 1, 1)
    for value, taken in below_hundred(norms, at):
        yield value, taken
        follows = at + taken
        counts = (2 <= value <= 9 and taken == 1) or 11 <= value <= 19
        if counts and norms[follows : follows + 1] and norms[follows] in HUNDRED:
            yield from _after_hundred(value * 100, norms, follows + 1, taken + 1)


def _after_hundred(base: int, norms: list[str], at: int, taken: int) -> Iterator[tuple[int, int]]:
    yield base, taken
    if at < len(norms):
        for value, more in below_hundred(norms, at):
            if value:
                yield base + value, taken + more


def _cardinals(norms: list[str], at: int) -> Iterator[tuple[int, int]]:
    heads = list(_hundreds(norms, at)) if norms[at] not in THOUSAND else [(1, 0)]
    for value, taken in heads:
        if taken:
            yield value, taken
        follows = at + taken
        if follows < len(norms) and norms[follows] in THOUSAND and value:
            yield value * 1000, taken + 1
            for more, used in _hundreds(norms, follows + 1):
                if more:
                    yield value * 1000 + more, taken + 1 + used


def numerals(folded: str) -> str:
    """Numbers in words to digits, read greedily; "un" and "une" alone stay as articles."""
    return _substituted(folded, _numeral_spans(folded))


def with_numerals(speech: Speech) -> Speech:
    """As `numerals`, on both strings of a speech."""
    spans = _numeral_spans(speech.folded)
    return Speech(_substituted(speech.text, spans), _substituted(speech.folded, spans))


def _substituted(text: str, spans: list[tuple[int, int, str]]) -> str:
    out, last = [], 0
    for start, end, digits in spans:
        out.append(text[last:start] + digits)
        last = end
    return "".join(out) + text[last:]


@lru_cache(maxsize=256)
def _numeral_spans(folded: str) -> list[tuple[int, int, str]]:
    found = list(re.finditer(r"[a-z]+'?|\d+", folded))
    spans: list[tuple[int, int, str]] = []
    index = 0
    while index < len(found):
        run = _spoken_run(found, index, folded)
        best = next(iter(cardinals(run, 0)), None) if run and run[0] in NUMBER_WORDS else None
        if best is None or (best[1] == 1 and run[0] in ("un", "une")):
            index += 1
            continue
        start, end = found[index].start(), found[index + best[1] - 1].end()
        spans.append((start, end, str(best[0])))
        index += best[1]
    return spans


def _spoken_run(found: list[re.Match[str]], at: int, folded: str) -> list[str]:
    run = []
    for index in range(at, min(at + 12, len(found))):
        norm = found[index].group()
        if norm not in NUMBER_WORDS and norm != "et":
            break
        run.append(norm)
        if index + 1 < len(found):
            between = folded[found[index].end() : found[index + 1].start()]
            if between.strip(" -"):
                break
    return run


def digit_readings(groups: Sequence[Sequence[str]], *, limit: int = 400) -> list[str]:
    """Digit strings a dictated run can stand for, the most natural grouping first.

    `groups` are the words between pauses; a number never spans a pause. Digits count as they are.
    """
    beams: list[tuple[int, str]] = [(0, "")]
    for group in groups:
        extended = [
            (cost + more, text + tail)
            for cost, text in beams
            for more, tail in _group_readings(list(group))
        ]
        best: dict[str, int] = {}
        for cost, text in extended:
            if cost < best.get(text, 1 << 30):
                best[text] = cost
        beams = sorted(((cost, text) for text, cost in best.items()))[:limit]
    return [text for _, text in beams]


def _group_readings(norms: list[str]) -> list[tuple[int, str]]:
    """All (cost, digits) of one stretch without pause; splitting a longer number costs 1."""
    table: list[list[tuple[int, str]]] = [[] for _ in range(len(norms) + 1)]
    table[len(norms)] = [(0, "")]
    for at in range(len(norms) - 1, -1, -1):
        options = []
        for cost, digits, taken in _pieces(norms, at):
            options += [(cost + more, digits + tail) for more, tail in table[at + taken]]
        best: dict[str, int] = {}
        for cost, text in options:
            if cost < best.get(text, 1 << 30):
                best[text] = cost
        table[at] = sorted((cost, text) for text, cost in best.items())[:200]
    return table[0]


def _pieces(norms: list[str], at: int) -> Iterator[tuple[int, str, int]]:
    norm = norms[at]
    if norm.isdigit():
        yield 0, norm, 1
        return
    if norm == "et":
        yield 0, "", 1
        return
    times = _repeated(norms, at)
    if times:
        yield times
    longest = 0
    for value, taken in cardinals(norms, at):
        longest = max(longest, taken)
        yield longest - taken, str(value), taken


def _repeated(norms: list[str], at: int) -> tuple[int, str, int] | None:
    """ "double zéro", "trois fois le deux", "trois zéros"."""
    if norms[at] in ("double", "triple") and at + 1 < len(norms):
        unit = UNITS.get(norms[at + 1])
        if unit is not None:
            return 0, str(unit) * (2 if norms[at] == "double" else 3), 2
    if norms[at] in ("deux", "trois", "quatre") and norms[at + 1 : at + 2] == ["fois"]:
        skip = norms[at + 2 : at + 3] == ["le"]
        unit = UNITS.get(norms[at + 2 + skip]) if at + 2 + skip < len(norms) else None
        if unit is not None:
            return 0, str(unit) * UNITS[norms[at]], 3 + skip
    return None
