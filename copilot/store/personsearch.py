"""Where somebody is named, in everything that is kept for a client.

Every table of a client's is in `PLACES` or in `NAMES_NOBODY`: a test says so, and that no sealed
column is left out. Looked at here and not by the database: SQLite folds no accents, what is sealed
it cannot read, and numbers that people type have many forms. A request for one's data is rare.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.calls import call_of, call_query
from copilot.store.numbering import e164
from copilot.store.past import asked_for, was_said
from copilot.store.records.calls import Call
from copilot.store.records.mailboxes import AsideLetter
from copilot.store.scope import Scoped
from copilot.store.tables.agenda import (
    agendas,
    appointment_cells,
    appointment_notices,
    appointments,
    calendar_accounts,
)
from copilot.store.tables.calls import call_events, call_names, calls, drafts
from copilot.store.tables.clients import (
    client_numbers,
    consigne_versions,
    consignes,
    consignes_seen,
    contacts,
    sounds,
)
from copilot.store.tables.inquiries import (
    inlets,
    inquiries,
    inquiry_files,
    mailboxes,
    message_replies,
)
from copilot.store.tables.keys import client_keys
from copilot.store.tables.knowledge import (
    documents,
    entries,
    files,
    import_jobs,
    knowledge_changes,
    knowledge_versions,
)
from copilot.store.tables.knowncallers import (
    known_caller_changes,
    known_caller_versions,
    known_callers,
    known_numbers,
)
from copilot.store.tables.learning import entry_wordings, gap_questions, gaps, suggestion_feedback
from copilot.store.tables.messages import escalations, messages, outbox
from copilot.store.tables.push import on_call_browsers, push_subscriptions
from copilot.store.tables.quality import alerts, evaluations, remarks
from copilot.store.tables.recordings import recordings
from copilot.store.tables.training import training_exercises, training_runs
from copilot.store.tables.usage import statements
from knowledge.wording import plain

Kind = Literal[
    "call", "transcript", "recording", "draft", "message", "delivery", "appointment", "inquiry",
    "reply", "remark", "evaluation", "alert", "question", "known_caller", "contact", "consigne",
    "knowledge", "exercise", "training", "history", "import", "agenda", "aside",
]  # fmt: skip

LONGEST = 32
"""Characters of what can be a telephone number and nothing else."""
AT_ONCE = 1000
"""Rows opened before others have their turn."""
LABEL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A table whose rows may name somebody."""

    kind: Kind
    table: Table
    columns: tuple[str, ...]
    """Where."""
    subject: str
    """What a row is about: `call_id`, what leads to one, or a thing of its own."""
    label: str = ""
    """The column that says which thing; empty for what is about a call."""
    parts: Callable[[Mapping[str, Any]], Iterable[Mapping[str, Any]]] = lambda row: (row,)
    """What is a thing of its own in a row."""


def _about_call(kind: Kind, table: Table, *columns: str, by: str = "call_id") -> Place:
    return Place(kind=kind, table=table, columns=columns, subject=by)


def _itself(kind: Kind, table: Table, *columns: str, by: str = "id", label: str = "") -> Place:
    return Place(kind=kind, table=table, columns=columns, subject=by, label=label or columns[0])


