"""Urgency comes from the client's rules alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.rules import rule_sentences
from copilot.drafting.situations.wholecalls import Heard
from copilot.drafting.speech import hear
from copilot.drafting.urgency import UrgencyReader, Verdict
from tests.drafting.learnt import situations


def urgent_now(text: str, rules: Sequence[str]) -> Verdict:
    """The verdict on one utterance."""
    reader = UrgencyReader(rules, situations().cases)
    reader.hear(hear(text), hear(text))
    return reader.verdict()


RULES = (
    "Fuite d'eau ou odeur de gaz : critique",
    "Panne de chauffage avec un enfant en bas âge ou une personne âgée",
    "Personne bloquée dans l'ascenseur",
    "Annulation d'un rendez-vous du jour même : urgent",
    "Chambre froide en panne chez un restaurateur ou une pharmacie : critique",
    "Serveur ou site de production inaccessible : critique",
    "N'importe quoi d'autre n'est pas urgent",
)


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("y a de l'eau qui tombe du plafond", "critique"),
        ("ça sent le gaz mais c'est sûrement rien", "critique"),
        ("j'ai plus de chauffage et j'ai un bébé", "urgent"),
        ("on est coincés dans l'ascenseur", "critique"),
        ("notre serveur ne répond plus", "critique"),
        ("c'est très urgent, c'est critique, rappelez vite", "normal"),
        ("il n'y a pas de fuite, c'est pour un devis", "normal"),
        ("on a eu une fuite l'an dernier", "normal"),
        ("la pharmacie a reçu deux factures", "normal"),
        ("je voudrais un devis pour un serveur", "normal"),
        ("mon imprimante ne marche plus", "normal"),
        ("je dois annuler mon rendez-vous de jeudi", "normal"),
    ],
)
def test_levels(said: str, level: str) -> None:
    assert urgent_now(said, RULES).level == level


def test_the_words_that_triggered_it_are_given() -> None:
    verdict = urgent_now("ça sent le gaz", RULES)
    assert verdict.evidence == "ça sent le gaz"
    assert verdict.rule is not None and "gaz" in verdict.rule


def test_a_rule_about_what_is_not_urgent_means_nothing_urgent() -> None:
    assert rule_sentences("Tout le reste n'est pas urgent") == []


@given(st.text(max_size=120))
def test_without_rules_nothing_is_urgent(said: str) -> None:
    assert urgent_now(said, ()).level == "normal"


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_rule_can_be_read(rule: str, said: str) -> None:
    assert urgent_now(said, (rule,)).level in ("normal", "urgent", "critique")


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("je suis très pris cette semaine plutôt la suivante", "Difficulté à respirer : critique"),
        ("je n'ai toujours rien reçu comme confirmation", "Livraison absente : urgent"),
        pytest.param(
            "il a mangé à la cantine aujourd'hui",
            "Ingestion d'un produit toxique",
            marks=pytest.mark.xfail(
                reason="raised since layer 12 is read (drafts.md)", strict=False
            ),
        ),
        ("mes dossiers sont à la nouvelle adresse", "Suspicion d'attaque informatique"),
    ],
)
def test_calm_words_near_a_rule_stay_calm(said: str, rule: str) -> None:
    assert urgent_now(said, (rule,)).level == "normal"


@pytest.mark.parametrize(
    ("said", "rule", "level"),
    [
        ("mon chat a léché du liquide de frein enfin un produit", "Animal intoxiqué", "critique"),
        (
            "ma mère est tombée et elle arrive pas à se relever",
            "Chute d'un bénéficiaire",
            "critique",
        ),
        (
            "le tableau électrique est brûlant et ça sent le roussi",
            "Tableau électrique qui chauffe",
            "critique",
        ),
        ("mon grand-père s'est éteint cette nuit", "Décès d'un proche : urgent", "urgent"),
    ],
)
def test_rules_are_met_by_other_words(said: str, rule: str, level: str) -> None:
    assert urgent_now(said, (rule,)).level == level


@pytest.mark.parametrize(
    ("said", "rule", "level"),
    [
        ("elle arrive pas à se relever", "Chute d'un bénéficiaire", "critique"),
        ("le tableau est brûlant", "Tableau électrique qui chauffe", "critique"),
        ("le portail du parking reste fermé", "Panne de la porte du parking : urgent", "urgent"),
        ("on dort en manteau avec le bébé tellement les radiateurs sont glacés",
         "Plus de chauffage avec un enfant en bas âge : urgent", "urgent"),
        ("elle ne tient plus debout et elle dit n'importe quoi", "Malaise : critique", "critique"),
        ("on grelotte et les radiateurs sont froids", "Plus de chauffage : urgent", "urgent"),
        ("ça fait une heure qu'on patiente sous la pluie devant votre porte avec les clés dedans",
         "Client bloqué dehors : urgent", "urgent"),
        ("je voudrais changer la couleur de ma porte", "Client bloqué dehors : urgent", "normal"),
        ("vous êtes ouverts le samedi matin pour un contrôle", "Malaise : critique", "normal"),
        ("mon poste ne s'allume plus", "Utilisateur seul bloqué : normal", "normal"),
    ],
)  # fmt: skip
def test_meaning_hears_what_no_rule_says(said: str, rule: str, level: str) -> None:
    assert urgent_now(said, (rule,)).level == level


def heard(turns: Sequence[str], rule: str) -> str:
    """The level after a call's turns, the operator's (+) and the caller's (-)."""
    reader = UrgencyReader((rule,), situations().cases)
    for turn in turns:
        mark, _, text = turn.partition(" ")
        if mark == "+":
            reader.operator_says(hear(text))
        else:
            reader.hear(hear(text), hear(text))
    return reader.verdict().level


