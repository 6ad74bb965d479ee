"""Why there is no answer.

LanguageModelError
├── UnreachableError   nobody answers at its address
├── RefusedError       the endpoint refuses us: the key, the model's name, the request
├── OverloadedError    429 or 5xx, again after a second try
├── TooSlowError       no whole answer within the time limit
├── UnreadableError    an answer that is not what was asked for: cut short, too long, no JSON
├── BusyError          too many wait for it already
└── RestingError       it failed several times, and is left alone for a while

No message of these quotes what was asked or answered, nor the key.
"""

from __future__ import annotations


class LanguageModelError(Exception):
    """Base of this package's errors."""

    code = "language_model"
    counts = True
    """Whether it says that the endpoint is unwell."""


class UnreachableError(LanguageModelError):
    """Nobody answers at its address."""

    code = "language_model_unreachable"


class RefusedError(LanguageModelError):
    """The endpoint refuses us."""

    code = "language_model_refused"

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class OverloadedError(LanguageModelError):
    """It asks us to come back later, or failed by itself."""

    code = "language_model_overloaded"

    def __init__(self, message: str, *, retry_after: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """The header of that name, as it came."""


class TooSlowError(LanguageModelError):
    """No whole answer within the time limit."""

    code = "language_model_slow"


class UnreadableError(LanguageModelError):
    """An answer that is not what was asked for."""

    code = "language_model_unreadable"


class BusyError(LanguageModelError):
    """Too many wait for it already: the newest is turned away."""

    code = "language_model_busy"
    counts = False


class RestingError(LanguageModelError):
    """It failed several times running."""

    code = "language_model_resting"
    counts = False
