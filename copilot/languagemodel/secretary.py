"""Has the texts of calls written when they end, and when an operator asks.

Nothing waits for it: the extractive draft is there before, and stays. What it proposes enters the
call's log, and is nothing until the operator takes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from copilot.codec import CodecError, event_of
from copilot.drafting.draft import Turn
from copilot.events import CallAnswered, Event, UtteranceHeard
from copilot.journal import CallLog, Journal
from copilot.languagemodel.grounds import Said
from copilot.languagemodel.writing import CallTexts, judged, question_about
from copilot.messagedraft import MessageDraft
from copilot.messageevents import WritingChanged
from copilot.store.records.calls import StoredEvent
from copilot.store.records.clients import ClientSheet
from copilot.store.store import Store
from models.languagemodel.chat import ChatModel
from models.languagemodel.errors import BusyError, LanguageModelError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

logger = logging.getLogger(__name__)

MOST_CALLS = 64
"""Calls whose texts are being written or wait for it; the next goes without, and says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedCall:
    """What is needed of a call to write about it."""

    log: CallLog
    draft: MessageDraft
    sheet: ClientSheet
    ringing_at: datetime


class Secretary:
    """Writes about calls, a few at once, within the limits of its model."""

    def __init__(
        self, *, model: ChatModel, store: Store, journal: Journal, executor: Executor
    ) -> None:
        """What was written is judged in `executor`."""
        self._model = model
        self._store = store
        self._journal = journal
        self._executor = executor
        self._writing: dict[str, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Secretary]:
        """On leaving, what is not written yet is left unwritten."""
        try:
            yield self
        finally:
            unwritten = list(self._writing.values())
            for task in unwritten:
                task.cancel()
            await asyncio.gather(*unwritten, return_exceptions=True)

    def write(self, call: EndedCall) -> None:
        """Begin to write about a call, unless that has begun. Never waits."""
        call_id = call.log.call_id
        if call_id in self._writing:
            return
        if len(self._writing) >= MOST_CALLS:
            self._tell_failure(call.log, BusyError("too many calls wait"))
            return
        task = asyncio.create_task(self._write(call), name=f"write-{call_id}")
        self._writing[call_id] = task
        task.add_done_callback(lambda _: self._writing.pop(call_id, None))

    async def _write(self, call: EndedCall) -> None:
        log = call.log
        log.tell(WritingChanged(**log.stamp(), state="writing", model=self.model))
        try:
            await self._journal.kept(timeout_s=5.0)
            events = await self._store.for_client(log.client_id).events_since(log.call_id)
            said = said_on(call, events)
            if not any(turn.speaker == "caller" for turn in said.turns):
                log.tell(WritingChanged(**log.stamp(), state="written", model=self.model))
                return
            written = await self._model.ask(question_about(said), CallTexts)
            loop = asyncio.get_running_loop()
            kept = await loop.run_in_executor(self._executor, judged, written, said)
        except LanguageModelError as error:
            logger.warning("no text was written about call %s: %s", log.call_id, error.code)
            self._tell_failure(log, error)
        except Exception as error:
            logger.exception("no text was written about call %s", log.call_id)
            self._tell_failure(log, error)
        else:
            log.tell(
                WritingChanged(
                    **log.stamp(),
                    state="written",
                    texts=kept.texts,
                    rejected=kept.rejected,
                    model=self.model,
                )
            )

    @property
    def model(self) -> str:
        """Which model writes, for people."""
        return self._model.endpoint.model

    @property
    def state(self) -> Literal["ready", "unavailable"]:
        """Unavailable after failures in a row, until the model works again."""
        return self._model.state

    def _tell_failure(self, log: CallLog, error: Exception) -> None:
        code = error.code if isinstance(error, LanguageModelError) else "writing_failed"
        log.tell(WritingChanged(**log.stamp(), state="failed", model=self.model, failure=code))


def said_on(call: EndedCall, stored: Sequence[StoredEvent]) -> Said:
    """The call as a model is told of it."""
    events = told(stored)
    utterances: dict[str, UtteranceHeard] = {
        event.utterance_id: event for event in events if isinstance(event, UtteranceHeard)
    }
    in_order = sorted(utterances.values(), key=lambda one: one.start_s)
    operators = (event.operator_name for event in events if isinstance(event, CallAnswered))
    settings = call.sheet.client.settings
    return Said(
        turns=tuple(
            Turn(speaker=one.leg, text=one.text, utterance_id=one.utterance_id)
            for one in in_order
            if one.text
        ),
        heard=tuple(one.heard for one in in_order if one.heard != one.text and not one.redacted),
        fields=values_of(call.draft),
        at=call.ringing_at.astimezone(ZoneInfo(settings.time_zone)),
        client=call.sheet.client.name,
        language=settings.written_in,
        people=(*(contact.name for contact in call.sheet.contacts), *operators),
    )


def values_of(draft: MessageDraft) -> Mapping[str, str | None]:
    """The message as it stands."""
    return {field.name: field.value for field in draft.fields()}


def told(stored: Sequence[StoredEvent]) -> list[Event]:
    """The events of a log; those of another version of the service are left out."""
    events = []
    for one in stored:
        try:
            event = event_of(
                kind=one.kind, call_id=one.call_id, seq=one.seq, at=one.at, data=one.data
            )
        except CodecError:
            continue
        events.append(event)
    return events
