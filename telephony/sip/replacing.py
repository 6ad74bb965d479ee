"""One call in the place of another: Replaces (RFC 3891), in an INVITE or in a Refer-To.

An attended transfer ends so (RFC 5589 section 7): whoever consulted asks one side to call the
other, into the dialog of the consultation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiosipua.message import SipRequest

from telephony.errors import SipSyntaxError

_CALL_ID = re.compile(r"[\x21-\x7e]{1,255}")
_TAG = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaces:
    """A dialog as whoever receives this names it: its own tag is `to_tag`."""

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False
    """Only while it rings: a call that was answered meanwhile stays (section 3)."""

    @property
    def dialog(self) -> tuple[str, str, str]:
        """`Dialog.key` of the call that is meant."""
        return (self.call_id, self.to_tag, self.from_tag)

    def __str__(self) -> str:
        early = ";early-only" if self.early_only else ""
        return f"{self.call_id};to-tag={self.to_tag};from-tag={self.from_tag}{early}"


def read_replaces(value: str) -> Replaces:
    """Raises SipSyntaxError: both tags once each, and nothing that is no token."""
    call_id, *parameters = (part.strip() for part in value.split(";"))
    tags: dict[str, str] = {}
    early_only = False
    for parameter in parameters:
        name, _, given = (part.strip() for part in parameter.partition("="))
        name = name.lower()
        if name in tags:
            raise SipSyntaxError("Replaces names a tag twice")
        if name in ("to-tag", "from-tag"):
            tags[name] = given
        early_only |= name == "early-only"
    if not _CALL_ID.fullmatch(call_id) or not all(
        _TAG.fullmatch(tags.get(name, "")) for name in ("to-tag", "from-tag")
    ):
        raise SipSyntaxError("Malformed Replaces")
    return Replaces(
        call_id=call_id,
        to_tag=tags["to-tag"],
        from_tag=tags["from-tag"],
        early_only=early_only,
    )


def replaces_of(invite: SipRequest) -> Replaces | None:
    """The call this INVITE takes the place of. Raises SipSyntaxError (section 3)."""
    values = invite.headers.get("replaces")
    if not values:
        return None
    if len(values) > 1 or invite.headers.get("join"):
        raise SipSyntaxError("More Than One Call To Replace")
    return read_replaces(values[0])
