"""The JSON of knowledge and consignes; see `web.schemas` for the rules all shapes follow."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from web.schemas import ConsigneView, LocalTime, Problem, Schema

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Wording = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Answer = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Weekday = Annotated[int, Field(ge=1, le=7)]
"""1 is Monday, as in ISO 8601."""


class LinkView(Schema):
    """Something the operator can open: a page, an attachment, the document's place."""

    label: str
    address: str
    """Absolute, or a path of this service."""


class LinkInput(Schema):
    label: Words = ""
    address: str = Field(max_length=2000, pattern=r"^https?://[^\s]+$")


class AttachmentView(Schema):
    id: str
    file_name: str
    media_type: str
    size_bytes: int
    address: str
    """Path that serves it, to the client's people and to operators."""


class EntryContent(Schema):
    """What an entry says, as it is or was in some version."""

    id: str
    question: str
    answer: str
    tags: list[str]
    alternatives: list[str]
    """Other wordings of the question."""
    note: str
    """For the operator alone ("ne pas donner au téléphone")."""
    valid_from: date | None
    """First local day in force."""
    valid_until: date | None
    """Last local day in force."""
    links: list[LinkInput]
    attachments: list[AttachmentView]
    source: str
    """The FAQ, or the document's name."""
    place: str
    """Where in the document: `p. 3 · Tarifs › Dépannage`; empty for the FAQ."""


class EntryView(EntryContent):
    """An entry as it stands."""

    document_id: str | None
    """Null for the FAQ."""
    source_address: str | None
    """Opens the document at the passage's place."""
    version: int
    """To be sent back with an edit or a deletion: 409 when somebody was faster."""
    author: str | None
    """Who wrote it last."""
    revised_at: datetime | None
    in_force: bool
    """Today; only these are offered to operators."""


class EntryInput(Schema):
    question: Question
    answer: Answer
    tags: list[Words] = Field(default=[], max_length=50)
    alternatives: list[Wording] = Field(default=[], max_length=200)
    note: Note = ""
    valid_from: date | None = None
    valid_until: date | None = None
    links: list[LinkInput] = Field(default=[], max_length=20)
    attachments: list[str] = Field(default=[], max_length=20)
    """Ids given by `POST /api/portal/attachments`."""


class EntryEdit(Schema):
    """The fields to change; the others stay."""

    version: int
    question: Question | None = None
    answer: Answer | None = None
    tags: list[Words] | None = Field(default=None, max_length=50)
    alternatives: list[Wording] | None = Field(default=None, max_length=200)
    note: Note | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    links: list[LinkInput] | None = Field(default=None, max_length=20)
    attachments: list[str] | None = Field(default=None, max_length=20)


class ProblemEntry(Schema):
    """One side of a duplicate or of a contradiction."""

    id: str
    question: str
    answer: str
    line: int | None
    """In the file; null when it is in the base already."""


class ReadingProblem(Schema):
    """What could not be read, or deserves a look before applying."""

    code: str
    """`empty_cell`, `long_cell`, `duplicate`, `contradiction`, `same_id`, `bad_date`,
    `instruction` (words that address a language model: kept as data), `script` (dropped),
    `no_text`, `ignored_sheet`, ..."""
    left_out: bool
    """True: not imported. False: imported, have a look."""
    line: int | None
    place: str
    """For people: `l. 12`, `p. 3`, `Feuil1, l. 4`."""
    message: str
    entries: list[ProblemEntry]


class ImportSummary(Schema):
    """What applying would do, or did."""

    token: str
    """To be sent with apply."""
    stale: bool
    """The knowledge changed since: refresh before applying."""
    added: int
    changed: int
    removed: int
    unchanged: int
    problems: list[ReadingProblem]
    """The first 500."""
    problems_total: int


class ImportJob(Schema):
    """An import on its way; it outlives the page, and a restart once it is `ready`."""

    id: str
    name: str
    """The file's name or the page's address."""
    mode: Literal["replace", "merge"]
    """`replace`: what the same source gave before and no longer has is removed. `merge`: nothing
    is removed."""
    state: Literal["reading", "ready", "applied", "failed", "discarded"]
    stage: Literal["waiting", "fetching", "reading", "comparing", "done"]
    done: int
    total: int | None
    """Rows, pages or passages; null while unknown."""
    created_at: datetime
    created_by: str | None
    failure: Problem | None
    summary: ImportSummary | None
    version: int | None
    """The version that applying made; null when it changed nothing or was not applied."""


class AddressImport(Schema):
    address: str = Field(max_length=2000)
    mode: Literal["replace", "merge"] = "replace"


class ApplyImport(Schema):
    token: str = Field(max_length=200)


class EntryChange(Schema):
    kind: Literal["added", "changed", "removed"]
    before: EntryContent | None
    after: EntryContent | None
    fields: list[str]
    """Names of the fields that differ."""


class VersionView(Schema):
    """One change of the knowledge, or of the consignes."""

    number: int
    at: datetime
    by: str | None
    action: Literal["import", "create", "edit", "delete", "undo"]
    label: str
    """The file, the address, or the question."""
    added: int
    changed: int
    removed: int
    unchanged: int
    reversible: bool
    """Whether the state before it can be restored."""


class Undo(Schema):
    latest: int
    """The newest version the person has seen: 409 when there is a newer one."""


class DocumentView(Schema):
    id: str
    name: str
    kind: str
    """`pdf`, `docx`, `html`, `markdown`, `text`."""
    address: str | None
    """Of a web page."""
    source_address: str | None
    """Opens what was imported."""
    passages: int
    size_bytes: int
    imported_at: datetime
    imported_by: str | None


class ConsigneInput(Schema):
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    body: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
    kind: Literal["accueil", "consigne", "transfert", "interdit"] = "consigne"
    topic: Words = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """Exclusive. A date alone is its local midnight on screen."""
    weekdays: list[Weekday] = Field(default=[], max_length=7)
    from_time: LocalTime | None = None
    until_time: LocalTime | None = None
    holidays: Literal["any", "only", "except"] = "any"


class ConsigneEdit(Schema):
    version: int
    title: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
        | None
    ) = None
    body: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] | None = None
    kind: Literal["accueil", "consigne", "transfert", "interdit"] | None = None
    topic: Words | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    weekdays: list[Weekday] | None = Field(default=None, max_length=7)
    from_time: LocalTime | None = None
    until_time: LocalTime | None = None
    holidays: Literal["any", "only", "except"] | None = None


class ConsignesAt(Schema):
    """What operators see at a moment."""

    at: datetime
    greeting: str
    consignes: list[ConsigneView]
    """In force, the most specific first."""
    overruled: list[ConsigneView]
    """In force too, but a more specific one on the same topic is shown instead."""


class ConsigneSeen(Schema):
    version: int
