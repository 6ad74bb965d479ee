"""Commands as a user types them: what works, and what bad input says."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.demo.call import SUGGESTED_ENTRY, build_demo_call
from copilot.evaluation.wer import compare, pooled
from tests.end_to_end.service import ROOT, Service, running_service
from tests.servers import wait_until
from tests.sounds import french_prompts
from tests.telephony.phone import Phone

pytestmark = [pytest.mark.models, pytest.mark.timeout(300)]


def souffleur(*arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "copilot.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "SOUFFLEUR_DATA_DIR": str(data), **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def one_line(refused: subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit status 2 and one line for people, with these words in it."""
    assert refused.returncode == 2, refused.stderr
    said = [line for line in refused.stderr.splitlines() if line.startswith("souffleur: ")]
    assert len(said) == 1, refused.stderr
    assert "Traceback" not in refused.stderr
    for word in words:
        assert word in said[0], said[0]


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


def test_a_missing_model_folder(tmp_path: Path) -> None:
    missing = tmp_path / "no-model"
    manifest = tmp_path / "manifest.jsonl"
    prompt = french_prompts(min_words=5)[0]
    manifest.write_text(json.dumps({"audio": str(prompt.path), "text": prompt.text}) + "\n")
    one_line(
        souffleur("eval", "asr", str(manifest), "--model", str(missing), data=tmp_path),
        str(missing),
    )
    one_line(souffleur("models", "fetch", str(missing), data=tmp_path), str(missing))


def test_a_setting_out_of_range(tmp_path: Path) -> None:
    refused = souffleur("models", "list", data=tmp_path, SOUFFLEUR_SIP_PORT="many")
    one_line(refused, "SOUFFLEUR_SIP_PORT")


@pytest.mark.parametrize(
    ("command", "content", "words"),
    [
        ("asr", '{"audio": "absent.wav", "text": "bonjour"}\n', ("line 1", "absent.wav")),
        ("asr", "not json\n", ("line 1",)),
        ("asr", '{"audio": "input.jsonl", "text": "bonjour"}\n', ("line 1", "input.jsonl")),
        ("drafts", '{"id": "1"}\n', ("input.jsonl", "1")),
        ("drafts", "", ("input.jsonl",)),
    ],
)
def test_evaluations_name_the_file_and_the_line(
    tmp_path: Path, command: str, content: str, words: tuple[str, ...]
) -> None:
    path = tmp_path / "input.jsonl"
    path.write_text(content)
    one_line(souffleur("eval", command, str(path), "--json", data=tmp_path), *words)


@pytest.mark.parametrize(
    ("faq", "queries", "words"),
    [
        ("nom,valeur\nA,B\n", "{}\n", ("faq.csv",)),
        ("id,question,answer,tags\na,Q ?,R,\n", "{}\n", ("queries.jsonl", "1")),
        ("id,question,answer,tags\na,Q ?,R,\n", None, ("queries.jsonl",)),
    ],
)
def test_a_bad_knowledge_folder(
    tmp_path: Path, faq: str, queries: str | None, words: tuple[str, ...]
) -> None:
    folder = tmp_path / "sets" / "client"
    folder.mkdir(parents=True)
    (folder / "faq.csv").write_text(faq)
    if queries is not None:
        (folder / "queries.jsonl").write_text(queries)
    one_line(souffleur("eval", "knowledge", str(folder.parent), data=tmp_path), *words)


def test_models_are_listed_and_verified(tmp_path: Path) -> None:
    fetched = souffleur("models", "fetch", "base", data=tmp_path)
    assert fetched.returncode == 0, fetched.stderr
    assert Path(fetched.stdout.strip()).is_dir()
    listed = souffleur("models", "list", "--json", data=tmp_path)
    states = {model["name"]: model["state"] for model in json.loads(listed.stdout)}
    assert states["base"] == "ready"
    assert souffleur("models", "verify", data=tmp_path).returncode == 0
    model = Path(fetched.stdout.strip()) / "model.bin"
    content = bytearray(model.read_bytes())
    content[1000] ^= 0xFF
    model.write_bytes(content)
    damaged = souffleur("models", "verify", data=tmp_path)
    assert (damaged.returncode, "damaged" in damaged.stdout) == (1, True)
