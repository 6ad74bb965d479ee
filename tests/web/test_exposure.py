"""What leaves the machine: nothing in clear by accident, and no secret in the log."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from copilot.keyfile import open_keyring
from copilot.privacy.logs import open_log
from copilot.settings import Settings
from tests.web.running import OPERATOR, running
from tests.web.test_access import person_of
from web.app import create_app
from web.composition.places import house_cookie
from web.serving import ServingError, check_exposure


@pytest.mark.parametrize(
    "settings",
    [
        {"http_host": "0.0.0.0"},
        {"http_host": "192.168.1.10"},
        {"http_host": "::"},
        {"http_host": "desk.example.fr"},
        {"http_host": "0.0.0.0", "trusted_proxy": "not an address"},
    ],
)
def test_clear_text_beyond_the_machine_is_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ServingError, match="TRUSTED_PROXY"):
        check_exposure(Settings.model_validate(settings))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"http_host": "localhost"},
        {"http_host": "::1"},
        {"http_host": "0.0.0.0", "trusted_proxy": "10.0.0.2, 10.1.0.0/16"},
        {"http_host": "0.0.0.0", "plain_http": True},
    ],
)
def test_what_is_safe_or_wanted_is_served(settings: dict[str, object]) -> None:
    check_exposure(Settings.model_validate(settings))


def test_behind_a_proxy_cookies_go_encrypted_only(tmp_path: Path) -> None:
    from fastapi import Response

    answer = Response()
    settings = Settings(data_dir=tmp_path, trusted_proxy="10.0.0.2")
    house_cookie(settings).write(answer, "t", max_age_s=60)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-souffleur_session=") and "Path=/;" in cookie
    assert "secure" in cookie.lower() and "domain" not in cookie.lower()


async def test_browsers_remember_that_it_is_behind_tls(tmp_path: Path) -> None:
    cases: list[tuple[dict[str, Any], str | None]] = [
        ({"trusted_proxy": "10.0.0.2"}, "max-age=31536000; includeSubDomains"),
        ({"secure_cookies": True, "hsts_days": 730}, "max-age=63072000; includeSubDomains"),
        ({"trusted_proxy": "10.0.0.2", "hsts_days": 0}, None),
        ({}, None),
    ]
    for settings, told in cases:
        app = create_app(Settings(data_dir=tmp_path, **settings))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://x.invalid") as http:
            for path in ("/", "/api/openapi.json", "/nowhere"):
                answer = await http.get(path)
                assert answer.headers.get("strict-transport-security") == told, path


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything the process would write, at its most talkative."""
    text = io.StringIO()
    root = logging.getLogger()
    level = root.level
    handler = open_log("debug", text)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


async def test_no_secret_enters_the_log(tmp_path: Path, log: io.StringIO) -> None:
    secrets: list[str] = []
    async with running(tmp_path) as service:
        assert service.house.accounts_shown is not None
        secrets.append(service.house.accounts_shown.operator.password)
        desk = await service.signed_in(OPERATOR)
        secrets += [desk.http.headers["X-CSRF"], *dict(desk.http.cookies).values()]
        factor = await desk.http.post("/api/account/second-factor", json={"password": secrets[0]})
        secrets.append(factor.json()["secret"])
        code = pyotp.TOTP(secrets[-1]).now()
        turned_on = await desk.http.post("/api/account/second-factor/confirm", json={"code": code})
        secrets += turned_on.json()["codes"]
        wrong = await service.browser().post(
            "/api/session", json={"email": OPERATOR, "password": "ceci est mon mot de passe"}
        )
        assert wrong.status_code == 401
        secrets.append("ceci est mon mot de passe")
        admin = await person_of(service, "administrator")
        made = await admin.http.post(
            "/api/admin/tokens", json={"name": "CRM", "scopes": ["messages:read"]}
        )
        secrets.append(made.json()["secret"])
        program = service.browser(Authorization=f"Bearer {secrets[-1]}")
        assert (await program.get("/api/messages")).status_code == 200
        invited = await admin.http.post(
            "/api/admin/people",
            json={"email": "x@example.fr", "name": "X", "role": "operator"},
        )
        secrets.append(invited.json()["link"]["link"].partition("#")[2])
        logging.getLogger("web").warning("the log is read")
    secrets.append((tmp_path / "secret").read_text().strip())
    keyring = open_keyring(tmp_path / "master.key")
    secrets += [key.hex() for key in (*keyring.keys.values(), keyring.audit)]
    secrets += re.findall(r'"([A-Za-z0-9+/=]{40,})"', (tmp_path / "master.key").read_text())
    written = log.getvalue()
    assert "the log is read" in written and len(secrets) > 15
    for secret in secrets:
        assert secret and secret not in written
