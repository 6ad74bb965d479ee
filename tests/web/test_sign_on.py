"""Single sign-on: the whole journey over HTTP, and everything that must not open an account."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from copilot.singlesignon import fetching, provider
from copilot.store.audit import SYSTEM
from tests.identityprovider import CLIENT_SECRET, IdentityProvider, new_key
from tests.web.running import Browser, Running, running
from tests.web.test_accounts import EMAIL, PASSWORD, first_administrator, invited
from web.problems.signon import SENTENCES

START = "/api/session/sign-on"
INES = {"sub": "ines-7", "email": "Ines@example.fr", "email_verified": True}


@dataclass
class Place:
    """A house, its administrator, its provider."""

    service: Running
    provider: IdentityProvider
    lea: Browser

    async def go(self, http: httpx.AsyncClient) -> str:
        """To the provider and back: the address that it sends the browser to."""
        begun = await http.post(START)
        assert begun.status_code == 200, begun.text
        return await self.leave(http, begun.json()["address"])

    async def leave(self, http: httpx.AsyncClient, address: str) -> str:
        left = await http.get(address)
        assert left.status_code == 302, left.text
        return left.headers["location"]

    async def refused(self, http: httpx.AsyncClient, back: str | None = None) -> str:
        """The code of the refusal that somebody's sign-on ends in."""
        answer = await http.get(back or await self.go(http))
        assert answer.status_code == 303, answer.text
        assert (await http.get("/api/session")).status_code == 401
        (code,) = parse_qs(urlsplit(answer.headers["location"]).query)["sign_on"]
        assert code in SENTENCES
        return code

    async def enters(self, http: httpx.AsyncClient) -> dict[str, Any]:
        answer = await http.get(await self.go(http))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        me: dict[str, Any] = (await http.get("/api/session")).json()
        return me

    async def actions(self) -> list[tuple[str, str]]:
        entries = await self.service.house.store.audit.entries()
        return [(each.act.action, str(each.act.detail.get("code", ""))) for each in entries]


@pytest.fixture
async def open_place(tmp_path: Path) -> AsyncIterator[Any]:
    async with AsyncExitStack() as stack:

        async def opened(**settings: Any) -> Place:
            there = IdentityProvider(person=dict(INES))
            await stack.enter_async_context(there.running())
            service = await stack.enter_async_context(
                running(tmp_path, demonstration=False, **there.settings | settings)
            )
            return Place(service, there, await first_administrator(service))

        yield opened


@pytest.fixture
async def place(open_place: Any) -> Place:
    opened: Place = await open_place()
    return opened


async def test_somebody_invited_signs_on_and_out_at_both(place: Place) -> None:
    person, _ = await invited(place.lea)
    http = place.service.browser()
    assert (await http.get(START)).json() == {"name": "Compte Delta", "refused": None}
    begun = parse_qs(urlsplit((await http.post(START)).json()["address"]).query)
    assert begun["code_challenge_method"] == ["S256"] and len(begun["code_challenge"][0]) == 43
    me = await place.enters(http)
    assert (me["email"], me["role"]) == ("ines@example.fr", "operator")
    actions = [action for action, _ in await place.actions()]
    assert "identity.linked" in actions and "session.opened" in actions
    (session,) = await place.service.house.store.people.sessions(person["id"])
    assert not session.two_factors
    left = await http.post(f"{START}/end", headers={"X-CSRF": me["csrf"]})
    address = urlsplit(left.json()["address"])
    assert address.path == "/realm/end"
    asked = parse_qs(address.query)
    assert asked["client_id"] == ["souffleur"] and asked["id_token_hint"][0].count(".") == 2
    assert asked["post_logout_redirect_uri"] == [f"{place.service.url}/"]
    again = await http.post(f"{START}/end", headers={"X-CSRF": me["csrf"]})
    assert again.json() == {"address": None}
    # The address changed nothing: subject and issuer are who she is from now on.
    place.provider.claims = {"email": None, "email_verified": None}
    assert (await place.enters(place.service.browser()))["id"] == person["id"]


