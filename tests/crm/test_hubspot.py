"""HubSpot by its public API, against a portal on loopback that refuses what the real one would."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from copilot.crm.hubspot import HubSpot
from copilot.crm.people import CrmPerson
from copilot.delivery.channel import Dispatch, PermanentFailureError, TemporaryFailureError
from copilot.delivery.guarded import GuardedRequests
from copilot.timing import DeliveryPolicy
from tests.crm.portal import TOKEN, Portal, portal
from tests.delivery.examples import dispatch
from tests.end_to_end.scenes import answered
from tests.web.running import CLIENT, OPERATOR, running

ROUTES = "/api/clients/demo-delorme/routes"


@pytest.fixture
def theirs() -> Iterator[Portal]:
    with portal() as kept:
        yield kept


def ours(theirs: Portal, token: str = TOKEN, *, private: bool = True) -> HubSpot:
    requests = GuardedRequests("CRM", allow_private=private)
    return HubSpot(requests, token, address=theirs.url)


async def test_a_contact_is_found_however_the_number_was_typed(theirs: Portal) -> None:
    theirs.contacts += [
        {"firstname": "Zoé", "lastname": "Martin", "company": "Hôtel", "phone": "+33199001122"},
        {"lastname": "Durand", "mobilephone": "0639981122", "email": "d@example.fr"},
    ]
    assert await ours(theirs).find("+33199001122") == (
        CrmPerson(name="Zoé Martin", company="Hôtel"),
    )
    assert await ours(theirs).find("+33639981122") == (
        CrmPerson(name="Durand", email="d@example.fr"),
    )
    assert await ours(theirs).find("+33639989999") == ()


async def test_an_approved_message_is_noted_on_the_caller_s_timeline(theirs: Portal) -> None:
    await ours(theirs).push(dispatch())
    assert theirs.contacts == [{"firstname": "Zoé", "lastname": "Lefèvre", "phone": "+33199001234"}]
    (call,) = theirs.calls
    assert call["properties"]["hs_call_from_number"] == "+33199001234"
    assert "Fuite sous l'évier" in call["properties"]["hs_call_body"]
    assert call["associations"][0]["to"]["id"] == "0"
    await ours(theirs).push(dispatch())  # another message: the same contact
    assert len(theirs.contacts) == 1


async def test_an_answer_that_was_lost_makes_no_second_note(theirs: Portal) -> None:
    theirs.lose_answers = 1
    with pytest.raises(TemporaryFailureError):
        await ours(theirs).push(dispatch())
    sent = dispatch()
    again = dataclasses.replace(sent, item=dataclasses.replace(sent.item, attempts=2))
    await ours(theirs).push(again)
    assert len(theirs.calls) == 1


async def test_of_a_discreet_client_only_the_link_leaves(theirs: Portal) -> None:
    sent = dispatch()
    settings = dataclasses.replace(sent.client.settings, delivery=DeliveryPolicy(content="link"))
    client = dataclasses.replace(sent.client, settings=settings)
    quiet: Dispatch = dataclasses.replace(sent, client=client, link="https://x.example.fr/m#t")
    assert quiet.discreet
    await ours(theirs).push(quiet)
    told = repr((theirs.calls, theirs.contacts))
    assert "https://x.example.fr/m#t" in told
    for said in ("Fuite", "Zoé", "33199001234", "12A"):
        assert said not in told


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, PermanentFailureError), (403, PermanentFailureError), (400, PermanentFailureError),
        (429, TemporaryFailureError), (500, TemporaryFailureError), (503, TemporaryFailureError),
    ],
)  # fmt: skip
async def test_what_may_pass_is_told_from_what_will_not(
    theirs: Portal, status: int, error: type[Exception]
) -> None:
    for work in (ours(theirs).find("+33199001122"), ours(theirs).push(dispatch())):
        theirs.statuses.append(status)
        with pytest.raises(error):
            await work


async def test_a_wrong_token_and_a_private_address_are_refused(theirs: Portal) -> None:
    with pytest.raises(PermanentFailureError, match="jeton"):
        await ours(theirs, "wrong").find("+33199001122")
    with pytest.raises(PermanentFailureError, match="https"):
        await ours(theirs, private=False).find("+33199001122")
    https = HubSpot(GuardedRequests("CRM"), TOKEN, address="https://127.0.0.1:1")
    with pytest.raises(PermanentFailureError, match="privée"):
        await https.find("+33199001122")


async def test_the_desk_is_told_who_calls_and_a_slow_crm_keeps_nobody_waiting(
    tmp_path: Path, theirs: Portal
) -> None:
    theirs.contacts.append({"lastname": "Martin", "phone": "+33199001122"})
    async with running(tmp_path, hubspot_url=theirs.url, webhook_private=True) as service:
        client, desk = await service.signed_in(CLIENT), await service.signed_in(OPERATOR)
        route: dict[str, Any] = {
            "channel": "crm", "to": "hubspot", "address": TOKEN, "looks_up": True,
        }  # fmt: skip
        kept = await client.http.put(ROUTES, json={"routes": [route]})
        assert kept.status_code == 200, kept.text
        assert TOKEN not in kept.text and kept.json()[0]["service"] == "HubSpot"
        settings = (await service.house.store.for_client("demo-delorme").client()).settings
        assert TOKEN not in repr(settings)
        me = (await desk.http.get("/api/session")).json()
        scene = await answered(service, me["id"])
        number = "+33639981234"
        theirs.contacts[0]["phone"] = number
        path = f"/api/calls/{scene.call_id}/crm"
        found = (await desk.http.get(path)).json()
        assert (found["state"], [one["name"] for one in found["people"]]) == ("found", ["Martin"])
        theirs.contacts.clear()
        assert (await desk.http.get(path)).json()["state"] == "unknown"
        theirs.wait_s = 2.0
        answer = await desk.http.get(path)
        assert answer.json()["state"] == "unavailable"
        assert answer.elapsed.total_seconds() < 1.9
        theirs.wait_s = 0.0
        await client.http.put(ROUTES, json={"routes": []})
        assert (await desk.http.get(path)).json()["state"] == "none"
        await scene.end()


async def test_contacts_of_another_shape_are_nobody(
    theirs: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def odd(*_: object, **__: object) -> list[dict[str, object]]:
        return [{"id": "1", "properties": ["firstname"]}, {"id": "2"}]

    asked = ours(theirs)
    monkeypatch.setattr(asked, "_search", odd)
    assert [one.name for one in await asked.find("+33199001122")] == ["", ""]
