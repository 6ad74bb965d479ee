"""What a client company still needs before its calls are answered. Pure.

Nothing here is a record of its own: each step is looked up in what is set, so that setting up can
be left and taken up again anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from copilot.guide import form_of
from copilot.privacy.presets import Preset, with_preset
from copilot.store.records.clients import Client, ClientNumber

StepName = Literal[
    "trade", "privacy", "greeting", "hours", "numbers", "urgencies", "channels", "on_call",
    "answers",
]  # fmt: skip
StepState = Literal["done", "missing", "advised"]
"""`missing`: calls cannot be answered well without it; `advised`: they can."""

SECRETS: dict[str, Preset] = {
    "medical": "health", "dental": "health", "notary": "legal", "lawyer": "legal",
}  # fmt: skip
"""Trades held to secrecy, and what is set for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to set."""

    name: StepName
    state: StepState


def preset_for(client: Client) -> Preset | None:
    """What the client's trade asks of privacy; null when it asks for nothing more."""
    return SECRETS.get(form_of(client).trade or "")


def steps_of(client: Client, *, numbers: Sequence[ClientNumber], answers: int) -> tuple[Step, ...]:
    """In the order in which they are best taken. `answers`: entries of its FAQ."""
    settings = client.settings
    preset = preset_for(client)
    private = preset is None or with_preset(settings, preset) == settings
    reached = bool(settings.recipients or settings.routes)
    covered = not settings.urgent_rules or bool(settings.on_call.contacts)
    found: tuple[tuple[StepName, bool, StepState], ...] = (
        ("trade", bool(client.sector.strip()), "missing"),
        ("privacy", private, "missing"),
        ("greeting", bool(client.greeting.strip()), "missing"),
        ("hours", settings.welcome.hours is not None, "advised"),
        ("numbers", bool(numbers), "missing"),
        ("urgencies", bool(settings.urgent_rules), "advised"),
        ("channels", reached, "missing"),
        ("on_call", covered, "advised"),
        ("answers", answers > 0, "missing"),
    )
    return tuple(Step(name=name, state="done" if done else other) for name, done, other in found)
