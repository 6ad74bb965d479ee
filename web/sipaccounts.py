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
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    if unknown := set(tables) - {"trunk", "extension", "operators"}:
        raise LineSettingError(
            f"{path}: {min(unknown)!r}: write [[trunk]], [[extension]] or [operators]"
        )
    trunks: dict[str, str] = {}
    for entry in tables.get("trunk", []):
        trunk = _table(path, "trunk", entry, {"user", "password"})
        trunks[_text(path, "trunk", trunk, "user")] = _text(path, "trunk", trunk, "password")
    extensions = [_extension(path, entry) for entry in tables.get("extension", [])]
    operators = tables.get("operators", {})
    if not isinstance(operators, dict) or not all(isinstance(v, str) for v in operators.values()):
        raise LineSettingError(f'{path}: [operators]: write 201 = "camille@example.com"')
    return SipAccounts(trunks=trunks, extensions=tuple(extensions), operators=operators)


def _extension(path: Path, table: Any) -> Extension:
    known = {"user", "password", "registrar", "domain", "auth_user", "expires_s"}
    table = _table(path, "extension", table, known)
    registrars = table.get("registrar", [])
    registrars = [registrars] if isinstance(registrars, str) else registrars
    for uri in registrars if isinstance(registrars, list) and registrars else [None]:
        parsed = parse_uri(uri) if isinstance(uri, str) else None
        if parsed is None or not parsed.host:
            raise LineSettingError(
                f"{path}: [[extension]]: registrar = {uri!r}: write sip:host or "
                "sip:host:port;transport=tls, or a list of these"
            )
    expires_s = table.get("expires_s", 300)
    if not isinstance(expires_s, int) or not 30 <= expires_s <= 86_400:
        raise LineSettingError(f"{path}: [[extension]]: expires_s is 30 to 86400 seconds")
    return Extension(
        user=_text(path, "extension", table, "user"),
        password=_text(path, "extension", table, "password"),
        registrars=tuple(registrars),
        domain=_text(path, "extension", table, "domain", default=""),
        auth_user=_text(path, "extension", table, "auth_user", default=""),
        expires_s=expires_s,
    )


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
