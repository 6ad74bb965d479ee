"""Wordings that the client may approve: written by a language model, or said by a caller whose
operator used the entry.

    knowledge changed ──> client waits ──> entries never written for ──> writer ──> proposed
    "used" ──> what the caller said ──> proposed

One task writes, an entry at a time, client after client. Nothing waits for it: a writer that is
away is asked again a while later, and what a stop leaves undone is found again at the next start.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from copilot.store.errors import NotFoundError, StoreError
from copilot.store.learning import OFFERED
from copilot.store.records.learning import SuggestionFeedback
from copilot.store.store import ClientScope, Store
from knowledge.passages import Entry
from knowledge.rewording import WORDINGS, WordingWriter, WritingError, usable
from knowledge.utterance import read

HEARD = "utterance_heard"

logger = logging.getLogger(__name__)

PATIENCE_S = 60.0
"""A writer that takes longer for one entry is away."""
AGAIN_S = 300.0
"""Rest after a writer was found away."""
FEWEST_WORDS = 3
MOST_WORDS = 25
"""Longer than this a caller tells a story."""


class WordingProposer:
    """Owns the task that has wordings written for new entries of FAQs."""

    def __init__(
        self,
        *,
        store: Store,
        writer: WordingWriter,
        now: Callable[[], datetime],
        patience_s: float = PATIENCE_S,
        again_s: float = AGAIN_S,
    ) -> None:
        self._store = store
        self._writer = writer
        self._now = now
        self._patience_s = patience_s
        self._again_s = again_s
        self._waiting: dict[str, None] = {}
        """Clients to look at, in order, each once: never more than there are clients."""
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._asked: set[tuple[str, str, str]] = set()
        """Client, entry and question that the writer had nothing usable for."""

    def look(self, client_id: str) -> None:
        """The client's entries may have changed; returns at once."""
        self._waiting[client_id] = None
        self._idle.clear()
        self._wake.set()

    async def settled(self) -> None:
        """Wait until no client waits."""
        await self._idle.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[WordingProposer]:
        """Write until the end, beginning with what was left undone; an entry begun is left."""
        for client in await self._store.provider.clients():
            self.look(client.id)
        task = asyncio.create_task(self._write_all(), name="wordings")
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _write_all(self) -> None:
        while True:
            if not self._waiting:
                self._wake.clear()
                self._idle.set()
                await self._wake.wait()
            client_id = next(iter(self._waiting))
            del self._waiting[client_id]
            try:
                await self._write_for(client_id)
            except NotFoundError:
                continue  # the client or the entry was removed meanwhile
            except (WritingError, TimeoutError, StoreError) as error:
                logger.warning("wordings of client %s wait: %s", client_id, error or "too slow")
                self._waiting[client_id] = None
                await asyncio.sleep(self._again_s)
            except Exception:
                logger.exception("wordings of client %s cannot be written", client_id)

    async def _write_for(self, client_id: str) -> None:
        scope = self._store.for_client(client_id)
        written = {one.entry_id for one in await scope.wordings() if one.origin == "machine"}
        for entry in await scope.entries():
            told = (client_id, entry.entry_id, entry.question)
            if entry.document_id or entry.entry_id in written or told in self._asked:
                continue
            async with asyncio.timeout(self._patience_s):
                found = await self._writer.write(entry.question, entry.answer, count=WORDINGS)
            if not await self._propose(scope, entry, usable_for(entry, found)):
                self._asked.add(told)

    async def _propose(self, scope: ClientScope, entry: Entry, texts: tuple[str, ...]) -> int:
        if not texts:
            return 0
        return await scope.propose_wordings(
            entry.entry_id, texts, origin="machine", writer=self._writer.name, at=self._now()
        )


def usable_for(entry: Entry, written: Sequence[str]) -> tuple[str, ...]:
    """What may be proposed for an entry, of whatever a writer gave."""
    return usable(written, question=entry.question, known=entry.alternatives)


async def propose_said(
    scope: ClientScope, call_id: str, suggestion_id: str, entry_id: str, *, at: datetime
) -> bool:
    """An operator used an entry: offer the caller's words as one of its wordings.

    Not what is too short or too long to be a question, holds figures, a name or a spelling, had
    something taken out of it, or was offered before. Raises NotFoundError.
    """
    utterance = await _utterance(scope, call_id, suggestion_id)
    if utterance is None or utterance.get("redacted") or utterance["leg"] != "caller":
        return False
    reading = read(utterance["text"])
    acts = reading.acts
    if acts["digits"] or acts["naming"] or acts["spelling"]:
        return False
    if not FEWEST_WORDS <= len(reading.text.split()) <= MOST_WORDS:
        return False
    entry = (await scope.stored_entry(entry_id)).entry
    texts = usable_for(entry, [reading.text])
    if not texts:
        return False
    new = await scope.propose_wordings(entry_id, texts, origin="call", call_id=call_id, at=at)
    return new > 0


async def withdrawn(scope: ClientScope, given: SuggestionFeedback) -> None:
    """What an operator did with an answer is taken back, and with it the wording it proposed,
    unless the answer was used elsewhere in the call. Raises NotFoundError."""
    if not await scope.withdraw_feedback(given) or given.action != "used":
        return
    stands = await scope.feedback(given.call_id)
    if all((one.entry_id, one.action) != (given.entry_id, "used") for one in stands):
        await scope.withdraw_wordings(given.entry_id, given.call_id)


async def _utterance(
    scope: ClientScope, call_id: str, suggestion_id: str
) -> Mapping[str, Any] | None:
    """What a suggestion answered, as its event stands."""
    events = await scope.events_since(call_id)
    offered = {
        event.data["utterance_id"]
        for event in events
        if event.kind == OFFERED and event.data["suggestion_id"] == suggestion_id
    }
    heard = [
        event.data
        for event in events
        if event.kind == HEARD and event.data["utterance_id"] in offered
    ]
    return heard[-1] if heard else None
