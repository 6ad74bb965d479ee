"""What the reader of cases learns from: written trades, and whole calls whose level is known.

Of a trade's utterance it is known which rules it is a case of. Of a call only its level is: some
utterance of an urgent call, heard with the one before it, is a case of a rule of that level, and
none of a calm call is a case of any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from copilot.drafting.rules import Level, rule_sentences, stated
from copilot.drafting.situations.bank import lines
from copilot.drafting.situations.calls import Call
from copilot.drafting.situations.spoken import spoken
from copilot.drafting.trades.corpus import Trade, read_trades

_EACH = 5
"""Of so many utterances of trades one is said in another tone as well."""
_MOST_BESIDE = 3
"""Rules of another client that are put beside a call's own."""
FEWEST_WORDS, MOST_WORDS = 2, 32
"""Of what is read: one word is an answer, and tells nothing by itself."""
_PIECES = re.compile(r"[,;:/()]|\bou\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """One sentence of a rule."""

    pieces: tuple[str, ...]
    """The whole of it first, without its level."""
    level: Level | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What was said to a client with rules, and which readings of it are right."""

    rules: tuple[RuleText, ...]
    said: tuple[str, ...]
    right: frozenset[tuple[int, Level]]
    """Places of rules, and the level each is a case at; empty: a case of none."""
    source: str
    """The trade's name, or the set of calls: to be left out whole."""


def rule_pieces(text: str) -> tuple[str, ...]:
    """What a rule's sentence lists, the sentence itself first."""
    parts = [part.strip() for part in _PIECES.split(text)]
    return tuple(dict.fromkeys([text.strip(), *(part for part in parts if len(part) > 3)]))


def utterances(said: Iterable[str]) -> tuple[str, ...]:
    """What is read of a call's utterances: each together with the one before it."""
    found: list[str] = []
    before = ""
    for text in said:
        now = spoken(text)
        found.append(read_of(before, now))
        before = now or before
    return tuple(dict.fromkeys(filter(None, found)))


def read_of(before: str, now: str) -> str:
    """An utterance with the end of the one before it; "" where that is too short to tell.

    A turn is due within 50 ms, and a word takes nearly one: what was said before was read before.
    """
    said = now.split()
    room = MOST_WORDS - len(said)
    words = [*before.split()[-room:], *said] if room > 0 else said
    return " ".join(words) if said and len(words) >= FEWEST_WORDS else ""


def packaged_trade_lessons() -> list[Lesson]:
    """Those of the written trades."""
    return list(trade_lessons(read_trades()))


def in_another_tone(lessons: Iterable[Lesson]) -> Iterator[Lesson]:
    """Some cases played down, and as many calm callers who press: tone changes nothing."""
    down, pressed = lines("playeddown.fr.txt"), lines("pressed.fr.txt")
    for number, lesson in enumerate(lessons):
        if number % _EACH == 0:
            tones = down if lesson.right else pressed
            tone = tones[number // _EACH % len(tones)]
            yield replace(lesson, said=tuple(f"{text} {tone}" for text in lesson.said))


def beside_others(lessons: Sequence[Lesson], seed: int) -> Iterator[Lesson]:
    """Calls once more, with some of another client's rules beside their own: what was said is a
    case of none of those."""
    chance = Random(seed)
    for lesson in lessons:
        other = chance.choice(lessons).rules
        if not set(other) & set(lesson.rules):
            some = chance.sample(other, min(len(other), chance.randint(1, _MOST_BESIDE)))
            yield replace(lesson, rules=(*lesson.rules, *some))


def trade_lessons(trades: Sequence[Trade]) -> Iterator[Lesson]:
    """One lesson an utterance."""
    for trade in trades:
        texts = [
            (place, _rule(text, level))
            for place, rule in enumerate(trade.rules)
            for text, level in map(stated, rule_sentences(rule))
        ]
        rules = tuple(rule for _, rule in texts)
        told = [(said.text, said.cases, said.danger) for said in trade.said]
        told += [(text, frozenset(), False) for text, _ in trade.calm]
        for text, cases, danger in told:
            own: Level = "critique" if danger else "urgent"
            right = frozenset(
                (row, rule.level or own)
                for row, (place, rule) in enumerate(texts)
                if place in cases
            )
            if rules and spoken(text) and bool(right) == bool(cases):
                yield Lesson(rules=rules, said=(spoken(text),), right=right, source=trade.name)


def call_lesson(call: Call) -> Lesson | None:
    """None when no rule of the client's can explain the call's level, or nothing is read of it."""
    texts = tuple(
        _rule(text, own) for rule in call.rules for text, own in map(stated, rule_sentences(rule))
    )
    right = frozenset(
        (row, call.level)
        for row, rule in enumerate(texts)
        if call.level and call.level != "normal" and rule.level in (None, call.level)
    )
    read = utterances(call.said)
    if not (call.level and texts and read and (call.level == "normal" or right)):
        return None
    return Lesson(rules=texts, said=read, right=right, source=call.source)


def _rule(text: str, level: Level | None) -> RuleText:
    return RuleText(pieces=rule_pieces(text), level=level)
