"""A client's FAQ, as companies really keep it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.importing import (
    MAX_FILE_BYTES,
    ImportingError,
    UnreadableFileError,
    WrongColumnsError,
    import_faq,
    parse_faq,
)

FRENCH = "Identifiant;Question;Réponse;Mots-clés\n7;Êtes-vous ouverts ?;Oui, dès 9 h;horaires;\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "latin-1"])
def test_any_usual_encoding_is_read(encoding: str) -> None:
    imported = parse_faq(FRENCH.encode(encoding), name="faq.csv")
    (entry,) = imported.entries
    assert entry.question == "Êtes-vous ouverts ?"
    assert entry.answer == "Oui, dès 9 h"
    assert (entry.entry_id, entry.tags) == ("7", ("horaires",))
    assert imported.problems == ()


def test_english_headers_and_commas() -> None:
    content = b'id,question,answer,tags\n1,"Open, Saturdays?",Yes,"hours;weekend"\n'
    (entry,) = parse_faq(content, name="faq.csv").entries
    assert (entry.question, entry.tags) == ("Open, Saturdays?", ("hours", "weekend"))


def test_alternative_wordings_are_kept() -> None:
    content = "question;réponse;variantes\nHoraires ?;9 h;vous ouvrez quand|c'est ouvert\n".encode()
    (entry,) = parse_faq(content, name="faq.csv").entries
    assert entry.alternatives == ("vous ouvrez quand", "c'est ouvert")


def test_an_entry_without_id_keeps_the_same_one_at_each_import() -> None:
    content = "question;réponse\nHoraires ?;9 h\n".encode()
    again = "réponse;question\n10 h;HORAIRES ?\n".encode()
    first, second = (parse_faq(c, name="f.csv").entries[0].entry_id for c in (content, again))
    assert first == second


def test_problems_name_their_lines() -> None:
    content = (
        "question;réponse\n"
        "Un ?;a\n"
        '"Deux\nsur deux lignes ?";b\n'
        ";sans question\n"
        "Un ?;a\n"
        "un;c\n"
        "Trois ?;\n"
    ).encode()
    imported = parse_faq(content, name="faq.csv")
    assert [entry.answer for entry in imported.entries] == ["a", "b", "c"]
    assert [problem.line for problem in imported.problems] == [5, 6, 7, 8]
    said = [problem.message for problem in imported.problems]
    assert "question est vide" in said[0]
    assert "déjà posée à la ligne 2" in said[1]
    assert "réponse différente" in said[2]
    assert "réponse est vide" in said[3]


def test_an_id_used_twice_is_told_and_both_entries_kept() -> None:
    imported = parse_faq(b"id;question;reponse\n1;A ?;a\n1;B ?;b\n", name="faq.csv")
    assert len({entry.entry_id for entry in imported.entries}) == 2
    assert "déjà pris à la ligne 2" in imported.problems[0].message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b" \n\n", "vide"),
        (b"\xef\xbb\xbf", "vide"),
        (b"question;reponse\n", "aucune ligne"),
        (b"PK\x03\x04\x00\x00", "pas un fichier CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "pas un fichier CSV"),
    ],
)
def test_what_is_no_table_is_refused_with_one_line(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=said) as refused:
        parse_faq(content, name="faq.csv")
    assert "faq.csv" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.code == "import_unreadable"


@pytest.mark.parametrize("header", ["question;tags", "a;b", "réponse", "nom;prénom;téléphone"])
def test_missing_columns_are_named(header: str) -> None:
    with pytest.raises(WrongColumnsError, match=r"faq\.csv, ligne 1 : colonne .*introuvable"):
        parse_faq(f"{header}\nx;y;z\n".encode(), name="faq.csv")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(UnreadableFileError, match="la limite est"):
        import_faq(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="illisible"):
        import_faq(tmp_path / "nowhere.csv")


CELLS = st.text(
    st.characters(
        min_codepoint=33, max_codepoint=0x24F, exclude_categories=["Cc", "Cf", "Zs", "Cn"]
    ),
    min_size=1,
    max_size=40,
)


# Guessing an encoding takes as long as it takes on a busy machine.
@settings(deadline=None)
@given(st.dictionaries(CELLS, CELLS, min_size=1, max_size=8), st.sampled_from(";,\t"))
def test_what_a_spreadsheet_writes_is_read_back(rows: dict[str, str], delimiter: str) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(["question", "réponse"])
    writer.writerows(rows.items())
    imported = parse_faq(file.getvalue().encode(), name="faq.csv")
    assert len(imported.entries) + len(imported.problems) >= len(rows)
    for entry in imported.entries:
        assert rows[entry.question] == entry.answer


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_end_in_entries_or_one_clear_error(content: bytes) -> None:
    try:
        imported = parse_faq(content, name="faq.csv")
    except ImportingError as refused:
        said = str(refused)
    else:
        said = "faq.csv"
        assert imported.entries or imported.problems
    assert said.startswith("faq.csv")
