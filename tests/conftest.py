"""For every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from copilot import passwords

# How long an example takes is the machine's affair; what must be quick is measured by itself.
settings.register_profile("souffleur", deadline=None)
settings.load_profile("souffleur")

ALONE = (
    "end_to_end/",
    "telephony/",
    "injection/test_browser.py",
    "web/test_line_",
    "web/test_moving.py",
    "web/test_recordings.py",
    "web/test_supervision.py",
    "web/test_tolls.py",
    "web/test_transfer",
    "web/test_waiting.py",
)
"""Calls, peers and browsers in real time: nothing else runs beside them (`make test`)."""
BESIDE = tuple(
    f"end_to_end/test_{name}.py"
    for name in (
        *("accessibility", "administration", "agenda", "backup_commands", "built_pages"),
        *("contacts_and_inbox", "delivery", "first_start", "passkeys", "privacy_pages", "sign_on"),
        *("portal_answers", "portal_consignes", "portal_import", "portal_worklists"),
    )
)
"""Pages and commands without a sound or a clock: they wait for what they want to see."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the machine for itself."""
    here = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(here).as_posix()
        if place.startswith(ALONE) and place not in BESIDE:
            item.add_marker(pytest.mark.alone)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords hashed with next to no memory: a demonstration has four, at each of its starts.

    What they are really hashed with is a test of its own, and the end-to-end tests' processes'.
    """
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: quick)
        yield
