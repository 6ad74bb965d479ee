"""For every test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from copilot import passwords

# How long an example takes is the machine's affair; what must be quick is measured by itself.
settings.register_profile("souffleur", deadline=None)
settings.load_profile("souffleur")

LIVE = (
    "end_to_end/",
    "telephony/",
    "crm/",
    "test_bus.py",
    "web/test_calls.py",
    "web/test_line_",
    "web/test_moving.py",
    "web/test_recordings.py",
    "web/test_supervision.py",
    "web/test_tolls.py",
    "web/test_transfer",
    "web/test_waiting.py",
)
"""Calls, peers and browsers in real time, and whatever tells how long something took: one after
the other, and first in line."""
PATIENT = tuple(
    f"end_to_end/test_{name}.py"
    for name in (
        *("accessibility", "administration", "agenda", "answer_cards", "backup_commands"),
        *("built_pages", "channels", "commands_alone", "contacts_and_inbox", "delivery"),
        *("first_start", "gallery", "keyboard", "last_moment", "long_call", "panel", "passkeys"),
        *("portal_answers", "portal_consignes", "portal_import", "portal_worklists"),
        *("privacy_pages", "sign_on", "two_operators", "unfinished"),
        "wrapup",
    )
)
"""Pages and commands without a sound or a clock, whose calls are told event by event: they wait for
what they want to see."""
GIVES_WAY = 5
"""How much nicer whoever runs the others is (`man nice`): a live one gets three times as much."""


def live(place: str) -> bool:
    """Whether a file of tests, named from this folder, lives in real time."""
    return place.startswith(LIVE) and place not in PATIENT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lives in real time."""
    here = Path(__file__).parent
    for item in items:
        if live(item.path.relative_to(here).as_posix()):
            item.add_marker(pytest.mark.live)


class LiveTogether(LoadFileScheduling):
    """A worker keeps whole files, so that what a file shares is made once; one keeps all live ones.

    They are the most that a worker is given at once, so they are given first.
    """

    def _split_scope(self, nodeid: str) -> str:
        place = super()._split_scope(nodeid)
        return "live" if live(place.removeprefix("tests/")) else place


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LiveTogether:
    return LiveTogether(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A worker that is past the live tests, or has none, gives way to whoever runs them."""
    if hasattr(item.config, "workerinput") and not item.get_closest_marker("live"):
        _give_way()


@cache
def _give_way() -> None:
    os.nice(GIVES_WAY)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords hashed with next to no memory: a demonstration has four, at each of its starts.

    What they are really hashed with is a test of its own, and the end-to-end tests' processes'.
    """
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: quick)
        yield
