"""What nobody said of the caller stays out of the message: names, addresses, days."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from copilot.drafting.draft import ClientProfile, Draft, Speaker, Turn
from copilot.drafting.drafter import open_drafter
from tests.drafting.learnt import houses, no_situations, people

AT = datetime(2026, 3, 17, 10, 12, tzinfo=ZoneInfo("Europe/Paris"))
CLIENT = ClientProfile(name="Volets Tardieu", contacts=(), urgent_rules=())


def heard(*lines: str) -> Draft:
    """The draft after lines like "C: bonjour" and "O: votre nom ?"."""
    drafter = open_drafter(
        client=CLIENT, at=AT, situations=no_situations(), people=people(), houses=houses()
    )
    draft = Draft()
    for index, line in enumerate(lines):
        speaker: Speaker = "caller" if line.startswith("C:") else "operator"
        draft = drafter.hear(Turn(speaker=speaker, text=line[2:].strip(), utterance_id=str(index)))
    return draft


@pytest.mark.parametrize(
    ("told", "answered"),
    [
        ("Votre colis est en point relais depuis hier.", "lequel"),
        ("Il y en a deux dans la rue.", "laquelle"),
        ("Que les clés de maison, désolée.", "bon tant pis joyeux noël"),
        ("Nous sommes là samedi.", "c'est ouvert le week-end"),
    ],
)
def test_words_that_are_nobody_s_name(told: str, answered: str) -> None:
    lines = ("O: Volets Tardieu bonjour", "C: ma commande n'est pas arrivée", f"O: {told}")
    assert heard(*lines, f"C: {answered}").value("caller_name") is None


@pytest.mark.parametrize("asked", ["Son nom ?", "oui son nom", "Et son prénom ?"])
def test_the_name_of_whoever_was_told_of_is_not_the_caller_s(asked: str) -> None:
    told = "C: bonjour c'est l'infirmerie du collège un de nos élèves s'est cassé une dent"
    draft = heard("O: bonjour", told, f"O: {asked}", "C: Enguerrand Pichot")
    assert draft.value("caller_name") is None


def test_the_name_asked_for_beside_theirs_is_the_caller_s() -> None:
    told = "C: bonjour un de nos élèves s'est cassé une dent"
    lines = ("O: bonjour", told, "O: Son nom ?", "C: Enguerrand Pichot", "O: Et vous ?")
    assert heard(*lines, "C: moi c'est Nadine Lacaze").value("caller_name") == "Nadine Lacaze"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("à quelle adresse", "recrutement arobase aideplus point fr"),
        ("oui mais c'est quoi son mail", "rh@neteclat.example.com"),
        ("d'accord j'envoie ça où", "accueil@tardieu.example"),
        ("je cherche du travail", "écrivez-nous à accueil@tardieu.example"),
    ],
)
def test_an_address_to_write_to_is_not_the_caller_s(asked: str, given: str) -> None:
    lines = ("O: bonjour", "C: bonjour vous embauchez", "O: oui", f"C: {asked}", f"O: {given}")
    assert heard(*lines, "C: parfait je l'envoie ce soir").value("email") is None
    assert heard(*lines, "C: oui d'accord").value("email") is None


def test_an_address_read_back_is_the_caller_s() -> None:
    lines = ("O: bonjour", "C: mon mail c'est lise arobase mailo point com", "O: lise@mailo.com ?")
    assert heard(*lines, "C: oui").value("email") == "lise@mailo.com"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("je voudrais savoir si on peut venir dimanche ou si c'est fermé le week-end", "dimanche"),
        ("vous êtes ouverts lundi et aussi le mardi je voudrais venir chercher", "lundi"),
    ],
)
def test_days_told_in_one_breath_are_both_told(said: str, kept: str) -> None:
    refused = ("O: on vous rappelle ?", "C: non pas la peine de me rappeler")
    reason = heard("O: bonjour", f"C: bonjour {said}", *refused).value("reason") or ""
    assert kept in reason


@pytest.mark.parametrize(
    ("said", "gone", "kept"),
    [
        (
            "je voudrais changer l'adresse de livraison ce n'est plus rue Pasteur, c'est boulevard"
            " Foch",
            "Pasteur",
            "boulevard Foch",
        ),
        (
            "je voudrais une attestation ce n'est pas Monsieur Duval, c'est Duvernay",
            "Duval,",
            "attestation",
        ),
    ],
)
def test_what_it_is_no_longer_is_no_reason(said: str, gone: str, kept: str) -> None:
    reason = heard("O: bonjour", f"C: {said}").value("reason") or ""
    assert gone not in reason
    assert kept in reason


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("moi c'est monsieur thierno bah b a h je voudrais savoir", "Thierno Bah"),
        ("bonjour Renard Sophie à l'appareil pour ma facture", "Sophie Renard"),
        ("moi c'est Torregrossa deux r deux s je voudrais un devis", "Torregrossa"),
        ("bonjour c'est mamadou diallo d i a l l o", "Mamadou Diallo"),
        ("oui bonjour Marion Leroux à l'appareil", "Marion Leroux"),
    ],
)
def test_surnames_that_are_words_or_letters(said: str, name: str) -> None:
    assert heard("O: bonjour", f"C: {said}").value("caller_name") == name


@pytest.mark.parametrize(
    ("first", "asked", "then", "name"),
    [
        ("Iñaki", "Iñaki comment ?", "Ospital", "Iñaki Ospital"),
        ("Tasnim", "d'accord tasnim comment", "Ezzahi", "Tasnim Ezzahi"),
        ("Nguyen-Lambert, Clara. Nguyen N G U Y E N.", "merci", "oui", "Clara Nguyen-Lambert"),
    ],
)
def test_a_name_given_in_pieces(first: str, asked: str, then: str, name: str) -> None:
    lines = ("O: bonjour", "C: un devis", "O: votre nom ?", f"C: {first}", f"O: {asked}")
    assert heard(*lines, f"C: {then}").value("caller_name") == name


@pytest.mark.parametrize(
    ("said", "number"),
    [
        (
            "zéro un nonante... euh quatre-vingt-dix-neuf zéro zéro seize vingt-cinq",
            "+33199001625",
        ),
        ("zéro six trente euh trente-neuf quatre-vingt-dix-huit douze dix-sept", "+33639981217"),
    ],
)
def test_a_ten_only_begun_is_no_pair(said: str, number: str) -> None:
    assert heard("O: bonjour", "C: un devis", "O: le numéro", f"C: {said}").value("phone") == number


@pytest.mark.parametrize(
    ("said", "company"),
    [
        (
            "salut c'est l'earl des trois chênes est-ce que la courroie est arrivée",
            "EARL des Trois Chênes",
        ),
        ("bonjour la scea des coteaux je vous appelle pour le tracteur", "SCEA des Coteaux"),
        ("bonjour le gaec du moulin pour une livraison de semences", "GAEC du Moulin"),
    ],
)
def test_a_legal_form_begins_a_company(said: str, company: str) -> None:
    draft = heard("O: bonjour", f"C: {said}")
    assert (draft.value("company"), draft.value("caller_name")) == (company, None)
