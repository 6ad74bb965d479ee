"""Settings of the line: what cannot be is named before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from copilot.settings import Settings
from telephony.errors import TlsUnusable
from tests.telephony.authority import Authority
from web.line import check_line
from web.sipaccounts import LineSettingError


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"rtp_ports": "many"}, "SOUFFLEUR_RTP_PORTS"),
        ({"sip_allow": "10.0.0.0/99"}, "SOUFFLEUR_SIP_ALLOW"),
        ({"sip_codecs": "PCMA,G729"}, "SOUFFLEUR_SIP_CODECS"),
        ({"sip_codecs": ""}, "SOUFFLEUR_SIP_CODECS"),
        ({"dial_costly": "premium,dear"}, "SOUFFLEUR_DIAL_COSTLY"),
        ({"dial_rates": "+33=cheap"}, "SOUFFLEUR_DIAL_RATES"),
        ({"turn_urls": "stun:turn.example.com", "turn_secret": "s"}, "SOUFFLEUR_TURN_URLS"),
        ({"turn_urls": "turn:turn.example.com"}, "SOUFFLEUR_TURN_SECRET"),
        ({"sip_encryption": "required"}, "SOUFFLEUR_SIP_TLS_CERTIFICATE"),
    ],
)
def test_a_setting_that_cannot_be_is_named(values: dict[str, Any], named: str) -> None:
    with pytest.raises(LineSettingError, match=named):
        check_line(Settings(**values))


def test_a_missing_certificate_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nothing.pem"
    with pytest.raises(TlsUnusable, match=str(path)):
        check_line(Settings(sip_tls_certificate=str(path)))


def test_a_whole_set_passes(tmp_path: Path) -> None:
    Authority.open(tmp_path).identity("line")
    check_line(
        Settings(
            sip_tls_certificate=str(tmp_path / "line.pem"),
            sip_tls_client_ca=str(tmp_path / "authority.pem"),
            sip_encryption="required",
            sip_codecs="pcma, OPUS",
            sip_allow="192.0.2.0/24, 198.51.100.7",
            rtp_ports="30000-30999",
        )
    )
