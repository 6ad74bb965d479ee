"""The file of SIP passwords (SOUFFLEUR_SIP_ACCOUNTS): kept apart, so that it can be kept secret.

[[trunk]]                  # may call from anywhere
user = "carrier-a"
password = "..."

[[extension]]              # registered there, called from there
user = "201"
password = "..."
registrar = ["sip:pbx.example.com;transport=tls", "sip:192.0.2.7"]
domain = "example.com"     # of the address; by default the first registrar's host
auth_user = "u201"         # by default the user
expires_s = 300

[[gateway]]                # where calls go out, in order of preference
name = "carrier-a"
server = ["sip:trunk.example.com;transport=tls"]   # or: extension = "201"
user = "carrier-a"         # where it asks for a password
password = "..."
domain = "example.com"     # of our address; by default the server's host
number_form = "e164"       # +33..., or "plain", "international" (0033...), "national" (01...)
showing = "both"           # the number shown: in "from", "asserted", or "both"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from telephony.dialplan import NumberForm
from telephony.sip.gateway import Gateway, Showing
from telephony.sip.registration import Extension
from telephony.sip.uri import parse_uri


class LineSettingError(ValueError):
    """A setting of the line that cannot be; the message names it and the mend."""

    code = "line_setting"


@dataclass(frozen=True, slots=True, kw_only=True)
class SipAccounts:
    """Who may call with a password, and where we register."""

    trunks: Mapping[str, str] = field(default_factory=dict)
    extensions: tuple[Extension, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    operators: Mapping[str, str] = field(default_factory=dict)
    """E-mail address of the account, by extension."""


def read_accounts(path: Path) -> SipAccounts:
    """Raises LineSettingError, naming the file, the account and the key."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LineSettingError(f"SOUFFLEUR_SIP_ACCOUNTS: {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LineSettingError(f"{path}: not TOML: {error}") from error
    if unknown := set(tables) - {"trunk", "extension", "gateway", "operators"}:
        raise LineSettingError(
            f"{path}: {min(unknown)!r}: write [[trunk]], [[extension]], [[gateway]] or [operators]"
        )
    trunks: dict[str, str] = {}
    for entry in tables.get("trunk", []):
        trunk = _table(path, "trunk", entry, {"user", "password"})
        trunks[_text(path, "trunk", trunk, "user")] = _text(path, "trunk", trunk, "password")
    extensions = [_extension(path, entry) for entry in tables.get("extension", [])]
    users = {extension.user for extension in extensions}
    gateways = [_gateway(path, entry, users) for entry in tables.get("gateway", [])]
    operators = tables.get("operators", {})
    if not isinstance(operators, dict) or not all(isinstance(v, str) for v in operators.values()):
        raise LineSettingError(f'{path}: [operators]: write 201 = "camille@example.com"')
    return SipAccounts(
        trunks=trunks,
        extensions=tuple(extensions),
        gateways=tuple(gateways),
        operators=operators,
    )


def _extension(path: Path, table: Any) -> Extension:
    known = {"user", "password", "registrar", "domain", "auth_user", "expires_s"}
    table = _table(path, "extension", table, known)
    registrars = _uris(path, "extension", table, "registrar")
    expires_s = table.get("expires_s", 300)
    if not isinstance(expires_s, int) or not 30 <= expires_s <= 86_400:
        raise LineSettingError(f"{path}: [[extension]]: expires_s is 30 to 86400 seconds")
    return Extension(
        user=_text(path, "extension", table, "user"),
        password=_text(path, "extension", table, "password"),
        registrars=registrars,
        domain=_text(path, "extension", table, "domain", default=""),
        auth_user=_text(path, "extension", table, "auth_user", default=""),
        expires_s=expires_s,
    )


def _gateway(path: Path, table: Any, users: set[str]) -> Gateway:
    known = {
        "name", "server", "extension", "user", "password", "domain", "number_form", "showing",
    }  # fmt: skip
    table = _table(path, "gateway", table, known)
    extension = _text(path, "gateway", table, "extension", default="")
    if extension and ("server" in table or extension not in users):
        raise LineSettingError(
            f"{path}: [[gateway]]: extension = {extension!r}: name an [[extension]] of this file, "
            "and no server beside it"
        )
    user = _text(path, "gateway", table, "user", default="")
    password = _text(path, "gateway", table, "password") if user else ""
    return Gateway(
        name=_text(path, "gateway", table, "name"),
        servers=() if extension else _uris(path, "gateway", table, "server"),
        extension=extension,
        user=user,
        password=password,
        domain=_text(path, "gateway", table, "domain", default=""),
        number_form=_choice(path, table, "number_form", get_args(NumberForm), "e164"),
        showing=_choice(path, table, "showing", get_args(Showing), "both"),
    )


def _choice(path: Path, table: dict[str, Any], key: str, known: tuple[str, ...], usual: str) -> Any:
    value = table.get(key, usual)
    if value not in known:
        raise LineSettingError(
            f"{path}: [[gateway]]: {key} = {value!r} is not one of {', '.join(known)}"
        )
    return value


def _uris(path: Path, kind: str, table: dict[str, Any], key: str) -> tuple[str, ...]:
    uris = table.get(key, [])
    uris = [uris] if isinstance(uris, str) else uris
    for uri in uris if isinstance(uris, list) and uris else [None]:
        parsed = parse_uri(uri) if isinstance(uri, str) else None
        if parsed is None or not parsed.host:
            raise LineSettingError(
                f"{path}: [[{kind}]]: {key} = {uri!r}: write sip:host or "
                "sip:host:port;transport=tls, or a list of these"
            )
    return tuple(uris)


def _table(path: Path, kind: str, table: Any, known: set[str]) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise LineSettingError(f"{path}: write [[{kind}]], with two brackets")
    if unknown := set(table) - known:
        raise LineSettingError(
            f"{path}: [[{kind}]]: {min(unknown)!r} is not one of {', '.join(sorted(known))}"
        )
    return table


def _text(
    path: Path, kind: str, table: dict[str, Any], key: str, *, default: str | None = None
) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or (default is None and not value):
        raise LineSettingError(f"{path}: [[{kind}]]: {key} is missing, or is not a text")
    return value
