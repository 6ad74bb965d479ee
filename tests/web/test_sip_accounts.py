"""The file of SIP passwords: read whole, or refused with the key that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from web.sipaccounts import LineSettingError, read_accounts

WHOLE = """
[[trunk]]
user = "carrier-a"
password = "p"

[[extension]]
user = "201"
password = "q"
registrar = ["sip:pbx.example.com;transport=tls", "sip:192.0.2.7:5070"]
"""


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sip.toml"
    path.write_text(WHOLE)
    accounts = read_accounts(path)
    (extension,) = accounts.extensions
    assert accounts.trunks == {"carrier-a": "p"}
    assert extension.registrars == ("sip:pbx.example.com;transport=tls", "sip:192.0.2.7:5070")
    assert "q" not in repr(extension)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[trunk", "not TOML"),
        ("[[trunks]]", "trunks"),
        ("[trunk]\nuser = 'a'", r"\[\[trunk\]\]"),
        ("[[trunk]]\nuser = 'a'", "password"),
        ("[[trunk]]\nuser = 'a'\npasword = 'b'", "pasword"),
        ("[[extension]]\nuser = 'a'\npassword = 'b'", "registrar"),
        ("[[extension]]\nuser='a'\npassword='b'\nregistrar='pbx'", "sip:host"),
        ("[[extension]]\nuser='a'\npassword='b'\nregistrar='sip:b'\nexpires_s=1", "expires_s"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "sip.toml"
    path.write_text(text)
    with pytest.raises(LineSettingError, match=named):
        read_accounts(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LineSettingError, match=str(tmp_path / "none.toml")):
        read_accounts(tmp_path / "none.toml")
