"""Who calls, whom they dialled, who forwarded them."""

from __future__ import annotations

import pytest
from aiosipua.message import SipRequest
from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.headers import split_values
from telephony.sip.identity import identify
from telephony.sip.message import parse_message


def invite(
    *headers: str, uri: str = "sip:0261910001@pbx.example.com", sender: str = ""
) -> SipRequest:
    sender = sender or '"Jeanne Martin" <sip:+33199001122@carrier.example.com>;tag=a'
    lines = [
        f"INVITE {uri} SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1", f"From: {sender}",
        "To: <sip:0261910002@pbx.example.com>", "Call-ID: c", "CSeq: 1 INVITE", *headers, "", "",
    ]  # fmt: skip
    message = parse_message("\r\n".join(lines).encode())
    assert isinstance(message, SipRequest)
    return message


@pytest.mark.parametrize(
    ("uri", "dialled"),
    [
        ("sip:0261910001@pbx.example.com", "0261910001"),
        ("sip:+33261910001@pbx.example.com:5080;transport=tcp", "+33261910001"),
        ("sips:+33-2-61-91-00-01;npdi=yes@pbx.example.com;user=phone", "+33261910001"),
        ("tel:+33-2.61(91)00-01", "+33261910001"),
        ("tel:0261910001;phone-context=+33", "0261910001"),
        ("sip:accueil.cabinet@pbx.example.com", "accueil.cabinet"),
        ("sip:%2B33261910001@pbx.example.com", "+33261910001"),
        ("sip:pbx.example.com", "0261910002"),
    ],
)
def test_the_number_dialled(uri: str, dialled: str) -> None:
    assert identify(invite(uri=uri)).dialled == dialled


def test_the_caller_is_from_without_an_asserted_identity() -> None:
    identity = identify(invite())
    assert (identity.caller_number, identity.caller_name) == ("+33199001122", "Jeanne Martin")


def test_an_asserted_identity_comes_first() -> None:
    identity = identify(
        invite('P-Asserted-Identity: "Cabinet Aubrac" <sip:0353010203@carrier.example.com>')
    )
    assert (identity.caller_number, identity.caller_name) == ("0353010203", "Cabinet Aubrac")


def test_of_two_asserted_identities_the_number_is_taken() -> None:
    identity = identify(
        invite("P-Asserted-Identity: <sip:@carrier.example.com>, <tel:+33353010203>")
    )
    assert (identity.caller_number, identity.caller_name) == ("+33353010203", "Jeanne Martin")


@pytest.mark.parametrize(
    "hidden",
    [
        invite("Privacy: id", "P-Asserted-Identity: <tel:+33353010203>"),
        invite("Privacy: header;user"),
        invite(sender='"Anonymous" <sip:anonymous@anonymous.invalid>;tag=a'),
        invite("P-Asserted-Identity: <tel:+33353010203>", sender="<sip:anonymous@x.fr>;tag=a"),
        invite(sender="<sip:Restricted@carrier.example.com>;tag=a"),
    ],
)
def test_a_caller_who_hides_is_not_shown(hidden: SipRequest) -> None:
    identity = identify(hidden)
    assert (identity.caller_number, identity.caller_name) == (None, None)


def test_privacy_none_hides_nothing() -> None:
    assert identify(invite("Privacy: none")).caller_number == "+33199001122"


def test_headers_of_our_own_invention_are_ignored() -> None:
    identity = identify(invite("X-Caller: 0639980000", "X-Forwarded-From: 0639980001"))
    assert identity.caller_number == "+33199001122"
    assert identity.forwarded_from is None


@pytest.mark.parametrize(
    ("headers", "forwarder"),
    [
        (["Diversion: <sip:0465710001@x.fr>;reason=unconditional"], "0465710001"),
        (
            ['Diversion: "A, B" <sip:0465710001@x.fr>;reason=no-answer, <sip:0465710009@x.fr>'],
            "0465710001",
        ),
        (["Diversion: <sip:0465710001@x.fr>", "History-Info: <sip:1@x>;index=1"], "0465710001"),
        (
            [
                "History-Info: <sip:0465710001@x.fr>;index=1, "
                "<sip:0261910001@x.fr;cause=302>;index=1.1"
            ],
            "0465710001",
        ),
        (
            [
                "History-Info: <sip:0536490000@x.fr>;index=1",
                "History-Info: <sip:0465710001@x.fr?Reason=SIP%3Bcause%3D302>;index=1.1",
                "History-Info: <sip:0261910001@x.fr;cause=486>;index=1.1.1",
            ],
            "0465710001",
        ),
        (["History-Info: <sip:0261910001@x.fr>;index=1"], None),
        ([], None),
    ],
)
def test_who_forwarded(headers: list[str], forwarder: str | None) -> None:
    assert identify(invite(*headers)).forwarded_from == forwarder


def test_values_are_split_at_their_own_commas_only() -> None:
    raw = ['"Martin, Jeanne" <sip:a@b;x=1,2>;p=1, <sip:c@d>', "sip:e@f"]
    assert split_values(raw) == ['"Martin, Jeanne" <sip:a@b;x=1,2>;p=1', "<sip:c@d>", "sip:e@f"]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n\0")))
def test_no_header_value_breaks_it(value: str) -> None:
    names = ("P-Asserted-Identity", "Diversion", "History-Info", "Privacy")
    identify(invite(*(f"{name}: {value}" for name in names)))
