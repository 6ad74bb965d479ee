"""A client's form: which fields its messages have."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from fastapi import APIRouter, Depends

from copilot.accounts import SignedIn
from copilot.drafting.form import Form, FormField, checked
from copilot.guide import form_of
from web import views
from web.access import Anybody, client_filter, only
from web.house import InHouse
from web.schemas import FormEdit, FormView

router = APIRouter(prefix="/api/clients", tags=["forms"])

Keeper = Annotated[SignedIn, Depends(only("supervisor", "client"))]


@router.get("/{client_id}/form")
async def form(client_id: str, person: Anybody, house: InHouse) -> FormView:
    """The form in force: the client's own, or its trade's."""
    scope = house.store.for_client(client_filter(person, client_id) or client_id)
    return views.form(form_of(await scope.client()))


@router.put("/{client_id}/form")
async def save_form(client_id: str, edit: FormEdit, person: Keeper, house: InHouse) -> FormView:
    """Keep the client's own form, or go back to its trade's. Counts from the next call on."""
    scope = house.store.for_client(client_filter(person, client_id) or client_id)
    client = await scope.client()
    own = None
    if edit.fields is not None:
        own = checked(
            Form(
                fields=tuple(
                    FormField(
                        name=field.name,
                        required=field.required,
                        categories=tuple(field.categories),
                        label=field.label,
                    )
                    for field in edit.fields
                )
            )
        )
    settings = dataclasses.replace(client.settings, form=own)
    await scope.save_settings(settings, before=client.settings)
    return views.form(form_of(dataclasses.replace(client, settings=settings)))
