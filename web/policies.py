"""What the service publishes, told from its own code: who may ask what, with which fields.

For whoever reviews it: `souffleur routes`. Nothing here decides; `web.access` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from copilot.store.records.accounts import Role
from web.access import OPEN, account_holder, may, only, signed_in

LIMITS = (
    "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "minItems", "maxItems", "pattern", "format", "enum", "const",
)  # fmt: skip
"""What a schema may ask of a value (JSON Schema)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Who may use a route."""

    roles: tuple[Role, ...] | None
    """Null: nobody signs in for it (`OPEN` says why)."""
    scope: str | None
    """Of a program's token that opens it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A route as it is published."""

    name: str
    """`GET /api/calls`."""
    policy: Policy
    asks: tuple[str, ...]
    """Fields of the request, each with its limits."""
    answers: tuple[str, ...]
    """Fields of the answer."""


def policies(app: FastAPI) -> dict[str, Policy]:
    """Who may use each route of the API, by method and path."""
    found: dict[str, Policy] = {}
    for route in every_route(app.routes):
        if not isinstance(route, APIRoute) or not route.path.startswith(("/api", "/healthz")):
            continue
        calls = list(_dependencies(route.dependant))
        guard = next((call for call in calls if isinstance(call, only)), None)
        roles = guard.roles if guard else None
        if roles is None and (account_holder in calls or signed_in in calls):
            roles = get_args(Role)
        scope = guard.scope if isinstance(guard, may) else None
        for method in route.methods or ():
            found[f"{method} {route.path}"] = Policy(roles=roles, scope=scope)
    return found


def told(app: FastAPI) -> tuple[Told, ...]:
    """Every route that the OpenAPI document has, with the fields that go in and out."""
    document = app.openapi()
    known = policies(app)
    schemas = document.get("components", {}).get("schemas", {})
    return tuple(
        _told(f"{method.upper()} {path}", known, operation, schemas)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )


def markdown(routes: Sequence[Told]) -> str:
    """As a paper: a section a route."""
    lines = ["# Routes, who may use them, and their fields", ""]
    for route in routes:
        policy = route.policy
        who = ", ".join(policy.roles) if policy.roles else f"open: {OPEN.get(route.name, '?')}"
        lines += [f"## `{route.name}`", "", f"- who: {who}"]
        if policy.scope:
            lines += [f"- tokens: `{policy.scope}`"]
        lines += [f"- asks: {field}" for field in route.asks]
        lines += [f"- answers: {field}" for field in route.answers]
        lines += [""]
    return "\n".join(lines)


def every_route(routes: Sequence[Any]) -> Iterator[Any]:
    """Included routers stay nested in the application."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from every_route(inner.routes)


def _dependencies(dependant: Dependant) -> Iterator[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _dependencies(inner)


def _told(
    name: str,
    known: Mapping[str, Policy],
    operation: Mapping[str, Any],
    schemas: Mapping[str, Any],
) -> Told:
    asks = [
        f"{parameter['name']} ({parameter['in']}): {_limits(parameter['schema'], schemas)}"
        for parameter in operation.get("parameters", ())
    ]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        asks += _fields(content.get("schema", {}), schemas)
    answers: list[str] = []
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            for content in response.get("content", {}).values():
                answers += _fields(content.get("schema", {}), schemas, limits=False)
    return Told(
        name=name,
        policy=known.get(name, Policy(roles=None, scope=None)),
        asks=tuple(asks),
        answers=tuple(answers),
    )


def _fields(
    schema: Mapping[str, Any],
    schemas: Mapping[str, Any],
    *,
    at: str = "",
    limits: bool = True,
    seen: tuple[str, ...] = (),
) -> list[str]:
    """Every field of a schema by its path, with its limits; a schema within itself once."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name in seen:
        return [f"`{at}`: as above"]
    whole = schemas.get(name, schema)
    inner = (*seen, name) if name else seen
    if whole.get("type") == "array":
        return _fields(whole.get("items", {}), schemas, at=f"{at}[]", limits=limits, seen=inner)
    choices = [one for one in whole.get("anyOf", ()) if one.get("type") != "null"]
    if any("$ref" in one or one.get("type") == "array" for one in choices):
        found = [
            field
            for one in choices
            for field in _fields(one, schemas, at=at, limits=limits, seen=inner)
        ]
        return list(dict.fromkeys(found))
    properties = whole.get("properties")
    if properties is None:
        if not at:
            return []
        return [f"`{at}`" + (f": {_limits(whole, schemas)}" if limits else "")]
    return [
        field
        for key, value in properties.items()
        for field in _fields(
            value, schemas, at=f"{at}.{key}" if at else key, limits=limits, seen=inner
        )
    ]


def _limits(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """What is asked of a value, in JSON Schema's words."""
    schema = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return " or ".join(_limits(one, schemas) for one in choices)
    rules = [str(schema.get("type", "any"))]
    rules += [f"{name} {schema[name]}" for name in LIMITS if name in schema]
    return ", ".join(rules)
