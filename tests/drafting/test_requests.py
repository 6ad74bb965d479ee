"""Requests told without a word that asks, and rules that name nothing."""

from __future__ import annotations

import pytest

from copilot.drafting.rules import rule_sentences
from copilot.drafting.situations.requested import NOTHING, TROUBLE
from tests.drafting.learnt import situations


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("quels documents faut-il apporter pour l'inscription", "information"),
        ("on sera partis cette semaine-là enlevez-nous de la liste", "annulation"),
        ("nous offrons aux commerçants une remise sur leurs contrats d'énergie", "démarchage"),
        ("la somme a été retirée deux fois de mon compte", "facturation"),
        ("oui c'est bien ça merci madame", NOTHING),
        ("le plafond goutte sur le lit et le seau déborde", TROUBLE),
    ],
)
def test_what_is_asked_in_other_words(said: str, category: str) -> None:
    read = situations().requests.read(said)
    assert read is not None
    assert read.likeliest[0] == category


def test_shares_add_up() -> None:
    read = situations().requests.read("je voudrais un prix pour refaire l'allée du jardin")
    assert read is not None
    assert sum(read.shares.values()) == pytest.approx(1.0)


def test_too_few_words_tell_nothing() -> None:
    assert situations().requests.read("oui merci") is None


@pytest.mark.parametrize("rule", ["Aucune urgence", "Aucun", "Néant", "Rien d'urgent", "Aucun cas"])
def test_a_rule_that_says_there_is_none_names_nothing(rule: str) -> None:
    assert rule_sentences(rule) == []


def test_a_rule_about_an_absence_still_names_it() -> None:
    assert rule_sentences("Aucun chauffage dans l'immeuble : urgent")


@pytest.mark.parametrize(
    "rule", ["Ascenseur hors service", "Pompe hors d'usage", "Four hors d'état"]
)
def test_out_of_order_is_no_exception_to_a_rule(rule: str) -> None:
    assert [sentence.text for sentence in rule_sentences(rule)] == [rule]


def test_but_for_is_one() -> None:
    sentences = [sentence.text.strip() for sentence in rule_sentences("Fuite d'eau hors jardin")]
    assert sentences == ["Fuite d'eau"]


def test_what_is_answered_tells_what_is_asked() -> None:
    answers = situations().answers
    shares = {"devis": 0.4, "rendez-vous": 0.6}
    assert answers.weigh(shares, []) == shares
    weighed = answers.weigh(shares, ["on vous envoie le devis par mail demain"])
    assert weighed["devis"] > 0.6
    assert sum(weighed.values()) == pytest.approx(1.0)
