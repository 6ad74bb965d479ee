"""The OpenAPI document, told as the service answers."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI


def tell_our_refusals(app: FastAPI) -> None:
    """FastAPI tells its own body for 422, which `web.problems` never sends: 4XX says ours."""
    told = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = told()
            for methods in document["paths"].values():
                for operation in methods.values():
                    operation["responses"].pop("422", None)
            for unused in ("HTTPValidationError", "ValidationError"):
                document["components"]["schemas"].pop(unused, None)
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]
