"""What is left of an utterance, and what kind of act it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search import wordings_of
from knowledge.utterance import ACTS, cleaned, halves, read


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Bonjour madame, euh je voulais savoir si vous fermez le midi s'il vous plaît ?",
         "vous fermez le midi?"),
        ("allô oui voilà je vous appelle parce que j'ai perdu mes clés",
         "oui j'ai perdu mes clés"),
        ("est-ce qu'il y a un parking", "il y a un parking"),
        ("bonjour merci beaucoup", ""),
        ("c'est madame Lefebvre à l'appareil vous livrez", "à l'appareil vous livrez"),
        ("vous vous vous ouvrez quand", "vous ouvrez quand"),
    ],
)  # fmt: skip
def test_courtesy_and_hesitation_go(said: str, left: str) -> None:
    assert cleaned(said) == left


def test_two_questions_make_two_clauses() -> None:
    reading = read("vous prenez la carte bleue et est-ce qu'il y a un parking")
    assert [clause.text for clause in reading.clauses if clause.asks] == [
        "vous prenez la carte bleue",
        "il y a un parking",
    ]


@pytest.mark.parametrize(
    ("said", "acts"),
    [
        ("combien ça coûte ?", {"question", "question_mark"}),
        ("L E F E B V R E", {"spelling"}),
        ("c'est le 06 39 98 12 34", {"digits"}),
        ("je m'appelle Anne Roy", {"naming"}),
        ("merci bonne journée", {"ending"}),
        ("je voudrais parler à monsieur Roy", {"somebody", "need"}),
        ("Dites à madame Morel que le colis est arrivé.", {"somebody"}),
        ("vous pourrez lui dire que c'est signé", {"somebody"}),
    ],
)
def test_acts_are_told_apart(said: str, acts: set[str]) -> None:
    found = read(said).acts
    assert {act for act in acts if found[act] >= 0.5} == acts


@pytest.mark.parametrize(
    "said",
    [
        "et le samedi ?",
        "oui et pour les enfants",
        "c'est pareil",
        "même dimanche",
        "du coup sans rendez-vous",
        "c'est combien la séance",
        "vous me le rendez quand",
    ],
)
def test_what_leans_on_the_turn_before_is_seen(said: str) -> None:
    assert read(said).follows


@pytest.mark.parametrize(
    "said",
    [
        "vous remboursez les lunettes cassées pendant un voyage à l'étranger",
        "et mon voisin a laissé son chien aboyer toute la nuit dans le jardin",
        "merci au revoir",
    ],
)
def test_what_says_enough_by_itself_leans_on_nothing(said: str) -> None:
    assert not read(said).follows


def test_a_question_cut_short_is_seen() -> None:
    assert read("bonjour je voulais savoir si").unfinished
    assert not read("vous êtes ouverts le samedi").unfinished


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    reading = read(text)
    assert set(reading.acts) == set(ACTS)
    assert all(0 <= value <= 1 for value in reading.acts.values())
    assert bool(reading.clauses) or not reading.text


def test_a_long_text_is_cut_where_a_clause_begins_near_its_middle() -> None:
    said = "ma mère habite au sixième et elle ne peut plus descendre les marches"
    assert halves(said) == (
        "ma mère habite au sixième",
        "et elle ne peut plus descendre les marches",
    )
    assert halves("je voudrais un rendez-vous") == ()


@given(st.text(alphabet="ab é,.?'", max_size=120))
def test_halves_hold_every_word_and_none_is_short(said: str) -> None:
    parts = halves(said)
    assert parts == () or " ".join(parts).split() == said.split()
    assert all(len(part.split()) >= 4 for part in parts)


@pytest.mark.parametrize(
    ("said", "things"),
    [
        ("les horaires, le parking ?", ["les horaires?", "le parking?"]),
        ("Bonjour, vos horaires et l'adresse ?", ["vos horaires?", "l'adresse?"]),
        ("je voudrais connaître vos tarifs et vos délais", ["vos tarifs", "vos délais"]),
        ("quels sont les prix, les délais et l'accès", ["les prix", "les délais", "l'accès"]),
        ("vous avez parlé à la secrétaire et au docteur ?", []),
        ("je voudrais un plombier et un électricien", []),
        ("le chien, il a mangé le chat et les poules ce matin ?", []),
        ("et le samedi et le dimanche ?", []),
        ("vos horaires ?", []),
    ],
)  # fmt: skip
def test_things_named_in_one_breath_are_asked_one_by_one(said: str, things: list[str]) -> None:
    assert [one.text for one in wordings_of(read(said)) if one.part is not None] == things
