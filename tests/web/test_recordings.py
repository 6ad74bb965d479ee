"""Recording over HTTP, on real calls: a SIP telephone, a WebRTC operator, sealed files."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from copilot.recording.policy import RecordingPolicy
from copilot.store.records.recordings import Recording
from models.scripted import ScriptedRecogniser
from tests.recording.sounds import CALLER_HZ, OPERATOR_HZ, decoded, files_under, strength, tone
from tests.telephony.browser import AiortcPeer
from tests.telephony.sipcaller import SipCaller, sip_caller
from tests.web.running import (
    CLIENT,
    DELORME_LINE,
    OPERATOR,
    SUPERVISOR,
    Browser,
    Running,
    next_event,
    running,
)
from tests.web.test_access import person_of
from tests.web.test_line_controls import first_call, told
from tests.web.test_waiting import upload, wav, welcomed

DELORME = "demo-delorme"
REASON = "suivi de la qualité"


@dataclass
class OnTheLine:
    """A call in progress, and who is at it."""

    service: Running
    desk: Browser
    caller: SipCaller
    operator: AiortcPeer
    call_id: str
    socket: Any

    async def told_recording(self, **data: Any) -> dict[str, Any]:
        return await next_event(self.socket, "recording_changed", **data)

    async def heard_for(self, seconds: float) -> None:
        """Wait until both have heard the other for so long."""
        people: tuple[SipCaller | AiortcPeer, ...] = (self.caller, self.operator)
        until = [len(one.heard) + int(seconds * 8000) for one in people]
        async with asyncio.timeout(30):
            while any(  # noqa: ASYNC110 - the sound has no event to wait for
                len(one.heard) < wanted for one, wanted in zip(people, until, strict=True)
            ):
                await asyncio.sleep(0.05)

    async def over(self) -> Recording:
        """Hang up; the recording once it is closed."""
        await self.desk.http.post(f"/api/calls/{self.call_id}/hangup")
        await self.told_recording(state="ended")
        return await closed(self.service, self.call_id)


async def closed(service: Running, call_id: str) -> Recording:
    scope = service.house.store.for_client(DELORME)
    async with asyncio.timeout(20):
        while (found := await scope.recording(call_id)).state == "open":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return found


async def wants(service: Running, policy: RecordingPolicy, **settings: Any) -> None:
    provider = service.house.store.provider
    client = await service.house.store.for_client(DELORME).client()
    changed = replace(client.settings, recording=policy, **settings)
    now = service.house.journal.now()
    await provider.save_client(replace(client, settings=changed), at=now)


@asynccontextmanager
async def on_the_line(
    data: Path, policy: RecordingPolicy, **settings: Any
) -> AsyncIterator[OnTheLine]:
    async with running(data, recogniser=ScriptedRecogniser(["bonjour"])) as service:
        await wants(service, policy, **settings)
        desk = await service.signed_in(OPERATOR)
        assert service.house.sip is not None
        async with sip_caller(
            service.house.sip.address, DELORME_LINE, tone(CALLER_HZ, 60.0)
        ) as caller:
            call_id = await first_call(service)
            async with desk.socket(f"/api/calls/{call_id}/socket") as socket:
                operator = await desk.answer(call_id, tone(OPERATOR_HZ, 60.0))
                try:
                    yield OnTheLine(service, desk, caller, operator, call_id, socket)
                finally:
                    await desk.http.post(f"/api/calls/{call_id}/hangup")
                    await operator.close()


ALL = RecordingPolicy(mode="all", told="elsewhere")


async def test_both_voices_are_kept_sealed_heard_with_a_reason_given_out_and_erased(
    tmp_path: Path,
) -> None:
    async with on_the_line(tmp_path, ALL, redact=()) as line:
        await line.told_recording(state="recording", reason="client")
        await line.heard_for(2.5)
        kept = await line.over()
        assert kept.state == "whole" and (kept.duration_s or 0) > 2.0 and kept.gaps_s == 0
        (file,) = files_under(tmp_path / "recordings")
        assert b"Ogg" not in file.read_bytes() and b"Opus" not in file.read_bytes()
        path = f"/api/calls/{line.call_id}/recording"
        gallery = await line.service.signed_in(SUPERVISOR)
        await needs_a_reason(gallery, path)
        whole = await gallery.http.get(f"{path}/audio")
        assert whole.status_code == 200 and whole.headers["accept-ranges"] == "bytes"
        assert whole.headers["cache-control"] == "private, no-store"
        caller, operator = decoded(whole.content)
        middle = slice(16000, 32000)
        assert strength(caller[middle], CALLER_HZ) > 1000
        assert strength(operator[middle], OPERATOR_HZ) > 1000
        assert strength(caller[middle], OPERATOR_HZ) < 250
        await serves_ranges(gallery, path, whole.content)
        entries = await line.service.house.store.audit.entries(action="recording.opened")
        assert [(e.act.subject, e.act.reason) for e in entries] == [(line.call_id, REASON)]
        await is_the_client_s_where_it_wants(line, path, gallery)
        await is_given_out_and_erased(line, tmp_path)


async def needs_a_reason(gallery: Browser, path: str) -> None:
    view = (await gallery.http.get(path)).json()
    assert view["may_listen"] and view["reason_needed"]
    refused = await gallery.http.get(f"{path}/audio")
    assert (refused.status_code, refused.json()["code"]) == (403, "reason_needed")
    silent = await gallery.http.post(f"{path}/listening", json={"reason": " "})
    assert silent.json()["code"] == "reason_needed"
    said = await gallery.http.post(f"{path}/listening", json={"reason": REASON})
    assert said.status_code == 204


async def serves_ranges(gallery: Browser, path: str, content: bytes) -> None:
    size = len(content)
    for header, part in {
        "bytes=100-4999": slice(100, 5000),
        f"bytes={size - 10}-": slice(size - 10, size),
        "bytes=-7": slice(size - 7, size),
        f"bytes=0-{size * 2}": slice(0, size),
    }.items():
        answer = await gallery.http.get(f"{path}/audio", headers={"Range": header})
        assert answer.status_code == 206 and answer.content == content[part], header
    behind = await gallery.http.get(f"{path}/audio", headers={"Range": f"bytes={size}-"})
    assert behind.status_code == 416
    assert behind.headers["content-range"] == f"bytes */{size}"


async def is_the_client_s_where_it_wants(line: OnTheLine, path: str, gallery: Browser) -> None:
    portal = await line.service.signed_in(CLIENT)
    for who in (line.desk, portal):
        answer = await who.http.get(f"{path}/audio")
        assert answer.status_code == 404, "neither the desk, nor a client without it"
    assert (await line.desk.http.get(path)).status_code == 404
    assert (await portal.http.get(path)).json() is None
    await wants(line.service, replace(ALL, portal=True), supervision="forbidden")
    assert (await portal.http.get(path)).json() is None, "it made no message"
    approved = await line.desk.http.post(
        f"/api/calls/{line.call_id}/message",
        json={"fields": {"reason": "une fuite"}, "note": ""},
    )
    assert approved.status_code == 202, approved.text
    assert (await portal.http.get(path)).json()["may_listen"]
    assert (await portal.http.post(f"{path}/listening", json={})).status_code == 204
    heard = await portal.http.get(f"{path}/audio")
    assert heard.status_code == 200 and heard.content.startswith(b"OggS")
    assert not (await gallery.http.get(path)).json()["may_listen"]
    refused = await gallery.http.post(f"{path}/listening", json={"reason": REASON})
    assert refused.json()["code"] == "supervision_forbidden"


async def is_given_out_and_erased(line: OnTheLine, data: Path) -> None:
    admin = await person_of(line.service, "administrator")
    of_client = f"/api/admin/clients/{DELORME}"
    chosen = {"call_ids": [line.call_id], "reason": "demande d'accès"}
    given = await admin.http.post(f"{of_client}/recordings/export", json=chosen)
    with ZipFile(io.BytesIO(given.content)) as file:
        assert file.testzip() is None
        assert decoded(file.read(f"{line.call_id}.opus")).shape[1] > 16000
        (described,) = json.loads(file.read("recordings.json"))
        assert described["call_id"] == line.call_id
    async with asyncio.timeout(20):  # the call's row ends a moment after its sound
        while True:
            erased = await admin.http.post(f"{of_client}/people/erase", json=chosen)
            if erased.status_code == 200:
                break
            await asyncio.sleep(0.1)
    assert erased.json()["rows"]["recordings"] == 1
    assert not files_under(data / "recordings")
    (entry,) = await line.service.house.store.audit.entries(action="recordings.removed")
    assert entry.act.client_id == DELORME and entry.act.detail["files"] == 1


async def test_the_operator_begins_pauses_and_resumes_and_a_pause_is_silence(
    tmp_path: Path,
) -> None:
    policy = RecordingPolicy(mode="on_demand", told="elsewhere")
    async with on_the_line(tmp_path, policy, redact=()) as line:
        await line.told_recording(state="off", reason="on_demand")
        path = f"/api/calls/{line.call_id}/recording"

        async def switched(recording: bool) -> None:
            answer = await line.desk.http.put(path, json={"recording": recording})
            assert answer.status_code == 204, answer.text

        await switched(False)
        await line.heard_for(0.5)
        await switched(True)
        await line.told_recording(state="recording", reason="operator")
        await line.heard_for(1.2)
        await switched(False)
        await line.told_recording(state="paused", reason="operator")
        await told(line.desk, line.call_id, "pause", paused=True)
        await line.heard_for(1.0)
        await told(line.desk, line.call_id, "pause", paused=False)
        await switched(True)
        await line.told_recording(state="recording", reason="operator")
        await told(line.desk, line.call_id, "pause", paused=True)
        await line.told_recording(state="paused", reason="transcription")
        await told(line.desk, line.call_id, "pause", paused=False)
        await line.told_recording(state="recording", reason="transcription")
        await line.heard_for(1.2)
        kept = await line.over()
        assert kept.begins_s > 0.3 and kept.gaps_s == 0
        over = await line.desk.http.put(path, json={"recording": True})
        assert over.status_code in (404, 409)
        caller, _ = decoded(await content_of(line.service, kept))
        levels = [
            strength(piece, CALLER_HZ) > 500
            for piece in np.split(caller[: len(caller) // 1600 * 1600], len(caller) // 1600)
        ]
        changes = [now for before, now in zip([False, *levels], levels, strict=False)
                   if now != before]  # fmt: skip
        assert changes[:3] == [True, False, True] and levels[-3], levels


async def content_of(service: Running, recording: Recording) -> bytes:
    keys = await service.house.store.for_client(recording.client_id).opening_keys()
    with service.house.recordings.folder.opened(recording, keys) as reader:
        return b"".join(reader.read())


async def test_nothing_is_recorded_of_a_caller_who_was_not_told(tmp_path: Path) -> None:
    policy = RecordingPolicy(mode="all", told="announcement")
    async with on_the_line(tmp_path, policy) as line:
        await line.told_recording(state="off", reason="not_announced")
        answer = await line.desk.http.put(
            f"/api/calls/{line.call_id}/recording", json={"recording": True}
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "not_announced")
        await wants(line.service, RecordingPolicy())
        gallery = await line.service.signed_in(SUPERVISOR)
        absent = await gallery.http.get(f"/api/calls/{line.call_id}/recording")
        assert (absent.status_code, absent.json()) == (200, None)
        refusals = await line.service.house.store.audit.entries(action="refused")
        assert refusals == (), "a call without a recording is no refusal"
    assert not files_under(tmp_path / "recordings")


async def test_recording_begins_once_the_announcement_was_heard(tmp_path: Path) -> None:
    async with running(tmp_path, recogniser=ScriptedRecogniser(["bonjour"])) as service:
        gallery = await service.signed_in(SUPERVISOR)
        added = await upload(gallery, DELORME, "announcement", wav(tone(1000, 1.0)))
        assert added.status_code == 200, added.text
        await welcomed(gallery, DELORME, announce=True)
        admin = await person_of(service, "administrator")
        kept = await admin.http.put(f"/api/admin/clients/{DELORME}/recording", json={"mode": "all"})
        assert kept.status_code == 200, kept.text
        desk = await service.signed_in(OPERATOR)
        assert service.house.sip is not None
        async with sip_caller(service.house.sip.address, DELORME_LINE, tone(CALLER_HZ, 9)):
            call_id = await first_call(service)
            async with desk.socket(f"/api/calls/{call_id}/socket") as socket:
                operator = await desk.answer(call_id, tone(OPERATOR_HZ, 9))
                played = await next_event(socket, "sound_played", sound="announcement")
                assert played["data"]["whole"]
                await next_event(socket, "recording_changed", state="recording", reason="client")
            await desk.http.post(f"/api/calls/{call_id}/hangup")
            await operator.close()


@pytest.mark.parametrize(
    ("policy", "code"),
    [({"mode": "all", "told": "announcement"}, "bad_recording"), ({"mode": "?"}, "bad_request")],
)
async def test_a_policy_that_cannot_be_changes_nothing(
    tmp_path: Path, policy: dict[str, Any], code: str
) -> None:
    async with running(tmp_path) as service:
        admin = await person_of(service, "administrator")
        path = f"/api/admin/clients/{DELORME}/recording"
        before = (await admin.http.get(path)).json()
        assert before["mode"] == "off"
        refused = await admin.http.put(path, json=policy)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert (await admin.http.get(path)).json() == before
        kept = await admin.http.put(path, json={"mode": "sampled", "share": 5, "told": "elsewhere"})
        assert kept.status_code == 200
        assert (await admin.http.get(path)).json()["share"] == 5
        (entry,) = await service.house.store.audit.entries(action="client.recording")
        assert entry.act.detail["mode"] == "sampled"
