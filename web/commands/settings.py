"""The settings of a command; a wrong one ends it with one line that names it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from copilot.settings import Settings


def fail(message: str) -> NoReturn:
    """End with one clear line."""
    print(f"souffleur: {message}", file=sys.stderr)
    raise SystemExit(2)


def settings() -> Settings:
    """The settings of the environment."""
    from pydantic import ValidationError

    from web.app import settings_from_environment

    try:
        return settings_from_environment()
    except ValidationError as error:
        first = error.errors()[0]
        name = "SOUFFLEUR_" + "_".join(str(part) for part in first["loc"]).upper()
        fail(f"{name}: {first['msg']}")
