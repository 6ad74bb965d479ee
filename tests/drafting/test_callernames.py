"""The caller's name put together from what is said around it, over short exchanges."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.draft import ClientProfile, Contact, Draft, Speaker, Turn
from copilot.drafting.drafter import open_drafter
from copilot.drafting.remarks import remarked
from copilot.drafting.speech import fold
from tests.drafting.learnt import houses, people, situations

AT = datetime(2026, 3, 17, 10, 12, tzinfo=ZoneInfo("Europe/Paris"))
CLIENT = ClientProfile(
    name="Menuiserie Castagnet",
    contacts=(
        Contact(name="Roger Castagnet", role="gérant"),
        Contact(name="Corinne Blanc", role="devis"),
    ),
    urgent_rules=(),
)


def caller(*lines: str) -> str | None:
    """The caller's name after lines like "C: bonjour" and "O: votre nom ?"."""
    return drafted(*lines).value("caller_name")


def drafted(*lines: str) -> Draft:
    """The draft after them."""
    drafter = open_drafter(
        client=CLIENT, at=AT, situations=situations(), people=people(), houses=houses()
    )
    draft = Draft()
    for index, line in enumerate(("O: Menuiserie Castagnet bonjour", *lines)):
        speaker: Speaker = "caller" if line.startswith("C:") else "operator"
        draft = drafter.hear(Turn(speaker=speaker, text=line[2:].strip(), utterance_id=str(index)))
    return draft


NEED = "C: bonjour c'est pour une porte qui ferme mal"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Delmas Sandrine née le trois avril soixante-dix", "Sandrine Delmas"),
        ("Delmas Thierry né le trois avril soixante-dix", "Thierry Delmas"),
        ("moi c'est le gardien euh appelez-moi Ottavio", "Ottavio"),
        ("roussillon couverture roussillon alain", "Alain Roussillon"),
        ("Yohan Gros. 06 39 98 11 22, je suis là jusqu'à midi", "Yohan Gros"),
        ("Castagnet mais rien à voir avec le patron, Castagnet Mireille", "Mireille Castagnet"),
        ("zielinski z i e l i n s k i jaromir", "Jaromir Zielinski"),
        ("van acker joost van acker on est flamands", "Joost Van Acker"),
        ("delphine roche delphine c'est mon prénom et roche mon nom", "Delphine Roche"),
        ("Fofana. Je livrais dans le coin.", "Fofana"),
        ("Nguyen Thi Kim Anh, enfin mettez Kim Anh Nguyen.", "Kim Anh Nguyen"),
        ("la maman de Lison, Camille Oudin", "Camille Oudin"),
        ("Burnier. Thibaud Burnier avec un d, et lui c'est Nolan.", "Thibaud Burnier"),
        ("Durant Sophie avec un d à la fin", "Sophie Durand"),
        ("Durant Sophie avec un d final", "Sophie Durand"),
        ("Sandrine Morel, c'est la maman", "Sandrine Morel"),
        ("Bon. Alain Bon.", "Alain Bon"),
        ("Bon, je cherche mes lunettes", None),
        ("Minute, je cherche mes lunettes", None),
        ("Effectivement, je vous l'ai pas dit", None),
    ],
)
def test_an_answer_is_put_together(answer: str, expected: str | None) -> None:
    assert caller(NEED, "O: votre nom ?", f"C: {answer}") == expected


def test_a_hint_at_a_letter_is_no_letter_more() -> None:
    said = "Alors de la Roche d'Evrard en trois mots prénom Godefroy avec un g."
    assert caller(NEED, "O: Et votre nom ?", f"C: {said}") == "Godefroy De La Roche D'Evrard"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("oui bonjour c'est mathieu gros transport lavergne j'ai une palette", "Mathieu Gros"),
        ("bonjour c'est mathieu gros souci avec ma porte ce matin", "Mathieu"),
        ("bonjour gendarmerie de dole adjudante sorel", "Sorel"),
        ("bonjour les douanes bureau de modane inspecteur Cadoret.", "Cadoret"),
        ("bonjour est-ce que ninon est arrivée à son stage je suis sa mère", None),
        ("bonjour je voudrais parler à l'inspecteur cadoret", None),
        ("bonjour c'est mon mari qui appelle d'habitude moi c'est julie roussel", "Julie Roussel"),
        ("bonjour c'est pauline pour léo je suis sa mère", "Pauline"),
        ("Bonjour, Sandrine Morel, c'est la maman de Lucas.", "Sandrine Morel"),
        ("bonjour madame Duval c'est la locataire du troisième", "Duval"),
        ("bonjour je suis la voisine c'est madame Duval", "Duval"),
        ("bonjour, c'est pour mon fils, lui c'est Nolan Garnier", None),
        ("bonjour Julie Roussel c'est mon mari qui a pris rendez-vous", "Julie Roussel"),
        ("bonjour, Julie Roussel, c'est ma fille, elle s'est coincé le doigt", "Julie Roussel"),
        ("bonjour moi c'est madame Leroy que je cherche à joindre", None),
    ],
)
def test_the_first_words_tell_who_calls(said: str, expected: str | None) -> None:
    assert caller(f"C: {said}") == expected


