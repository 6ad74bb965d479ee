"""A call that a PBX keeps, followed by the whole service: heard, helped, and never harmed."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest

from copilot.evaluation.wer import compare, pooled
from tests.end_to_end.service import Service, running_service
from tests.sounds import french_prompts
from tests.telephony.pbx import Pbx
from tests.telephony.speech import PROMPTS, read_prompt
from tests.web.running import DELORME_LINE, OPERATOR

pytestmark = [pytest.mark.models, pytest.mark.timeout(300)]

EXTENSION = "0261910077"
CALLER, ANSWER = "agent-user", "conf-onlyperson"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for both tests: the second kills it."""
    tmp_path = tmp_path_factory.mktemp("siprec")
    accounts = tmp_path / "sip.toml"
    accounts.write_text(f'[operators]\n{EXTENSION} = "{OPERATOR}"\n')
    settings = {"SOUFFLEUR_SIP_ACCOUNTS": str(accounts)}
    with running_service(tmp_path / "data", **settings) as running:
        running.wait_until_ready()
        yield running


class Talk(asyncio.DatagramProtocol):
    """One telephone of the PBX's own call: counts what it hears."""

    def __init__(self) -> None:
        self.heard = 0
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.heard += 1


async def signed_in(service: Service) -> httpx.AsyncClient:
    http = httpx.AsyncClient(base_url=service.url, timeout=20)
    who = {"email": OPERATOR, "password": service.password}
    answer = await http.post("/api/session", json=who)
    assert answer.status_code == 200, answer.text
    return http


async def the_call(http: httpx.AsyncClient) -> dict[str, Any]:
    calls: list[dict[str, Any]] = (await http.get("/api/calls")).json()
    (call,) = [call for call in calls if call["source"] == "siprec"]
    return call


async def test_a_copied_call_is_heard_and_shown(service: Service) -> None:
    texts = {prompt.path.stem: prompt.text for prompt in french_prompts()}
    pbx = await Pbx.open(("127.0.0.1", service.sip_port))
    # The dialled line is the forwarder's: the PBX names the extension that answered.
    invite = pbx.invite(operator=EXTENSION).replace(
        "Require: siprec", f"Require: siprec\r\nDiversion: <sip:{DELORME_LINE}@pbx.example.com>"
    )
    pbx.invite = lambda *_, **__: invite  # type: ignore[method-assign]
    await pbx.copy()
    await pbx.speak(read_prompt(PROMPTS / f"{CALLER}.wav"), read_prompt(PROMPTS / f"{ANSWER}.wav"))
    http = await signed_in(service)
    call = await the_call(http)
    assert (call["state"], call["caller_name"]) == ("live", "Jeanne Martin")
    assert call["operator_id"], "the extension is an operator's"
    proof = {"X-CSRF": (await http.get("/api/session")).json()["csrf"]}
    ended = await http.post(f"/api/calls/{call['id']}/hangup", headers=proof)
    assert (ended.status_code, ended.json()["code"]) == (409, "not_carried")
    assert (await pbx.within("BYE")).status == 200
    heard: list[dict[str, Any]] = []
    async with asyncio.timeout(90):
        while {data["leg"] for data in heard} != {"caller", "operator"}:
            await asyncio.sleep(0.2)
            events = (await http.get(f"/api/calls/{call['id']}")).json()["events"]
            heard = [event["data"] for event in events if event["kind"] == "utterance_heard"]
    assert "call_ended" in {event["kind"] for event in events}
    for leg, said in (("caller", CALLER), ("operator", ANSWER)):
        text = " ".join(data["heard"] for data in heard if data["leg"] == leg)
        assert pooled([compare(texts[said], text)]).wer < 0.5, text
    await http.aclose()
    pbx.close()


async def test_killing_the_service_leaves_the_pbx_its_call(service: Service) -> None:
    """Two telephones talk through the PBX, which copies what they say; then there is no service."""
    loop = asyncio.get_running_loop()
    talks: list[Talk] = []
    for _ in range(2):
        _, talk = await loop.create_datagram_endpoint(Talk, local_addr=("127.0.0.1", 0))
        talks.append(talk)
    pbx = await Pbx.open(("127.0.0.1", service.sip_port), call_id="until-killed")
    invite = pbx.invite(operator=DELORME_LINE)
    pbx.invite = lambda *_, **__: invite  # type: ignore[method-assign]
    await pbx.copy()
    places = [talk.transport.get_extra_info("sockname") for talk in talks if talk.transport]

    async def talk_through_the_pbx(seconds: float) -> int:
        sent = 0
        for number in range(round(seconds * 50)):
            for one, other, sender, copy in zip(
                talks, reversed(places), pbx.senders, pbx.targets, strict=True
            ):
                assert one.transport is not None and sender.transport is not None
                one.transport.sendto(b"\x80\x08" + bytes(170), other)
                sender.transport.sendto(b"\x80\x08" + number.to_bytes(2, "big") + bytes(168), copy)
                sent += 1
            await asyncio.sleep(0.02)
        return sent

    sent = await talk_through_the_pbx(1.0)
    service.stop(signal.SIGKILL)
    sent += await talk_through_the_pbx(2.0)
    await asyncio.sleep(0.1)
    assert sum(talk.heard for talk in talks) == sent
    pbx.close()
    for talk in talks:
        assert talk.transport is not None
        talk.transport.close()
