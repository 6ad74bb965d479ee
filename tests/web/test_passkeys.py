"""Passkeys: added, used, removed, and everything that must not open an account."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from copilot.passkeys import PasskeysUnavailableError, Site, site_of
from tests.authenticator import Authenticator
from tests.web.running import Browser, Running, running
from tests.web.test_accounts import PASSWORD, first_administrator


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, demonstration=False) as service:
        yield service


def named(http: httpx.AsyncClient, service: Running) -> httpx.AsyncClient:
    """The same service under a name that browsers keep passkeys for."""
    http.base_url = httpx.URL(service.url.replace("127.0.0.1", "localhost"))
    return http


def at_a_name(browser: Browser, service: Running) -> Browser:
    """Somebody signed in, at that name: cookies belong to one name."""
    cookies = {cookie.name: cookie.value or "" for cookie in browser.http.cookies.jar}
    browser.http.cookies.clear()
    browser.http.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    named(browser.http, service)
    return browser


@pytest.fixture
async def lea(service: Running) -> Browser:
    return at_a_name(await first_administrator(service), service)


def device(service: Running, **flaws: Any) -> Authenticator:
    return Authenticator(origin=service.url.replace("127.0.0.1", "localhost"), **flaws)


async def add(lea: Browser, authenticator: Authenticator) -> httpx.Response:
    asked = await lea.http.post("/api/account/passkeys/options", json={"password": PASSWORD})
    assert asked.status_code == 200, asked.text
    made = authenticator.create(asked.json()["options"])
    return await lea.http.post(
        "/api/account/passkeys", json={"name": "Portable", "credential": made}
    )


async def challenge(http: httpx.AsyncClient) -> dict[str, Any]:
    asked = await http.post("/api/session/passkey/options")
    assert asked.status_code == 200, asked.text
    options: dict[str, Any] = asked.json()["options"]
    return options


async def present(http: httpx.AsyncClient, credential: dict[str, Any]) -> httpx.Response:
    return await http.post("/api/session/passkey", json={"credential": credential})


async def test_a_device_opens_the_account_until_it_is_removed(
    service: Running, lea: Browser
) -> None:
    authenticator = device(service)
    added = await add(lea, authenticator)
    assert added.status_code == 200, added.text
    async with named(service.browser(), service) as http:
        opened = await present(http, authenticator.get(await challenge(http)))
        assert (opened.status_code, opened.json()["role"]) == (200, "administrator")
    known = (await lea.http.get("/api/account/passkeys")).json()
    assert known[0]["name"] == "Portable" and known[0]["last_used_at"]
    where = f"/api/account/passkeys/{known[0]['id']}/remove"
    wrong = await lea.http.post(where, json={"password": "pas celui-là du tout"})
    assert wrong.json()["code"] == "wrong_password"
    assert (await lea.http.post(where, json={"password": PASSWORD})).status_code == 204
    async with named(service.browser(), service) as http:
        refused = await present(http, authenticator.get(await challenge(http)))
        assert (refused.status_code, refused.json()["code"]) == (403, "passkey_refused")


@pytest.mark.parametrize(
    "flaws",
    [
        {"origin": "https://souffleur.example.com"},
        {"host": "souffleur.example.com"},
        {"verifies": False},
    ],
)
async def test_another_site_or_nobody_at_the_device_proves_nothing(
    service: Running, lea: Browser, flaws: dict[str, Any]
) -> None:
    right = device(service)
    assert (await add(lea, right)).status_code == 200
    settings = {"origin": right.origin, **flaws}
    wrong = Authenticator(key=right.key, id=right.id, **settings)
    async with named(service.browser(), service) as http:
        refused = await present(http, wrong.get(await challenge(http)))
        assert (refused.status_code, refused.json()["code"]) == (403, "passkey_refused")
    other = Authenticator(**settings)
    assert (await add(lea, other)).json()["code"] == "passkey_refused"


async def test_a_question_is_ours_and_answered_once(service: Running, lea: Browser) -> None:
    authenticator = device(service)
    assert (await add(lea, authenticator)).status_code == 200
    async with named(service.browser(), service) as http:
        options = await challenge(http)
        answer = authenticator.get(options)
        assert (await present(http, answer)).status_code == 200
        for credential in (
            answer,
            authenticator.get({"challenge": "YWJj"}),
            Authenticator(origin=authenticator.origin, id=authenticator.id).get(
                await challenge(http)
            ),
            {},
            {"id": 3, "response": {"clientDataJSON": []}},
        ):
            refused = await present(http, credential)
            assert (refused.status_code, refused.json()["code"]) == (403, "passkey_refused")
        # What a person was asked when adding one does not sign anybody in.
        asked = await lea.http.post("/api/account/passkeys/options", json={"password": PASSWORD})
        refused = await present(http, authenticator.get(asked.json()["options"]))
        assert refused.json()["code"] == "passkey_refused"


async def test_a_passkey_is_the_second_factor_a_role_must_have(tmp_path: Path) -> None:
    async with running(
        tmp_path, demonstration=False, second_factor_roles="administrator"
    ) as service:
        lea = at_a_name(await first_administrator(service), service)
        assert (await lea.http.get("/api/admin/people")).json()["code"] == "second_factor_needed"
        authenticator = device(service)
        assert (await add(lea, authenticator)).status_code == 200
        async with named(service.browser(), service) as http:
            opened = await present(http, authenticator.get(await challenge(http)))
            assert opened.json()["must_enrol"] is False
            assert (await http.get("/api/admin/people")).status_code == 200


async def test_an_address_without_a_name_has_none(service: Running) -> None:
    async with service.browser() as http:
        refused = await http.post("/api/session/passkey/options", headers={"Accept-Language": "fr"})
        assert (refused.status_code, refused.json()["code"]) == (409, "passkeys_unavailable")
        assert "HTTPS" in refused.json()["message"]


def test_a_passkey_is_bound_to_the_public_address() -> None:
    assert site_of("https://accueil.example.fr") == Site(
        origin="https://accueil.example.fr", name="accueil.example.fr"
    )
    for url in ("http://accueil.example.fr", "https://192.0.2.7", "https://[2001:db8::1]", ""):
        with pytest.raises(PasskeysUnavailableError):
            site_of(url)
