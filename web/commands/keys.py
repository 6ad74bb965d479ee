"""`souffleur keys`: the keys that are not in the database."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from web.commands.settings import settings

keys = typer.Typer(no_args_is_help=True, help="The keys that messages and transcripts are kept by.")


@keys.command("status")
def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Which master keys the file has and the database needs; exit status 1 when one is missing."""
    from copilot.store.masterkeys import key_uses, open_keys
    from web.composition.places import database_url, key_file

    chosen = settings()

    async def look() -> list[dict[str, object]]:
        keyring = await open_keys(database_url(chosen), key_file(chosen))
        return [asdict(use) for use in await key_uses(database_url(chosen), keyring)]

    uses = asyncio.run(look())
    if as_json:
        print(json.dumps({"file": str(key_file(chosen)), "keys": uses}, default=str))
    else:
        print(key_file(chosen))
        for use in uses:
            mark = "*" if use["current"] else " "
            where = "" if use["in_file"] else "  NOT IN THE FILE"
            print(
                f"{mark} {use['name']}  {use['client_keys']} clients' keys, "
                f"{use['second_factors']} second factors{where}"
            )
    if not all(use["in_file"] for use in uses):
        raise SystemExit(1)


@keys.command("rotate")
def rotate(
    data: Annotated[
        bool, typer.Option("--data", help="New data keys too: everything is sealed again.")
    ] = False,
) -> None:
    """Seal with a new master key from now on; the service may run meanwhile.

    The older one stays in the file, for the backups that need it, until `souffleur keys forget`.
    """
    from copilot.store.datakeys import rotate_data_key
    from copilot.store.masterkeys import rotate_master
    from copilot.store.store import Store
    from web.composition.places import database_url, key_file

    chosen = settings()

    async def turn() -> None:
        url, now = database_url(chosen), datetime.now(UTC)
        keyring = await rotate_master(url, key_file(chosen), at=now)
        print(f"the master key is {keyring.current}: back {key_file(chosen)} up")
        if not data:
            return
        async with Store(url, keyring=keyring) as store:
            for client in await store.provider.clients():
                count = await rotate_data_key(store.database, client.id, at=datetime.now(UTC))
                print(f"{client.id}: {count} rows sealed again", flush=True)

    asyncio.run(turn())


@keys.command("forget")
def forget() -> None:
    """Take older master keys out of the file; backups that need them open no more."""
    from copilot.store.masterkeys import forget_masters
    from web.composition.places import database_url, key_file

    chosen = settings()
    gone = asyncio.run(forget_masters(database_url(chosen), key_file(chosen), at=datetime.now(UTC)))
    print(f"forgotten: {', '.join(gone)}" if gone else "there is no older key")
