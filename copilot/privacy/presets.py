"""What a trade asks of privacy, set in one go.

health   professional secrecy of care: words about health are masked too, transcripts go after
         a week, calls after six months, nobody listens and nothing is recorded
legal    lawyers' secrecy: transcripts go after a day, calls after three months, nobody listens
         and nothing is recorded
"""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, get_args

from copilot.store.records.clients import ClientSettings

Preset = Literal["health", "legal"]
PRESETS: tuple[Preset, ...] = get_args(Preset)

SETS: dict[Preset, dict[str, Any]] = {
    "health": {
        "redact": ("card", "nir", "iban", "health"),
        "transcript_days": 7,
        "call_days": 180,
        "supervision": "forbidden",
    },
    "legal": {
        "redact": ("card", "nir", "iban"),
        "transcript_days": 1,
        "call_days": 90,
        "supervision": "forbidden",
    },
}


def with_preset(settings: ClientSettings, preset: Preset) -> ClientSettings:
    """The settings with those of the preset; nothing that is already stricter is loosened."""
    wanted = dict(SETS[preset])
    for name in ("transcript_days", "call_days"):
        wanted[name] = min(wanted[name], getattr(settings, name))
    wanted["redact"] = tuple(dict.fromkeys((*settings.redact, *wanted["redact"])))
    recording = dataclasses.replace(settings.recording, mode="off", portal=False)
    return dataclasses.replace(settings, **wanted, recording=recording)
