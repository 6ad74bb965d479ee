"""What an exercise must be, to be played and scored."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

from copilot.drafting.draft import FIELD_NAMES
from copilot.store.records.training import Exercise

MOST_LINES = 120
LONGEST_LINE = 600
LONGEST_PAUSE_S = 20.0
LONGEST_SOUND_S = 60.0
MOST_POINTS = 12
LONGEST_POINT = 200
LONGEST_VALUE = 1000
TARGETS_S = (10, 1800)


class BadExerciseError(ValueError):
    """An exercise that cannot be used; the message says what to mend."""

    code = "bad_exercise"


def checked(exercise: Exercise, *, own_fields: Collection[str] = ()) -> Exercise:
    """The exercise, its texts trimmed. Raises BadExerciseError."""
    lines = tuple(dataclasses.replace(line, text=line.text.strip()) for line in exercise.lines)
    if not any(line.speaker == "caller" for line in lines):
        raise BadExerciseError("the caller says nothing")
    if len(lines) > MOST_LINES:
        raise BadExerciseError(f"more than {MOST_LINES} lines")
    for at, line in enumerate(lines, 1):
        if not line.text or len(line.text) > LONGEST_LINE:
            raise BadExerciseError(f"line {at}: 1 to {LONGEST_LINE} characters")
        if line.sound is not None and not 0 < line.sound[1] - line.sound[0] <= LONGEST_SOUND_S:
            raise BadExerciseError(f"line {at}: a voice of 0 to {LONGEST_SOUND_S:.0f} s")
        if not 0 <= line.pause_s <= LONGEST_PAUSE_S:
            raise BadExerciseError(f"line {at}: a pause of 0 to {LONGEST_PAUSE_S:.0f} s")
    expected = {name: (value or "").strip() or None for name, value in exercise.expected.items()}
    if unknown := sorted(set(expected) - {*FIELD_NAMES, *own_fields}):
        raise BadExerciseError(f"no such field: {', '.join(unknown)}")
    points = tuple(point.strip() for point in exercise.points if point.strip())
    if not expected and not points:
        raise BadExerciseError("nothing is expected: name a field, or what the reason must say")
    if len(points) > MOST_POINTS or any(len(point) > LONGEST_POINT for point in points):
        raise BadExerciseError(f"at most {MOST_POINTS} points of {LONGEST_POINT} characters")
    if any(len(value or "") > LONGEST_VALUE for value in expected.values()):
        raise BadExerciseError(f"a value has at most {LONGEST_VALUE} characters")
    if not TARGETS_S[0] <= exercise.target_s <= TARGETS_S[1]:
        raise BadExerciseError(f"a target of {TARGETS_S[0]} to {TARGETS_S[1]} s")
    title = exercise.title.strip()
    if not title:
        raise BadExerciseError("a title is missing")
    return dataclasses.replace(exercise, title=title, lines=lines, expected=expected, points=points)
