"""What training refuses, as people read it."""

from __future__ import annotations

from copilot.training.exercises import BadExerciseError

KINDS: tuple[type[Exception], ...] = (BadExerciseError,)
STATUS = {"bad_exercise": 422}
SENTENCES: dict[str, tuple[str, str]] = {
    "bad_exercise": (
        "Cet exercice ne peut pas servir ; rien n'a changé. À corriger : {detail}.",
        "This exercise cannot be used; nothing was changed. To be mended: {detail}.",
    ),
}
