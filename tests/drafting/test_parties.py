"""Who is called, who calls back: over whole exchanges, with people no labelled call has."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from copilot.drafting.draft import ClientProfile, Contact, Draft, Speaker, Turn
from copilot.drafting.drafter import open_drafter
from tests.drafting.learnt import houses, people, situations

AT = datetime(2026, 3, 17, 10, 12, tzinfo=ZoneInfo("Europe/Paris"))
CLIENT = ClientProfile(
    name="Volets Tardieu",
    contacts=(
        Contact(name="Maxime Tardieu", role="directeur"),
        Contact(name="Sylvie Aubin", role="planning"),
        Contact(name="Service abonnés", role="abonnements"),
        Contact(name="Sœur Marthe Colombel", role="intendante"),
    ),
    urgent_rules=(),
)
GREETING = ("O: Volets Tardieu bonjour", "C: bonjour c'est pour un volet qui grince")


def heard(*lines: str) -> Draft:
    """The draft after lines like "C: bonjour" and "O: votre nom ?"."""
    drafter = open_drafter(
        client=CLIENT, at=AT, situations=situations(), people=people(), houses=houses()
    )
    draft = Draft()
    for index, line in enumerate(lines):
        speaker: Speaker = "caller" if line.startswith("C:") else "operator"
        draft = drafter.hear(Turn(speaker=speaker, text=line[2:].strip(), utterance_id=str(index)))
    return draft


@pytest.mark.parametrize(
    "said",
    [
        "je note pour Sylvie Aubin",
        "c'est madame Aubin qui a ce dossier",
        "Sylvie Aubin peut regarder, votre prénom ?",
        "madame Aubin vous enverra une proposition, à quelle adresse ?",
        "je le signale à madame Aubin",
        "j'envoie Sylvie tout de suite",
        "Sylvie part tout de suite",
        "Sylvie peut passer demain",
        "la responsable du planning vous rappelle",
    ],
)
def test_whom_the_operator_names_has_the_message(said: str) -> None:
    assert heard(*GREETING, f"O: {said}", "C: oui merci").value("recipient") == "Sylvie Aubin"


def test_whom_the_operator_thanks_is_the_caller() -> None:
    said = ("O: merci madame Aubin, au revoir", "C: d'accord")
    assert heard(*GREETING, *said).value("recipient") is None


def test_one_or_the_other_is_nobody_without_doubt() -> None:
    draft = heard(
        *GREETING, "O: Maxime ou Sylvie vous rappelle selon qui est libre", "C: très bien"
    )
    assert draft.value("recipient") is None


def test_who_sells_is_not_called_back() -> None:
    draft = heard(
        "O: Volets Tardieu bonjour",
        "C: bonjour Wendy de la société Mirador on équipe les artisans d'un logiciel de devis"
        " offert les trois premiers mois",
        "O: le directeur ne prend pas ces appels",
        "C: il peut me rappeler au zéro un quatre-vingt-dix-neuf zéro zéro douze trente-quatre"
        " avant ce soir l'offre expire",
    )
    assert draft.value("category") == "démarchage"
    assert draft.value("callback") == "false"
    assert draft.value("callback_when") is None


def test_the_house_s_name_in_the_greeting_is_nobody() -> None:
    assert heard(*GREETING).value("recipient") is None


def test_a_contact_refused_is_not_the_recipient() -> None:
    refused = (*GREETING, "O: Sylvie Aubin peut vous rappeler ?")
    assert heard(*refused, "C: non ne la dérangez pas").value("recipient") is None
    other = heard(*refused, "C: non je préfère monsieur Tardieu")
    assert other.value("recipient") == "Maxime Tardieu"


def test_the_last_one_the_operator_names_has_it() -> None:
    lines = (*GREETING, "O: Maxime peut regarder", "C: d'accord", "O: enfin plutôt Sylvie Aubin")
    assert heard(*lines, "C: très bien").value("recipient") == "Sylvie Aubin"


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("je voudrais que madame Aubin me contacte", "Sylvie Aubin"),
        ("il faut que le directeur m'appelle", "Maxime Tardieu"),
        ("j'exige des excuses de votre directeur", "Maxime Tardieu"),
    ],
)
def test_who_is_to_act_is_wanted(said: str, who: str) -> None:
    assert heard("O: Volets Tardieu bonjour", f"C: {said}").value("recipient") == who


def test_a_caller_of_a_like_service_asks_for_nobody() -> None:
    said = "C: je suis du service planning des transports Fauvel, le camion est arrivé"
    assert heard("O: Volets Tardieu bonjour", said).value("recipient") is None


@pytest.mark.parametrize(
    ("said", "whom"),
    [
        ("mon fils a oublié sa flûte, il s'appelle Noé, moi c'est Agathe Morel", "mon fils, Noé"),
        ("c'est pour ma mère, Jeanne Morel", "ma mère, Jeanne Morel"),
    ],
)
def test_a_relative_told_of_is_whom_the_call_is_for(said: str, whom: str) -> None:
    lines = ("O: Volets Tardieu bonjour", f"C: {said}", "O: son âge ?", "C: dix ans")
    draft = heard(*lines)
    assert (draft.fields | draft.doubts)["on_behalf_of"].value == whom


@pytest.mark.parametrize(
    "said", ["je voudrais arrêter mon abonnement je suis abonné depuis mars", "ma sœur est malade"]
)
def test_a_service_or_a_sister_is_not_designated_by_a_common_word(said: str) -> None:
    assert heard("O: Volets Tardieu bonjour", f"C: {said}").value("recipient") is None


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        ("monsieur Tardieu peut vous rappeler", "il a intérêt"),
        ("Sylvie vous appelle tout de suite, sur quel numéro ?", "06 39 98 32 30"),
        ("Maxime Tardieu vous rappelle.", "non moi je suis suivie par madame Aubin"),
        ("madame Aubin confirme par téléphone", "d'accord"),
        ("elle peut vous joindre cet après-midi ?", "jusqu'à dix-huit heures"),
        ("on vous rappelle", "bon courage"),
    ],
)
def test_a_call_back_offered_and_not_refused_is_wanted(offered: str, answered: str) -> None:
    assert heard(*GREETING, f"O: {offered}", f"C: {answered}").value("callback") == "true"


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        ("on vous rappelle ?", "non merci"),
        ("monsieur Tardieu vous rappelle.", "non ce n'est pas la peine"),
        ("on vous rappelle si on la retrouve", "d'accord merci"),
        ("un numéro où vous joindre ?", "06 39 98 32 30"),
        ("Sylvie peut vous appeler ?", "un mail suffit"),
    ],
)
def test_a_call_back_refused_or_only_possible_is_not(offered: str, answered: str) -> None:
    assert heard(*GREETING, f"O: {offered}", f"C: {answered}").value("callback") == "false"


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["O: votre nom", "C: odile", "O: odile comment ?", "C: odile tout court"], "Odile"),
        (["O: votre nom", "C: Madame Tarvel, Odile."], "Odile Tarvel"),
        (["O: votre nom", "C: tarvel simone avec un v comme victor"], "Simone Tarvel"),
        (["O: votre nom", "C: tarvel oui tarvel simone"], "Simone Tarvel"),
        (
            ["O: votre nom", "C: tarvel", "O: c'est le prénom ?", "C: le nom, prénom simone"],
            "Simone Tarvel",
        ),
        (
            ["O: votre nom", "C: simone tarvel", "O: et votre mère ?", "C: odette tarvel"],
            "Simone Tarvel",
        ),
        (["C: simone tarvel bonjour on a des bouchons avec les enfants"], "Simone Tarvel"),
        (["O: vous êtes madame tarvel", "C: oui simone"], "Simone Tarvel"),
        (["O: votre nom", "C: simone van loon v a n l o o n"], "Simone Van Loon"),
        (["O: votre nom", "C: simone derain, r a i n"], "Simone Derain"),
        (
            ["C: bonjour, Pierre-Yves Toussaint.", "O: oui, monsieur Toussaint", "C: une fuite"],
            "Pierre-Yves Toussaint",
        ),
        (
            [
                "C: bonjour monsieur gauthier à l'appareil",
                "O: votre prénom monsieur gauthier ?",
                "C: rené",
            ],
            "René Gauthier",
        ),
        (["O: votre nom", "C: nguyen thi lan"], "Nguyen Thi Lan"),
        (["O: votre nom", "C: nguyen lan mon prénom c'est lan"], "Lan Nguyen"),
        (
            [
                "O: une adresse ?",
                "C: simone point tarvel arobase example point com",
                "O: simone tarvel donc",
                "C: oui",
            ],
            "Simone Tarvel",
        ),
    ],
)  # fmt: skip
def test_a_caller_s_name_in_few_words(lines: list[str], name: str) -> None:
    assert heard("O: Volets Tardieu bonjour", *lines).value("caller_name") == name


@pytest.mark.parametrize(
    ("said", "house"),
    [
        ("bonjour fonderie Malard on attend toujours vos volets", "Fonderie Malard"),
        ("bonjour menuiseries tarvel la livraison est en retard", "Menuiseries Tarvel"),
        ("bonjour odile tarvel conserverie du ponant bon", "Conserverie du Ponant"),
    ],
)  # fmt: skip
def test_a_house_opens_what_is_said(said: str, house: str) -> None:
    assert heard("O: Volets Tardieu bonjour", f"C: {said}").value("company") == house


def test_a_company_that_is_denied_gives_way_to_the_one_told_instead() -> None:
    called = ("O: Volets Tardieu bonjour", "C: Bonjour, ici le garage des Tilleuls.")
    told = heard(*called, "O: Le garage des Tilleuls ?", "C: Non, le garage des Tuileries.")
    assert given_or_offered(told) == "Garage des Tuileries"
    other = heard(*called, "O: Vous passez demain ?", "C: Non, le garage des Tuileries est fermé.")
    assert given_or_offered(other) == "Garage des Tilleuls"


def given_or_offered(draft: Draft) -> str | None:
    value = draft.fields.get("company") or draft.doubts.get("company")
    return value.value if value else None


@pytest.mark.parametrize(
    "said",
    [
        "demain je suis chez le coiffeur",
        "bonjour je suis opéré jeudi et la clinique réclame la prise en charge",
        "bonjour c'est pour une entreprise un mois sur deux",
    ],
)
def test_a_place_spoken_of_is_no_company(said: str) -> None:
    assert heard("O: Volets Tardieu bonjour", f"C: {said}").value("company") is None


def test_the_exchange_tells_a_wrong_number() -> None:
    lines = ["C: bonsoir deux pizzas à emporter", "O: ici c'est un marchand de volets"]
    draft = heard("O: Volets Tardieu bonjour", *lines, "C: ah mince pardon")
    assert (draft.value("category"), draft.value("reason")) == ("erreur", None)


def test_being_told_the_place_is_no_wrong_number_by_itself() -> None:
    lines = ["C: bonjour je voudrais un volet", "O: vous êtes chez Tardieu, quelle taille ?"]
    draft = heard("O: Volets Tardieu bonjour", *lines, "C: un mètre vingt")
    assert draft.value("category") != "erreur"


def test_a_time_told_of_something_else_is_no_time_to_call_back() -> None:
    lines = ["C: le poseur devait venir", "O: à quelle heure", "C: seize heures trente"]
    draft = heard("O: Volets Tardieu bonjour", *lines, "O: Sylvie vous rappelle", "C: d'accord")
    assert draft.value("callback_when") is None
    soon = heard(*GREETING, "O: Sylvie vous rappelle dans cinq minutes", "C: très bien merci")
    assert (soon.value("callback"), soon.value("callback_when")) == ("true", None)
