"""Whom of the client's people a message is for, in wordings that no labelled call has."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from copilot.drafting.draft import ClientProfile, Contact, Speaker, Turn
from copilot.drafting.drafter import open_drafter
from tests.drafting.learnt import houses, no_situations, people

AT = datetime(2026, 3, 17, 10, 12, tzinfo=ZoneInfo("Europe/Paris"))
CONTACTS = (
    Contact(name="Valérie Hennebelle", role="diététicienne"),
    Contact(name="Christophe Maes", role="chef de production"),
    Contact(name="Aïcha Tahri", role="responsable livraisons"),
    Contact(name="Odile Ferrec", role="sommelière"),
    Contact(name="Ketty Jalton", role="responsable"),
)


def recipient(
    *lines: str, contacts: tuple[Contact, ...] = CONTACTS, house: str = "Saveurs du Nord"
) -> str | None:
    """Whom the message is for after lines like "C: bonjour" and "O: votre nom ?"."""
    drafter = open_drafter(
        client=ClientProfile(name=house, contacts=contacts, urgent_rules=()),
        at=AT,
        situations=no_situations(),
        people=people(),
        houses=houses(),
    )
    who = None
    for index, line in enumerate(lines):
        speaker: Speaker = "caller" if line.startswith("C:") else "operator"
        turn = Turn(speaker=speaker, text=line[2:].strip(), utterance_id=str(index))
        who = drafter.hear(turn).value("recipient")
    return who


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("oui bonjour passez-moi la diététicienne", "Valérie Hennebelle"),
        ("vous pouvez me passer le sommelier", "Odile Ferrec"),
        ("repassez-moi madame Tahri s'il vous plaît", "Aïcha Tahri"),
        ("mettez-moi en ligne avec monsieur Maes", "Christophe Maes"),
        ("je voudrais présenter une offre à votre responsable", "Ketty Jalton"),
        ("il faut que je parle au responsable", "Ketty Jalton"),
        ("passez-moi la responsable livraisons", "Aïcha Tahri"),
    ],
)
def test_whom_the_caller_has_themselves_put_through_to(said: str, who: str) -> None:
    assert recipient("O: Saveurs du Nord bonjour", f"C: {said}") == who


@pytest.mark.parametrize(
    "said",
    [
        "vous êtes bien la responsable",
        "je suis la responsable de la cantine de Wattrelos",
        "le responsable de l'accident c'est le camion",
        "vous êtes responsable de ce retard",
    ],
)
def test_nobody_in_charge_is_asked_for(said: str) -> None:
    assert recipient("O: Saveurs du Nord bonjour", f"C: {said}") is None


@pytest.mark.parametrize(
    "said",
    [
        "le sommelier il a cassé une bouteille chez nous",
        "je décommande la diététicienne du huit",
        "c'est au sujet du devis pour le mariage",
    ],
)
def test_a_calling_told_of_is_not_asked_for(said: str) -> None:
    contacts = (*CONTACTS[:4], Contact(name="Manon Grand", role="devis"))
    assert recipient("O: bonjour", f"C: {said}", contacts=contacts) is None


def test_with_two_in_charge_neither_is_meant_without_doubt() -> None:
    contacts = (
        Contact(name="Bernard Corbière", role="gérant"),
        Contact(name="Alice Corbière", role="directrice"),
    )
    said = "je voudrais parler à votre responsable"
    assert recipient("O: bonjour", f"C: {said}", contacts=contacts) is None


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        ("Saveurs du Nord bonjour, Valérie.", "bonjour valérie la cantine de wattrelos"),
        ("Valérie à votre écoute", "oui bonjour Valérie, je vous appelle pour les menus"),
    ],
)
def test_whoever_answers_and_is_greeted_is_not_asked_for(greeting: str, said: str) -> None:
    assert recipient(f"O: {greeting}", f"C: {said}") is None


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("monsieur Maes m'a dit de voir avec le secrétariat", None),
        ("Christophe Maes m'a conseillé de m'adresser à l'accueil", None),
        ("monsieur Maes m'a dit de voir ça avec madame Tahri", "Aïcha Tahri"),
        ("monsieur Maes m'a dit de voir avec lui", "Christophe Maes"),
    ],
)
def test_who_sends_a_caller_on_is_not_wanted(said: str, who: str | None) -> None:
    assert recipient("O: bonjour", f"C: j'ai un souci de facture {said}") == who


@pytest.mark.parametrize(
    "refusal",
    [
        "Pas besoin qu'elle m'appelle, je passe demain matin",
        "non c'est pas la peine de me rappeler, je passe demain",
        "oh inutile qu'elle me rappelle, je passerai",
    ],
)
def test_a_call_refused_leaves_the_matter_with_whom_it_was_told(refusal: str) -> None:
    offer = "O: Je demande à Odile, elle vous passe un coup de fil ?"
    assert recipient("O: bonjour", "C: mon vin est arrivé ?", offer, f"C: {refusal}") == (
        "Odile Ferrec"
    )


@pytest.mark.parametrize(
    ("house", "surname", "said"),
    [
        ("Studio Nacre", "Nacre", "O: Euh, ici le studio nacre, madame."),
        ("Audition Clairval", "Clairval", "O: Audition Clairval, je vous écoute !"),
        ("Garage Pelloux & fils", "Pelloux", "C: je suis bien au garage Pelloux ?"),
    ],
)
def test_the_house_s_name_is_nobody_s(house: str, surname: str, said: str) -> None:
    contacts = (Contact(name=f"Alma {surname}", role="gérante"),)
    lines = ("O: bonjour", "C: allô j'entends mal", said, "C: d'accord")
    assert recipient(*lines, contacts=contacts, house=house) is None


@pytest.mark.parametrize(
    "said", ["Merci, Odile.", "au revoir odile", "merci beaucoup madame Tahri"]
)
def test_who_is_thanked_at_the_end_is_on_the_line(said: str) -> None:
    lines = ("O: bonjour", "C: je viens jeudi chercher mon vin", "O: C'est noté.", f"C: {said}")
    assert recipient(*lines) is None


@pytest.mark.parametrize("said", ["Non, merci, me voilà rassurée.", "non merci, ça ira"])
def test_who_was_offered_and_is_declined_has_nothing_to_do(said: str) -> None:
    offer = "O: Voulez-vous que madame Tahri vous rappelle ?"
    assert recipient("O: bonjour", "C: est-ce que c'est vrai", offer, f"C: {said}") is None
