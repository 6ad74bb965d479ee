"""The provider ends its sessions, and ours with them; nothing else does."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from copilot.singlesignon.backchannel import EVENT
from tests.identityprovider import CLIENT_ID, IdentityProvider, new_key
from tests.web.running import running
from tests.web.test_accounts import EMAIL, PASSWORD, first_administrator, invited
from tests.web.test_sign_on import INES, Place, without_signature

WHERE = "/api/session/sign-on/logout"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    provider = IdentityProvider(person={**INES, "sid": "there-1"})
    async with (
        provider.running(),
        running(tmp_path, demonstration=False, **provider.settings) as service,
    ):
        opened = Place(service, provider, await first_administrator(service))
        await invited(opened.lea)
        yield opened


def said(place: Place, **claims: Any) -> dict[str, Any]:
    """What a logout token says; None takes a claim away."""
    now = int(time.time())
    truth = {
        "iss": place.provider.issuer,
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 120,
        "jti": "first",
        "sid": "there-1",
        "events": {EVENT: {}},
        **claims,
    }
    return {name: value for name, value in truth.items() if value is not None}


def signed(
    place: Place, *, key: RSAKey | None = None, typ: str | None = None, **claims: Any
) -> str:
    by = key or place.provider.key
    header = {"alg": "RS256", "kid": by.kid} | ({"typ": typ} if typ else {})
    return jwt.encode(header, said(place, **claims), by)


async def told(place: Place, token: str) -> httpx.Response:
    """The provider's server speaks: no cookie, no page."""
    return await place.service.browser().post(WHERE, data={"logout_token": token})


async def is_open(http: httpx.AsyncClient) -> bool:
    return (await http.get("/api/session")).status_code == 200


async def test_a_session_that_ends_there_ends_here_and_no_other(place: Place) -> None:
    desk, home = place.service.browser(), place.service.browser()
    await place.enters(desk)
    place.provider.person["sid"] = "there-2"
    await place.enters(home)
    answer = await told(place, signed(place, typ="logout+jwt"))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (await is_open(desk), await is_open(home)) == (False, True)
    (entry,) = await place.service.house.store.audit.entries(action="session.ended_by_provider")
    assert entry.act.detail == {"by": "session", "sessions": 1}
    # Whoever caught the token on its way cannot use it against what was opened since.
    place.provider.person["sid"] = "there-1"
    await place.enters(desk)
    again = await told(place, signed(place, typ="logout+jwt"))
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")
    assert await is_open(desk)


async def test_a_person_who_is_out_there_is_out_everywhere_here(place: Place) -> None:
    browsers = [place.service.browser() for _ in range(3)]
    for http in browsers:
        await place.enters(http)
    token = signed(place, sid=None, sub=INES["sub"], aud=["another", CLIENT_ID])
    assert (await told(place, token)).status_code == 200
    assert [await is_open(http) for http in browsers] == [False] * 3
    # Sessions that a password opened are none of the provider's.
    assert await is_open(place.lea.http)
    by_password = await place.service.signed_in(EMAIL, password=PASSWORD)
    place.provider.person = {"sub": "lea", "email": EMAIL, "email_verified": True}
    await place.enters(place.service.browser())
    assert (await told(place, signed(place, sid=None, sub="lea", jti="2"))).status_code == 200
    assert await is_open(by_password.http)


async def test_a_session_is_ended_for_its_own_person_only(place: Place) -> None:
    http = place.service.browser()
    await place.enters(http)
    assert (await told(place, signed(place, sub="another"))).status_code == 200
    assert await is_open(http)
    assert (await told(place, signed(place, sub=INES["sub"], jti="2"))).status_code == 200
    assert not await is_open(http)


FLAWS: list[dict[str, Any]] = [
    {"iss": "https://login.example.com"},
    {"iss": None},
    {"aud": "another"},
    {"aud": ["another"]},
    {"aud": None},
    {"iat": 1_700_000_000},
    {"iat": None},
    {"iat": float("nan")},
    {"exp": 1_700_000_000},
    {"exp": None},
    {"exp": 4_000_000_000},
    {"exp": float("nan")},
    {"jti": None},
    {"jti": ""},
    {"jti": 7},
    {"nonce": "n"},
    {"events": None},
    {"events": {}},
    {"events": [EVENT]},
    {"events": {EVENT: None}},
    {"events": {"http://schemas.openid.net/event/other": {}}},
    {"sid": None},
    {"sid": ""},
    {"sid": ["there-1"]},
    {"sid": "x" * 256},
    {"sub": 7},
]
"""Tokens that do not say, to us and just now, that a session is over."""


async def test_nothing_but_a_logout_token_for_us_ends_a_session(place: Place) -> None:
    http = place.service.browser()
    await place.enters(http)
    for claims in FLAWS:
        refused = await told(place, signed(place, **claims))
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request"), claims
    strangers = [
        without_signature(said(place)),
        signed(place, key=new_key("first")),
        signed(place, typ="at+jwt"),
        "a.b.c",
        "x",
    ]
    for token in strangers:
        assert (await told(place, token)).status_code == 400, token
    for form in ({}, {"logout_token": ""}, {"logout_token": "x" * 20_000}):
        assert (await place.service.browser().post(WHERE, data=form)).status_code == 422
    assert await is_open(http)
    # Nothing of that used the true one's name up.
    assert (await told(place, signed(place))).status_code == 200
    assert not await is_open(http)


async def test_made_up_keys_do_not_have_the_provider_asked_each_time(place: Place) -> None:
    await place.enters(place.service.browser())
    asked = place.provider.asked.count("keys")
    for number in range(5):
        stranger = new_key(f"k{number}")
        assert (await told(place, signed(place, key=stranger))).status_code == 400
    assert place.provider.asked.count("keys") == asked + 1


async def test_a_house_without_a_provider_ends_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, demonstration=False) as service:
        answer = await service.browser().post(WHERE, data={"logout_token": "x"})
        assert (answer.status_code, answer.json()["code"]) == (409, "sign_on_off")


async def test_who_has_no_password_adds_a_passkey_after_a_fresh_sign_on(place: Place) -> None:
    http = place.service.browser()
    me = await place.enters(http)
    assert not me["has_password"]
    http.headers["X-CSRF"] = me["csrf"]
    where = "/api/account/second-factor"  # asks as passkeys do, and under any address
    assert (await http.post(where, json={"password": ""})).status_code == 200
    people = place.service.house.store.people
    (session,) = await people.sessions(me["id"])
    long_ago = session.created_at.replace(year=session.created_at.year - 1)
    from sqlalchemy import update

    from copilot.store.tables.accounts import web_sessions

    async with place.service.house.store.database.writing() as connection:
        await connection.execute(update(web_sessions).values(created_at=long_ago))
    refused = await http.post(where, json={"password": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "sign_in_again")
    await place.enters(http)
    http.headers["X-CSRF"] = (await http.get("/api/session")).json()["csrf"]
    assert (await http.post(where, json={"password": ""})).status_code == 200
