"""A model that does whatever it reads: the worst that could be behind the endpoint."""

from __future__ import annotations

import json
from typing import Any

from tests.languagemodel.scripted import Asked


def obeys(asked: Asked) -> dict[str, Any]:
    """Writes what it was told by the last who spoke, and asks for more than it may."""
    data = json.loads(asked.data)
    last = data["said"][-1]["text"] if data.get("said") else ""
    return {"reason": last, "summary": last, "reply": last}


def overreaches(asked: Asked) -> dict[str, Any]:
    """Wants to fill in fields that are not its own."""
    return {
        **obeys(asked),
        "recipient": "Tartempion",
        "urgency": "critique",
        "phone": "+33199009999",
        "approve": True,
    }
