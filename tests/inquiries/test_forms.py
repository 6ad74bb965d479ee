"""What sites' forms and letters carry besides what somebody says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot.drafting.draft import Draft, FieldValue, Turn
from copilot.inquiries.forms import answer_to, told
from copilot.inquiries.preparing import with_sender
from copilot.inquiries.text import paragraphs
from tests.injection.test_written import WRITTEN_BY_ZOE

FORM = """Nom : Bensaïd
Prénom : Amina
Téléphone : 06 39 98 90 12
E-mail : Amina.Bensaid@poste.example
Objet : Rendez-vous
Message : Mon fils a mal à une dent.
Depuis samedi.
J'accepte d'être contacté : Oui
--
Cet e-mail a été envoyé depuis le formulaire de www.site.example"""
ENGLISH = "Name: Emma Clarke\n\nPhone: +33 6 39 98 10 20\n\nMessage:\n\nI am locked out."


def heard(text: str) -> list[Turn]:
    return [
        Turn(speaker="caller", text=piece, utterance_id=f"caller-{n}")
        for n, piece in enumerate(paragraphs(text), start=1)
    ]


def test_a_form_says_by_its_labels_who_writes() -> None:
    found = told(heard(FORM))
    values = {name: one.value for name, one in found.fields.items()}
    assert values == {
        "caller_name": "Amina Bensaïd",
        "phone": "+33639989012",
        "email": "amina.bensaid@poste.example",
    }
    assert [one.text for one in found.said] == [
        "Rendez-vous",
        "Mon fils a mal à une dent. Depuis samedi.",
    ]
    assert found.fields["phone"].utterance_id == "caller-3"


def test_a_form_in_english() -> None:
    found = told(heard(ENGLISH))
    assert {one.value for one in found.fields.values()} == {"Emma Clarke", "+33639981020"}
    assert [one.text for one in found.said] == ["I am locked out."]


def test_one_label_is_anybody_s_way_to_write() -> None:
    turns = heard("Bonjour, une fuite.\nTél : 06 39 98 41 22")
    assert told(turns).fields == {}
    assert told(turns).said == tuple(turns)


@pytest.mark.parametrize(
    "nothing",
    [
        "Bonjour,",
        "Cordialement,",
        "Bien à vous.",
        "Envoyé de mon iPhone",
        "Sent from my Galaxy",
        "Ce message et ses pièces jointes sont confidentiels.",
        "Pensez à l'environnement avant d'imprimer.",
        "De : Yves Morel Envoyé : lundi À : Gestion Objet : volet",
        "De : Yves Morel <y@poste.example>\nEnvoyé : lundi\nÀ : Gestion\nObjet : volet",
    ],
)
def test_what_letters_carry_besides_is_nobody_s_reason(nothing: str) -> None:
    said = heard(f"Ma chaudière fuit.\n\n{nothing}\n\nRappelez-moi ce soir, cordialement.")
    assert [one.text for one in told(said).said] == [
        "Ma chaudière fuit.",
        "Rappelez-moi ce soir, cordialement.",
    ]


@pytest.mark.parametrize(
    ("sender", "answered"),
    [
        ("noreply@site.example", "amina.bensaid@poste.example"),
        ("ne-pas-repondre@site.example", "amina.bensaid@poste.example"),
        ("wordpress@site.example", "amina.bensaid@poste.example"),
        ("gestion@tilleuls.example", ""),
        ("noel@site.example", ""),
    ],
)
def test_a_form_that_nobody_reads_is_answered_where_it_says(sender: str, answered: str) -> None:
    assert answer_to(sender, paragraphs(FORM))[0] == answered
    assert answer_to(sender, ["Écrivez à x@y.example"]) == ("", "")


@pytest.mark.parametrize(
    ("said", "confidence", "name"),
    [
        ("Karim Aziz", 0.7, "Sophie Nguyen"),
        ("Karim Aziz", 0.85, "Karim Aziz"),
        ("Karim", 0.85, "Sophie Nguyen"),
    ],
)
def test_letters_name_many_people_and_are_from_one(said: str, confidence: float, name: str) -> None:
    inquiry = replace(WRITTEN_BY_ZOE, sender_name="Sophie Nguyen")
    read = Draft(fields={"caller_name": FieldValue(value=said, confidence=confidence)})
    assert with_sender(read, inquiry, None).fields["caller_name"].value == name
