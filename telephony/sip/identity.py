"""Who calls, whom they dialled, who forwarded them: read from an INVITE's headers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from aiosipua.headers import parse_address
from aiosipua.message import SipRequest

from telephony.sip.headers import split_values
from telephony.sip.uri import parse_uri, uri_in

_ANONYMOUS_USERS = {"", "anonymous", "unknown", "unavailable", "restricted", "private"}
_NUMBER = re.compile(r"\+?[0-9A-Da-d*#]+")
_SESSION_ID = re.compile(r"\b[0-9A-Fa-f]{32}\b")
LONGEST_NAME = 255
"""Characters of a call's name; a longer one is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The people of an incoming call, as signalled."""

    dialled: str
    forwarded_from: str | None
    caller_number: str | None
    caller_name: str | None


def identify(invite: SipRequest, *, extensions: frozenset[str] = frozenset()) -> Identity:
    """Read an INVITE. Never raises: what cannot be read is None.

    A call to one of our `extensions` was dialled to another number, if its headers tell which.
    """
    number, name = _caller(invite)
    return Identity(
        dialled=_dialled(invite, extensions),
        forwarded_from=_forwarder(invite),
        caller_number=number,
        caller_name=name,
    )


def names_of(invite: SipRequest) -> tuple[str, ...]:
    """How others know the call: Call-ID, and the identifiers of Session-ID (RFC 7989)."""
    found = [invite.call_id or "", *session_ids(invite.get_header("session-id") or "")]
    return tuple(dict.fromkeys(name for name in found if name and len(name) <= LONGEST_NAME))


def session_ids(text: str) -> list[str]:
    """Both ends' identifiers of a Session-ID, in a header or in recording metadata."""
    return [found.lower() for found in _SESSION_ID.findall(text) if set(found) != {"0"}]


def number_in(address: str) -> str:
    """The number, extension or name in an address of record, "" without one."""
    return _user(address) if ":" in address else _user(f"sip:{address}")


def _dialled(invite: SipRequest, extensions: frozenset[str]) -> str:
    """Request-URI, else To; behind a registered extension P-Called-Party-ID (RFC 7315), or To."""
    target = _user(invite.uri)
    to = _user_of(invite.get_header("to"))
    if target and target not in extensions:
        return target
    called = _user_of(invite.get_header("p-called-party-id"))
    others = [user for user in (called, to) if user and user not in extensions]
    return others[0] if others else target or to


def _user(uri: str) -> str:
    """The number or name in a SIP or tel URI, a number's separators removed."""
    parsed = parse_uri(uri)
    user = unquote(parsed.user.partition(";")[0].partition(":")[0]) if parsed else ""
    bare = re.sub(r"[\s\-.()]", "", user)
    return bare if _NUMBER.fullmatch(bare) else user


def _user_of(name_address: str | None) -> str:
    return _user(uri_in(name_address)) if name_address else ""


def _display_name(name_address: str) -> str | None:
    raw = parse_address(name_address).display_name or ""
    name = re.sub(r"\\(.)", r"\1", raw).strip().strip('"').strip()
    return name or None


def _caller(invite: SipRequest) -> tuple[str | None, str | None]:
    """Number and name: P-Asserted-Identity (RFC 3325) before From, unless the caller hides."""
    source = invite.get_header("from") or ""
    privacy = {
        token.strip().lower()
        for value in invite.headers.get("privacy")
        for token in re.split(r"[;,]", value)
    }
    # RFC 3323 and 3325: any of these asks that the identity not be shown.
    hidden = bool(privacy & {"id", "user", "header", "critical"}) or _is_anonymous(source)
    if hidden:
        return None, None
    asserted = split_values(invite.headers.get("p-asserted-identity"))
    for value in [*asserted, source]:
        number = _user_of(value)
        if number.lower() not in _ANONYMOUS_USERS:
            names = (_display_name(value) for value in [*asserted, source])
            name = next((name for name in names if name and name != number), None)
            return number, name
    return None, None


def _is_anonymous(source: str) -> bool:
    uri = parse_uri(uri_in(source))
    hidden_host = uri is not None and uri.host.lower() == "anonymous.invalid"
    return hidden_host or _user_of(source).lower() in _ANONYMOUS_USERS


def _forwarder(invite: SipRequest) -> str | None:
    """Who sent the call on: the first Diversion (RFC 5806), else History-Info (RFC 7044)."""
    for value in split_values(invite.headers.get("diversion")):
        user = _user_of(value)
        if user:
            return user
    return _history_forwarder(split_values(invite.headers.get("history-info")))


def _history_forwarder(entries: list[str]) -> str | None:
    """The last target the call was sent on from.

    An entry that gives a cause was reached by retargeting, so the one before it forwarded the
    call; without causes, the one before the last did.
    """
    users = [(_user_of(entry), entry.lower()) for entry in entries]
    for (user, _), (_, following) in zip(reversed(users[:-1]), reversed(users[1:]), strict=True):
        if user and ("cause=" in following or "cause%3d" in following):
            return user
    return next((user for user, _ in reversed(users[:-1]) if user), None)
