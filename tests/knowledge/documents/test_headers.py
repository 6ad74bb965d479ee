"""The headers that companies write above their questions and answers."""

from __future__ import annotations

import itertools

import pytest

from knowledge.documents.formats import read_document
from knowledge.documents.headers import _WHOLE, columns_of, unread_of

HEADERS = {
    "question": [
        "Question", "QUESTION *", "Questions fréquentes", "Question du client", "Question posée",
        "Question (telle que posée)", "Question de l’appelant", "Intitulé", "Libellé",
        "Intitulé de la question", "Sujet", "Demande", "Si on demande", "Motif d'appel",
        "L'appelant demande", "Customer question", "Caller question", "Query", "Title", "Q.",
        "Frequently asked question",
    ],
    "answer": [
        "Réponse", "Réponse à donner", "REPONSE A DONNER AU TELEPHONE", "Réponse type",
        "Réponse officielle", "Réponse (400 caractères max.)", "Réponses apportées",
        "Texte de la réponse", "Que répondre ?", "Ce qu'il faut dire", "Éléments de réponse",
        "Éléments de langage", "Solution", "Contenu", "Answer", "Suggested answer",
        "Answer to give", "Standard response", "Reply", "What to say", "Réponse à la question",
        "Réponse validée",
    ],
    "tags": [
        "Mots-clés", "Mots clefs", "Mot-clé(s)", "Tags", "Étiquettes", "Catégorie",
        "Thème de la question", "Rubrique", "Topic", "Search keywords", "Category", "Mots-clés 2",
    ],
    "alternatives": [
        "Variantes", "Variante 1", "Formulation 2", "Autres formulations", "Autre question",
        "Autres façons de demander", "Formulations alternatives", "Questions similaires",
        "Synonymes", "Other wordings", "Alternative questions", "Also asked as", "Similar question",
        "Variantes de la question",
    ],
    "note": [
        "Note", "Note interne", "Notes internes", "Note pour l’opératrice", "Remarque",
        "Commentaire interne", "Commentaires", "Consigne", "À ne pas dire", "Ne pas communiquer",
        "Usage interne", "Internal note", "Internal comments", "For internal use",
        "Operator note", "Do not say", "Réponse interne",
    ],
    "valid_from": [
        "Valable du", "Valable à partir du", "Date de début", "Début de validité", "Date d’effet",
        "Valid from", "Start date", "From", "Effective date",
    ],
    "valid_until": [
        "Valable jusqu'au", "Valable jusqu’au", "Date de fin", "Fin de validité", "Expire le",
        "Date d'expiration", "Valid until", "End date", "Expiry date", "Expires",
    ],
    "links": ["Liens", "Lien utile", "URL", "Page web", "Link", "Lien de la page", "Useful link"],
    "id": [
        "id", "ID", "Identifiant", "N°", "#", "Réf.", "Référence", "Question ID", "ID question",
        "Numéro", "Code",
    ],
}  # fmt: skip
SPEAKING_OF = [
    "Auteur de la réponse", "Date de la réponse", "Réponse validée par", "Nombre de questions",
    "Statut", "Dernière modification", "Type de question", "Answered by", "Question status",
    "Autres réponses", "Créé le",
]  # fmt: skip
CASES = [(column, header) for column, headers in HEADERS.items() for header in headers]


@pytest.mark.parametrize(("column", "header"), CASES)
def test_headers_as_companies_write_them(column: str, header: str) -> None:
    assert columns_of([header]) == {column: [0]}


@pytest.mark.parametrize("header", SPEAKING_OF)
def test_a_header_about_answers_holds_none(header: str) -> None:
    assert unread_of(["Question", "Réponse", header]) == [header]


def test_a_column_named_outright_wins_over_one_that_begins_alike() -> None:
    header = ["Question courte", "Question", "Réponse longue", "Réponse", "Titre"]
    assert columns_of(header) == {"question": [1], "answer": [3]}
    assert unread_of(header) == ["Question courte", "Réponse longue", "Titre"]


def test_no_name_means_two_things() -> None:
    for one, other in itertools.combinations(_WHOLE.values(), 2):
        assert not set(one) & set(other)


def test_what_is_spread_over_columns_is_put_together_and_the_rest_is_told() -> None:
    content = (
        "Question client;Réponse à donner;Variante 1;Variante 2;Catégorie;Mots-clés;Note interne;"
        "Commentaire;Auteur;Date de maj\n"
        "Livrez-vous ?;Oui.;vous livrez;livraison possible;Envoi;colis, port;Pas en Corse;"
        "Voir Léa;Léa;01/02/2026\n"
    ).encode()
    reading = read_document(content, name="faq.csv")
    (entry,) = reading.entries
    assert entry.alternatives == ("vous livrez", "livraison possible")
    assert entry.tags == ("Envoi", "colis", "port")
    assert entry.note == "Pas en Corse\nVoir Léa"
    (told,) = reading.problems
    assert (told.code, told.line) == ("unread_columns", 1)
    assert "« Auteur », « Date de maj »" in told.french
    assert '"Auteur", "Date de maj"' in told.english


def test_a_note_that_is_too_long_is_told() -> None:
    content = f"question;réponse;note\nA ?;b;{'mot ' * 200}\n".encode()
    reading = read_document(content, name="faq.csv")
    assert [(problem.code, problem.line) for problem in reading.problems] == [("long_note", 2)]
    assert len(reading.entries[0].note) <= 500
