"""A copy of a PBX's call whose client has its calls recorded: each voice in its own channel."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from copilot.recording.policy import RecordingPolicy, Told
from models.scripted import ScriptedRecogniser
from tests.recording.sounds import CALLER_HZ, OPERATOR_HZ, decoded, strength, tone
from tests.telephony.pbx import Pbx
from tests.web.running import DELORME_LINE, SUPERVISOR, next_board, running
from tests.web.test_line_controls import first_call
from tests.web.test_recordings import DELORME, closed, wants

SPOKEN_S = 3.0


@pytest.mark.parametrize("told", ["elsewhere", "announcement"])
async def test_both_legs_of_a_copy_are_recorded(tmp_path: Path, told: Told) -> None:
    """Where the PBX tells the caller, by its own means; nobody else can before a copy."""
    async with running(tmp_path, recogniser=ScriptedRecogniser(["bonjour"])) as service:
        await wants(service, RecordingPolicy(mode="all", told=told), redact=())
        assert service.house.sip is not None
        pbx = await Pbx.open(service.house.sip.address, call_id="copied")
        invite = pbx.invite(operator=DELORME_LINE)
        pbx.invite = lambda *_, **__: invite  # type: ignore[method-assign]
        await pbx.copy()
        call_id = await first_call(service)
        if told == "elsewhere":
            watching = await service.signed_in(SUPERVISOR)
            async with watching.socket("/api/board/socket") as board:
                await next_board(board, id=call_id, recording="recording")
        await pbx.speak(tone(CALLER_HZ, SPOKEN_S), tone(OPERATOR_HZ, SPOKEN_S))
        assert (await pbx.within("BYE")).status == 200
        pbx.close()
        scope = service.house.store.for_client(DELORME)
        if told == "announcement":
            async with asyncio.timeout(10):
                while (await scope.call(call_id)).state != "ended":  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            assert not await scope.recordings(), "the caller was not told"
            return
        recording = await closed(service, call_id)
        assert recording.state == "whole"
        keys = await scope.opening_keys()
        with service.house.recordings.folder.opened(recording, keys) as reader:
            caller, operator = decoded(b"".join(reader.read()))
        assert len(caller) / 16000 > SPOKEN_S - 0.5
        assert strength(caller, CALLER_HZ) > max(1000, 10 * strength(caller, OPERATOR_HZ))
        assert strength(operator, OPERATOR_HZ) > max(1000, 10 * strength(operator, CALLER_HZ))
