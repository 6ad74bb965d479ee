"""Links in letters: each opens what became of one intention to send, for a while.

    https://.../m#TOKEN      TOKEN = BASE64URL(intention's identifier, HMAC-SHA256 of it, 16 bytes)

The token comes after the `#`, which browsers send to nobody: programs that fetch every link of a
letter get a page without content, and acknowledge nothing. It is made from the intention, so every
try of a letter has the same one, and the database alone makes none. Somebody who signs in sees the
message by the link; others need a code (six digits, ten minutes, once) that goes by e-mail to the
address that the letter went to.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from copilot.store.records.messages import OutboxRow

CODE_S = 600
CODE_DIGITS = 6
MARK_BYTES = 16
ANSWER = "reply+"


class LinkOverError(Exception):
    """The link is forged, too old, or was revoked. Never says which."""

    code = "link_over"


@dataclass(frozen=True, kw_only=True)
class MessageLinks:
    """Makes and reads the links of one house."""

    key: bytes = field(repr=False)
    public_url: str
    mailbox: str = ""
    """The domain at which answers to letters come in; empty where none do."""

    def address(self, item_id: str) -> str:
        """The link of an intention: the same whenever it is asked for."""
        return f"{self.public_url}/m#{self.token(item_id)}"

    def token(self, item_id: str) -> str:
        """64 characters for an identifier of 32."""
        raw = item_id.encode() + self._mark("link", item_id)
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def read(self, token: str) -> str:
        """The intention's identifier. Raises `LinkOverError`."""
        try:
            padded = token + "=" * (-len(token) % 4)
            raw = base64.b64decode(padded, altchars=b"-_", validate=True)
            item_id = raw[:-MARK_BYTES].decode("ascii")
        except (binascii.Error, ValueError) as error:
            raise LinkOverError("no such link") from error
        if not hmac.compare_digest(raw[-MARK_BYTES:], self._mark("link", item_id)):
            raise LinkOverError("no such link")
        return item_id

    def answer_address(self, item_id: str) -> str:
        """Where an answer to an intention's letter goes: 58 characters before the domain (64 are
        allowed, RFC 5321 section 4.5.3.1.1), of lower case, which servers change nothing of."""
        if not self.mailbox:
            return ""
        raw = bytes.fromhex(item_id) + self._mark("answer", item_id)
        token = base64.b32encode(raw).decode().rstrip("=").lower()
        return f"{ANSWER}{token}@{self.mailbox}"

    def answered(self, address: str) -> str:
        """The intention whose letter is answered at that address. Raises `LinkOverError`."""
        local, _, domain = address.strip().lower().rpartition("@")
        if not self.mailbox or domain != self.mailbox or not local.startswith(ANSWER):
            raise LinkOverError("no such address")
        token = local.removeprefix(ANSWER).upper()
        try:
            raw = base64.b32decode(token + "=" * (-len(token) % 8))
        except binascii.Error as error:
            raise LinkOverError("no such address") from error
        item_id = raw[:-MARK_BYTES].hex()
        if not hmac.compare_digest(raw[-MARK_BYTES:], self._mark("answer", item_id)):
            raise LinkOverError("no such address")
        return item_id

    def slot(self, at: datetime) -> int:
        """The stretch of time a code belongs to."""
        return int(at.timestamp()) // CODE_S

    def code(self, item_id: str, slot: int) -> str:
        """What opens the link in that stretch of time, and in the next."""
        number = int.from_bytes(self._mark("code", f"{item_id}/{slot}"), "big")
        return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"

    def slot_of(self, item_id: str, code: str, at: datetime) -> int | None:
        """The stretch of time whose code this is: the present one or the one before."""
        typed = "".join(code.split())
        for slot in (self.slot(at), self.slot(at) - 1):
            if hmac.compare_digest(self.code(item_id, slot).encode(), typed.encode()):
                return slot
        return None

    def _mark(self, purpose: str, about: str) -> bytes:
        digest = hmac.new(self.key, f"{purpose}/{about}".encode(), hashlib.sha256).digest()
        return digest[:MARK_BYTES]


def require_live(row: OutboxRow, *, days: int, at: datetime) -> None:
    """Raises `LinkOverError` when the link is past its time or revoked."""
    if row.revoked_at is not None or at >= row.created_at + timedelta(days=days):
        raise LinkOverError("this link no longer opens")
