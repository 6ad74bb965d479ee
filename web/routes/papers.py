"""Papers about personal data, from the settings in force: for the house, and each client's own."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from copilot.accounts import SignedIn
from copilot.privacy.register import assessment, register
from copilot.reporting.documents import Document
from copilot.store.errors import NotFoundError
from copilot.store.records.clients import Client
from web import privacyschemas as schemas
from web.access import Administrator, ClientReader, note, own_scope
from web.filing import file_of
from web.house import House, InHouse
from web.reportschemas import FileFormat

router = APIRouter(tags=["privacy"])

Wanted = Annotated[schemas.Paper, Query()]
ClientId = Annotated[str | None, Query(max_length=64)]


@router.get("/api/admin/privacy")
async def paper(
    person: Administrator, house: InHouse, paper: Wanted, client_id: ClientId = None
) -> schemas.PaperView:
    """The register, of every client or of one; or the impact assessment of one."""
    return _view(_paper(house, person, paper, await _clients(house, client_id)))


@router.get("/api/admin/privacy/file", response_class=Response)
async def paper_file(
    person: Administrator,
    house: InHouse,
    paper: Wanted,
    client_id: ClientId = None,
    kind: FileFormat = "pdf",
) -> Response:
    """The same as a file; audited."""
    clients = await _clients(house, client_id)
    return await _file(house, person, paper, clients, kind)


@router.get("/api/portal/privacy")
async def own_paper(person: ClientReader, house: InHouse, paper: Wanted) -> schemas.PaperView:
    """What concerns one's own company."""
    client = await own_scope(house, person).client()
    return _view(_paper(house, person, paper, (client,)))


@router.get("/api/portal/privacy/file", response_class=Response)
async def own_paper_file(
    person: ClientReader, house: InHouse, paper: Wanted, kind: FileFormat = "pdf"
) -> Response:
    """The same as a file; audited."""
    client = await own_scope(house, person).client()
    return await _file(house, person, paper, (client,), kind)


async def _clients(house: House, client_id: str | None) -> tuple[Client, ...]:
    """Raises NotFoundError."""
    if client_id is None:
        return await house.store.provider.clients()
    return (await house.store.for_client(client_id).client(),)


def _paper(
    house: House, person: SignedIn, wanted: schemas.Paper, clients: tuple[Client, ...]
) -> Document:
    """In the reader's language. Raises NotFoundError for an assessment of no client, or several."""
    here, today = house.trust.installation, date.today()
    language = person.user.language
    if wanted == "register":
        return register(clients, here, today=today, language=language)
    if len(clients) != 1:
        raise NotFoundError("an assessment is about one client")
    return assessment(clients[0], here, today=today, language=language)


async def _file(
    house: House,
    person: SignedIn,
    wanted: schemas.Paper,
    clients: tuple[Client, ...],
    kind: FileFormat,
) -> Response:
    made = _paper(house, person, wanted, clients)
    client = clients[0] if len(clients) == 1 else None
    await note(
        house, person, "privacy.exported", client_id=client.id if client else None, subject=wanted
    )
    whose = (client.name,) if client else ()
    return await file_of(made, kind, wanted, *whose, f"{date.today()}")


def _view(paper: Document) -> schemas.PaperView:
    return schemas.PaperView(
        title=paper.title,
        subtitle=paper.subtitle,
        tables=[
            schemas.PaperTable(
                title=table.title,
                header=list(table.header),
                rows=[[str(cell) for cell in row] for row in table.rows],
            )
            for table in paper.tables
        ],
    )
