"""What is filled, and what is only offered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.draft import Draft, FieldValue
from copilot.drafting.evidence import READ, facts
from copilot.drafting.sureness import GOES_WITH, Weighing, weighed, weighings
from copilot.drafting.trail import Trail

COURTESY = ("operator", "bonjour")


def trail(*turns: tuple[str, str]) -> Trail:
    """A trail of (speaker, folded words), each turn named by its place."""
    made = Trail()
    for at, (speaker, folded) in enumerate(turns):
        made.add("operator" if speaker == "operator" else "caller", folded, str(at))
    return made


def drafted(made: Trail, **values: str) -> Draft:
    """A draft whose fields come from the last turn but one of the trail, or its last."""
    source = made.turns[-1].utterance_id
    draft = Draft(
        fields={
            name: FieldValue(value=value, confidence=0.8, utterance_id=source)
            for name, value in values.items()
        }
    )
    made.note(draft)
    return draft


def test_every_field_that_is_read_is_weighed_and_has_a_bar() -> None:
    assert set(weighings()) == set(READ)
    assert all(0 < weighing.bar < 1 for weighing in weighings().values())


def test_a_building_told_as_a_place_is_offered_and_not_filled() -> None:
    made = trail(
        ("operator", "dans quelle residence ?"),
        ("caller", "residence le belvedere au 8 avenue foch"),
    )
    draft = weighed(drafted(made, company="Résidence le Belvédère au 8 Avenue Foch"), made)
    assert draft.value("company") is None
    assert draft.doubts["company"].value.startswith("Résidence")
    assert draft.doubts["company"].whole


def test_a_house_one_calls_from_is_filled() -> None:
    made = trail(COURTESY, ("caller", "bonjour lea colin de la societe transports morvan"))
    draft = weighed(drafted(made, company="Transports Morvan", caller_name="Léa Colin"), made)
    assert draft.value("company") == "Transports Morvan"
    assert draft.fields["company"].confidence > weighings()["company"].bar


def test_an_action_and_its_moment_stand_or_fall_together() -> None:
    made = trail(COURTESY, ("caller", "un devis si jamais vous passez"))
    draft = weighed(
        drafted(made, appointment_action="prendre", appointment_when="2026-11-03"), made
    )
    names = ("appointment_action", *GOES_WITH["appointment_action"])
    assert len({name in draft.doubts for name in names}) == 1
    assert not {*names} & {*draft.fields}


def test_a_moment_that_is_hardly_one_to_meet_is_not_even_offered() -> None:
    made = trail(COURTESY, ("caller", "la commande devait etre livree jeudi"))
    draft = weighed(
        drafted(made, appointment_action="prendre", appointment_when="2026-11-03"), made
    )
    assert not draft.fields and not draft.doubts


def test_an_appointment_asked_for_and_taken_down_is_filled() -> None:
    made = trail(
        COURTESY,
        ("caller", "je voudrais prendre rendez-vous mardi a dix heures"),
        ("operator", "c'est note pour le rendez-vous de mardi a dix heures"),
    )
    value = FieldValue(value="prendre", confidence=0.8, utterance_id="1")
    when = FieldValue(value="2026-11-03T10:00", confidence=0.8, utterance_id="1")
    draft = weighed(Draft(fields={"appointment_action": value, "appointment_when": when}), made)
    assert draft.value("appointment_action") == "prendre"


def test_what_is_not_weighed_stays_as_it_is() -> None:
    made = trail(COURTESY, ("caller", "lea colin"))
    draft = drafted(made, caller_name="Léa Colin", phone="+33639980123")
    assert weighed(draft, made) == draft


@given(st.sets(st.sampled_from(["a", "b", "c"])))
def test_a_probability_rises_with_what_speaks_for_it(found: set[str]) -> None:
    weighing = Weighing(bias=-1.0, weights={"a": 2.0, "b": -3.0}, bar=0.5)
    assert 0 < weighing.probability(found) < 1
    assert weighing.probability(found | {"a"}) >= weighing.probability(found - {"a"})
    assert weighing.probability(found | {"c"}) == weighing.probability(found - {"c"})


def test_a_value_of_unknown_source_has_no_facts_but_that() -> None:
    value = FieldValue(value="Club", confidence=0.8, utterance_id="elsewhere")
    assert facts("company", value, Draft(), trail(COURTESY)) == {"no source"}