async def test_the_provider_s_two_factors_are_the_session_s(place: Place) -> None:
    person, _ = await invited(place.lea)
    place.provider.person["amr"] = ["pwd", "otp"]
    await place.enters(place.service.browser())
    (session,) = await place.service.house.store.people.sessions(person["id"])
    assert session.two_factors


async def test_keys_change_at_the_provider(place: Place) -> None:
    await invited(place.lea)
    await place.enters(place.service.browser())
    place.provider.key = new_key("second")
    await place.enters(place.service.browser())
    await place.enters(place.service.browser())
    # At first, and once for the key that was not known.
    assert place.provider.asked.count("keys") == 2
    place.provider.published = []
    place.provider.key = new_key("third")
    assert await place.refused(place.service.browser()) == "sign_on_token"
    assert place.provider.asked.count("keys") == 3


FLAWS: list[dict[str, Any]] = [
    {"nonce": "another"},
    {"nonce": None},
    {"aud": "another"},
    {"aud": ["souffleur", "another"]},
    {"aud": ["souffleur"], "azp": "another"},
    {"iss": "https://login.example.com"},
    {"exp": 1_700_000_000},
    {"iat": 1_700_000_000},
    {"iat": 4_000_000_000, "exp": 4_000_000_300},
    {"iat": "now"},
    {"exp": None},
    {"sub": None},
    {"sub": ""},
    {"sub": ["ines-7"]},
    {"sub": "x" * 256},
    {"at_hash": "AAAA"},
]
"""Claims of tokens that are not ours, or not fresh."""


async def test_a_token_that_is_not_ours_and_fresh_proves_nothing(place: Place) -> None:
    await invited(place.lea)
    for claims in FLAWS:
        place.provider.claims = claims
        assert await place.refused(place.service.browser()) == "sign_on_token", claims


def text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def without_signature(said: dict[str, Any], *, alg: str = "none") -> str:
    head, body = (json.dumps(part).encode() for part in ({"alg": alg, "kid": "first"}, said))
    return f"{text(head)}.{text(body)}."


