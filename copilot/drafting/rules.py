"""A client's rule of urgency, read once into alternatives.

"Fuite d'eau ou odeur de gaz : critique" has two: each is a set of situations, and of words that must
have been said.
"""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from copilot.drafting.situations.patterns import BY_NAME, KINDS_OF, MODIFIERS, SITUATIONS, WHERE
from copilot.drafting.speech import Speech, hear
from copilot.drafting.stems import IGNORED, stems

Level = Literal["normal", "urgent", "critique"]
LEVEL = re.compile(r"\b(?:niveau\s+)?(critique|urgent|vitale|normal)\w*")
EXCLUSION = re.compile(
    r"\b(?:n'est pas urgent|n'est jamais urgent|ne sont pas urgent|pas urgent|pas d'urgence|jamais urgent"
    r"|tout le reste|le reste|rien d'autre|n'importe quoi d'autre|toute autre|aucune autre|sauf|hors(?! (?:service|d'usage|d'etat|tension))"
    r"|ne (?:sont|est) pas (?:une |des )?urgence|non urgent|aucune? (?:cas |motif |situation )?(?:d'|de )?(?:urgence|regle|cas)"
    r"|rien (?:n'est |d')?urgent|sans urgence|^\s*(?:aucune?s?|neant|rien|non|sans objet|pas de regles?)\s*$)\w*"
)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way a rule applies."""

    situations: tuple[frozenset[str], ...]
    """All must be met, each by any of its names: rule words that overlap are one thing."""
    stems: frozenset[str]
    level: Level | None
    text: str


@lru_cache(maxsize=512)
def read_rule(rule: str) -> tuple[Alternative, ...]:
    """What a rule says, as alternatives; nothing for a rule that only says what is not urgent."""
    whole = hear(rule).folded
    found: list[Alternative] = []
    for sentence in rule_sentences(rule):
        found += _alternatives(sentence.folded, _level(sentence.folded), whole)
    return tuple(found)


def rule_sentences(rule: str) -> list[Speech]:
    """A rule's sentences, without what they say is not urgent."""
    speech = hear(rule)
    found = []
    for match in re.finditer(r"[^.;\n]+", speech.folded):
        exclusion = EXCLUSION.search(match.group())
        end = match.end()
        if exclusion and not re.match(r"\s*(?:sauf|hors)", exclusion.group()):
            continue
        if exclusion:
            end = match.start() + exclusion.start()
        found.append(speech.cut(match.start(), end))
    return found


def stated(sentence: Speech) -> tuple[str, Level | None, frozenset[frozenset[str]]]:
    """A rule's sentence without its level; the level; conditions that must be met beside it.

    A condition is a set of `MODIFIERS`, any of which will do; only those shared by all the
    sentence's alternatives are conditions.
    """
    level = _level(sentence.folded)
    cut = LEVEL.search(sentence.folded)
    text = sentence.text[: cut.start()] + sentence.text[cut.end() :] if cut else sentence.text
    shared = [
        {group for group in alternative.situations if group <= MODIFIERS - {"animal"}}
        for alternative in _alternatives(sentence.folded, level, sentence.folded)
    ]
    return text.strip(" ,:;."), level, frozenset(set.intersection(*shared) if shared else ())


def _level(text: str) -> Level | None:
    match = LEVEL.search(text)
    if match is None:
        return None
    return {"critique": "critique", "vitale": "critique", "normal": "normal"}.get(
        match[1], "urgent"
    )  # type: ignore[return-value]


