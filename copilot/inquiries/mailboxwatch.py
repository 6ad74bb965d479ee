"""Waiting at mailboxes' servers for what comes (IDLE, RFC 2177), so that it is read at once.

A session that has read its folder stays there, in a thread of its own, until the server says that
something came, or `WAIT_S` are over. It reads nothing itself: it only says that a reading is due.
What it misses (a server that does not tell, a process that dies) the safety poll reads.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from copilot.inquiries.imap import ImapSession, MailboxError
from copilot.store.records.mailboxes import Mailbox

logger = logging.getLogger(__name__)

SAFETY_S = 300.0
"""Between two readings of a mailbox that is waited at."""
WAIT_S = SAFETY_S - 10.0
"""One wait: shorter than the half hour servers allow, and than what routers forget."""
MOST_WATCHED = 32
"""Mailboxes of one process; further ones are polled."""

Ended = Literal["news", "lost"]


class MailboxWatch:
    """The sessions that wait. Close it when done."""

    def __init__(
        self,
        ended: Callable[[Mailbox, Ended], Awaitable[None]],
        *,
        most: int = MOST_WATCHED,
        wait_s: float = WAIT_S,
    ) -> None:
        """`ended` is told when there are letters to read (`news`), or when the server went away
        (`lost`); not when a wait was simply over."""
        self._ended = ended
        self._most = most
        self._wait_s = wait_s
        self._waiting: dict[str, ImapSession] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="mailbox-watch")

    @property
    def has_room(self) -> bool:
        return len(self._tasks) < self._most

    def begin(self, mailbox: Mailbox, session: ImapSession) -> None:
        """Wait at this mailbox; the session is the watch's from now on."""
        self.forget(mailbox.id)
        self._waiting[mailbox.id] = session
        task = asyncio.create_task(self._wait(mailbox, session), name="mailbox-watch")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget(self, mailbox_id: str) -> None:
        """Its access changed, or it is read no more: hang up. Idempotent."""
        if session := self._waiting.pop(mailbox_id, None):
            session.drop()

    async def close(self) -> None:
        """Hang up everywhere."""
        for mailbox_id in list(self._waiting):
            self.forget(mailbox_id)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _wait(self, mailbox: Mailbox, session: ImapSession) -> None:
        loop = asyncio.get_running_loop()
        ended: Ended | None = None
        try:
            if await loop.run_in_executor(self._threads, session.wait_for_news, self._wait_s):
                ended = "news"
        except MailboxError as error:
            ended = "lost"
            logger.info("the mailbox %s is no longer waited at: %s", mailbox.id, error)
        finally:
            session.drop()
        if self._waiting.get(mailbox.id) is not session:
            return  # forgotten, or waited at by another session
        del self._waiting[mailbox.id]
        if ended is not None:
            await self._ended(mailbox, ended)
