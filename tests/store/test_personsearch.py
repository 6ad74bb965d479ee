"""Whoever asks what is kept about them is found in every table of a client's."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.sql.sqltypes import JSON

from copilot.store import NotFoundError, Store
from copilot.store.audit import Actor
from copilot.store.personsearch import NAMES_NOBODY, PLACES, Place, Sought, _texts
from copilot.store.records.inquiries import NewInquiry, ReceivedFile
from copilot.store.records.knowncallers import KnownCaller, KnownChange
from copilot.store.records.versions import Author
from copilot.store.sealing import sealed_columns
from copilot.store.tables import OF_A_CLIENT
from copilot.store.tombstones import Tombstone, erase_again
from knowledge.wording import plain
from tests.agenda.examples import PERSON, act, held
from tests.store.examples import MAIN, NOON, OTHER, recording, ringing, utterance
from tests.store.test_separation import a_run, an_exercise, fill

LEA = Actor(id="u1", name="Léa", role="administrator")
NO_TEXT_OF_PEOPLE = {
    ("inquiry_files", "content"): "bytes, under a name that is searched",
    ("calendar_accounts", "access"): "passwords",
}


def test_every_table_is_searched_or_said_to_name_nobody() -> None:
    """A new table, or a new sealed column, must be put in `PLACES`, or in what names nobody."""
    searched = {place.table for place in PLACES}
    assert searched | {*NAMES_NOBODY} == {*OF_A_CLIENT}
    assert not searched & {*NAMES_NOBODY}
    for place in PLACES:
        assert {*place.columns, place.subject} <= {*place.table.c.keys()}
        sealed = {
            name
            for name in sealed_columns(place.table)
            if (place.table.name, name) not in NO_TEXT_OF_PEOPLE
        }
        looked_at = {name for one in PLACES if one.table is place.table for name in one.columns}
        assert sealed <= looked_at, place.table.name
        for name in place.columns:
            assert isinstance(place.table.c[name].type, String | Text | JSON), name


async def test_every_place_is_looked_in(store: Store) -> None:
    """With a row in every table: a text of each is found where it is."""
    await fill(store, MAIN, "call-1")
    scope = store.for_client(MAIN)
    looked: set[Place] = set()
    for place in PLACES:
        async with store.database.of_client(MAIN).reading() as connection:
            rows = [row async for row in scope._parts(connection, place)]
        texts = [
            (row, text)
            for row in rows
            for text in _texts([row[name] for name in place.columns])
            if plain(text)
        ]
        if not texts:
            continue
        row, text = texts[0]
        found = await scope.find_person(Sought(words=tuple(plain(text).split())))
        kinds = {kind for one in found.calls for kind in one.places}
        kinds |= {one.kind for one in found.things}
        assert place.kind in kinds, (place.table.name, text)
        if place.label:
            assert str(row[place.subject]) in {one.id for one in found.things}
        looked.add(place)
    assert len(looked) > len(PLACES) * 0.8, {p.table.name for p in {*PLACES} - looked}


async def test_somebody_is_found_wherever_they_are_and_forgotten(store: Store) -> None:
    scope = store.for_client(MAIN)
    for call_id in ("booked", "remarked", "spoken"):
        await scope.create_call(ringing(call_id))
        await scope.mark_answered(call_id, operator_id="o", operator_name="n", at=NOON)
    taken = await scope.hold_slot(held(MAIN, "booked", NOON), at=NOON)
    await scope.book_appointment(taken.id, person=PERSON, tell=[], at=NOON, act=act(MAIN))
    note = "Claire Fontaine rappellera du 06 39.98-12 34, ou claire@example.fr"
    await scope.add_remark("remarked", "flag", note, actor=LEA, at=NOON)
    await scope.append_events("spoken", [utterance("spoken", 1, "Claire Fontaine à l'appareil")])
    await scope.open_recording(recording(MAIN, "spoken"))
    written = NewInquiry(
        call_id="written", channel="email", inlet="i", origin="o", received_at=NOON,
        sender="Claire@Example.fr", sender_name="Claire Fontaine", phone="+33639981234",
        files=(ReceivedFile(name="f", media_type="t/t", content=b"x"),),
    )  # fmt: skip
    assert await scope.receive_inquiry(written, [utterance("written", 1, "bonjour")])
    for call_id in ("booked", "remarked", "spoken"):
        await scope.mark_ended(call_id, ended_by="caller", reason="r", at=NOON)
    person = KnownCaller(id="claire", name="Claire Fontaine", numbers=("+33639981234",))
    await scope.change_known_callers(
        lambda _: [KnownChange(before=None, after=person)],
        action="create", label="x", author=Author(user_id="o", name="n"), at=NOON,
    )  # fmt: skip
    await scope.save_exercise(an_exercise("lesson", "Madame Claire Fontaine appelle"))
    await scope.begin_run(a_run("turn", MAIN, "lesson"))

    async def places(sought: Sought, client_id: str = MAIN) -> dict[str, set[str]]:
        found = await store.for_client(client_id).find_person(sought)
        things = {one.id: {str(one.kind)} for one in found.things}
        return things | {one.call.id: {*one.places} for one in found.calls}

    by_name = await places(Sought(words=("claire", "fontaine")))
    assert by_name == {
        "booked": {"appointment"}, "remarked": {"remark"}, "spoken": {"transcript", "recording"},
        "written": {"inquiry"} | ({"call"} & by_name["written"]), "claire": {"known_caller"},
        "lesson": {"exercise"},
    }  # fmt: skip
    by_number = await places(Sought(phone="+33639981234"))
    assert {"booked", "remarked", "written", "claire"} <= {*by_number}
    by_address = await places(Sought(email="claire@example.fr"))
    assert {*by_address} == {"booked", "remarked", "written"}
    assert await places(Sought(words=("claire", "fontaine")), OTHER) == {}
    assert await places(Sought()) == {}
    theirs = {
        "known_callers": ["claire"], "exercises": ["lesson"], "actor": LEA, "reason": "r",
        "at": NOON,
    }  # fmt: skip
    for wrong in ({"known_callers": ["x"]}, {"exercises": ["lesson", "x"]}):
        try:
            await scope.erase_calls(["booked"], **{**theirs, **wrong})  # type: ignore[arg-type]
        except NotFoundError:
            continue
        raise AssertionError(wrong)
    assert await places(Sought(words=("claire", "fontaine"))) == by_name, "all or nothing"
    erased = await scope.erase_calls(
        ["booked", "remarked", "spoken", "written"],
        **theirs,  # type: ignore[arg-type]
    )
    assert (erased.rows["known_callers"], erased.rows["training_runs"]) == (1, 1)
    assert await places(Sought(words=("claire", "fontaine"))) == {}
    assert await places(Sought(phone="+33639981234")) == {}
    # A backup brought the exercise back: it is forgotten again.
    await scope.save_exercise(an_exercise("lesson", "Madame Claire Fontaine appelle"))
    (entry, *_) = await store.audit.entries(action="person.erased")
    stone = Tombstone(
        digest="d", action="person.erased", at=NOON.isoformat(), client_id=MAIN, calls=(),
        exercises=tuple(entry.act.detail["exercises"]),
    )  # fmt: skip
    assert await erase_again(store, [stone], at=NOON) == 1
    assert await scope.exercises() == ()
