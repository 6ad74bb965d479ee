"""`souffleur routes`: what the service publishes, for whoever reviews it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from web.commands.settings import settings


def routes(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Every route: who may use it, the fields of its request with their limits, the fields of
    its answer. In Markdown."""
    from web.app import create_app
    from web.policies import markdown, told

    found = told(create_app(settings()))
    print(json.dumps([asdict(route) for route in found]) if as_json else markdown(found))
