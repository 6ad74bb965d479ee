"""TURN servers asked as a browser would ask them: a real coturn, a wrong secret, nobody."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from pathlib import Path

import pytest

from telephony.turn import TurnServers
from telephony.turnwatch import TurnAddress, TurnWatch, turn_address
from tests.turnserver import SECRET, coturn, taken_port

needs_coturn = pytest.mark.skipif(shutil.which("turnserver") is None, reason="coturn is missing")


def watch(*urls: str, secret: str = SECRET) -> TurnWatch:
    return TurnWatch(TurnServers(urls=urls, secret=secret, life_s=3600))


@pytest.mark.peer
@needs_coturn
async def test_coturn_takes_our_passwords_and_no_others(tmp_path: Path) -> None:
    with coturn(tmp_path) as server:
        by_tcp = server.url.replace("udp", "tcp")
        ours, theirs = watch(server.url, by_tcp), watch(server.url, secret="un autre")
        assert ours.state == "loading"
        await asyncio.gather(ours.check(), theirs.check())
        assert (ours.state, theirs.state) == ("ready", "refused")
    after = watch(server.url)
    await after.check()
    assert after.state == "unreachable"


async def test_a_server_that_never_answers_is_unreachable(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("telephony.turnwatch.ANSWER_S", 0.3)
    deaf, port = taken_port()
    with contextlib.closing(deaf):
        watching = watch(f"turn:127.0.0.1:{port}")
        await watching.check()
    assert watching.state == "unreachable"
    assert f"turn:127.0.0.1:{port} is unreachable" in caplog.text


@pytest.mark.parametrize(
    ("url", "host", "port", "transport", "secured"),
    [
        ("turn:turn.example.com", "turn.example.com", 3478, "udp", False),
        ("turn:192.0.2.7:3480?transport=tcp", "192.0.2.7", 3480, "tcp", False),
        ("turns:turn.example.com", "turn.example.com", 5349, "tcp", True),
        ("turns:turn.example.com:443?transport=tcp", "turn.example.com", 443, "tcp", True),
    ],
)
def test_addresses_are_read(url: str, host: str, port: int, transport: str, secured: bool) -> None:
    found = turn_address(url)
    assert found == TurnAddress(host=host, port=port, transport=transport, secured=secured)  # type: ignore[arg-type]


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="no TURN address"):
        turn_address("stun:turn.example.com")