def _alternatives(sentence: str, level: Level | None, rule: str) -> list[Alternative]:
    pieces = [piece for piece in re.split(r"\s*(?:,|/|\bou\b|:|->|→|=|\(|\)|–|\bet/ou\b)\s*", sentence)
              if piece.strip()]  # fmt: skip
    found: list[Alternative] = []
    held: list[str] = []
    head = ""
    for index, piece in enumerate(pieces):
        own = _level(piece)
        text = " ".join([*held, piece])
        if re.match(r"(?:d'|de |du |des )", piece) and head:
            text = f"{head} {text}"
        names = _situations_in_rule(text)
        if not names and index and _carries_on(pieces[index - 1], piece):
            continue
        if not names and index + 1 < len(pieces):
            shared = f"{text} {_predicate(pieces[index + 1])}"
            names = _situations_in_rule(shared)
        words = _leftover(text, names)
        if not names and not words:
            continue
        mere = bool(names) and all(group <= MODIFIERS for group in names)
        if mere and not words and piece is not pieces[-1]:
            held.append(piece)
            continue
        if mere and not words and found:
            last = found[-1]
            found[-1] = Alternative(
                _any_modifier(last.situations + names), last.stems, last.level, last.text
            )
            continue
        held = []
        first = re.findall(r"[a-z]+", piece)
        head = next((w for w in first if w not in IGNORED), head)
        found.append(Alternative(_any_modifier(names), words, own or level, rule))
    return found


def _carries_on(before: str, piece: str) -> bool:
    """ "chez un restaurateur ou une pharmacie": the second is one more place, not a cause."""
    return bool(
        re.match(r"\s*(?:un|une|le|la|les|l'|des|d'|en|dans|chez|a|au)\b", piece)
        and re.search(r"\b(?:chez|dans|avec|pour|sur|en|par|au|a)\b[^,]{1,25}$", before)
    )


def _predicate(piece: str) -> str:
    """What the next alternative says of its subject: "serveur ou site inaccessible"."""
    return re.sub(r"^(?:le |la |les |l'|un |une |d'|de |du |des )?[a-z]+", "", piece).strip()


def _any_modifier(groups: tuple[frozenset[str], ...]) -> tuple[frozenset[str], ...]:
    """ "un enfant ou une personne âgée": either will do."""
    frail = frozenset({"enfants", "personne fragile"})
    either = frozenset[str]().union(*(group for group in groups if group <= frail))
    rest = tuple(group for group in groups if not group <= frail)
    return (*rest, either) if either else rest


def _situations_in_rule(text: str) -> tuple[frozenset[str], ...]:
    """Situations a rule names; those whose words overlap are alternatives of one another."""
    spans = sorted(
        (match.start(), match.end(), situation.name)
        for situation in SITUATIONS
        for match in [max(situation.pattern.finditer(text), key=_length, default=None)]
        if match
    )
    if all(name in MODIFIERS for _, _, name in spans):
        spans = sorted(
            spans
            + [
                (match.start(), match.end(), name)
                for pattern, names in KINDS_OF
                for match in [pattern.search(text)]
                if match
                for name in names
            ]
        )
    clusters: list[tuple[int, list[tuple[int, int, str]]]] = []
    for start, end, name in spans:
        if clusters and start < clusters[-1][0]:
            limit, members = clusters[-1]
            members.append((start, end, name))
            clusters[-1] = (max(limit, end), members)
        else:
            clusters.append((end, [(start, end, name)]))
    return tuple(_widest(members) for _, members in clusters)


def _length(match: re.Match[str]) -> int:
    return match.end() - match.start()


def _widest(members: list[tuple[int, int, str]]) -> frozenset[str]:
    """Of situations named by overlapping words, those named by the most of them."""
    longest = max(end - start for start, end, _ in members)
    kept = {name for start, end, name in members if (end - start) * 4 >= longest * 3}
    return frozenset(kept)


def _leftover(text: str, names: tuple[frozenset[str], ...]) -> frozenset[str]:
    """Words a rule says beside its situations; where it happens is no condition."""
    left = list(text)
    core = frozenset[str]().union(*names) - MODIFIERS
    if core:
        for match in WHERE.finditer(text):
            left[match.start() : match.end()] = " " * (match.end() - match.start())
        for pattern, kinds in KINDS_OF:
            match_kind = pattern.search(text) if core >= kinds else None
            if match_kind:
                size = match_kind.end() - match_kind.start()
                left[match_kind.start() : match_kind.end()] = " " * size
    for name in frozenset[str]().union(*names):
        for match in BY_NAME[name].pattern.finditer(text):
            left[match.start() : match.end()] = " " * (match.end() - match.start())
    return stems("".join(left))
