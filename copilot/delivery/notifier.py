"""The process that talks to chat, push and text-message services, one note and then it ends.

`python -m copilot.delivery.notifier` reads one JSON object and writes one. It is a process of its
own because an address comes from people and the library behind it (Apprise) opens what the address
says, follows redirects and cannot be interrupted: here every connection is checked as it is made,
whatever name or redirect led to it, and the parent ends what takes too long. Addresses come by
standard input, so that no list of processes shows one.

    {"address": "...", "private": false}                                is it good? which service?
    {"address": "...", "private": false, "title": "...", "body": "..."} send it
    {"service": "Slack", "problem": null, "sent": true, "statuses": [200], "unreachable": null}
"""

from __future__ import annotations

import ipaddress
import json
import logging
import sys
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SERVICES = {
    "slack": "Slack", "msteams": "Teams", "workflow": "Teams", "workflows": "Teams",
    "gchat": "Google Chat", "wxteams": "Webex", "webex": "Webex", "discord": "Discord",
    "tgram": "Telegram", "signal": "Signal", "signals": "Signal", "zulip": "Zulip",
    "mmost": "Mattermost", "mmosts": "Mattermost", "rocket": "Rocket.Chat",
    "rockets": "Rocket.Chat", "matrix": "Matrix", "matrixs": "Matrix",
    "ntfy": "ntfy", "ntfys": "ntfy", "gotify": "Gotify", "gotifys": "Gotify",
    "pover": "Pushover", "pbul": "Pushbullet", "twilio": "SMS", "vonage": "SMS", "nexmo": "SMS",
    "msgbird": "SMS", "clickatell": "SMS", "clicksend": "SMS", "d7sms": "SMS", "sinch": "SMS",
    "plivo": "SMS", "sfr": "SMS", "octopush": "SMS", "seven": "SMS", "46elks": "SMS",
    "freemobile": "SMS", "bulksms": "SMS", "smseagle": "SMS", "smseagles": "SMS",
    "httpsms": "SMS", "telnyx": "SMS", "infobip": "SMS",
}  # fmt: skip
"""What an address may begin with. Services that run programs, write files or send mail are not
among them."""

OPTIONS = frozenset(
    {"from", "to", "priority", "topic", "tags", "mode", "image", "footer", "ver", "version",
     "region", "sound", "thread", "auth", "name", "sender", "status", "avatar", "method", "key",
     "secret", "token", "batch", "unicode", "channel", "id"}
)  # fmt: skip
"""What may follow the `?`. Others name files and templates, or switch certificates off."""


def refuse_private_addresses() -> None:
    """From now on this process connects to public addresses only."""

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "socket.connect":
            return
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "local"
        try:
            public = ipaddress.ip_address(str(host).partition("%")[0]).is_global
        except ValueError:
            public = False
        if not public:
            raise PermissionError("private address")

    sys.addaudithook(watch)


def problem_of(address: str) -> str | None:
    """Why an address is not taken, in a word: `service`, `option`; null when it may be."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "malformed"
    if parts.scheme.lower() not in SERVICES:
        return "service"
    if any(name.lstrip("+-:").lower() not in OPTIONS for name, _ in parse_qsl(parts.query, True)):
        return "option"
    return None


class Watched:
    """What the requests of this process came to."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.unreachable: str | None = None

    def install(self) -> None:
        """Note every answer, and follow no redirect."""
        import requests

        plain = requests.Session.request

        def watched(session: Any, *arguments: Any, **options: Any) -> Any:
            options["allow_redirects"] = False
            try:
                answer = plain(session, *arguments, **options)
            except requests.RequestException as error:
                inner = str(error)
                self.unreachable = "private" if "private address" in inner else type(error).__name__
                raise
            self.statuses.append(answer.status_code)
            return answer

        requests.Session.request = watched  # type: ignore[method-assign, assignment]


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Do what was asked."""
    address = asked["address"]
    service = SERVICES.get(urlsplit(address).scheme.lower()) if "://" in address else None
    said: dict[str, Any] = {
        "service": service, "problem": None, "sent": False, "statuses": [], "unreachable": None,
    }  # fmt: skip
    if (problem := problem_of(address)) is not None:
        return {**said, "problem": problem}
    import apprise

    logging.disable(logging.CRITICAL)  # it writes addresses
    receiver = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if receiver is None:
        return {**said, "problem": "malformed"}
    if "body" not in asked:
        return said
    if not asked["private"]:
        refuse_private_addresses()
    watched = Watched()
    watched.install()
    sent = receiver.notify(body=asked["body"], title=asked["title"])
    # A redirect is no delivery, whatever the service's own code makes of it.
    moved = any(300 <= status < 400 for status in watched.statuses)
    return {
        **said,
        "sent": bool(sent) and not moved,
        "statuses": watched.statuses,
        "unreachable": watched.unreachable,
    }


def main() -> None:
    """Read, do, write."""
    print(json.dumps(answer(json.loads(sys.stdin.read()))), flush=True)


if __name__ == "__main__":
    main()
