"""Calls over SIP. `SipServer` is imported when first asked for: it brings aiosipua and aiortp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from telephony.sip.server import SipServer

__all__ = ["SipServer"]


def __getattr__(name: str) -> Any:
    if name == "SipServer":
        from telephony.sip.server import SipServer

        return SipServer
    raise AttributeError(name)
