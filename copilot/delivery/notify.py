"""Text messages, Slack, Teams, push and others, by way of `copilot.delivery.notifier`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copilot.delivery.channel import Dispatch, PermanentFailureError, TemporaryFailureError
from copilot.delivery.shortnote import Note, note_of, text_message
from copilot.keyfile import KeyFileError
from copilot.routing import BadRouteError, about_route

if TYPE_CHECKING:
    from copilot.keyfile import Keyring

TIMEOUT_S = 30.0
AT_ONCE = 4
"""Processes at a time; each takes some 50 MB for about a second."""

PASSING = frozenset({408, 409, 423, 425, 429})

PROBLEMS = {
    "service": "this kind of address is not taken: Slack, Teams, Mattermost, ntfy, SMS...",
    "option": "an option after the ? is not taken",
    "malformed": "the address is not complete",
}


@dataclass(frozen=True, kw_only=True)
class Notifier:
    """Runs the process, a few at a time."""

    allow_private: bool = False
    timeout_s: float = TIMEOUT_S
    _room: asyncio.Semaphore

    @classmethod
    def open(cls, *, allow_private: bool = False, timeout_s: float = TIMEOUT_S) -> Notifier:
        """`allow_private`: services on the house's own network, for those who run one."""
        return cls(
            allow_private=allow_private, timeout_s=timeout_s, _room=asyncio.Semaphore(AT_ONCE)
        )

    async def service_of(self, address: str) -> str:
        """Whose address it is. Raises `BadRouteError`; the address itself is never repeated."""
        said = await self._ask({"address": address})
        if said["problem"]:
            raise BadRouteError(PROBLEMS[said["problem"]])
        service: str = said["service"]
        return service

    async def send(self, address: str, note: Note) -> None:
        """Raises `TemporaryFailureError`, `PermanentFailureError`."""
        _judge(await self._ask({"address": address, "title": note.title, "body": note.body}))

    async def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        async with self._room:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "copilot.delivery.notifier",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,  # it could repeat the address
                # No secret of ours, no proxy.
                env={"PYTHONPATH": os.pathsep.join(sys.path), "LANG": "C.UTF-8"},
            )
            question = json.dumps({**asked, "private": self.allow_private}).encode()
            try:
                async with asyncio.timeout(self.timeout_s):
                    out, _ = await process.communicate(question)
            except TimeoutError as error:
                raise TemporaryFailureError("le service ne répond pas") from error
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        try:
            said: dict[str, Any] = json.loads(out)
        except ValueError as error:
            raise TemporaryFailureError("erreur interne : l'envoi s'est arrêté") from error
        return said


class NotifyChannel:
    """A client's named channels: their addresses are unsealed for the time of a send."""

    def __init__(self, notifier: Notifier, keyring: Keyring) -> None:
        self._notifier = notifier
        self._keyring = keyring

    async def send(self, dispatch: Dispatch) -> None:
        """Raises `TemporaryFailureError`, `PermanentFailureError`."""
        client, name = dispatch.client, dispatch.item.recipient
        routes = [route for route in client.settings.routes if route.to == name and route.sealed]
        if not routes:
            raise PermanentFailureError(f"le canal « {name} » n'est plus dans les réglages")
        try:
            sealed, about = str(routes[0].sealed), about_route(client.id, name)
            address = self._keyring.unseal(sealed, about=about).decode()
        except KeyFileError as error:
            raise PermanentFailureError(
                f"l'adresse du canal « {name} » ne s'ouvre plus : saisissez-la de nouveau"
            ) from error
        await self._notifier.send(address, note_of(dispatch))


class TextMessageChannel:
    """Text messages by the house's provider: an address with `{to}` where the number goes."""

    def __init__(self, notifier: Notifier, address: str) -> None:
        self._notifier = notifier
        self._address = address

    async def send(self, dispatch: Dispatch) -> None:
        """Raises `TemporaryFailureError`, `PermanentFailureError`."""
        await self.text(dispatch.item.recipient, text_message(dispatch))

    async def text(self, number: str, note: Note) -> None:
        """To a number (E.164). Raises as `send`."""
        address = self._address.replace("{to}", number.removeprefix("+"))
        await self._notifier.send(address, note)


def _judge(said: dict[str, Any]) -> None:
    if said["sent"]:
        return
    service = said["service"] or "le service"
    if said["problem"]:
        raise PermanentFailureError(f"adresse de {service} incomplète : saisissez-la de nouveau")
    if said["unreachable"] == "private":
        raise PermanentFailureError(f"{service} : une adresse privée n'est pas permise")
    statuses: list[int] = said["statuses"]
    last = statuses[-1] if statuses else None
    if last is None or said["unreachable"]:
        raise TemporaryFailureError(
            f"{service} injoignable ({said['unreachable'] or 'sans réponse'})"
        )
    if last >= 500 or last in PASSING:
        raise TemporaryFailureError(f"{service} ne prend pas le message pour l'instant ({last})")
    if last in (401, 403):
        raise PermanentFailureError(
            f"{service} refuse l'accès ({last}) : le jeton a expiré ou a été révoqué"
        )
    if last in (404, 410):
        raise PermanentFailureError(f"{service} : ce canal n'existe plus ({last})")
    raise PermanentFailureError(f"refusé par {service} ({last})")