def _asides(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Letters left aside in a mailbox, each by its identifier."""
    for one in row["aside"]:
        letter = AsideLetter(**one)
        yield {"id": letter.id, "aside": one, "label": f"{letter.sender} – {letter.subject}"}


PLACES = (
    _about_call("call", calls, "caller_number", "caller_name", "forwarded_from", by="id"),
    _about_call("draft", drafts, "fields"),
    _about_call("message", messages, "fields", "note", "acknowledged_by_name"),
    _about_call("delivery", outbox, "recipient", by="message_id"),
    _about_call("delivery", escalations, "rungs", "ended_by", by="message_id"),
    _about_call("appointment", appointments, "person", "visit_name", "practitioner_name"),
    _about_call("appointment", appointment_notices, "recipient", by="appointment_id"),
    _about_call("inquiry", inquiries, "sender", "sender_name", "subject", "reference", "reply"),
    _about_call("inquiry", inquiry_files, "name"),
    _about_call("reply", message_replies, "sender", "text"),
    _about_call("remark", remarks, "text"),
    _about_call("evaluation", evaluations, "comment"),
    _about_call("alert", alerts, "words"),
    _about_call("question", gap_questions, "text"),
    _itself("knowledge", entry_wordings, "text", by="entry_id"),
    _itself("known_caller", known_callers, "name", "company", "emails", "note", "consigne"),
    _itself("known_caller", known_numbers, "number", by="caller_id"),
    _itself("known_caller", known_caller_changes, "before", "after", by="caller_id", label="-"),
    _itself("history", known_caller_versions, "label", by="number"),
    _itself("contact", contacts, "name", "role", "email", "phone"),
    _itself("consigne", consignes, "title", "body"),
    _itself("history", consigne_versions, "label", "before", "after", by="number"),
    _itself("knowledge", entries, "question", "answer", "alternatives", "note"),
    _itself("history", knowledge_versions, "label", by="number"),
    _itself("history", knowledge_changes, "before", "after", by="number", label="entry_id"),
    _itself("import", import_jobs, "name", "incoming", "summary"),
    _itself("import", documents, "name"),
    _itself("import", files, "file_name"),
    _itself("exercise", training_exercises, "title", "body"),
    _itself("training", training_runs, "title", "operator_name", "fields", "score"),
    _itself("agenda", agendas, "rules", by="client_id", label="-"),
    _itself("agenda", calendar_accounts, "name"),
    _itself("inquiry", mailboxes, "address", "access"),
    Place(
        kind="aside",
        table=mailboxes,
        columns=("aside",),
        subject="id",
        label="label",
        parts=_asides,
    ),
    _itself("agenda", inlets, "name", "value", by="value"),
)
"""What each table's rows may say of somebody, by columns."""

NAMES_NOBODY: Mapping[Table, str] = {
    call_events: "looked in by the tokens of its words",
    recordings: "sound: it goes with its call",
    client_keys: "keys",
    client_numbers: "the company's own numbers",
    call_names: "names of calls in other software",
    suggestion_feedback: "what was done with a suggestion",
    gaps: "only what gathers questions",
    consignes_seen: "which operator saw which version",
    sounds: "the company's announcements",
    appointment_cells: "moments that are taken",
    statements: "sums of a month",
    push_subscriptions: "browsers of people who sign in",
    on_call_browsers: "browsers of people on call: they go with their entry on the list",
}
"""The other tables, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Whom to look for: what is not null, any of it."""

    phone: str | None = None
    """E.164."""
    email: str | None = None
    """In lower case."""
    words: tuple[str, ...] = ()
    """The name's, folded: all of them."""

    def named_in(self, texts: Sequence[str]) -> bool:
        """Whether one of the texts has the number or the address, or all together the name."""
        if self.phone is not None and any(_has_number(text, self.phone) for text in texts):
            return True
        if self.email is not None and any(self.email in text.lower() for text in texts):
            return True
        if not self.words:
            return False
        folded = plain(" ".join(texts))
        return all(word in folded for word in self.words)

    @property
    def nobody(self) -> bool:
        return self.phone is None and self.email is None and not self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCall:
    """A call that names somebody."""

    call: Call
    places: tuple[Kind, ...]
    """Where in it; `recording` when its sound is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedThing:
    """Something that is not of a call and names somebody."""

    kind: Kind
    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where somebody is named."""

    calls: tuple[NamedCall, ...]
    """The newest first."""
    things: tuple[NamedThing, ...]


class PersonQueries(Scoped):
    """Whatever the client's data say of somebody."""

    async def find_person(self, sought: Sought) -> Found:
        """Calls and other things that name somebody."""
        if sought.nobody:
            return Found(calls=(), things=())
        named: defaultdict[str, set[Kind]] = defaultdict(set)
        things: dict[tuple[Kind, str], NamedThing] = {}
        async with self._database.reading() as connection:
            calls_of = await self._calls_of(connection)
            for place in PLACES:
                async for row in self._parts(connection, place):
                    if not sought.named_in(list(_texts([row[name] for name in place.columns]))):
                        continue
                    subject = str(row[place.subject])
                    if place.label:
                        label = str(row.get(place.label, ""))[:LABEL]
                        thing = NamedThing(kind=place.kind, id=subject, label=label)
                        things.setdefault((place.kind, subject), thing)
                    elif call_id := calls_of.get(subject, subject):
                        named[call_id].add(place.kind)
            for call_id in await self._spoken_of(connection, sought.words):
                named[call_id].add("transcript")
            heard = self._select(recordings, recordings.c.call_id)
            for call_id in (await connection.execute(heard)).scalars():
                if call_id in named:
                    named[call_id].add("recording")
            found = await self._named_calls(connection, named)
        return Found(calls=found, things=tuple(things[key] for key in sorted(things)))

    async def _calls_of(self, connection: AsyncConnection) -> dict[str, str]:
        """The call of each message and of each appointment."""
        leading = {}
        for table in (messages, appointments):
            rows = await connection.execute(self._select(table, table.c.id, table.c.call_id))
            leading.update({row.id: row.call_id for row in rows})
        return leading

    async def _parts(
        self, connection: AsyncConnection, place: Place
    ) -> AsyncIterator[Mapping[str, Any]]:
        async for row in self._rows(connection, place.table):
            for part in place.parts(row):
                yield part

    async def _rows(
        self, connection: AsyncConnection, table: Table
    ) -> AsyncIterator[Mapping[str, Any]]:
        """A table's rows, opened; a part at a time, so that others have their turn."""
        ordered = self._select(table).order_by(*table.primary_key.columns)
        at = 0
        while part := await self._opened(connection, table, ordered.offset(at).limit(AT_ONCE)):
            for row in part:
                yield vars(row)
            at += AT_ONCE

    async def _spoken_of(self, connection: AsyncConnection, words: Sequence[str]) -> set[str]:
        """Calls in which one utterance has all the words."""
        if not (asked := asked_for(words)):
            return set()
        keys = await self._database.vault.keys(connection, self.client_id)
        spoken = self._select(call_events, call_events.c.call_id).where(
            was_said(keys.values(), asked)
        )
        return set((await connection.execute(spoken)).scalars())

    async def _named_calls(
        self, connection: AsyncConnection, named: Mapping[str, set[Kind]]
    ) -> tuple[NamedCall, ...]:
        found: list[Call] = []
        ids = sorted(named)
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            query = call_query().where(calls.c.client_id == self.client_id, calls.c.id.in_(some))
            found += [call_of(row) for row in await connection.execute(query)]
        found.sort(key=lambda call: (call.ringing_at, call.id), reverse=True)
        return tuple(NamedCall(call=call, places=tuple(sorted(named[call.id]))) for call in found)


def _texts(value: object) -> Iterator[str]:
    """Every text of a row, in whatever fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _has_number(text: str, phone: str) -> bool:
    """Whether a text is the number, or has its digits in a row, however they are set apart."""
    if len(text) <= LONGEST and e164(text) == phone:
        return True
    digits = "".join(character for character in text if character.isdecimal())
    national = f"0{phone[3:]}" if phone.startswith("+33") else phone[1:]
    return national in digits or phone[1:] in digits
