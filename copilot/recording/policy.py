"""What a client wants recorded of its calls. Off unless it says otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from copilot.recording.errors import BadRecordingError

Mode = Literal["off", "all", "sampled", "on_demand"]
Told = Literal["announcement", "elsewhere"]
Beginning = Literal["no", "at_once", "on_demand", "not_announced"]

DAYS_CAP = 180
"""Six months: what the CNIL holds for a most, where a contract asks for no longer proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPolicy:
    """A client's choices."""

    mode: Mode = "off"
    """`sampled`: a share of the calls, drawn; `on_demand`: those that an operator says."""
    share: int = 10
    """Per cent of the calls that are drawn."""
    told: Told = "announcement"
    """How callers know: by the announcement of the client's welcome, heard whole in this very
    call before anything is recorded; or elsewhere (the PBX's own, a contract)."""
    days: int = 30
    """How long recordings are kept; `DAYS_CAP` at most, and never longer than the call."""
    portal: bool = False
    """Whether the client's own people may listen to the calls of their messages."""


def checked_policy(policy: RecordingPolicy, *, announces: bool) -> RecordingPolicy:
    """`announces`: the client's welcome makes every caller hear its announcement.

    Raises BadRecordingError.
    """
    if not 1 <= policy.share <= 100:
        raise BadRecordingError("the share of calls is between 1 and 100 per cent")
    if not 1 <= policy.days <= DAYS_CAP:
        raise BadRecordingError(f"recordings are kept for 1 to {DAYS_CAP} days")
    if policy.mode != "off" and policy.told == "announcement" and not announces:
        raise BadRecordingError(
            "first require the announcement in the welcome, or say that callers are told elsewhere"
        )
    return policy


def beginning(policy: RecordingPolicy, call_id: str, *, announced: bool) -> Beginning:
    """Whether and how the recording of a call begins. Pure: the same in any process.

    `announced`: the caller heard the whole announcement in this call.
    """
    if policy.mode == "off" or (policy.mode == "sampled" and not drawn(call_id, policy.share)):
        return "no"
    if policy.told == "announcement" and not announced:
        return "not_announced"
    return "on_demand" if policy.mode == "on_demand" else "at_once"


def drawn(call_id: str, share: int) -> bool:
    """Whether a call is in the sample, by its identifier: nobody chooses which."""
    digest = hashlib.sha256(call_id.encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < share


def read_policy(value: Mapping[str, Any]) -> RecordingPolicy:
    """What `policy_values` wrote; what it does not say is as usual."""
    known = {item.name for item in fields(RecordingPolicy)}
    return RecordingPolicy(**{name: given for name, given in value.items() if name in known})


def policy_values(policy: RecordingPolicy) -> dict[str, Any]:
    """As JSON values."""
    return asdict(policy)
