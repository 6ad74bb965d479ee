"""Accesses to clients' mailboxes: what is wrong is said; servers that mean harm are left."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from copilot.inquiries.imap import ImapSession, MailboxAwayError
from copilot.inquiries.mailboxes import (
    LONGEST_PAUSE_S,
    POLL_S,
    BadMailboxError,
    access_of,
)
from copilot.store import ConflictError, NotFoundError
from copilot.store.audit import SYSTEM, Act
from tests.delivery.examples import CLIENT
from tests.inquiries.mailboxreading import CAPABLE, Reading, hostile, in_clear
from tests.inquiries.mailserver import PASSWORD, MailServer, mail_server
from tests.inquiries.reader import DOOR
from tests.servers import free_port
from tests.telephony.authority import Authority


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"password": "autre"}, "mailbox_refused"),
        ({"folder": "Absent"}, "mailbox_missing"),
        ({"port": ""}, "mailbox_unreachable"),
        ({"host": "nulle-part.invalid"}, "mailbox_unreachable"),
        ({"security": "tls"}, "mailbox_unreachable"),
    ],
)
async def test_what_is_wrong_is_said_and_tried_again_ever_later(
    reading: Reading, server: MailServer, given: dict[str, str], fault: str
) -> None:
    if "port" in given:
        given = {"port": str(free_port())}
    mailbox_id = await reading.opened(server.port, **given)
    left = await reading.read()
    assert (left.fault, left.failures, left.read_at) == (fault, 1, None)
    assert await reading.reader().trial(left) == fault
    assert not await reading.reader().read_due()
    await reading.read()
    reading.at += timedelta(seconds=POLL_S + 1)
    assert not await reading.reader().read_due(), "twice as late each time"
    assert reading.told == 1
    await reading.read(after_s=LONGEST_PAUSE_S)
    assert reading.told == 2, "three times is no passing trouble"
    reading.reader().forget(mailbox_id)
    access = {**left.access, "password": PASSWORD, "folder": "INBOX", "security": "none",
              "port": str(server.port), "host": "127.0.0.1"}  # fmt: skip
    act = Act(actor=SYSTEM, action="mailbox.changed", at=reading.at, client_id=CLIENT.id)
    await reading.scope.change_mailbox(mailbox_id, access, afresh=True, at=reading.at, act=act)
    mended = await reading.read(after_s=0)
    assert (mended.fault, mended.failures) == (None, 0)
    assert reading.told == 3, "at once, not when it was read"
    assert await reading.reader().trial(mended) is None


async def test_certificates_are_the_server_s_own_name_s(reading: Reading, tmp_path: Path) -> None:
    authority = Authority.open(tmp_path / "authority")
    identity = authority.identity("localhost")
    options = ("--cert", str(identity.certificate), "--key", str(identity.key))
    with mail_server(tmp_path / "mail", *options) as server:
        await reading.opened(server.port, security="starttls")
        assert (await reading.read()).fault == "mailbox_certificate"
        trusted = ssl.create_default_context(cafile=str(authority.path))
        reading.door = replace(DOOR, tls=trusted)
        assert (await reading.read(after_s=LONGEST_PAUSE_S)).fault is None


async def test_the_house_s_own_network_and_clear_text_are_refused(reading: Reading) -> None:
    reading.door = replace(DOOR, permits=lambda address: not address.startswith("127."))
    await reading.opened(free_port())
    assert (await reading.read()).fault == "mailbox_private"


async def test_a_mailbox_is_one_client_s(reading: Reading) -> None:
    other = replace(CLIENT, id="vasseur", name="Cabinet Vasseur")
    await reading.store.provider.save_client(other, at=reading.at)
    mailbox_id = await reading.opened(143)
    theirs = reading.store.for_client("vasseur")
    act = Act(actor=SYSTEM, action="mailbox.removed", at=reading.at, client_id="vasseur")
    assert await theirs.mailboxes() == ()
    for doing in (
        theirs.mailbox(mailbox_id),
        theirs.drop_mailbox(mailbox_id, act=act),
        theirs.change_mailbox(mailbox_id, {}, afresh=True, at=reading.at, act=act),
    ):
        with pytest.raises(NotFoundError):
            await doing
    with pytest.raises(ConflictError):
        await reading.opened(143)
    await reading.store.provider.save_client(replace(CLIENT, disabled=True), at=reading.at)
    reading.at += timedelta(seconds=1)
    assert not await reading.reader().read_due(), "of a client that is disabled nothing is read"


@pytest.mark.parametrize(
    "sent",
    [
        (b"* OK encore\r\n",),
        (b"x" * 4096,),
        (CAPABLE, b"* 1 FETCH (BODY[] {999999999}\r\n"),
        (CAPABLE, b"TAG OK fait\r\n", b"TAG OK sans identifiants\r\n"),
        (CAPABLE, b"TAG OK fait\r\n", b"* OK [UIDVALIDITY rien] x\r\nTAG OK fait\r\n"),
        (b"\0\r\n",),
    ],
)  # fmt: skip
def test_a_server_that_means_harm_is_left(sent: tuple[bytes, ...]) -> None:
    with hostile(*sent) as port, pytest.raises(MailboxAwayError):
        ImapSession(in_clear(port), ["127.0.0.1"], most_bytes=1000)


@given(st.dictionaries(st.sampled_from(["host", "port", "security", "user", "password", "folder"]),
                       st.text(max_size=12)))  # fmt: skip
@example({"host": "imap.example.fr", "user": "a", "password": "b", "port": "¹"})
def test_whatever_is_typed_is_an_access_or_refused(typed: dict[str, str]) -> None:
    try:
        access = access_of(typed)
    except BadMailboxError:
        return
    assert 0 < access.port < 65536 and access.host and access.user and access.password
    assert not {"\r", "\n", "\0"} & set(access.user + access.password + access.folder)
