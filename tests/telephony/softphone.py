"""A real softphone: baresip, driven over its control port."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from telephony.g711 import Pcm
from tests.servers import free_port
from tests.telephony.speech import read_wav

BARESIP_MODULES = Path("/usr/lib/baresip/modules")


class Baresip:
    """A baresip softphone: its microphone is a WAV, and it dumps what it hears into another."""

    def __init__(
        self, folder: Path, microphone: Path, codec: str, user: str, account: str, config: str
    ) -> None:
        self.folder = folder
        self._control = free_port()
        self.port = sip = free_port()
        """Where it takes calls for its user."""
        modules = ["g711.so", "g722.so", "opus.so", "aufile.so", "sndfile.so", "srtp.so"]
        applications = ["account.so", "menu.so", "ctrl_tcp.so"]
        (folder / "config").write_text(
            "\n".join(
                [
                    f"sip_listen 127.0.0.1:{sip}",
                    f"audio_source aufile,{microphone}",
                    f"snd_path {folder}",
                    f"module_path {BARESIP_MODULES}",
                    *(f"module {name}" for name in modules),
                    *(f"module_app {name}" for name in applications),
                    f"ctrl_tcp_listen 127.0.0.1:{self._control}",
                    config,
                    "",
                ]
            )
        )
        (folder / "accounts").write_text(
            f'"Jeanne Martin" <sip:{user}@127.0.0.1:{sip}>;regint=0;audio_codecs={codec}{account}\n'
        )
        (folder / "contacts").touch()
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            "baresip", "-f", str(self.folder),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(20):
            while self._writer is None:
                try:
                    _, self._writer = await asyncio.open_connection("127.0.0.1", self._control)
                except ConnectionRefusedError:
                    left = self._process.returncode
                    assert left is None, f"baresip left at once ({left})"
                    await asyncio.sleep(0.05)

    async def command(self, name: str, parameters: str = "") -> None:
        """Send a command over ctrl_tcp (a netstring of JSON)."""
        assert self._writer is not None
        body = f'{{"command":"{name}","params":"{parameters}"}}'
        self._writer.write(f"{len(body)}:{body},".encode())
        await self._writer.drain()

    def heard(self) -> Pcm:
        """What came out of its decoder."""
        (path,) = self.folder.glob("dump-*-dec.wav")
        return read_wav(path)

    async def stop(self) -> None:
        if self._writer is not None:
            self._writer.close()
        assert self._process is not None
        if self._process.returncode is None:
            self._process.terminate()
        await self._process.communicate()


@contextlib.asynccontextmanager
async def baresip(
    folder: Path,
    microphone: Path,
    codec: str,
    *,
    user: str = "0199001122",
    account: str = "",
    config: str = "",
) -> AsyncIterator[Baresip]:
    """A softphone of this user, ready to dial; `account` and `config` are added to its own."""
    phone = Baresip(folder, microphone, codec, user, account, config)
    await phone.start()
    try:
        yield phone
    finally:
        await phone.stop()
