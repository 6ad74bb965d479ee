"""Mailboxes read by consent: a real server that takes XOAUTH2, tokens by published contract."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from copilot.agenda.accounts import Application
from copilot.agenda.reaching import Reach
from copilot.inquiries.imap import ImapSession, MailboxAwayError, MailboxRefusedError
from copilot.inquiries.mailboxconsent import PLACES, MailboxTokens, consented_access
from copilot.inquiries.mailboxes import LONGEST_PAUSE_S, access_of
from copilot.store.audit import SYSTEM, Act
from copilot.store.records.mailboxes import Mailbox
from copilot.store.tables.inquiries import mailboxes
from tests.agenda.published import Google, Microsoft, serving
from tests.delivery.examples import CLIENT
from tests.inquiries.mailboxreading import CAPABLE, Reading, hostile, in_clear
from tests.inquiries.mailserver import USER, letter, mail_server

HOUSE = Application(client_id="house", client_secret="secret", tenant="common")
LOOPBACK = Reach(allowed=(ipaddress.ip_network("127.0.0.0/8"),))


@pytest.fixture(params=[Google, Microsoft])
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Google | Microsoft]:
    async with serving(request.param) as service:
        yield service


def name_of(provider: Google | Microsoft) -> Any:
    return type(provider).__name__.lower()


def tokens_of(provider: Google | Microsoft, reading: Reading) -> MailboxTokens:
    async def keep(mailbox: Mailbox, refresh_token: str) -> None:
        await reading.scope.renew_mailbox_token(mailbox.id, refresh_token)

    return MailboxTokens(
        reach=LOOPBACK,
        keep=keep,
        providers=provider.providers(),
        applications={name_of(provider): HOUSE},
    )


async def connected(reading: Reading, provider: Google | Microsoft, port: int, token: str) -> str:
    access = consented_access(name_of(provider), USER, token)
    return await reading.opened(port, **{k: v for k, v in access.items() if k not in AT_HOME})


AT_HOME = ("host", "port", "security")
"""The tests' server is on this machine, in clear."""


async def test_read_by_consent_and_what_is_over_is_said_until_it_is_mended(
    reading: Reading, provider: Google | Microsoft, tmp_path: Path
) -> None:
    # The provider's first access token is the one that the mail server takes.
    with mail_server(tmp_path / "mail", token="access-1") as server:
        reading.tokens = tokens_of(provider, reading)
        mailbox_id = await connected(reading, provider, server.port, "refresh-1")
        assert (await reading.read()).fault is None
        server.deliver(letter(1))
        await reading.read()
        assert [one.subject for one in await reading.came_in()] == ["Question 1"]
        assert len(provider.granted) == 1, "a token is asked for once while it lasts"
        if isinstance(provider, Microsoft):
            assert "IMAP.AccessAsUser.All" in provider.granted[0]["scope"]
        async with reading.store.database.reading() as connection:
            (row,) = (await connection.execute(mailboxes.select())).all()
        assert "refresh-1" not in str(tuple(row)), "sealed"

        provider.refresh_tokens.clear()  # withdrawn there
        reading.tokens = tokens_of(provider, reading)
        server.deliver(letter(2))
        over = await reading.read()
        assert (over.fault, over.failures) == ("mailbox_consent", 1)
        assert await reading.reader().trial(over) == "mailbox_consent"

        provider.refresh_tokens.add("refresh-9")
        access = {**over.access, "refresh_token": "refresh-9"}
        act = Act(actor=SYSTEM, action="mailbox.consented", at=reading.at, client_id=CLIENT.id)
        server.stop()
        server.token = f"access-{provider.number() + 1}"
        server.start()
        await reading.scope.change_mailbox(mailbox_id, access, afresh=False, at=reading.at, act=act)
        assert (await reading.read(after_s=0)).fault is None
        assert len(await reading.came_in()) == 2, "what came meanwhile waited in the mailbox"


async def test_a_token_that_ended_early_is_replaced_once(
    reading: Reading, provider: Google | Microsoft, tmp_path: Path
) -> None:
    with mail_server(tmp_path / "mail", token="access-2") as server:
        reading.tokens = tokens_of(provider, reading)
        await connected(reading, provider, server.port, "refresh-1")
        assert (await reading.read()).fault is None
        assert len(provider.granted) == 2
        server.stop()
        server.token = "another"
        server.start()
        assert (await reading.read()).fault == "mailbox_consent", "the wrong account, or taken away"
        assert len(provider.granted) == 3


async def test_a_replaced_refresh_token_is_kept(
    reading: Reading, provider: Google | Microsoft, tmp_path: Path
) -> None:
    provider.rotates = True
    with mail_server(tmp_path / "mail", token="access-1") as server:
        reading.tokens = tokens_of(provider, reading)
        await connected(reading, provider, server.port, "refresh-1")
        await reading.read()
        (kept,) = await reading.scope.mailboxes()
        assert {kept.access["refresh_token"]} == provider.refresh_tokens != {"refresh-1"}


async def test_a_provider_that_is_away_is_no_end_of_consent(reading: Reading) -> None:
    async with serving(Google) as gone:
        reading.tokens = tokens_of(gone, reading)
    await connected(reading, gone, 143, "refresh-1")
    assert (await reading.read()).fault == "mailbox_unreachable"
    reading.tokens = replace(reading.tokens, applications={})
    assert (await reading.read(after_s=LONGEST_PAUSE_S)).fault == "mailbox_consent"
    reading.tokens = None
    assert (await reading.read(after_s=LONGEST_PAUSE_S)).fault == "mailbox_consent"


def test_providers_mailboxes_are_opened_over_tls_at_their_own_servers() -> None:
    for provider in PLACES:
        access = access_of(consented_access(provider, "contact@example.fr", "t"))
        assert (access.security, access.port, access.password) == ("tls", 993, "")
        assert access.host in ("imap.gmail.com", "outlook.office365.com")


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        # Google says why in a challenge, and NO once it is answered with nothing.
        (
            (b"+ \r\n", b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n", b"TAG NO refused\r\n"),
            MailboxRefusedError,
        ),
        ((b"+ \r\n", b"* BYE\r\n"), MailboxAwayError),
    ],
)
def test_a_refusal_is_told_apart_from_a_server_that_leaves(
    said: tuple[bytes, ...], fault: type[Exception]
) -> None:
    with hostile(CAPABLE, *said) as port:
        access = replace(in_clear(port), bearer="t")
        with pytest.raises(fault):
            ImapSession(access, ["127.0.0.1"], most_bytes=1000)
