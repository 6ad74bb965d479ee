from __future__ import annotations

import dataclasses
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.store import BadNumberError, ConflictError, NotFoundError, Store
from copilot.store.numbering import e164
from copilot.store.profile import settings_of, settings_values
from copilot.store.records.clients import ClientNumber, ClientSettings, Contact
from copilot.store.records.consignes import Consigne
from tests.store.examples import MAIN, NOON, OTHER, after, client


def consigne(name: str, start: datetime | None = None, end: datetime | None = None) -> Consigne:
    return Consigne(id=name, title=name, body=name, valid_from=start, valid_until=end)


async def test_a_client_comes_back_as_it_was_saved(store: Store) -> None:
    settings = ClientSettings(
        recipients=("a@example.fr",),
        required_fields=("phone",),
        urgent_rules=("Fuite : critique",),
        never=("promettre",),
        vocabulary=("Delorme", "œil"),
        time_zone="Indian/Reunion",
    )
    wanted = dataclasses.replace(client(MAIN, "Delorme"), settings=settings)
    await store.provider.save_client(wanted, at=NOON)
    assert await store.for_client(MAIN).client() == wanted
    assert [item.id for item in await store.provider.clients()] == [OTHER, MAIN]
    with pytest.raises(NotFoundError):
        await store.for_client("nobody").client()


def test_settings_survive_a_version_that_knew_others() -> None:
    kept = {**settings_values(ClientSettings(never=("x",))), "added_later": 1}
    del kept["time_zone"]
    assert settings_of(kept) == ClientSettings(never=("x",))


async def test_the_sheet_has_what_is_in_force_the_most_specific_first(store: Store) -> None:
    scope = store.for_client(MAIN)
    kept = [
        consigne("always"),
        consigne("since", NOON),
        consigne("week", after(-10_000), after(500_000)),
        consigne("hour", after(-100), after(3600)),
        consigne("over", after(-100), NOON),
        consigne("later", after(1)),
    ]
    await scope.replace_consignes(kept)
    await scope.replace_contacts([Contact(id="a", name="Maud", phone="06 39 98 01 01", vip=True)])
    await scope.add_number("01 99 00 12 34", "did")
    sheet = await scope.sheet(NOON)
    assert [item.id for item in sheet.consignes] == ["hour", "week", "since", "always"]
    assert sheet.contacts == (Contact(id="a", name="Maud", phone="+33639980101", vip=True),)
    assert sheet.numbers == (ClientNumber(number="+33199001234", kind="did"),)
    assert sheet.greeting == "Plomberie Delorme, bonjour !"
    assert await scope.consignes() == tuple(kept)


async def test_a_dated_greeting_replaces_the_usual_one_for_a_while(store: Store) -> None:
    scope = store.for_client(MAIN)
    summer = dataclasses.replace(consigne("été", NOON, after(60)), kind="accueil")
    await scope.replace_consignes([summer])
    assert (await scope.sheet(NOON)).greeting == "été"
    assert (await scope.sheet(after(60))).greeting == "Plomberie Delorme, bonjour !"


async def test_a_call_finds_its_client_by_any_way_of_writing_the_number(store: Store) -> None:
    await store.for_client(MAIN).add_number("+33199001234", "did")
    await store.for_client(OTHER).add_number("0261911234", "forwarding")
    for dialled in ("+33199001234", "0199001234", "0033199001234", "33199001234", "01 99 00 12 34"):
        route = await store.provider.route(dialled)
        assert route and (route.client_id, route.by) == (MAIN, "dialled"), dialled
    route = await store.provider.route("0353010000", forwarded_from=["anonymous", "+33261911234"])
    assert route and (route.client_id, route.by) == (OTHER, "forwarded")
    # The dialled number decides when both are known.
    route = await store.provider.route("0199001234", forwarded_from=["+33261911234"])
    assert route and route.client_id == MAIN
    assert await store.provider.route("0353010000") is None
    assert await store.provider.route("sip:;drop", forwarded_from=["", "+"]) is None


async def test_a_number_leads_to_one_client(store: Store) -> None:
    ours, theirs = store.for_client(MAIN), store.for_client(OTHER)
    await ours.add_number("0199001234", "did")
    await ours.add_number("+33199001234", "forwarding")
    assert await ours.numbers() == (ClientNumber(number="+33199001234", kind="forwarding"),)
    with pytest.raises(ConflictError):
        await theirs.add_number("0199001234", "did")
    await theirs.remove_number("0199001234")
    assert len(await ours.numbers()) == 1
    await ours.remove_number("0199001234")
    await theirs.add_number("0199001234", "did")
    assert [(item.id, number.number) for item, number in await store.provider.numbers()] == [
        (OTHER, "+33199001234")
    ]


async def test_a_number_that_cannot_be_one_is_refused_and_nothing_changes(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.replace_contacts([Contact(id="a", name="Maud")])
    with pytest.raises(BadNumberError):
        await scope.add_number("12", "did")
    with pytest.raises(BadNumberError):
        await scope.replace_contacts([Contact(id="b", name="X", phone="01 99")])
    assert [item.id for item in await scope.contacts()] == ["a"]


@given(st.text(max_size=30))
def test_whatever_is_dialled_is_a_number_or_none(raw: str) -> None:
    number = e164(raw)
    assert number is None or (number.startswith("+") and e164(number) == number)
