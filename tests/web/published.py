"""Every route that the service publishes, with a well-formed request for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Published:
    """A route of the OpenAPI document."""

    method: str
    path: str
    operation: dict[str, Any]
    components: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def about_something(self) -> bool:
        """It has an identifier in its address."""
        return "{" in self.path

    def request(self, identifier: str) -> dict[str, Any]:
        """A request that its schema takes, about one identifier; for `httpx.request`."""
        given = {
            parameter["name"]: "7" if parameter["schema"].get("type") == "integer"
            else parameter["schema"].get("enum", [identifier])[0]
            for parameter in self.operation.get("parameters", ())
            if parameter["in"] == "path"
        }  # fmt: skip
        address = re.sub(r"{([^}]+)}", lambda found: given[found[1]], self.path)
        request: dict[str, Any] = {"method": self.method, "url": address}
        request["params"] = {
            parameter["name"]: self._example(parameter["schema"])
            for parameter in self.operation.get("parameters", ())
            if parameter["in"] == "query" and parameter.get("required")
        }
        content = self.operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            request["json"] = self._example(content["application/json"]["schema"])
        elif "multipart/form-data" in content:
            request["files"] = {"file": ("faq.csv", b"question,answer\nA ?,B\n")}
        return request

    def _example(self, schema: dict[str, Any]) -> Any:
        if "$ref" in schema:
            return self._example(self.components[schema["$ref"].rsplit("/", 1)[-1]])
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self._example(schema[choice][0])
        if "enum" in schema or "const" in schema:
            return schema.get("const", (schema.get("enum") or [None])[0])
        match schema.get("type"):
            case "object":
                wanted = schema.get("required", ())
                return {name: self._example(schema["properties"][name]) for name in wanted}
            case "array":
                return [self._example(schema["items"])] * schema.get("minItems", 0)
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return True
            case _:
                return self._text(schema)

    def _text(self, schema: dict[str, Any]) -> str:
        if "@" in schema.get("pattern", ""):
            return "somebody@example.fr"
        if schema.get("format") == "date-time":
            return "2026-03-17T12:00:00Z"
        return "x" * max(int(schema.get("minLength", 1)), 1)


async def published(url: str) -> list[Published]:
    """Every route, from the service's own OpenAPI document."""
    async with httpx.AsyncClient(base_url=url) as http:
        document = (await http.get("/api/openapi.json")).json()
    return list(_routes(document))


def _routes(document: dict[str, Any]) -> Iterator[Published]:
    components = document.get("components", {}).get("schemas", {})
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield Published(method.upper(), path, operation, components)
