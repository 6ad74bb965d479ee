"""HubSpot's CRM API v3: contacts searched and created, calls noted on their timeline.

    POST /crm/v3/objects/contacts/search    POST /crm/v3/objects/contacts
    POST /crm/v3/objects/calls/search       POST /crm/v3/objects/calls

A private app's token (`crm.objects.contacts.read` and `.write`) is sent as a bearer token. 429 and
5xx may pass; 401 and 403 are for people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from copilot.crm.people import MOST_PEOPLE, CrmPerson, page_of, text_of
from copilot.delivery import wording
from copilot.delivery.channel import Dispatch, PermanentFailureError, TemporaryFailureError
from copilot.delivery.guarded import GuardedRequests, retry_after_s
from copilot.delivery.letter import headline
from copilot.guide import form_of
from copilot.store.numbering import e164

ADDRESS = "https://api.hubapi.com"
PROPERTIES = ("firstname", "lastname", "company", "email", "phone", "mobilephone", "jobtitle")
CALL_OF_CONTACT = 194
"""The association of a call with a contact, as HubSpot defines it."""
LOOKUP_S, PUSH_S = 1.5, 15.0
PASSING = frozenset({408, 409, 423, 425, 429})


class HubSpot:
    """One client's portal."""

    def __init__(self, requests: GuardedRequests, token: str, *, address: str = ADDRESS) -> None:
        self._requests = requests
        self._token = token
        self._address = address.rstrip("/")

    async def find(self, number: str) -> tuple[CrmPerson, ...]:
        """Contacts with that number, in whichever form it was typed there."""
        found = await self._search(number, timeout_s=LOOKUP_S)
        return tuple(_person(_properties(one)) for one in found)

    async def push(self, dispatch: Dispatch) -> None:
        """Note the approved message as a call on its contact's timeline, creating the contact
        when nobody has the number. A try again finds what the one before it made."""
        fields, call = dispatch.message.fields, dispatch.call
        number = e164(fields.get("phone") or call.caller_number or "")
        if dispatch.item.attempts > 1 and await self._is_noted(dispatch.key):
            return
        contact = await self._contact(dispatch, number)
        note: dict[str, Any] = {
            "properties": {
                "hs_timestamp": call.ringing_at.astimezone(UTC).isoformat(),
                "hs_call_title": f"{'Message' if dispatch.discreet else headline(dispatch)} "
                f"[{dispatch.key}]",
                "hs_call_body": body_of(dispatch),
                "hs_call_direction": "INBOUND",
                "hs_call_status": "COMPLETED",
                "hs_call_duration": str(round((call.duration_s or 0) * 1000)),
                **({"hs_call_from_number": number} if number and not dispatch.discreet else {}),
            }
        }
        if contact is not None:
            types = [
                {
                    "associationCategory": "HUBSPOT_DEFINED",
                    "associationTypeId": CALL_OF_CONTACT,
                }
            ]
            note["associations"] = [{"to": {"id": contact}, "types": types}]
        await self._post("/crm/v3/objects/calls", note, timeout_s=PUSH_S)

    async def _contact(self, dispatch: Dispatch, number: str | None) -> str | None:
        """The identifier of whom it is about; null for nobody in particular."""
        if number is None or dispatch.discreet:
            return None
        if found := await self._search(number, timeout_s=PUSH_S):
            return str(found[0]["id"])
        fields = dispatch.message.fields
        first, _, last = (fields.get("caller_name") or "").rpartition(" ")
        named = {
            "firstname": first,
            "lastname": last,
            "company": fields.get("company") or "",
            "phone": number,
        }
        made = await self._post(
            "/crm/v3/objects/contacts",
            {"properties": {name: value for name, value in named.items() if value}},
            timeout_s=PUSH_S,
        )
        return str(made["id"]) if "id" in made else None

    async def _search(self, number: str, *, timeout_s: float) -> list[dict[str, Any]]:
        national = _national(number)
        tried = (
            ("hs_searchable_calculated_phone_number", national),
            ("hs_searchable_calculated_mobile_number", national),
            ("phone", number),
        )
        groups = [
            {"filters": [{"propertyName": name, "operator": "EQ", "value": value}]}
            for name, value in tried
        ]
        asked = {"filterGroups": groups, "properties": list(PROPERTIES), "limit": MOST_PEOPLE}
        answer = await self._post("/crm/v3/objects/contacts/search", asked, timeout_s=timeout_s)
        found = answer.get("results")
        listed = found if isinstance(found, list) else []
        return [one for one in listed if isinstance(one, dict) and "id" in one][:MOST_PEOPLE]

    async def _is_noted(self, key: str) -> bool:
        sought = {"propertyName": "hs_call_title", "operator": "CONTAINS_TOKEN", "value": key}
        asked = {"filterGroups": [{"filters": [sought]}], "limit": 1}
        answer = await self._post("/crm/v3/objects/calls/search", asked, timeout_s=PUSH_S)
        return bool(answer.get("total"))

    async def _post(self, path: str, content: Any, *, timeout_s: float) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        answer = await self._requests.post(
            self._address + path, json.dumps(content).encode(), headers, timeout_s=timeout_s
        )
        _judge(answer.status_code, retry_after_s(answer.headers))
        try:
            told = answer.json()
        except (ValueError, RecursionError) as error:
            raise TemporaryFailureError("réponse illisible de HubSpot") from error
        return told if isinstance(told, dict) else {}


def body_of(dispatch: Dispatch) -> str:
    """The message as text; for health and law only its link."""
    if dispatch.discreet:
        return dispatch.link or dispatch.words.one
    message, words = dispatch.message, dispatch.words
    labels = {field.name: field.label for field in form_of(dispatch.client).fields if field.label}
    rows = wording.rows(message.fields, labels, words.language)
    lines = [f"{label}{words.colon}{value}" for label, value in rows]
    return "\n".join([*lines, *([message.note] if message.note else [])])


def _national(number: str) -> str:
    """As HubSpot keeps numbers to search for: without the country's code."""
    import phonenumbers

    return phonenumbers.national_significant_number(phonenumbers.parse(number))


def _properties(contact: Mapping[str, Any]) -> Mapping[str, Any]:
    found = contact.get("properties")
    return found if isinstance(found, dict) else {}


def _person(properties: Mapping[str, Any]) -> CrmPerson:
    names = (text_of(properties.get("firstname")), text_of(properties.get("lastname")))
    return CrmPerson(
        name=" ".join(part for part in names if part),
        company=text_of(properties.get("company")),
        email=text_of(properties.get("email")),
        note=text_of(properties.get("jobtitle")),
        address=page_of(properties.get("hs_object_url")),
    )


def _judge(status: int, wait_s: float) -> None:
    """Raises `TemporaryFailureError`, `PermanentFailureError`."""
    if 200 <= status < 300:
        return
    if status in (401, 403):
        raise PermanentFailureError(f"HubSpot refuse le jeton ({status}) : donnez-en un autre")
    said = f"refusé par HubSpot ({status})"
    if status >= 500 or status in PASSING:
        raise TemporaryFailureError(said, retry_after_s=wait_s)
    raise PermanentFailureError(said)
