"""Postal addresses as they are said."""

from __future__ import annotations

import pytest

from copilot.drafting.places import numbered, place
from copilot.drafting.speech import hear


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("au seize rue du puits appartement sept", "16 rue du Puits, appartement 7"),
        (
            "3 impasse du Lavoir, appartement 12 B, 69003 Lyon",
            "3 impasse du Lavoir, appartement 12 B, 69003 Lyon",
        ),
        ("cinq rue de la gare à Tulle", "5 rue de la Gare, Tulle"),
        ("il pleut dans l'appartement neuf de ma sœur", None),
    ],
)
def test_the_flat_stands_with_its_street(said: str, written: str | None) -> None:
    found = place(hear(said))
    assert (found.written if found else None) == written


def test_the_number_in_the_street_the_operator_names() -> None:
    question = hear("la rue des tilleuls c'est à quel numéro")
    found = numbered(question, hear("au soixante et onze"))
    assert found is not None
    assert found.written == "71 rue des Tilleuls"
    assert numbered(question, hear("zéro six trente-neuf quatre-vingt-dix-huit")) is None
    assert numbered(hear("votre numéro ?"), hear("soixante et onze")) is None


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Chemin des Bambous, numéro 43, à Saint-Leu.", "43 chemin des Bambous, Saint-Leu"),
        (
            "route de la croix haute numéro deux cent dix à montbrison",
            "210 route de la Croix Haute, Montbrison",
        ),
        ("chaussée d'alsemberg trois cent huit à uccle", "308 chaussée d'Alsemberg, Uccle"),
        ("avenue Louise 45, Bruxelles", "45 avenue Louise, Bruxelles"),
        ("rue du 8 mai 1945 à Lyon", None),
        ("rendez-vous rue pasteur à 14 heures", None),
        ("la rue gambetta deux fois", None),
        ("la rue des lilas dossier 452, à voir", None),
        ("la place de parking numéro 12, à côté", None),
        ("la résidence les cèdres bâtiment 3, à l'entrée", None),
        ("je suis rue de la poste le numéro de dossier 452", None),
    ],
)  # fmt: skip
def test_a_number_said_after_its_street(said: str, written: str | None) -> None:
    found = place(hear(said))
    assert (found.written if found else None) == written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("devant le huit route de vezin à pacé sur le bas-côté", "8 route de Vezin, Pacé"),
        ("au 14 rue des Tilleuls à Melle sur un parking", "14 rue des Tilleuls, Melle"),
        ("3 chemin du Pré à Gex en bas de la côte", "3 chemin du Pré, Gex"),
        ("5 quai Foch à villeneuve sur l'yonne", "5 quai Foch, Villeneuve sur l'Yonne"),
        ("7 rue du Port à bourg en bresse", "7 rue du Port, Bourg en Bresse"),
        ("9 rue haute à neuilly sur marne", "9 rue Haute, Neuilly sur Marne"),
    ],
)
def test_where_in_a_town_is_no_part_of_its_name(said: str, written: str) -> None:
    found = place(hear(said))
    assert (found.written if found else None) == written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("12 rue de la Gare, 1400 Yverdon", "12 rue de la Gare, 1400 Yverdon"),
        ("rue Haute 45, 1000 Bruxelles", "45 rue Haute, 1000 Bruxelles"),
        (
            "8 avenue des Alpes mille huit cent vingt montreux",
            "8 avenue des Alpes, 1820 Montreux",
        ),
        ("8 avenue des Alpes 1200 euros", "8 avenue des Alpes"),
        ("3 rue Pasteur, 35740 Pacé", "3 rue Pasteur, 35740 Pacé"),
    ],
)
def test_postcodes_of_four_figures(said: str, written: str) -> None:
    found = place(hear(said))
    assert (found.written if found else None) == written
