"""A desk behind a strict network: Chromium may only use the relay, a real coturn."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.scripted import ScriptedRecogniser
from tests.end_to_end.people import OPERATOR, browser, new_page, sign_in
from tests.end_to_end.people import heard as headset
from tests.end_to_end.test_line_controls import SPEECH
from tests.end_to_end.test_one_call import until
from tests.telephony.callee import holds_tone, tone
from tests.telephony.sipcaller import level, sip_caller
from tests.telephony.speech import write_wav
from tests.telephony.test_turn import needs_coturn
from tests.turnserver import SECRET, coturn
from tests.web.running import DELORME_LINE, running

pytestmark = [pytest.mark.browser, pytest.mark.peer, needs_coturn, pytest.mark.timeout(120)]

RELAY_ONLY = """
const Given = window.RTCPeerConnection;
window.links = [];
window.RTCPeerConnection = class extends Given {
  constructor(settings) {
    super({...settings, iceTransportPolicy: 'relay'});
    window.links.push(this);
  }
};
window.pair = async () => {
  const found = [];
  for (const link of window.links)
    for (const report of (await link.getStats()).values())
      if (report.type === 'local-candidate') found.push(report.candidateType);
  return found;
};
"""
CALLER_HZ = 500.0


async def test_a_desk_that_only_reaches_the_relay_talks(tmp_path: Path) -> None:
    microphone = write_wav(tmp_path / "operator.wav", SPEECH)
    with coturn(tmp_path) as server:
        async with (
            running(
                tmp_path,
                recogniser=ScriptedRecogniser(["bonjour"]),
                turn_urls=server.url,
                turn_secret=SECRET,
            ) as service,
            browser(microphone, "--allow-loopback-in-peer-connection") as chromium,
        ):
            assert service.house.accounts_shown is not None and service.house.sip is not None
            desk = await new_page(chromium)
            await desk.context.add_init_script(RELAY_ONLY)
            password = service.house.accounts_shown.operator.password
            await sign_in(desk, service.url, OPERATOR, password)
            async with sip_caller(
                service.house.sip.address, DELORME_LINE, tone(CALLER_HZ)
            ) as caller:
                await desk.get_by_test_id("answer").first.click()
                await desk.get_by_test_id("audio-connected").wait_for(state="attached")

                async def heard() -> bool:
                    return level(caller.heard[-4000:]) > 100.0

                await until(heard, limit_s=20)
                assert set(await desk.evaluate("() => window.pair()")) == {"relay"}

                async def understood() -> bool:
                    return holds_tone(await headset(desk), CALLER_HZ)

                await until(understood, limit_s=20)
            parts = (await service.browser().get("/healthz")).json()["parts"]
            assert parts["turn"] == "ready"
            assert desk.failures == []
            assert server.said("ALLOCATE processed, success")
