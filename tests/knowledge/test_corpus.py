"""The written companies can be read, and are what their README says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from knowledge.corpus import TRAINING, read_companies, read_company
from knowledge.evaluation import ClientSet, EvaluationError

COMPANIES = read_companies()


def test_every_file_of_the_folder_is_read() -> None:
    assert len(COMPANIES) == len([*TRAINING.glob("*.txt")])


@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.name)
def test_a_company_is_asked_about_all_it_says_and_more(company: ClientSet) -> None:
    said = [query.utterance.casefold() for query in company.queries if not query.previous]
    assert [one for one, times in Counter(said).items() if times > 1] == []
    for entry in company.entries:
        kinds = {query.kind for query in company.queries if entry.entry_id in query.expected}
        assert {"direct", "oblique"} <= kinds, entry.entry_id
    assert 15 <= len(company.entries) <= 40
    assert 45 <= len(company.queries) <= 160


@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.name)
def test_a_quarter_of_what_is_said_deserves_silence(company: ClientSet) -> None:
    kinds = Counter(query.kind for query in company.queries)
    silent = sum(times for kind, times in kinds.items() if kind.startswith("silence"))
    assert 0.22 <= silent / len(company.queries) <= 0.4
    assert kinds["silence_offtopic"] >= 4
    assert kinds["oblique"] >= 0.25 * (len(company.queries) - silent)
    assert kinds["direct"] + kinds["paraphrase"] >= 0.25 * (len(company.queries) - silent)


def test_no_utterance_is_said_to_many_companies() -> None:
    said = Counter(
        query.utterance.casefold()
        for company in COMPANIES
        for query in company.queries
        if query.expected and not query.previous
    )
    assert [one for one, times in said.items() if times > 6] == []


def test_the_format_is_the_readme_s(tmp_path: Path) -> None:
    path = tmp_path / "chenil.fr.txt"
    path.write_text(
        "= Chenil du Roc | pension canine\n"
        "? prix-nuit | Combien la nuit ?\n! 18 €.\nd c'est combien\n2 +chats le prix et les chats\n"
        "? chats | Prenez-vous les chats ?\n! Non.\n"
        "f le prix / dix-huit euros // et pour ma minette\n"
        "- silence\nhello allô\nother f c'est combien // et les lapins\n"
        "> prix-nuit\np ça coûte quoi\n"
    )
    company = read_company(path)
    assert [entry.tags for entry in company.entries] == [("prix", "nuit"), ("chats",)]
    read = [(one.kind, set(one.expected), one.previous, one.utterance) for one in company.queries]
    assert read == [
        ("direct", {"prix-nuit"}, (), "c'est combien"),
        ("two_questions", {"prix-nuit", "chats"}, (), "le prix et les chats"),
        ("follow_up", {"chats"}, ("le prix", "dix-huit euros"), "et pour ma minette"),
        ("silence_greeting", set(), (), "allô"),
        ("silence_offtopic", set(), ("c'est combien",), "et les lapins"),
        ("paraphrase", {"prix-nuit"}, (), "ça coûte quoi"),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("= Chenil du Roc", "ligne 1"),
        ("? prix | Combien ?\nd c'est combien", "ligne 2"),
        ("? prix | Combien ?\n! 18 €.\n? prix | Et deux ?\n! 36 €.", "ligne 4"),
        ("? prix | Combien ?\n! 18 €.\nx c'est combien", "ligne 3"),
        ("? prix | Combien ?\n! 18 €.\nf et deux", "ligne 3"),
        ("? prix | Combien ?\n! 18 €.\n2 +chats et les chats", "chats"),
        ("? prix | Combien ?\n! 18 €.\n- silence\nhello", "ligne 4"),
        ("", "aucune"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    if text:
        (tmp_path / "chenil.fr.txt").write_text(text)
    with pytest.raises(EvaluationError, match=place):
        read_companies(tmp_path)
