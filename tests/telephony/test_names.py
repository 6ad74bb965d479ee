"""How other systems know a call: read from an INVITE and from a recording's metadata."""

from __future__ import annotations

from aiosipua.message import SipRequest
from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.identity import LONGEST_NAME, names_of, session_ids
from telephony.sip.recordingmetadata import MOST_NAMES, read_metadata

ONE, TWO = "ab30317f1a784dc48ff824d0d3715d86", "47755a9de7794ba387653f2099600ef2"


def invite(**headers: str) -> SipRequest:
    request = SipRequest(method="INVITE", uri="sip:1@example.com")
    for name, value in headers.items():
        request.headers.set_single(name.replace("_", "-"), value)
    return request


def test_call_id_and_both_ends_of_a_session_id() -> None:
    named = names_of(invite(Call_ID="a84b4c@pbx", Session_ID=f"{ONE.upper()};remote={TWO}"))
    assert named == ("a84b4c@pbx", ONE, TWO)
    nil = names_of(invite(Call_ID="a84b4c@pbx", Session_ID=f"{ONE};remote={'0' * 32}"))
    assert nil == ("a84b4c@pbx", ONE)
    assert names_of(invite(Call_ID="x" * (LONGEST_NAME + 1))) == ()


def test_the_metadata_of_a_recording() -> None:
    document = f"""<recording xmlns="urn:ietf:params:xml:ns:recording:1">
      <session session_id="s1"><sipSessionID>{ONE}; remote={TWO}</sipSessionID></session>
      <extensiondata><x:callid xmlns:x="urn:x">1-2345@sbc</x:callid><Call-ID/></extensiondata>
    </recording>"""
    told = read_metadata(document.encode())
    assert told.names == (ONE, TWO, "1-2345@sbc")
    again = told.updated(b"<recording><datamode>partial</datamode></recording>")
    assert again.names == told.names
    many = "".join(f"<callid>{n}</callid>" for n in range(50))
    assert len(read_metadata(f"<recording>{many}</recording>".encode()).names) == MOST_NAMES


@given(st.text(max_size=200))
def test_any_session_id_is_read(text: str) -> None:
    assert all(len(found) == 32 and found == found.lower() for found in session_ids(text))
