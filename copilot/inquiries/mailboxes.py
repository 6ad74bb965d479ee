"""Clients' own mailboxes: what is written there comes in like what is sent here.

    claim ──> examine ──> letters after the last one ──> intake (durable) ──> place kept ──> next

Once read, a mailbox is waited at where its server tells of what comes (`mailboxwatch`), else it is
polled.

Nothing is changed in the mailbox. A reader may die anywhere: a letter taken twice is kept once (its
Message-ID), one that was not taken is read again. What is nobody's inquiry stays where it is, and
the client's page says which and why.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from copilot.inquiries.automatic import answered_by_a_machine, sent_to_many
from copilot.inquiries.imap import (
    ImapSession,
    MailboxAccess,
    MailboxAwayError,
    MailboxConsentError,
    MailboxError,
    MailboxPlaceError,
    MailboxRefusedError,
    Security,
)
from copilot.inquiries.letter import Letter, UnreadableLetterError, read_letter
from copilot.inquiries.mailboxconsent import MailboxTokens, provider_of
from copilot.inquiries.mailboxwatch import SAFETY_S, Ended, MailboxWatch
from copilot.store.errors import NotFoundError, StoreError
from copilot.store.mailboxes import MOST_ASIDE
from copilot.store.records.mailboxes import FOR_PEOPLE, AsideLetter, Mailbox, WhyAside

if TYPE_CHECKING:
    from copilot.store.store import Store

logger = logging.getLogger(__name__)

POLL_S = 60.0
LONGEST_PAUSE_S = 3600.0
"""Between two tries of a mailbox that cannot be read."""
LEASE_S = 180.0
READING_S = 150.0
"""One reading; what is left is read in the next. Less than the lease."""
MOST_LETTERS = 50
"""In one reading."""
LOOK_BACK = timedelta(days=7)
"""Read again when a folder's identifiers start afresh: what is known is kept once."""
AT_ONCE = 4
"""Mailboxes read at the same time: one that hangs holds up no other."""
LONGEST_SLEEP_S = 15.0

T = TypeVar("T")
Take = Callable[[str, str, Letter], Awaitable[object]]
"""(client, address, letter): durable when it returns; the same letter once."""


class BadMailboxError(ValueError):
    """An access that cannot be one; the message says which part."""

    code = "bad_mailbox"