async def test_only_the_provider_s_private_key_signs(place: Place) -> None:
    await invited(place.lea)
    public = place.provider.key.as_pem(private=False)
    stranger = new_key("first")

    def by_the_public_key(said: dict[str, Any]) -> str:
        signed = without_signature(said, alg="HS256").rstrip(".")
        return f"{signed}.{text(hmac.digest(public, signed.encode(), 'sha256'))}"

    def by_a_stranger(said: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": "first"}, said, stranger)

    for sign in (without_signature, by_the_public_key, by_a_stranger, lambda _: "a.b.c"):
        place.provider.sign = sign
        assert await place.refused(place.service.browser()) == "sign_on_token"
    # A shared secret in the key set signs nothing either.
    secret = OctKey.generate_key(256, parameters={"kid": "secret"})
    place.provider.published = [secret.as_dict(private=True)]
    place.provider.sign = lambda said: jwt.encode({"alg": "HS256", "kid": "secret"}, said, secret)
    assert await place.refused(place.service.browser()) == "sign_on_token"


async def test_an_answer_fits_one_browser_once_and_in_time(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await invited(place.lea)
    http = place.service.browser()
    back = await place.go(http)
    assert await place.refused(place.service.browser(), back) == "sign_on_answer"
    changed = back.replace("state=", "state=x")
    kept = http.cookies["souffleur_sign_on"]
    assert await place.refused(http, changed) == "sign_on_answer"
    with_it = {"Cookie": f"souffleur_sign_on={kept}"}
    assert (await http.get(back, headers=with_it)).headers["location"] == "/"
    again = await place.service.browser(**with_it).get(back)
    assert again.headers["location"] == "/?sign_on=sign_on_answer"
    late = place.service.browser()
    back = await place.go(late)
    sign_on = place.service.house.trust.sign_on
    assert sign_on is not None
    now = sign_on._signer.get_timestamp()
    monkeypatch.setattr(sign_on._signer, "get_timestamp", lambda: now + 601)
    assert await place.refused(late, back) == "sign_on_answer"


ANSWERS: list[tuple[dict[str, str | None], str]] = [
    ({"iss": "https://login.example.com"}, "sign_on_answer"),
    ({"iss": None}, "sign_on_answer"),
    ({"state": None}, "sign_on_answer"),
    ({"code": None}, "sign_on_answer"),
    ({"code": "never-issued"}, "sign_on_token"),
    ({"code": None, "error": "access_denied"}, "sign_on_declined"),
]


async def test_an_answer_of_another_provider_or_without_a_code_opens_nothing(place: Place) -> None:
    await invited(place.lea)
    for answer, code in ANSWERS:
        place.provider.answer = answer
        assert await place.refused(place.service.browser()) == code, answer


async def test_no_account_is_made_or_taken(place: Place) -> None:
    browser = place.service.browser
    assert await place.refused(browser()) == "sign_on_no_account"
    person, _ = await invited(place.lea)
    for verified in (False, None, "true", 1):
        place.provider.claims = {"email_verified": verified}
        assert await place.refused(browser()) == "sign_on_email"
    place.provider.claims = {}
    await place.enters(browser())
    # Her address was given to somebody else there.
    place.provider.claims = {"sub": "another"}
    assert await place.refused(browser()) == "sign_on_other_identity"
    # She has another address there, be it another account's here.
    place.provider.claims = {"email": EMAIL}
    assert await place.refused(browser()) == "sign_on_email_changed"
    place.provider.claims = {}
    where = f"/api/admin/people/{person['id']}"
    await place.lea.http.patch(where, json={"disabled": True})
    assert await place.refused(browser()) == "sign_on_closed"
    await place.lea.http.patch(where, json={"disabled": False})
    place.provider.claims = {"sub": "another"}
    people = (await place.lea.http.get("/api/admin/people")).json()
    assert [each["email"] for each in people if each["signs_on"]] == ["ines@example.fr"]
    assert (await place.lea.http.delete(f"{where}/identity")).status_code == 204
    assert (await place.enters(browser()))["id"] == person["id"]
    refusals = {code for action, code in await place.actions() if action == "session.refused"}
    assert refusals == {
        "sign_on_no_account", "sign_on_email", "sign_on_other_identity", "sign_on_email_changed",
        "sign_on_closed",
    }  # fmt: skip
    assert "identity.unlinked" in [action for action, _ in await place.actions()]


async def test_a_second_factor_here_is_not_gone_around(place: Place) -> None:
    await place.service.house.store.people.change_user(
        (await place.lea.http.get("/api/session")).json()["id"],
        totp_since=place.service.house.journal.now(),
    )
    place.provider.person = {"sub": "lea", "email": EMAIL, "email_verified": True}
    assert await place.refused(place.service.browser()) == "sign_on_factor"
    place.provider.claims = {"amr": ["pwd", "otp"]}
    assert (await place.enters(place.service.browser()))["email"] == EMAIL


async def test_roles_by_a_claim_leave_the_last_administrator(open_place: Any) -> None:
    rules = "realm_access.roles:chefs=supervisor,accueil=operator,technique=administrator"
    place: Place = await open_place(oidc_roles=rules)
    await invited(place.lea)
    assert await place.refused(place.service.browser()) == "sign_on_no_role"
    place.provider.claims = {"realm_access": {"roles": ["accueil", "chefs"]}}
    http = place.service.browser()
    assert (await place.enters(http))["role"] == "supervisor"
    place.provider.claims = {"realm_access": {"roles": ["accueil"]}}
    assert (await place.enters(place.service.browser()))["role"] == "operator"
    assert (await http.get("/api/session")).status_code == 401
    place.provider.person = {"sub": "lea", "email": EMAIL, "email_verified": True}
    assert (await place.enters(place.service.browser()))["role"] == "administrator"
    assert {"user.role", "user.role_kept"} <= {action for action, _ in await place.actions()}


async def test_a_provider_that_is_slow_down_or_strange_leaves_the_password(
    open_place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "ANSWER_S", 0.3)
    place: Place = await open_place()
    http = place.service.browser(**{"Accept-Language": "fr"})
    place.provider.gate = asyncio.Event()
    slow = await asyncio.gather(*(http.post(START) for _ in range(5)))
    assert {(each.status_code, each.json()["code"]) for each in slow} == {
        (503, "sign_on_unreachable")
    }
    assert "mot de passe" in slow[0].json()["message"]
    # Those who came meanwhile did not each wait in turn.
    assert len(place.provider.asked) == 1
    inside = await http.post("/api/session", json={"email": EMAIL, "password": PASSWORD})
    assert inside.status_code == 200


STRANGE: list[dict[str, Any]] = [
    {"issuer": "https://login.example.com"},
    {"token_endpoint": "http://login.example.com/token"},
    {"authorization_endpoint": "javascript:alert(1)"},
    {"jwks_uri": 3},
    {"padding": "x" * fetching.MOST_BYTES},
]


async def test_strange_metadata_are_no_provider(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "PAUSE_S", 0.0)
    for metadata in STRANGE:
        place.provider.metadata = metadata
        refused = await place.service.browser().post(START)
        assert refused.json()["code"] == "sign_on_unreachable", metadata


async def test_a_house_without_a_provider_says_so(tmp_path: Path) -> None:
    async with running(tmp_path, demonstration=False) as service:
        http = service.browser(**{"Accept-Language": "en"})
        assert (await http.get(START, params={"refused": "sign_on_closed"})).json() == {
            "name": None,
            "refused": SENTENCES["sign_on_closed"][1],
        }
        assert (await http.get(START, params={"refused": "<b>"})).json()["refused"] is None
        assert (await http.post(START)).json()["code"] == "sign_on_off"
        back = await http.get(f"{START}/answer")
        assert back.headers["location"] == "/?sign_on=sign_on_off"


async def test_the_house_proves_who_it_is_as_the_provider_wants(
    open_place: Any, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(f"{CLIENT_SECRET}\n")
    place: Place = await open_place(
        oidc_client_secret="", oidc_client_secret_file=str(secret), trusted_proxy="127.0.0.1"
    )
    await place.service.house.trust.invitations.invite(
        email="ines@example.fr",
        name="Inès",
        role="operator",
        client_id=None,
        language="fr",
        actor=SYSTEM,
    )
    place.provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    place.provider.proof = "client_secret_post"
    http = place.service.browser()
    begun = await http.post(START)
    # Behind TLS, no neighbouring host can put its own question in place of ours.
    kept = begun.headers["set-cookie"]
    assert kept.startswith("__Host-souffleur_sign_on=") and "Secure" in kept
    assert "Path=/;" in kept and "HttpOnly" in kept and "SameSite=lax" in kept
    back = await place.leave(http, begun.json()["address"])
    entered = await http.get(back, headers={"Cookie": kept.partition(";")[0]})
    assert entered.headers["location"] == "/"
    assert any(
        each.startswith("__Secure-souffleur_signed_on=")
        for each in entered.headers.get_list("set-cookie")
    )


async def test_a_public_client_shows_no_secret(open_place: Any) -> None:
    place: Place = await open_place(oidc_client_secret="")
    await invited(place.lea)
    place.provider.proof = "none"
    await place.enters(place.service.browser())
    place.provider.proof = "client_secret_basic"
    assert await place.refused(place.service.browser()) == "sign_on_token"
