"""`souffleur privacy`: the register of processing and impact assessments, from the settings."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from web.commands.settings import fail, settings

if TYPE_CHECKING:
    from copilot.reporting.documents import Language
    from copilot.store.records.clients import Client

privacy = typer.Typer(no_args_is_help=True, help="Papers about personal data.")
InEnglish = Annotated[bool, typer.Option("--english", help="In English instead of French.")]


@privacy.command("register")
def register_(english: InEnglish = False) -> None:
    """The register of processing, in Markdown."""
    from copilot.privacy.register import markdown, register
    from web.composition.places import installation

    chosen = settings()
    paper = register(
        _clients(), installation(chosen), today=date.today(), language=_language(english)
    )
    print(markdown(paper), end="")


@privacy.command("dpia")
def dpia(
    client: Annotated[str, typer.Argument(help="Name or identifier of a client.")],
    english: InEnglish = False,
) -> None:
    """The frame of a client's impact assessment, in Markdown."""
    from copilot.privacy.register import assessment, markdown
    from web.composition.places import installation

    found = [one for one in _clients() if client.casefold() in (one.id, one.name.casefold())]
    if not found:
        fail(f"no client {client!r}")
    paper = assessment(
        found[0], installation(settings()), today=date.today(), language=_language(english)
    )
    print(markdown(paper), end="")


@privacy.command("data")
def data(english: InEnglish = False) -> None:
    """Every kind of data that is kept: how much it matters, what protects it, what ends it."""
    from copilot.privacy.datamap import data_paper
    from copilot.privacy.register import markdown

    print(markdown(data_paper(_language(english))), end="")


def _language(english: bool) -> Language:
    return "en" if english else "fr"


def _clients() -> tuple[Client, ...]:
    from copilot.store.masterkeys import open_keys
    from copilot.store.store import Store
    from web.composition.places import database_url, key_file

    chosen = settings()

    async def read() -> tuple[Client, ...]:
        keyring = await open_keys(database_url(chosen), key_file(chosen))
        async with Store(database_url(chosen), keyring=keyring) as store:
            return await store.provider.clients()

    return asyncio.run(read())
