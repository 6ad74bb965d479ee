"""Drafting what was written: the client's answers to it, the message filled in, as for a call.

What waits is in the database: a process that dies leaves it to the next, once its lease is over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from copilot.cards import card
from copilot.codec import kind_of
from copilot.drafting.draft import Draft, FieldValue, Turn
from copilot.events import SuggestionOffered, Trouble, UtteranceHeard
from copilot.guide import guide_for
from copilot.inquiries.forms import told
from copilot.inquiries.intake import HEADER_ID
from copilot.journal import CallLog, Journal
from copilot.messagedraft import MessageDraft
from copilot.reception.assistance import Assistance, profile
from copilot.store.errors import NotFoundError, StoreError
from copilot.store.records.clients import ClientSheet
from copilot.store.records.inquiries import Inquiry
from copilot.store.store import Store

logger = logging.getLogger(__name__)

LEASE_S = 120.0
LONGEST_SLEEP_S = 15.0
CONTEXT = 2
"""Paragraphs before that a follow-up is read with."""
UTTERANCE = kind_of(UtteranceHeard)


class Preparer:
    """Drafts what waits, one after the other. Use as `async with Preparer(...)`."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        assistance: Assistance,
        *,
        now: Callable[[], datetime],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed` is told when something was drafted; it must not block."""
        self._store = store
        self._journal = journal
        self._assistance = assistance
        self._now = now
        self._changed = changed
        self._work = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Something was kept: look now."""
        self._work.set()

    async def __aenter__(self) -> Preparer:
        self._task = asyncio.create_task(self._run(), name="prepare-inquiries")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._work.clear()
            try:
                if await self.prepare_next():
                    continue
            except StoreError:
                logger.exception("drafting of what was written waits: no database")
            except Exception:  # whatever it is, the next is drafted; this one when its lease ends
                logger.exception("drafting of what was written waits after an unexpected error")
            try:
                async with asyncio.timeout(LONGEST_SLEEP_S):
                    await self._work.wait()
            except TimeoutError:
                continue

    async def prepare_next(self) -> bool:
        """Draft one; false when nothing waits. Raises `StoreError`."""
        claimed = await self._store.inquiries.claim_unprepared(at=self._now(), lease_s=LEASE_S)
        if claimed is None:
            return False
        client_id, call_id = claimed
        try:
            await self._prepare(client_id, call_id)
        except NotFoundError:
            return True  # forgotten meanwhile
        await self._store.inquiries.mark_prepared(client_id, call_id, at=self._now())
        self._changed()
        return True

    async def _prepare(self, client_id: str, call_id: str) -> None:
        scope = self._store.for_client(client_id)
        inquiry = await scope.inquiry(call_id)
        call = await scope.call(call_id)
        sheet = await scope.sheet(inquiry.received_at)
        stored = await scope.events_since(call_id)
        turns = [
            Turn(speaker="caller", text=one.data["text"], utterance_id=one.data["utterance_id"])
            for one in stored
            if one.kind == UTTERANCE and one.data["utterance_id"] != HEADER_ID
        ]
        log = await self._journal.reopen(client_id, call_id)
        try:
            await self._suggest(log, turns, subject=inquiry.subject)
            await self._draft(log, turns, inquiry, call.caller_number, sheet)
        except StoreError:
            raise
        except Exception as error:  # it stays in the list, to be read without help
            logger.exception("nothing could be drafted of %s", call_id)
            log.tell(
                Trouble(**log.stamp(), part="drafting", code="draft_failed", detail=str(error))
            )

    async def _suggest(self, log: CallLog, turns: Sequence[Turn], *, subject: str) -> None:
        loop = asyncio.get_running_loop()
        prompter = await self._assistance.prompter(log.client_id)
        asked = [*turns]
        if subject and not asked:
            asked = [Turn(speaker="caller", text=subject, utterance_id=HEADER_ID)]
        before: list[str] = [subject] if subject else []
        offered: set[str] = set()
        for turn in asked:
            decide = partial(prompter.decide, turn.text, previous=before[-CONTEXT:])
            decision = await loop.run_in_executor(self._assistance.executor, decide)
            before.append(turn.text)
            if decision.unanswered:
                self._assistance.missed(log.client_id, log.call_id, turn)
            shown = [hit for hit in decision.shown if hit.entry.entry_id not in offered]
            if not shown:
                continue
            offered.update(hit.entry.entry_id for hit in shown)
            log.tell(
                SuggestionOffered(
                    **log.stamp(),
                    suggestion_id=f"s-{turn.utterance_id}",
                    utterance_id=turn.utterance_id,
                    cards=tuple(card(hit, log.client_id) for hit in shown),
                    alternatives=tuple(card(hit, log.client_id) for hit in decision.alternatives),
                )
            )

    async def _draft(
        self,
        log: CallLog,
        turns: Sequence[Turn],
        inquiry: Inquiry,
        phone: str | None,
        sheet: ClientSheet,
    ) -> None:
        zone = ZoneInfo(sheet.client.settings.time_zone)
        at = inquiry.received_at.astimezone(zone)
        form = told(turns)
        heard = form.said or [Turn(speaker="caller", text=inquiry.subject, utterance_id=HEADER_ID)]

        def draft() -> Draft:
            drafter = self._assistance.open_drafter(client=profile(sheet), at=at)
            drafted = Draft()
            for turn in heard:
                drafted = drafter.hear(turn)
            return drafted

        loop = asyncio.get_running_loop()
        drafted = await loop.run_in_executor(self._assistance.executor, draft)
        message = MessageDraft(log, guide=guide_for(sheet))
        filled = replace(drafted, fields={**drafted.fields, **form.fields})
        message.heard(with_sender(filled, inquiry, phone), heard[-1])


def with_sender(draft: Draft, inquiry: Inquiry, phone: str | None) -> Draft:
    """What the letter or the form says of who writes.

    Where to answer is where the letter came from, whatever addresses its text has; a name unless
    the text says for sure who writes, since letters name many people; the rest only where the text
    does not say otherwise.
    """
    known = {
        "email": (inquiry.sender, 0.95),
        "caller_name": (inquiry.sender_name, 0.7),
        "phone": (phone, 0.95),
        "reason": (inquiry.subject, 0.6),
    }
    fields = {
        name: FieldValue(value=value, confidence=confidence, utterance_id=HEADER_ID)
        for name, (value, confidence) in known.items()
        if value and (name == "email" or not _is_said(name, draft.fields.get(name), confidence))
    }
    return replace(draft, fields={**draft.fields, **fields})


def _is_said(name: str, read: FieldValue | None, confidence: float) -> bool:
    """Whether the text's own word counts: of names, a whole one that it is sure of."""
    if read is None or name != "caller_name":
        return read is not None
    return read.confidence > confidence and " " in read.value.strip()
