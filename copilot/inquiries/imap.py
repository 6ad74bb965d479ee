"""A conversation with a mailbox's server (RFC 3501), which changes nothing there.

The folder is examined, letters are peeked at: nothing is marked, moved or deleted. Blocking: for a
thread. What a server sends is bounded, and what it is asked for comes from us alone.

MailboxError                 `code` is stable: pages have a sentence for each
 +-- MailboxAwayError        no answer, or none that makes sense: may pass
 +-- MailboxCertificateError its certificate is not the name's
 +-- MailboxRefusedError     user or password not taken: for people
 +-- MailboxConsentError     the owner's consent is over: for people
 +-- MailboxMissingError     no such folder: for people
 +-- MailboxPlaceError       an address that may not be connected to: for people
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Literal

Security = Literal["tls", "starttls", "none"]

ANSWER_S = 20.0
SLACK_BYTES = 1024 * 1024
"""What an answer may have beside a letter."""
MOST_LINES = 1000
"""Said during one wait: some servers say every minute or two that they are there."""
WAIT_TAG = b"WAIT"
WAIT = WAIT_TAG + b" IDLE\r\n"
NEWS = re.compile(rb"\* \d+ (EXISTS|RECENT)\b", re.IGNORECASE)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class MailboxError(Exception):
    """Base of what goes wrong with a mailbox. The text is for the log, and has no secret."""

    code = "mailbox"


class MailboxAwayError(MailboxError):
    code = "mailbox_unreachable"


class MailboxCertificateError(MailboxError):
    code = "mailbox_certificate"


class MailboxRefusedError(MailboxError):
    code = "mailbox_refused"


class MailboxConsentError(MailboxError):
    code = "mailbox_consent"


class MailboxMissingError(MailboxError):
    code = "mailbox_missing"


class MailboxPlaceError(MailboxError):
    code = "mailbox_private"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxAccess:
    """How a mailbox is opened."""

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    bearer: str = field(default="", repr=False)
    """An access token, in the place of the password (XOAUTH2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a folder says of itself (RFC 3501 section 2.3.1.1)."""

    validity: int
    """Changes when identifiers start afresh."""
    next_uid: int
    """Greater than those of every letter there."""


class ImapSession:
    """One conversation, with a folder examined. Every method raises `MailboxError`."""

    def __init__(
        self,
        access: MailboxAccess,
        addresses: Sequence[str],
        *,
        most_bytes: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Connect, sign in, examine the folder.

        `addresses`: the host's, fit to be connected to; `most_bytes`: of one letter.
        """
        self._most_bytes = most_bytes
        self._server: imaplib.IMAP4 | None = None
        try:
            self._open(access, addresses, tls or ssl.create_default_context())
        except BaseException:
            self.drop()
            raise

    def _open(self, access: MailboxAccess, addresses: Sequence[str], tls: ssl.SSLContext) -> None:
        server = self._server = self._asked(
            lambda: _Bounded(access, addresses, tls, limit=self._most_bytes + SLACK_BYTES)
        )
        if access.security == "starttls":
            self._asked(lambda: server.starttls(tls))
        self._sign_in(server, access)
        self.standing = self._examined(server, access.folder)

    def _sign_in(self, server: imaplib.IMAP4, access: MailboxAccess) -> None:
        secret = f"\0{access.user}\0{access.password}".encode()
        try:
            if access.bearer:
                self._asked(lambda: server.authenticate("XOAUTH2", _bearing(access)))
            elif "AUTH=PLAIN" in server.capabilities:  # RFC 4616: passwords of any alphabet
                self._asked(lambda: server.authenticate("PLAIN", lambda _: secret))
            else:
                self._asked(lambda: server.login(access.user, access.password))
        except MailboxAwayError as error:
            cause = error.__cause__
            if isinstance(cause, imaplib.IMAP4.abort) or not isinstance(cause, imaplib.IMAP4.error):
                raise
            raise MailboxRefusedError("user or password not taken") from None

    def _examined(self, server: imaplib.IMAP4, folder: str) -> Standing:
        quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
        said, _ = self._asked(lambda: server.select(quoted, readonly=True))
        if said != "OK":
            raise MailboxMissingError("no such folder")
        server.response("EXISTS")  # told anew, it is news
        validity = self._number(server.response("UIDVALIDITY")[1])
        next_uid = self._number(server.response("UIDNEXT")[1])
        if validity is None:
            raise MailboxAwayError("the folder has no UIDVALIDITY")
        if next_uid is None:  # RFC 3501 lets old servers leave it out
            next_uid = max(self.uids_after(0), default=0) + 1
        return Standing(validity=validity, next_uid=next_uid)

    def uids_after(self, uid: int) -> list[int]:
        """Letters that came after one, oldest first."""
        # `n:*` names the last letter even when it is older (RFC 3501 section 6.4.8).
        return [one for one in self._search(f"UID {uid + 1}:*") if one > uid]

    def uids_since(self, day: date) -> list[int]:
        """Letters that came on a day or later, oldest first."""
        return self._search(f"SINCE {day.day}-{MONTHS[day.month - 1]}-{day.year}")

    def content(self, uid: int) -> bytes | None:
        """A letter whole; null when it is larger than `most_bytes`, or gone."""
        wanted = f"(BODY.PEEK[]<0.{self._most_bytes + 1}>)"
        _, found = self._uid("FETCH", str(uid), wanted)
        letters = [part[1] for part in found if isinstance(part, tuple) and len(part) > 1]
        if not letters or len(letters[0]) > self._most_bytes:
            return None
        content: bytes = letters[0]
        return content

    def can_wait(self) -> bool:
        """Whether the server tells by itself of what comes (RFC 2177)."""
        server = self._there()
        _, found = self._asked(server.capability)
        return b"IDLE" in b" ".join(one for one in found if one).upper().split()

    def wait_for_news(self, longest_s: float) -> bool:
        """Whether something came since the folder was examined, or comes in that time. Then the
        conversation is over."""
        server = self._there()
        if server.response("EXISTS")[1] != [None]:
            return True
        self._asked(lambda: server.send(WAIT))
        until = time.monotonic() + longest_s
        for _ in range(MOST_LINES):
            left_s = until - time.monotonic()
            line = self._asked(partial(_line_within, server, left_s)) if left_s > 0 else None
            if line is None:
                return False
            if NEWS.match(line):
                with suppress(OSError):
                    server.send(b"DONE\r\n")
                return True
            if not line or line.startswith((WAIT_TAG, b"* BYE")):
                raise MailboxAwayError("the server waits no longer")
        raise MailboxAwayError("the server says too much")

    def close(self) -> None:
        """Say goodbye. Never raises."""
        if self._server is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                self._server.logout()
        self.drop()

    def drop(self) -> None:
        """Hang up, whatever is going on: from any thread. Idempotent."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError, AttributeError):  # without a socket: it never connected
                server.sock.shutdown(socket.SHUT_RDWR)
            with suppress(OSError, AttributeError):
                server.shutdown()

    def _search(self, criteria: str) -> list[int]:
        _, found = self._uid("SEARCH", criteria)
        text = b" ".join(part for part in found if isinstance(part, bytes))
        return sorted({int(one) for one in text.split() if one.isdigit()})

    def _uid(self, command: str, *given: str) -> tuple[str, list[Any]]:
        server = self._there()
        said, found = self._asked(lambda: server.uid(command, *given))
        if said != "OK":
            raise MailboxAwayError(f"{command} is answered {said}")
        return said, found

    def _there(self) -> imaplib.IMAP4:
        if self._server is None:
            raise MailboxAwayError("hung up")
        return self._server

    def _asked(self, ask: Callable[[], Any]) -> Any:
        if isinstance(self._server, _Bounded):
            self._server.heard = 0
        try:
            return ask()
        except ssl.SSLCertVerificationError as error:
            raise MailboxCertificateError(str(error.verify_message)) from error
        except (imaplib.IMAP4.error, OSError, ValueError, IndexError, TypeError) as error:
            raise MailboxAwayError(type(error).__name__) from error

    @staticmethod
    def _number(said: Sequence[Any]) -> int | None:
        text = said[-1] if said else None
        found = re.search(rb"\d+", text) if isinstance(text, bytes) else None
        return int(found[0]) if found else None


def _line_within(server: imaplib.IMAP4, seconds: float) -> bytes | None:
    """A line; null when none comes in time, after which the connection cannot be read."""
    server.sock.settimeout(seconds)
    try:
        return server.readline()
    except TimeoutError:
        return None


def _bearing(access: MailboxAccess) -> Callable[[bytes], bytes]:
    """Google's XOAUTH2: the token once; to why it was refused, nothing, and the server says NO."""
    said = iter([f"user={access.user}\1auth=Bearer {access.bearer}\1\1".encode()])
    return lambda _: next(said, b"")


class _Bounded(imaplib.IMAP4):
    """Connects to checked addresses under the host's own name, and hears so much an answer."""

    def __init__(
        self, access: MailboxAccess, addresses: Sequence[str], tls: ssl.SSLContext, *, limit: int
    ) -> None:
        self.heard = 0
        self._addresses = addresses
        self._wrap = tls if access.security == "tls" else None
        self._limit = limit
        super().__init__(access.host, access.port, timeout=ANSWER_S)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        for address in self._addresses:
            try:
                plain = socket.create_connection((address, self.port), timeout)
            except OSError:
                if address == self._addresses[-1]:
                    raise
                continue
            return self._wrap.wrap_socket(plain, server_hostname=self.host) if self._wrap else plain
        raise OSError("no address")

    def read(self, size: int) -> bytes:
        self._count(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._count(len(line))
        return line

    def _count(self, size: int) -> None:
        self.heard += size
        if self.heard > self._limit:
            raise self.abort("the answer is larger than what was asked for")
