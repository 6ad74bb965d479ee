"""A trainee's message against the one expected: every point is explained, none is a mystery.

    fields     55   exact 1, near 0.5 (a digit or a letter or two, the right day at another hour)
    reason     25   each point that it must say, by its words or by meaning
    consignes  10   what they say to ask, asked or answered
    time       10   from the caller's last word to the sending

An emergency taken for less holds the whole at `MISSED_EMERGENCY`. What is right is what the
evaluation of drafts calls right (`copilot.evaluation.fieldcomparison`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher

from copilot.drafting.speech import plain
from copilot.drafting.stems import stems
from copilot.evaluation.fieldcomparison import is_right
from copilot.store.numbering import e164
from copilot.store.records.training import Exercise, FieldScore, Grade, Score
from knowledge.grouping import SAME

WEIGHTS = {"fields": 55.0, "reason": 25.0, "consignes": 10.0, "time": 10.0}
WORTH: dict[Grade, float] = {"exact": 1.0, "near": 0.5, "wrong": 0.0, "missing": 0.0, "extra": 0.0}
MISSED_EMERGENCY = 40
NEAR = 0.8
"""Share of letters in common from which two texts differ by a slip."""
SHARED_STEMS = 0.6
"""Share of a point's words that say it by themselves."""
LEVELS = {"normal": 0, "urgent": 1, "critique": 2}

Likeness = Callable[[str, Sequence[str]], Sequence[float]]
"""How far each known text says the same as a new one (`Backends.likeness`)."""


def score(
    exercise: Exercise,
    given: Mapping[str, str | None],
    *,
    checklist: Mapping[str, bool],
    took_s: float,
    likeness: Likeness,
) -> Score:
    """Pure but for `likeness`, some milliseconds of a model. `checklist`: what is to be asked,
    and whether it was."""
    fields = tuple(
        _field(name, expected, (given.get(name) or "").strip() or None)
        for name, expected in exercise.expected.items()
        if name != "reason"
    )
    covered = _covered(exercise.points, given.get("reason") or "", likeness)
    missed = _emergency_missed(exercise.expected.get("urgency"), given.get("urgency"))
    in_time = took_s <= exercise.target_s
    parts = {
        "fields": _mean([WORTH[field.grade] for field in fields]),
        "reason": _mean([float(point in covered) for point in exercise.points]),
        "consignes": _mean([float(asked) for asked in checklist.values()]),
        "time": min(exercise.target_s / took_s, 1.0) if took_s > 0 else 1.0,
    }
    weighed = {name: value for name, value in parts.items() if value is not None}
    total = sum(WEIGHTS[name] * value for name, value in weighed.items())
    percent = round(100 * total / sum(WEIGHTS[name] for name in weighed))
    return Score(
        percent=min(percent, MISSED_EMERGENCY) if missed else percent,
        fields=fields,
        covered=covered,
        uncovered=tuple(point for point in exercise.points if point not in covered),
        asked=tuple(item for item, asked in checklist.items() if asked),
        unasked=tuple(item for item, asked in checklist.items() if not asked),
        took_s=round(took_s, 1),
        in_time=in_time,
        emergency_missed=missed,
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _field(name: str, expected: str | None, given: str | None) -> FieldScore:
    grade = _grade(name, expected, given)
    return FieldScore(name=name, grade=grade, expected=expected, given=given)


def _grade(name: str, expected: str | None, given: str | None) -> Grade:
    if name == "urgency":  # unsaid, it is normal
        expected, given = expected or "normal", given or "normal"
    if name == "callback":
        expected, given = ((value == "true" and value) or None for value in (expected, given))
    if expected is None:
        return "exact" if given is None else "extra"
    if given is None:
        return "missing"
    if name == "phone":
        expected, given = e164(expected) or expected, e164(given) or given
    if expected == given or is_right(name, expected, given):
        return "exact"
    return "near" if _is_near(name, expected, given) else "wrong"


def _is_near(name: str, expected: str, given: str) -> bool:
    if name in ("category", "callback", "appointment_action"):
        return False
    if name == "urgency":
        return LEVELS.get(given, 0) > LEVELS.get(expected, 0)
    if name in ("callback_when", "appointment_when"):
        return expected[:10] == given[:10]
    if name == "phone":
        digits = [re.sub(r"\D", "", value)[-9:] for value in (expected, given)]
        return len(digits[0]) == len(digits[1]) and _differing(*digits) <= 1
    left, right = plain(expected), plain(given)
    return SequenceMatcher(None, left, right).ratio() >= NEAR


def _differing(left: str, right: str) -> int:
    return sum(a != b for a, b in zip(left, right, strict=True))


def _emergency_missed(expected: str | None, given: str | None) -> bool:
    wanted = LEVELS.get(expected or "normal", 0)
    return wanted > 0 and LEVELS.get(given or "normal", 0) < wanted


def _covered(points: Sequence[str], reason: str, likeness: Likeness) -> tuple[str, ...]:
    """The points that a reason says, whole or in one of its clauses."""
    if not reason.strip() or not points:
        return ()
    clauses = [reason, *(part for part in re.split(r"[.;,\n]| et ", reason) if part.strip())]
    said = stems(plain(reason))
    near = [0.0] * len(points)
    for clause in dict.fromkeys(clause.strip() for clause in clauses):
        near = [max(pair) for pair in zip(near, likeness(clause, points), strict=True)]
    return tuple(
        point
        for point, how_near in zip(points, near, strict=True)
        if how_near >= SAME or _in_words(stems(plain(point)), said)
    )


def _in_words(wanted: frozenset[str], said: frozenset[str]) -> bool:
    return bool(wanted) and len(wanted & said) / len(wanted) >= SHARED_STEMS
