"""People at their screens: a real Chromium whose microphone is a recording."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np

from telephony.g711 import Pcm
from tests.end_to_end.builtpages import require_built_pages
from tests.telephony.browser import CHROMIUM

OPERATOR = "operatrice@souffleur.example.fr"
CLIENT = "client@plomberie-delorme.example.fr"
SUPERVISOR = "superviseur@souffleur.example.fr"

# Records whatever a peer connection receives: what a person hears in the headset. The browser's
# own echo and noise treatment is off, so that what left the microphone can be compared.
EAR = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = wanted => open({...wanted, audio: {
  ...(wanted.audio === true ? {} : wanted.audio),
  echoCancellation: false, noiseSuppression: false, autoGainControl: false}});
window.heard = [];
const Peer = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Peer {
  constructor(...given) {
    super(...given);
    this.addEventListener('track', event => {
      const context = new AudioContext({sampleRate: 8000});
      const tap = context.createScriptProcessor(1024, 1, 1);
      tap.onaudioprocess = heard => window.heard.push(...heard.inputBuffer.getChannelData(0));
      context.createMediaStreamSource(new MediaStream([event.track])).connect(tap);
      tap.connect(context.destination);
    });
  }
};
"""


def flags(microphone: Path | None) -> list[str]:
    """Chromium with a fake microphone that says the recording once, and no network of its own."""
    speaking = f"--use-file-for-fake-audio-capture={microphone}%noloop" if microphone else ""
    return [
        flag
        for flag in (
            "--no-sandbox", "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream", speaking,
            "--autoplay-policy=no-user-gesture-required", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-gpu", "--disable-quic",
            "--no-first-run",
        )
        if flag
    ]  # fmt: skip


@contextlib.asynccontextmanager
async def browser(microphone: Path | None = None, *more: str) -> AsyncIterator[Any]:
    """A Chromium of its own: the microphone is a flag of the process, and `more` are others.

    Raises StalePagesError.
    """
    from playwright.async_api import async_playwright

    require_built_pages()

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*flags(microphone), *more]
        )
        try:
            yield chromium
        finally:
            await chromium.close()


async def new_page(chromium: Any, *, width: int = 1440, height: int = 900, **options: Any) -> Any:
    """A French reader's tab; a failure of the page's own code fails the test."""
    context = await chromium.new_context(
        locale="fr-FR", viewport={"width": width, "height": height}, **options
    )
    await context.add_init_script(EAR)
    page = await context.new_page()
    page.set_default_timeout(30_000)
    page.failures = []
    page.on("pageerror", lambda error: page.failures.append(str(error)))
    return page


async def sign_in(page: Any, url: str, email: str, password: str) -> None:
    """Sign in and arrive on the person's own page."""
    await page.goto(url)
    await page.get_by_test_id("sign-in-email").fill(email)
    await page.get_by_test_id("sign-in-password").fill(password)
    await page.get_by_test_id("sign-in-submit").click()
    await page.get_by_test_id("account-menu-button").wait_for()


async def heard(page: Any) -> Pcm:
    """What came out of the headset so far, 8 kHz."""
    samples = await page.evaluate("() => window.heard")
    return (np.array(samples, dtype=np.float64) * 32767).astype(np.int16)


async def texts(page: Any, testid: str) -> list[str]:
    """The text of every element with this id."""
    found: list[str] = await page.get_by_test_id(testid).all_inner_texts()
    return found
