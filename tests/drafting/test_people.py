"""Who is named: names no list holds, and nobody where nobody is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.people import learning
from copilot.drafting.people.dialogues import Dialogue, dialogues
from copilot.drafting.people.features import Setting, sentence_places, units
from copilot.drafting.people.reader import Mention, learn_people
from copilot.drafting.speech import hear
from tests.drafting.learnt import people


def read(text: str, *, asked: str = "", contacts: tuple[str, ...] = ()) -> list[Mention]:
    setting = Setting(operator=hear(asked), contacts=frozenset(contacts), first=not asked)
    return people().read(hear(text), setting)


def own(text: str, *, asked: str = "", contacts: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    found = read(text, asked=asked, contacts=contacts)
    return [(mention.given, mention.surname) for mention in found if mention.own]


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("bonjour tiphaine quillivic à l'appareil", "", ("Tiphaine", "Quillivic")),
        ("zbrojewski", "votre nom", ("", "Zbrojewski")),
        ("fontaine", "à quel nom", ("", "Fontaine")),
        ("odilon", "et votre prénom", ("Odilon", "")),
        ("madame brzezinska", "vous êtes", ("", "Brzezinska")),
        ("je suis la gardienne, Perrine Vauzelle", "", ("Perrine", "Vauzelle")),
        ("dites-lui que maxence abalain a rappelé", "", ("Maxence", "Abalain")),
    ],
)
def test_a_caller_is_named(text: str, asked: str, expected: tuple[str, str]) -> None:
    assert own(text, asked=asked) == [expected]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("je voudrais parler à monsieur quillivic", ""),
        ("j'ai rendez-vous avec le docteur brzezinska demain", ""),
        ("c'est inadmissible et dégueulasse", ""),
        ("oui c'est ça", "donc madame quillivic"),
        ("zéro six trente-neuf quatre-vingt-dix-huit douze douze", "votre numéro"),
        ("non merci au revoir", "autre chose"),
    ],
)
def test_nobody_gives_a_name(text: str, asked: str) -> None:
    assert own(text, asked=asked, contacts=("quillivic", "brzezinska")) == []


def test_a_relative_is_not_the_caller() -> None:
    found = read("c'est pour ma fille capucine vauzelle elle a de la fièvre")
    assert [(m.own, m.value) for m in found] == [(False, "Capucine Vauzelle")]


@given(st.text(max_size=80))
def test_a_mention_lies_in_what_was_said(text: str) -> None:
    speech = hear(text)
    end = 0
    for mention in people().read(speech, Setting(operator=hear("votre nom"))):
        assert end <= mention.start < mention.end <= len(speech.text)
        assert mention.value
        end = mention.end


def test_names_put_in_stand_where_they_are_said_to() -> None:
    for dialogue in dialogues(each=1, seed=3):
        for line in dialogue.lines:
            for start, end, tag in line.names:
                assert 0 <= start < end <= len(line.text)
                assert line.text[start:end].strip() == line.text[start:end]
                assert tag in "PNpn"
            assert "{" not in line.text
            assert "[" not in line.text


def test_hyphens_join() -> None:
    assert [unit.norm for unit in units(hear("Marie-Laure, rendez-vous demain"))] == [
        "marie-laure",
        "rendez-vous",
        "demain",
    ]


def test_what_was_learnt_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learnt: list[Path] = []
    learn = learning.learn

    def noted(path: Path, *, seed: int) -> None:
        learnt.append(path)
        learn(path, seed=seed)

    def few(**given: Any) -> Iterator[Dialogue]:
        return islice(dialogues(**given), 40)

    monkeypatch.setattr(learning, "dialogues", few)
    monkeypatch.setattr(learning, "learn", noted)
    learn_people(tmp_path)
    learn_people(tmp_path)
    assert len(learnt) == learning.MODELS
    assert {path.suffix for path in tmp_path.iterdir()} == {".crfsuite"}


def test_a_word_has_its_place_in_its_sentence() -> None:
    tokens = units(hear("Petit. Non, ça peut attendre."))
    assert sentence_places(tokens) == [(0, 1), (0, 4), (1, 4), (2, 4), (3, 4)]