def test_what_the_operator_answers_is_weighed() -> None:
    said = "- l'écran de la machine est resté noir ce matin"
    rule = "Machine à l'arrêt : urgent"
    calm = "+ très bien je vous mets un rendez-vous la semaine prochaine quel jour vous arrangerait"
    alarmed = "+ d'accord j'envoie l'astreinte tout de suite ne quittez pas"
    weighing = situations().cases.calls.urgent

    def chance(*answered: str) -> float:
        return weighing.chance(Heard(evidence=0.0, decisive=0.0, told=[said], answered=answered))

    assert heard([said, alarmed], rule) == "urgent"
    assert chance(calm) < chance() < chance(alarmed)


def test_an_answer_late_in_a_calm_call_raises_nothing() -> None:
    turns = [
        "- bonjour je voudrais réserver des places pour le spectacle du vingt-deux",
        "+ très bien combien de places et à quel nom",
        "- quatre places",
        "+ on vous rappelle demain pour confirmer",
        "- demain alors parce que là j'ai le goûter des petits",
    ]
    assert heard(turns, "Artiste qui ne peut pas venir le jour même : urgent") == "normal"


def test_an_operator_who_greets_tells_nothing() -> None:
    reader = UrgencyReader(("Panne : urgent",), situations().cases)
    reader.operator_says(hear("pompiers bonjour j'envoie tout de suite une ambulance"))
    reader.hear(hear("c'est pour une facture"), hear("c'est pour une facture"))
    assert reader.verdict().level == "normal"


def test_of_two_rules_as_likely_the_graver_is_taken() -> None:
    reader = UrgencyReader(
        (
            "Serveur ou messagerie inaccessible pour toute l'entreprise : urgent",
            "Demande de rançon ou données chiffrées : critique",
        ),
        situations().cases,
    )
    said = hear(
        "bonjour tous nos documents ont un nom bizarre depuis ce matin"
        " et il y a un texte en anglais qui parle de bitcoins"
    )
    reader.hear(said, said)
    assert reader.verdict().level == "critique"


def test_what_is_read_back_does_not_drown_what_was_told() -> None:
    def told(*confirmed: str) -> UrgencyReader:
        reader = UrgencyReader(("Fuite d'eau : critique",), situations().cases)
        for said in ("l'eau coule du plafond sans arrêt", "oui voilà c'est ça"):
            reader.hear(hear(said), hear(said))
        for question in confirmed:
            reader.hear(hear(question))
        return reader

    read_back = ("vous êtes au deux rue des lilas", "votre nom s'écrit avec deux l")
    assert told(*read_back).chance() >= told().chance() > 0.5
