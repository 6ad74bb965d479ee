"""Calls from Asterisk and from platforms through the whole service: announced, admitted, talked."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import numpy as np
import pytest
import websockets

from models.scripted import ScriptedRecogniser
from telephony.g711 import Pcm
from telephony.mediastream.admission import _signature
from tests.recording.sounds import decoded
from tests.servers import free_port
from tests.sounds import french_prompt
from tests.telephony.asterisk import Asterisk
from tests.telephony.browser import AiortcPeer
from tests.telephony.platform import Platform, start
from tests.telephony.speech import likeness
from tests.web.running import DELORME_LINE, OPERATOR, Browser, Running, next_event, running
from tests.web.test_line_controls import first_call
from tests.web.test_recordings import ALL, closed, content_of, wants

TOKEN = "a-token-of-the-line"
PAUSE = np.zeros(12_000, dtype=np.int16)
OPERATOR_SAYS = np.concatenate([french_prompt("demo-congrats").pcm()[:32_000], PAUSE] * 6)
CALLER_SAYS = np.concatenate([french_prompt("vm-intro").pcm(), PAUSE] * 6)
SPEECH = french_prompt("vm-intro").pcm()[:16_000]
ANSWER = OPERATOR_SAYS[:16_000]


async def hears(ear: Asterisk | AiortcPeer | Platform, said: Pcm) -> None:
    async with asyncio.timeout(25):
        while (  # noqa: ASYNC110 - the sound has no event to wait for
            len(ear.heard) < len(said) or likeness(said, ear.heard[-10 * 8000 :]) < 0.75
        ):
            await asyncio.sleep(0.3)


async def talked(service: Running, desk: Browser, caller: Asterisk | Platform, source: str) -> None:
    """The operator answers; both hear each other, and both are transcribed; the operator ends."""
    call_id = await first_call(service)
    async with desk.socket(f"/api/calls/{call_id}/socket") as events:
        ringing = await next_event(events, "call_ringing")
        assert ringing["data"]["source"] == source
        assert ringing["data"]["caller_number"] == "+33639980001"
        operator = await desk.answer(call_id, OPERATOR_SAYS)
        await asyncio.gather(hears(operator, SPEECH), hears(caller, ANSWER))
        await next_event(events, "utterance_heard", leg="caller")
        await next_event(events, "utterance_heard", leg="operator")
        await desk.http.post(f"/api/calls/{call_id}/hangup")
        await next_event(events, "call_ended")
    await operator.close()
    await is_recorded(service, call_id)


async def is_recorded(service: Running, call_id: str) -> None:
    """Both voices are kept, where the client has every call recorded."""
    recording = await closed(service, call_id)
    assert recording.state == "whole" and recording.gaps_s == 0
    for voice in decoded(await content_of(service, recording)):
        assert np.abs(voice).max() > 1000


async def test_asterisk_calls_announced_by_its_dial_plan(tmp_path: Path) -> None:
    port = free_port()
    async with running(
        tmp_path,
        recogniser=ScriptedRecogniser(["bonjour"]),
        audiosocket_port=port,
        line_token=TOKEN,
    ) as service:
        await wants(service, ALL)
        desk = await service.signed_in(OPERATOR)
        http = service.browser()
        identity = uuid.uuid4()
        told = {"id": str(identity), "to": DELORME_LINE, "from": "0639980001"}
        for form, status in (
            (told, 401),
            (told | {"token": "wrong"}, 401),
            (told | {"token": TOKEN, "id": "x"}, 422),
            (told | {"token": TOKEN, "to": ""}, 422),
            (told | {"token": TOKEN, "name": "x" * 5000}, 422),
            (told | {"token": TOKEN}, 204),
            (told | {"token": TOKEN}, 422),
        ):
            answer = await http.post("/api/line/calls", data=form)
            assert answer.status_code == status, answer.text
        caller = await Asterisk.connect(("127.0.0.1", port), identity)
        speaking = asyncio.create_task(caller.say(CALLER_SAYS))
        await talked(service, desk, caller, "audiosocket")
        await asyncio.wait_for(caller.over.wait(), 5)
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        await caller.close()


async def test_a_platforms_call_is_answered_and_its_copy_followed(tmp_path: Path) -> None:
    async with running(
        tmp_path, recogniser=ScriptedRecogniser(["bonjour"]), line_token=TOKEN
    ) as service:
        await wants(service, ALL)
        desk = await service.signed_in(OPERATOR)
        url = service.url.replace("http", "ws") + "/api/line/stream"
        caller = await Platform.connect(url)
        told = {"to": DELORME_LINE, "from": "0639980001", "token": TOKEN}
        await caller.send(start("inbound", **told))
        speaking = asyncio.create_task(caller.say(CALLER_SAYS))
        await talked(service, desk, caller, "mediastream")
        assert (await caller.closed())[0] == 1000
        await speaking
        await caller.close()

        copy = await Platform.connect(url, Authorization=f"Bearer {TOKEN}")
        await copy.send(start("inbound", "outbound", operator=OPERATOR, **told))
        speaking = asyncio.create_task(copy.say(CALLER_SAYS, "inbound", "outbound"))
        call_id = await first_call(service)
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            ringing = await next_event(events, "call_ringing")
            assert ringing["data"]["source"] == "mediacopy"
            assert (await next_event(events, "call_answered"))["data"]["operator_id"]
            for leg in ("caller", "operator"):
                await next_event(events, "utterance_heard", leg=leg)
            refused = await desk.http.post(f"/api/calls/{call_id}/hangup")
            assert (refused.status_code, refused.json()["code"]) == (409, "not_carried")
            await copy.send({"event": "stop"})
            await next_event(events, "call_ended")
        assert len(copy.heard) == 0, "nothing goes back"
        await is_recorded(service, call_id)
        await asyncio.gather(speaking, copy.close())


async def test_who_may_open_a_stream_and_what_ends_it(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        url = service.url.replace("http", "ws") + "/api/line/stream"
        with pytest.raises(websockets.InvalidStatus):
            await Platform.connect(url)
    async with running(tmp_path, line_token=TOKEN, mediastream_key="a-key") as service:
        url = service.url.replace("http", "ws") + "/api/line/stream"
        signature = _signature("a-key", url.replace("ws://", "wss://")).decode()
        stranger = await Platform.connect(url)
        await stranger.send(start("inbound", to=DELORME_LINE))
        code, reason = await stranger.closed()
        assert code == 1008 and "token" in reason
        signed = await Platform.connect(url, **{"X-Twilio-Signature": signature})
        await signed.send(start("inbound", to=DELORME_LINE))
        await first_call(service)
        await signed.send('{"event":"media","media":{"payload":"%%"}}')
        code, reason = await signed.closed()
        assert code == 1008 and "base64" in reason
        nobody = await Platform.connect(url, **{"X-Twilio-Signature": signature})
        await nobody.send(start("inbound", to="0199009999"))
        assert (await nobody.closed())[0] == 1000, "no client has the number"
        for platform in (stranger, signed, nobody):
            await platform.close()
