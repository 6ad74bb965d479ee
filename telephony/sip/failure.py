"""Why a call was not answered, in words people can act on (RFC 3261 section 21, RFC 3398)."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from aiosipua.message import SipResponse

Reason: TypeAlias = Literal[
    "busy", "no_answer", "unknown_number", "declined", "forbidden", "no_media", "unreachable",
    "redirected", "cancelled",
]  # fmt: skip

_BY_STATUS: dict[int, Reason] = {
    401: "forbidden", 402: "forbidden", 403: "forbidden", 407: "forbidden",
    404: "unknown_number", 410: "unknown_number", 416: "unknown_number", 484: "unknown_number",
    485: "unknown_number", 604: "unknown_number",
    408: "no_answer", 480: "no_answer", 487: "no_answer",
    486: "busy", 600: "busy",
    415: "no_media", 488: "no_media", 606: "no_media",
    433: "declined", 603: "declined", 607: "declined", 608: "declined",
}  # fmt: skip
_BY_CAUSE: dict[int, Reason] = {
    1: "unknown_number", 22: "unknown_number", 28: "unknown_number",
    17: "busy",
    18: "no_answer", 19: "no_answer", 20: "no_answer",
    21: "declined",
    57: "forbidden", 87: "forbidden",
    2: "unreachable", 3: "unreachable", 27: "unreachable", 34: "unreachable", 38: "unreachable",
    41: "unreachable", 42: "unreachable", 102: "unreachable",
    65: "no_media", 79: "no_media", 88: "no_media",
}  # fmt: skip
"""ITU-T Q.850: what the telephone network itself said."""


def reason_of(response: SipResponse | None) -> Reason:
    """Of a final refusal; None when no answer came at all."""
    if response is None:
        return "unreachable"
    cause = _network_cause(response)
    if cause in _BY_CAUSE:
        return _BY_CAUSE[cause]
    status = response.status_code
    if 300 <= status < 400:
        return "redirected"
    return _BY_STATUS.get(status, "unreachable" if status >= 500 else "declined")


def is_worth_another_way(response: SipResponse | None) -> bool:
    """Whether the way failed rather than the call: another gateway may carry it."""
    return response is None or response.status_code in (408, 500, 502, 503, 504)


def _network_cause(response: SipResponse) -> int:
    """Of a Reason header (RFC 3326), 0 without one."""
    for value in response.headers.get("reason"):
        match = re.match(r"\s*Q\.850\s*;.*?cause\s*=\s*(\d{1,3})", value, re.IGNORECASE)
        if match:
            return int(match[1])
    return 0
