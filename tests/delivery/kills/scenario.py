"""Who is written to, and the clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from copilot.delivery.links import MessageLinks
from copilot.oncall import OnCall, OnCallContact
from copilot.routing import DeliveryRoute, new_secret
from copilot.store.records.clients import Client, ClientSettings
from copilot.timing import DeliveryPolicy
from tests.keys import KEYS

FASTER = 600
BEGINNING = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
LINKS = MessageLinks(key=KEYS.derived("message-links"), public_url="http://127.0.0.1:1")
CLIENTS = ("prompt", "gather", "discreet")


def now(began: float) -> datetime:
    """The victim's clock; `began` is the wall clock of the beginning."""
    return BEGINNING + timedelta(seconds=(time.time() - began) * FASTER)


def clients(http_port: int) -> list[Client]:
    """One that wants each message at once, one that wants digests, one with links alone."""
    on_call = OnCall(
        contacts=tuple(
            OnCallContact(name=f"garde-{rank}", email=f"garde-{rank}@example.fr", wait_minutes=10)
            for rank in (1, 2, 3)
        ),
        rounds=1,
    )
    policies = {
        "prompt": DeliveryPolicy(),
        "gather": DeliveryPolicy(normal="hourly"),
        "discreet": DeliveryPolicy(content="link"),
    }
    hook = f"http://127.0.0.1:{http_port}/"
    return [
        Client(
            id=name,
            name=f"Société {name}",
            sector="plomberie",
            colour="#1f6f8b",
            greeting="Bonjour",
            settings=ClientSettings(
                recipients=(f"{name}@example.fr",),
                routes=(DeliveryRoute(channel="webhook", to=hook + name, secret=new_secret()),),
                delivery=policy,
                on_call=on_call,
            ),
        )
        for name, policy in policies.items()
    ]
