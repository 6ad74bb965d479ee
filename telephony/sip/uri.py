"""SIP and tel URIs (RFC 3261 section 19.1, RFC 3966).

Ours because aiosipua 0.7.1 cuts a URI at its first semicolon, and carriers write number
portability into the user part: `sip:+33199001122;npdi=yes@carrier.example.com`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HOST_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]+)(?::(\d{1,5}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Uri:
    """The parts of a URI; a tel URI has no host."""

    scheme: str
    user: str = ""
    """As written, parameters of the number included."""
    host: str = ""
    port: int | None = None
    parameters: frozenset[str] = frozenset()
    """Names of the URI's own parameters, lower case."""


def parse_uri(text: str) -> Uri | None:
    """Read a URI; None when it is not one that can be reached by telephone."""
    scheme, colon, rest = text.strip().partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in ("sip", "sips", "tel"):
        return None
    if scheme == "tel":
        return Uri(scheme=scheme, user=rest)
    user, at, place = rest.partition("@")
    if not at:
        user, place = "", rest
    place = place.partition("?")[0]
    host_port, _, parameters = place.partition(";")
    match = _HOST_PORT.fullmatch(host_port.strip())
    if match is None:
        return None
    port = int(match[2]) if match[2] else None
    if port is not None and not 0 < port < 65536:
        return None
    names = (parameter.partition("=")[0].strip().lower() for parameter in parameters.split(";"))
    return Uri(
        scheme=scheme,
        user=user,
        host=match[1],
        port=port,
        parameters=frozenset(filter(None, names)),
    )


def uri_in(name_address: str) -> str:
    """The URI of a name-addr or addr-spec, its header's parameters left out."""
    bracketed = re.search(r"<([^>]*)>", name_address)
    if bracketed:
        return bracketed[1].strip()
    # Without brackets, what follows a semicolon belongs to the header (section 20.10) unless
    # it comes before the host.
    user, at, rest = name_address.strip().partition("@")
    return f"{user}@{rest.partition(';')[0]}" if at else user.partition(";")[0]
