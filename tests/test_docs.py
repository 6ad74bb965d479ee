"""The documentation names what there is."""

from __future__ import annotations

import re
from pathlib import Path

from copilot.drafting.draft import FIELD_NAMES
from copilot.settings import Settings
from web.app import create_app

ROOT = Path(__file__).parent.parent


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    for name, field in Settings.model_fields.items():
        assert f"`SOUFFLEUR_{name.upper()}`" in text, name
        assert field.description
        assert field.description in text, name


def test_every_documented_setting_exists() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    named = set(re.findall(r"`SOUFFLEUR_([A-Z_]+)`", text))
    assert named == {name.upper() for name in Settings.model_fields}


def test_every_route_is_documented() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    documented = {
        (method, re.sub(r"{[^}]+}", "{}", path))
        for method, path in re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`?]*)[^`]*`", text)
    }
    served = {
        (method.upper(), re.sub(r"{[^}]+}", "{}", path))
        for path, methods in create_app(Settings()).openapi()["paths"].items()
        for method in methods
    }
    assert served == documented


def test_every_field_of_a_message_is_documented() -> None:
    text = (ROOT / "docs" / "evaluation.md").read_text()
    for name in FIELD_NAMES:
        if not name.startswith("appointment"):
            assert f"`{name}`" in text, name
    assert "`appointment" in text


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "adr").glob("*.md")]
    assert len(numbers) == len(set(numbers))