class _LostClaimError(Exception):
    """Another reader has the mailbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxDoor:
    """Where mailboxes may be, and what is taken from them."""

    most_bytes: int
    """Of one letter."""
    permits: Callable[[str], bool]
    """Whether an address may be connected to."""
    tls: ssl.SSLContext | None = None
    """Whose certificates are trusted; null: the usual authorities'."""

    async def addresses(self, access: MailboxAccess) -> list[str]:
        """The host's, each fit to be connected to. Raises `MailboxError`."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(access.host, access.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise MailboxAwayError("no such name") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not all(self.permits(one) for one in addresses):
            raise MailboxPlaceError("a private address")
        if access.security == "none" and any(
            ipaddress.ip_address(one.partition("%")[0]).is_global for one in addresses
        ):
            raise MailboxPlaceError("in clear over the Internet")
        return addresses


def access_of(given: dict[str, str]) -> MailboxAccess:
    """Raises `BadMailboxError`."""
    host, user = given.get("host", "").strip().lower(), given.get("user", "").strip()
    security, port = given.get("security", "tls"), given.get("port", "")
    if not re.fullmatch(r"[\w.-]{1,200}|[0-9a-f:.]{2,45}", host):
        raise BadMailboxError("the server (imap.example.fr)")
    if security not in get_args(Security):
        raise BadMailboxError("the security: tls, starttls or none")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise BadMailboxError("the port (993)")
    password = given.get("password", "")
    if not user or not (password or given.get("refresh_token")):
        raise BadMailboxError("the user and the password")
    folder = given.get("folder", "").strip() or "INBOX"
    if any(ord(sign) < 32 or ord(sign) > 126 for sign in folder):
        raise BadMailboxError("the folder, in plain letters (INBOX)")
    if any(sign in user + password for sign in "\0\r\n"):
        raise BadMailboxError("the user and the password: on one line")
    return MailboxAccess(
        host=host,
        port=int(port),
        security=security,  # type: ignore[arg-type]  # one of them: checked above
        user=user,
        password=password,
        folder=folder,
    )


class MailboxReader:
    """Reads mailboxes that are due. Use as `async with`; any number of processes may run one."""

    def __init__(
        self,
        store: Store,
        door: MailboxDoor,
        take: Take,
        *,
        now: Callable[[], datetime],
        tokens: MailboxTokens | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`tokens`: for mailboxes read by consent; null where the house has no application.
        `changed` is told when one can no longer be read, or can again; it must not block."""
        self._store = store
        self._door = door
        self._tokens = tokens
        self._changed = changed
        self._take = take
        self._now = now
        self._work = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._watch: MailboxWatch | None = None
        """While it runs."""
        self._threads = ThreadPoolExecutor(AT_ONCE + 1, thread_name_prefix="mailbox")

    def wake(self) -> None:
        """A mailbox was added or changed: look now."""
        self._work.set()

    def forget(self, mailbox_id: str) -> None:
        """A mailbox was changed or removed: its old access is used no longer."""
        if self._watch is not None:
            self._watch.forget(mailbox_id)
        self._changed()

    async def __aenter__(self) -> MailboxReader:
        self._watch = MailboxWatch(self._watched)
        self._tasks = [
            asyncio.create_task(self._run(), name=f"mailboxes-{n}") for n in range(AT_ONCE)
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        """At once: what was taken is kept, the rest is read by the next."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._watch is not None:
            await self._watch.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def trial(self, mailbox: Mailbox) -> str | None:
        """Sign in and look; the code of what is wrong, null when nothing is."""
        try:
            async with asyncio.timeout(READING_S):
                session = await self._session(mailbox)
        except MailboxError as error:
            return error.code
        except TimeoutError:
            return MailboxAwayError.code
        await self._threaded(session.close)
        return None

    async def read_due(self) -> bool:
        """Read one mailbox that is due; false when none is. Raises `StoreError`."""
        mailbox = await self._store.mailboxes.claim(at=self._now(), lease_s=LEASE_S)
        if mailbox is None:
            return False
        try:
            async with asyncio.timeout(READING_S):
                await self._read(mailbox)
        except (MailboxError, TimeoutError) as error:
            code = error.code if isinstance(error, MailboxError) else MailboxAwayError.code
            logger.warning("the mailbox %s cannot be read (%s): %s", mailbox.id, code, error)
            await self._failed(mailbox, code)
        except _LostClaimError:
            logger.warning("the mailbox %s is another reader's by now", mailbox.id)
        return True

    async def _failed(self, claimed: Mailbox, code: str) -> None:
        """Say why, and try again later each time. How far it came is kept already."""
        scope = self._store.for_client(claimed.client_id)
        try:
            kept = await scope.mailbox(claimed.id)
        except NotFoundError:  # removed meanwhile
            return
        failures = claimed.failures + 1
        failed = replace(kept, claim=claimed.claim, fault=code, failures=failures)
        pause_s = min(POLL_S * 2 ** min(failures - 1, 10), LONGEST_PAUSE_S)
        await scope.settle_mailbox(failed, next_at=self._now() + timedelta(seconds=pause_s))
        if code != claimed.fault or failures == FOR_PEOPLE:
            self._changed()

    async def _run(self) -> None:
        while True:
            self._work.clear()
            try:
                busy = await self.read_due()
            except StoreError:
                logger.exception("mailboxes wait: the database does not answer")
                busy = False
            except Exception:  # whatever it is, the other mailboxes are read
                logger.exception("mailboxes wait after an unexpected error")
                busy = False
            if not busy:
                await self._sleep()

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(LONGEST_SLEEP_S):
                await self._work.wait()
        except TimeoutError:
            return

    async def _watched(self, mailbox: Mailbox, ended: Ended) -> None:
        """Read it now; one whose server hung up not sooner than if it were polled."""
        at = self._now()
        if ended == "lost" and mailbox.read_at is not None:
            at = max(at, mailbox.read_at + timedelta(seconds=POLL_S))
        try:
            await self._store.for_client(mailbox.client_id).hasten_mailbox(mailbox.id, at=at)
        except StoreError:
            logger.exception("a mailbox is read by the safety poll: the database does not answer")
        self._work.set()

    async def _read(self, mailbox: Mailbox) -> None:
        """Take in what came since, then wait for what comes. Raises `MailboxError`."""
        session = await self._session(mailbox)
        watched = False
        try:
            mailbox, uids = await self._waiting(session, mailbox)
            for uid in uids:
                content = await self._threaded(session.content, uid)
                aside = await self._taken(mailbox, content)
                mailbox = replace(
                    mailbox,
                    last_uid=max(uid, mailbox.last_uid),
                    aside=(*aside, *mailbox.aside)[:MOST_ASIDE],
                )
                await self._keep_place(mailbox)
            mended = mailbox.fault is not None
            mailbox = replace(mailbox, fault=None, failures=0, read_at=self._now())
            may = len(uids) < MOST_LETTERS and await self._may_watch(session)
            await self._settle(mailbox, in_s=SAFETY_S if may else POLL_S)
            if mended:
                self._changed()
            if may and self._watch is not None:
                self._watch.begin(mailbox, session)
                watched = True
            else:
                await self._threaded(session.close)
        finally:
            if not watched:
                session.drop()  # a thread that still waits for an answer is let go

    async def _may_watch(self, session: ImapSession) -> bool:
        if self._watch is None or not self._watch.has_room:
            return False
        return await self._threaded(session.can_wait)

    async def _settle(self, mailbox: Mailbox, *, in_s: float) -> None:
        scope = self._store.for_client(mailbox.client_id)
        if not await scope.settle_mailbox(mailbox, next_at=self._now() + timedelta(seconds=in_s)):
            raise _LostClaimError

    async def _waiting(
        self, session: ImapSession, mailbox: Mailbox
    ) -> tuple[Mailbox, Sequence[int]]:
        """The letters to read now, and the mailbox with the place to read on from."""
        standing = session.standing
        if mailbox.validity is None:  # the first time: what comes from now on
            return replace(mailbox, validity=standing.validity, last_uid=standing.next_uid - 1), []
        if mailbox.validity == standing.validity:
            return mailbox, (await self._threaded(session.uids_after, mailbox.last_uid))[
                :MOST_LETTERS
            ]
        day = (self._now() - LOOK_BACK).date()
        recent = await self._threaded(session.uids_since, day)
        begun = min(recent, default=standing.next_uid) - 1
        afresh = replace(mailbox, validity=standing.validity, last_uid=begun)
        return afresh, recent[:MOST_LETTERS]

    async def _taken(self, mailbox: Mailbox, content: bytes | None) -> Sequence[AsideLetter]:
        """Nothing once it is kept; else the letter that is left aside. Raises `StoreError`."""
        if content is None:
            return [self._aside(None, "too_large")]
        try:
            letter = await self._threaded(read_letter, content)
        except UnreadableLetterError:
            return [self._aside(None, "unreadable")]
        if why := _nobodys(letter):
            return [self._aside(letter, why)]
        await self._take(mailbox.client_id, mailbox.address, letter)
        return []

    def _aside(self, letter: Letter | None, why: WhyAside) -> AsideLetter:
        return AsideLetter(
            at=self._now().isoformat(),
            sender=letter.sender if letter else "",
            subject=letter.subject if letter else "",
            why=why,
        )

    async def _keep_place(self, mailbox: Mailbox) -> None:
        scope = self._store.for_client(mailbox.client_id)
        until = self._now() + timedelta(seconds=LEASE_S)
        if not await scope.keep_mailbox_place(mailbox, until=until):
            raise _LostClaimError

    async def _session(self, mailbox: Mailbox) -> ImapSession:
        try:
            access = access_of(dict(mailbox.access))
        except BadMailboxError as error:
            raise MailboxPlaceError(str(error)) from error
        addresses = await self._door.addresses(access)
        provider = provider_of(mailbox)
        if provider is None:
            return await self._opened(access, addresses)
        if self._tokens is None:
            raise MailboxConsentError(f"the house has no application at {provider}")
        bearer = await self._tokens.bearer(provider, mailbox)
        try:
            return await self._opened(replace(access, bearer=bearer), addresses)
        except MailboxRefusedError:  # its time may be over before it was said to be
            bearer = await self._tokens.bearer(provider, mailbox, other_than=bearer)
        try:
            return await self._opened(replace(access, bearer=bearer), addresses)
        except MailboxRefusedError as error:
            raise MailboxConsentError("a fresh token is refused") from error

    async def _opened(self, access: MailboxAccess, addresses: Sequence[str]) -> ImapSession:
        def opened() -> ImapSession:
            return ImapSession(
                access, addresses, most_bytes=self._door.most_bytes, tls=self._door.tls
            )

        opening = self._threads.submit(opened)
        try:
            return await asyncio.wrap_future(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_hang_up)  # it connects after we have gone
            raise

    async def _threaded(self, work: Callable[..., T], *given: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: work(*given))


def _hang_up(opening: Future[ImapSession]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().drop()


def _nobodys(letter: Letter) -> WhyAside | None:
    """Why a letter is no inquiry; null when it may be one."""
    returned = letter.headers.get("return-path", letter.sender)
    if why := answered_by_a_machine(letter, returned):
        return why
    if sent_to_many(letter):
        return "bulk"
    return None if letter.text or letter.files else "empty"
