"""What runs for as long as the service does goes on after an error that nobody foresaw."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from copilot.board import LiveBoard
from copilot.bus import InProcessBus
from copilot.inquiries.mailboxes import MailboxReader
from copilot.inquiries.preparing import Preparer
from copilot.inquiries.replies import ReplySender
from copilot.privacy.retention import RetentionJob
from copilot.quality.watcher import AlertWatcher
from copilot.waiting.attendance import Attendance

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOTHING: Any = object()
"""In the place of what the work is about: none of it is reached."""


class Failing:
    """Fails the first time it is called, and says when it was called again."""

    def __init__(self) -> None:
        self.calls = 0
        self.again = asyncio.Event()

    async def __call__(self, *_: object, **__: object) -> bool:
        self.calls += 1
        if self.calls == 1:
            raise KeyError("nobody foresaw it")
        self.again.set()
        return False


async def nothing(*_: object) -> None:
    return


def retention() -> Any:
    return RetentionJob(NOTHING, audit_days=1, every_s=0.01)


def preparer() -> Any:
    return Preparer(NOTHING, NOTHING, NOTHING, now=lambda: NOW)


def replies() -> Any:
    return ReplySender(NOTHING, NOTHING, NOTHING, now=lambda: NOW)


def mailboxes() -> Any:
    return MailboxReader(NOTHING, NOTHING, NOTHING, now=lambda: NOW)


def board() -> Any:
    return LiveBoard(store=NOTHING, bus=InProcessBus())


def attendance() -> Any:
    bus = InProcessBus()
    return Attendance(store=NOTHING, bus=bus, now=lambda: NOW, wrap_up_s=1.0, changed=nothing)


def alerts() -> Any:
    return AlertWatcher(store=NOTHING, bus=InProcessBus(), board=NOTHING, now=lambda: NOW)


@pytest.mark.parametrize(
    ("make", "step"),
    [
        (retention, "purge"),
        (preparer, "prepare_next"),
        (replies, "_send_next"),
        (mailboxes, "read_due"),
        (board, "_seed"),
        (attendance, "_read"),
        (alerts, "_look"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
async def test_it_goes_on(make: Any, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    work, failing = make(), Failing()
    for module in ("preparing", "replies", "mailboxes"):
        monkeypatch.setattr(f"copilot.inquiries.{module}.LONGEST_SLEEP_S", 0.01)
    monkeypatch.setattr("copilot.inquiries.mailboxes.AT_ONCE", 1)
    monkeypatch.setattr(work, step, failing)
    async with asyncio.timeout(10), work.following() if hasattr(work, "following") else work:
        await failing.again.wait()
