"""Files from outside are shown to the antivirus, at every door, and none passes unseen."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copilot.store.records.inquiries import NewInquiry, ReceivedFile
from copilot.viruses import InfectedError, Scanner, ScannerAwayError, in_pieces
from tests.antivirus import BAD, clamd
from tests.servers import free_port
from tests.web.running import CLIENT, running


async def test_a_file_is_shown_whole() -> None:
    content = bytes(range(256)) * 1000
    async with clamd() as there:
        await Scanner(there.address).check(in_pieces(content))
        await Scanner(there.address).check(in_pieces(b""))
        assert there.seen == [content, b""]
        with pytest.raises(InfectedError, match="Fictional"):
            await Scanner(there.address).check(in_pieces(b"x" * 70_000 + BAD))


async def test_by_a_socket_of_the_machine_too(tmp_path: Path) -> None:
    async with clamd() as there:
        path = str(tmp_path / "clamd.ctl")
        async with await asyncio.start_unix_server(there.serve, path):
            await Scanner(path).check(in_pieces(b"x"))
    assert there.seen == [b"x"]


@pytest.mark.parametrize(
    "said", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK", b"x" * 10_000, b"\0"]
)
async def test_what_was_not_seen_is_not_taken_for_clean(said: bytes) -> None:
    async with clamd() as there:
        there.says = said
        with pytest.raises(ScannerAwayError):
            await Scanner(there.address).check(in_pieces(b"x"))


async def test_nobody_there_is_not_clean_either(tmp_path: Path) -> None:
    for address in (f"127.0.0.1:{free_port()}", str(tmp_path / "none.ctl")):
        with pytest.raises(ScannerAwayError):
            await Scanner(address).check(in_pieces(b"x"))


async def test_uploads_and_what_is_attached_to_a_request(tmp_path: Path) -> None:
    async with clamd() as there, running(tmp_path, clamd=there.address) as service:
        portal = await service.signed_in(CLIENT)
        good = {"file": ("tarifs.txt", b"Deux cents euros.", "text/plain")}
        bad = {"file": ("tarifs.txt", b"Deux " + BAD, "text/plain")}
        assert (await portal.http.post("/api/portal/attachments", files=good)).status_code == 201
        refused = await portal.http.post("/api/portal/attachments", files=bad)
        assert (refused.status_code, refused.json()["code"]) == (422, "infected")
        imported = await portal.http.post("/api/portal/imports", files=bad)
        assert (imported.status_code, imported.json()["code"]) == (422, "infected")
        new = NewInquiry(
            call_id="written", channel="email", inlet="i", origin="o",
            received_at=datetime.now(UTC),
            files=tuple(
                ReceivedFile(name=name, media_type="text/plain", content=content)
                for name, content in (("a.txt", b"bonjour"), ("b.txt", BAD))
            ),
        )  # fmt: skip
        intake = service.house.inquiries.intake
        assert await intake.take("demo-delorme", new, "Voici mes fichiers.")
        scope = service.house.store.for_client("demo-delorme")
        assert [one.name for one in await scope.inquiry_files("written")] == ["a.txt"]
        said = [str(event.data.get("text")) for event in await scope.events_since("written")]
        assert any("écartée(s) par l'antivirus" in text for text in said)
        there.says = b""
        away = await portal.http.post("/api/portal/attachments", files=good)
        assert (away.status_code, away.json()["code"]) == (503, "scanner_away")
        with pytest.raises(ScannerAwayError):
            await intake.take("demo-delorme", new, "Voici mes fichiers.")
