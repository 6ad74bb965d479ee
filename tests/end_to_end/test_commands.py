"""Commands as a user types them, beside a service that runs."""

from __future__ import annotations

import asyncio
import json
import signal
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.demo.call import SUGGESTED_ENTRY, build_demo_call
from copilot.evaluation.wer import compare, pooled
from tests.end_to_end.refusals import one_line
from tests.end_to_end.service import ROOT, Service, running_service
from tests.servers import wait_until
from tests.telephony.phone import Phone

pytestmark = [pytest.mark.models, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("service")) as running:
        running.wait_until_ready()
        yield running


def test_a_recorded_call_is_replayed_through_the_service(service: Service, tmp_path: Path) -> None:
    turns = build_demo_call(ROOT / "var" / "sounds", tmp_path / "call.wav")
    played = service.command("replay", str(tmp_path / "call.wav"), "--fast", "--json")
    assert played.returncode == 0, played.stderr
    events = [json.loads(line) for line in played.stdout.splitlines()]
    kinds = [event["kind"] for event in events]
    assert kinds[0] == "call_ringing"
    after_the_end = kinds[kinds.index("call_ended") + 1 :]
    assert set(after_the_end) <= {"draft_changed"}, "the summary alone comes later"
    heard = sorted(
        (event["data"] for event in events if event["kind"] == "utterance_heard"),
        key=lambda data: float(data["start_s"]),
    )
    said = " ".join(turn.text for turn in turns if turn.speaker == "operator")
    text = " ".join(data["heard"] for data in heard if data["leg"] == "operator")
    assert pooled([compare(said, text)]).wer < 0.3, text
    cards = [e["data"]["cards"][0] for e in events if e["kind"] == "suggestion_offered"]
    assert SUGGESTED_ENTRY in {card["entry_id"] for card in cards}
    assert any(event["kind"] == "draft_changed" for event in events)


async def test_an_unknown_number_is_refused_by_name_and_logged(service: Service) -> None:
    phone = await Phone.open(("127.0.0.1", service.sip_port))
    phone.send(phone.invite(user="+33199009999"))
    answer = await phone.final("INVITE")
    phone.close()
    assert answer.status == 404
    assert "No client has this number" in answer.text.splitlines()[0]

    def logged() -> bool:
        return any("no client has the number" in line for line in service.output)

    await asyncio.to_thread(wait_until, logged, "the line of the log", limit_s=10)


def test_a_recording_that_is_not_audio(service: Service, tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.wav"
    rubbish.write_text("this is no sound")
    one_line(service.command("replay", str(rubbish)), "rubbish.wav")
    mono = tmp_path / "mono.wav"
    with wave.open(str(mono), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 8000)
    one_line(service.command("replay", str(mono)), "mono.wav", "two")
    one_line(service.command("replay", str(tmp_path / "absent.wav")), "absent.wav")


def test_a_second_service_on_the_same_port(service: Service) -> None:
    one_line(service.command("serve", "--demo"), str(service.http_port), "SOUFFLEUR_HTTP_PORT")


def test_the_service_stops_when_asked(tmp_path: Path) -> None:
    with running_service(tmp_path) as running:
        assert running.stop(signal.SIGINT) == 0
        wait_until(
            lambda: any("Application shutdown complete" in line for line in running.output),
            "the last line",
        )
