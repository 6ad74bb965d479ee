"""The form decides the fields; the checklist ticks itself; a step is proposed."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.checklist import Checklist, items_of
from copilot.drafting.draft import FIELD_NAMES, Contact, Speaker, Turn
from copilot.drafting.form import (
    HANDLING,
    TRADES,
    BadFormError,
    Form,
    FormField,
    checked,
    default_form,
    read_form,
)
from copilot.drafting.nextstep import propose


@pytest.mark.parametrize(
    ("sector", "trade"),
    [
        ("cabinet dentaire", "dental"),
        ("clinique vétérinaire", "vet"),
        ("médecine générale", "medical"),
        ("notaire", "notary"),
        ("cabinet d'avocats", "lawyer"),
        ("syndic de copropriété", "property"),
        ("plomberie et chauffage", "trades"),
        ("e-commerce", "e-commerce"),
        ("conseil en stratégie", "general"),
    ],
)
def test_a_trade_has_its_form(sector: str, trade: str) -> None:
    form = default_form(sector)
    assert form.trade == trade
    assert set(HANDLING) <= set(form.names)


def test_every_default_form_is_a_good_one() -> None:
    for _, _, form in TRADES:
        assert checked(form) == form


def test_what_is_missing_depends_on_the_kind_of_call() -> None:
    form = default_form("plomberie")
    told = {"caller_name": "Lea Colin", "phone": "+33639980123", "reason": "Une fuite"}
    assert form.missing(told | {"category": "urgence"}) == ("address",)
    assert form.missing(told | {"category": "facturation"}) == ()
    assert form.missing({"category": "erreur"}) == ()


def test_fields_a_client_has_always_wanted_stay_wanted() -> None:
    form = default_form("notaire", ("email", "address"))
    assert {"email", "address"} <= {field.name for field in form.fields if field.required}


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (FormField(name="Plaque"), "no field name"),
        (FormField(name="plaque"), "label"),
        (FormField(name="phone", categories=("promenade",)), "promenade"),
        (FormField(name="plaque", label="x" * 61), "60"),
    ],
)
def test_a_bad_form_says_which_field(field: FormField, told: str) -> None:
    with pytest.raises(BadFormError, match=told):
        checked(Form(fields=(field,)))


def test_a_field_stands_once() -> None:
    with pytest.raises(BadFormError, match="2 times"):
        checked(Form(fields=(FormField(name="phone"), FormField(name="phone"))))


@given(
    st.lists(
        st.builds(
            FormField,
            name=st.sampled_from(FIELD_NAMES),
            required=st.booleans(),
            label=st.none() | st.text(min_size=1, max_size=20),
        ),
        unique_by=lambda field: field.name,
    )
)
def test_a_form_survives_being_stored(fields: list[FormField]) -> None:
    form = checked(Form(fields=tuple(fields)))
    assert read_form(json.loads(json.dumps(dataclasses.asdict(form)))) == form


def test_items_come_from_what_consignes_say_to_ask() -> None:
    items = items_of(
        [
            "Demander le nom, le téléphone et l'étage. Ne jamais demander le code de la carte.",
            "Toujours demander l'adresse : Adresse complète, code de la porte",
            "Prendre rendez-vous le matin.",
        ]
    )
    assert [(item.text, item.field) for item in items] == [
        ("Le nom", "caller_name"),
        ("Le téléphone", "phone"),
        ("L'étage", None),
        ("L'adresse", "address"),
        ("Code de la porte", None),
    ]


def test_items_tick_themselves() -> None:
    checklist = Checklist(items_of(["Demander le nom et l'étage"]))

    def say(speaker: Speaker, text: str, utterance_id: str) -> None:
        checklist.hear(Turn(speaker=speaker, text=text, utterance_id=utterance_id))

    say("operator", "vous êtes à quel étage", "o1")
    assert [item.done for item in checklist.items({}, {})] == [False, False]
    say("caller", "au troisième", "c1")
    name, floor = checklist.items({"caller_name": "Lea Colin"}, {"caller_name": "c0"})
    assert (name.done, name.utterance_id) == (True, "c0")
    assert (floor.done, floor.utterance_id) == (True, "c1")


CONTACTS = (
    Contact(name="Yannick Perrot", role="technicien d'astreinte"),
    Contact(name="Solène Guérin", role="comptable"),
)


def test_an_emergency_is_escalated_to_whom_is_on_call() -> None:
    step = propose(
        {"urgency": "critique", "category": "urgence", "reason": "Le plafond coule"},
        contacts=CONTACTS,
        evidence="le plafond coule",
    )
    assert step is not None
    assert (step.kind, step.contact, step.detail) == (
        "escalation",
        "Yannick Perrot",
        "le plafond coule",
    )


def test_a_consigne_of_transfer_names_whom() -> None:
    step = propose(
        {"urgency": "normal", "category": "facturation", "reason": "Une facture de règlement"},
        contacts=CONTACTS,
        transfers=["Factures et règlements. Transférer à Solène Guérin."],
    )
    assert step is not None
    assert (step.kind, step.because, step.contact) == ("transfer", "instruction", "Solène Guérin")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"appointment_action": "prendre", "reason": "Un contrôle"}, "appointment"),
        ({"reason": "Un devis", "category": "devis"}, "message"),
        ({"category": "erreur"}, "message"),
    ],
)
def test_other_steps(values: dict[str, str | None], kind: str) -> None:
    step = propose(values)
    assert step is not None
    assert step.kind == kind


def test_nothing_is_proposed_while_nothing_is_known() -> None:
    assert propose({"category": "autre", "urgency": "normal"}) is None