def test_a_name_refused_is_not_the_callers() -> None:
    assert (
        caller(
            "C: bonjour c'est la boucherie marchal à vesoul notre vitrine est cassée",
            "O: vous êtes monsieur marchal ?",
            "C: non moi c'est kylian l'apprenti",
            "O: un téléphone ?",
        )
        == "Kylian"
    )


def test_who_shall_be_called_back_is_not_the_caller() -> None:
    said = "Maëlle mais je suis la stagiaire c'est ma responsable qui veut être rappelée Odile Brun"
    assert caller(NEED, "O: votre nom ?", f"C: {said}") == "Maëlle"


def test_asked_for_a_given_name_by_the_surname() -> None:
    told = "C: ouais bonjour earl du clos blanc c'est moi le père pas le fils"
    assert caller(told, "O: Monsieur Blanc votre prénom ?", "C: Lucien.") == "Lucien Blanc"


def test_a_given_name_asked_about_is_the_surname() -> None:
    answer = "C: non armel c'est le nom moi c'est titouan"
    assert caller(NEED, "O: votre prénom c'est armel ?", answer) == "Titouan Armel"


def test_the_surname_asked_about_is_agreed_to() -> None:
    assert (
        caller(
            "C: oui bonjour résidence des tilleuls à lens mardi lucette",
            "O: pardon c'est mardi votre nom ?",
            "C: oui lucette mardi c'est pour un volet",
        )
        == "Lucette Mardi"
    )


def test_the_name_of_a_relative_is_not_the_callers() -> None:
    said = "C: bonjour, dossier Ferrero, la convocation est annulée"
    answer = "C: Ferrero c'est mon oncle, moi c'est Ornella Bruni."
    assert caller(said, "O: Vous êtes Madame Ferrero ?", answer) == "Ornella Bruni"
    answer = "C: Courtois. Moi c'est Laure, Laure Abadie."
    assert caller(NEED, "O: et son nom de famille ?", answer) == "Laure Abadie"


def test_a_surname_asked_about_in_part_stays_whole() -> None:
    said = "C: bonjour c'est pour la porte, Van Acker"
    assert caller(said, "O: votre prénom, madame Van Acker ?", "C: Joost") == "Joost Van Acker"
    spelled = "C: bonjour c'est Dupond pour la porte, Dupond d u p o n"
    assert caller(spelled, "O: votre prénom monsieur Dupond ?", "C: Lucien") == "Lucien Dupon"


NAMES = st.text(alphabet="ABDHNabdehnitxyz' -", max_size=6).map(str.strip)
LETTERS = st.sampled_from(
    [
        "avec un d",
        "avec un t à la fin",
        "sans h",
        "deux n",
        "avec un y au début",
        "pas de h",
        "un d",
    ]
)


@given(NAMES, NAMES, st.lists(LETTERS | NAMES, max_size=5), st.booleans())
def test_what_is_said_of_letters_never_stops_a_turn(
    first: str, last: str, said: list[str], spelled: bool
) -> None:
    folded = fold(" ".join(said))
    parts = remarked(first, last, folded, spelled=spelled)
    assert not any(part for part, known in zip(parts, (first, last), strict=True) if not known)


def test_a_surname_the_operator_tells_comes_from_where_it_was_said() -> None:
    told = "C: ouais bonjour earl du clos blanc c'est moi le père pas le fils"
    name = drafted(told, "O: Monsieur Blanc votre prénom ?").fields["caller_name"]
    assert (name.value, name.utterance_id) == ("Blanc", "1") and name.confidence > 0.5


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("le nom de la société ?", "Transfix, on est à Lyon"),
        ("le nom du chien ?", "Rocky, il a douze ans"),
        ("et le nom de la rue ?", "Mulsant, au douze"),
        ("le nom de votre médecin traitant ?", "Lemaire, à Dijon"),
    ],
)
def test_the_name_of_something_is_not_the_callers(question: str, answer: str) -> None:
    assert caller(NEED, f"O: {question}", f"C: {answer}") is None
    after = ("O: et le vôtre ?", "C: Julie Morel")
    assert caller(NEED, f"O: {question}", f"C: {answer}", *after) == "Julie Morel"


def test_two_names_are_asked_for_at_once() -> None:
    question = "O: votre nom, et le nom du chien ?"
    assert caller(NEED, question, "C: Fofana, et lui c'est Rocky") == "Fofana"


def test_the_same_name_is_that_of_the_relative_named_before() -> None:
    answers = ("C: ma fille c'est Léa Abadie", "O: et vous ?", "C: Laure, même nom")
    assert caller(NEED, "O: votre nom ?", *answers) == "Laure Abadie"


@pytest.mark.parametrize("question", ["C'est noté. Monsieur ?", "Très bien. Et monsieur ?"])
def test_a_title_alone_asks_for_the_name(question: str) -> None:
    said = caller("C: je veux un devis", f"O: {question}", "C: Benali, B E N A L I, prénom Mokrane")
    assert said == "Mokrane Benali"


def test_half_a_compound_surname_spelled_leaves_it_whole() -> None:
    wished = ("C: c'est pour un devis", "O: Votre nom ?", "C: Nguyen-Lambert, Clara.")
    assert caller(*wished, "O: Nguyen ?", "C: Nguyen, N G U Y E N.") == "Clara Nguyen-Lambert"
