"""Documents cut along their structure: questions, passages, places."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents.contradictions import agree, contradictions
from knowledge.documents.formats import read_document
from knowledge.documents.lengths import pieces
from knowledge.documents.outline import PASSAGE_CHARS
from knowledge.documents.reading import ImportingError, Reading, reading_from, reading_values
from knowledge.importing import read_file
from knowledge.passages import Entry
from tests.knowledge.documents import crafted

MARKDOWN = """---
auteur: Maud
---
# Plomberie Durivage

Nous dépannons **tous les jours**.

## Tarifs

### Combien coûte une visite ?

40 € en semaine,
60 € le dimanche.

- devis gratuit
- TVA comprise

## Accès

| Lieu | Bus | Parking |
|---|---|---|
| Atelier | ligne 4 | oui |

Êtes-vous accessibles en fauteuil ?

Oui, par la cour.
"""


def answers(reading: Reading) -> dict[str, str]:
    return {entry.question: entry.answer for entry in reading.entries}


def read(content: bytes, name: str) -> Reading:
    return read_document(content, name=name)


def test_markdown_keeps_its_structure_and_lines() -> None:
    reading = read(MARKDOWN.encode(), "guide.md")
    found = answers(reading)
    assert found["Combien coûte une visite ?"] == (
        "40 € en semaine,\n60 € le dimanche.\n- devis gratuit\n- TVA comprise"
    )
    assert found["Plomberie Durivage"] == "Nous dépannons tous les jours."
    assert found["Accès : Atelier"] == "Bus : ligne 4 ; Parking : oui"
    assert found["Êtes-vous accessibles en fauteuil ?"] == "Oui, par la cour."
    places = {entry.question: entry.place for entry in reading.entries}
    assert places["Combien coûte une visite ?"] == "l. 10 · Plomberie Durivage › Tarifs"


def test_html_keeps_questions_accordions_lists_and_tables() -> None:
    page = """<!doctype html><html><head><meta charset="iso-8859-1"><title>Aide</title></head><body>
    <nav>Accueil Contact</nav><div class="cookie-banner">Nous utilisons des cookies</div>
    <script type="application/ld+json">{"@type": "FAQPage", "mainEntity": [{"@type": "Question",
    "name": "Livrez-vous ?", "acceptedAnswer": {"@type": "Answer", "text": "<p>Oui, en 48 h.</p>"}}
    ]}</script>
    <main><h1>Questions</h1><details><summary>Où êtes-vous ?</summary><p>Rue du Four.</p></details>
    <dl><dt>Quels sont les horaires ?</dt><dd>9 h à 18 h.</dd></dl>
    <div><button aria-expanded="false">Faut-il réserver ?</button><div>Oui.</div></div>
    <table><tr><th>Question</th><th>Réponse</th></tr><tr><td>Et le samedi ?</td><td>Fermé.</td></tr>
    </table></main><footer>Mentions légales</footer></body></html>"""
    reading = read(page.encode("latin-1"), "aide.html")
    assert answers(reading) == {
        "Livrez-vous ?": "Oui, en 48 h.",
        "Où êtes-vous ?": "Rue du Four.",
        "Quels sont les horaires ?": "9 h à 18 h.",
        "Faut-il réserver ?": "Oui.",
        "Et le samedi ?": "Fermé.",
    }
    assert reading.title == "Aide"
    assert reading.entries[1].anchor.startswith(":~:text=Rue%20du")


def document() -> bytes:
    written = docx.Document()
    written.add_heading("Guide d'accueil", 0)
    written.add_heading("Horaires", 1)
    written.add_paragraph("Du lundi au vendredi, de 9 h à 18 h.")
    written.add_heading("Comment annuler un rendez-vous ?", 2)
    written.add_paragraph("Par téléphone :")
    written.add_paragraph("la veille au plus tard", style="List Bullet")
    table = written.add_table(rows=0, cols=2)
    for texts in (("Question", "Réponse"), ("Peut-on payer en espèces ?", "Oui.")):
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            cell.text = text
    file = io.BytesIO()
    written.save(file)
    return file.getvalue()


def test_docx_keeps_headings_lists_and_tables() -> None:
    reading = read(document(), "guide.docx")
    assert answers(reading) == {
        "Horaires": "Du lundi au vendredi, de 9 h à 18 h.",
        "Comment annuler un rendez-vous ?": "Par téléphone :\n- la veille au plus tard",
        "Peut-on payer en espèces ?": "Oui.",
    }
    assert reading.title == "Guide d'accueil"


def test_pdf_headings_are_told_by_size_and_pages_are_places() -> None:
    body = [(11, "Le cabinet ouvre du lundi au samedi, de neuf heures à midi.")]
    reading = read(
        crafted.pdf([
            [(11, "Cabinet Vasseur"), (18, "Horaires"), *body, (11, "page 1")],
            [(11, "Cabinet Vasseur"), (14, "Que faire en cas d'urgence ?"),
             (11, "Appeler le 15, puis le cabinet."), (11, "page 2")],
            [(11, "Cabinet Vasseur"), (18, "Accès"), (11, "Tramway A, arrêt Tilleuls."),
             (11, "page 3")],
        ]),
        "cabinet.pdf",
    )  # fmt: skip
    assert answers(reading)["Que faire en cas d'urgence ?"] == "Appeler le 15, puis le cabinet."
    assert answers(reading)["Horaires"] == body[0][1]
    assert [entry.anchor for entry in reading.entries] == ["page=1", "page=2", "page=3"]
    assert "Cabinet Vasseur" not in " ".join(answers(reading).values())


def test_plain_text_with_marked_questions() -> None:
    text = (
        "HORAIRES\n\nOuvert de 9 h à 18 h.\n\nQ : Prenez-vous la carte ?\nR : Oui, dès 10 €.\n\n"
        "Livraison :\nEn 48 heures.\n\nFaites-vous des devis ?\nEt combien ça coûte ?\n"
        "Oui, c'est gratuit.\n"
    )
    reading = read(text.encode("cp1252"), "notes.txt")
    assert answers(reading) == {
        "HORAIRES": "Ouvert de 9 h à 18 h.",
        "Prenez-vous la carte ?": "Oui, dès 10 €.",
        "Livraison": "En 48 heures.",
        "Faites-vous des devis ?": "Oui, c'est gratuit.",
    }
    assert reading.entries[-1].alternatives == ("Et combien ça coûte ?",)
    assert reading.entries[1].place.startswith("l. 5")


def test_a_question_without_an_answer_is_told_with_its_line() -> None:
    reading = read(b"# A\n\nOui.\n\n## Et ensuite ?\n\n## B\n\nNon.\n", "a.md")
    assert [(problem.code, problem.line) for problem in reading.problems] == [("empty_cell", 5)]


def test_xlsx_cells_read_as_people_see_them() -> None:
    rows = crafted.HEADER + crafted.row("Prix ?", "40") + crafted.row("", "perdu")
    reading = read(crafted.workbook(rows=rows), "faq.xlsx")
    assert answers(reading) == {"Prix ?": "40"}
    assert [(problem.place, problem.code) for problem in reading.problems] == [
        ("FAQ, l. 3", "empty_cell")
    ]


def test_long_sections_become_passages_of_a_glance() -> None:
    paragraphs = [f"Paragraphe {n}. " + "mot " * 60 for n in range(12)]
    reading = read(("# Règlement\n\n" + "\n\n".join(paragraphs)).encode(), "r.md")
    assert len(reading.entries) > 3
    assert all(len(entry.answer) < 2 * PASSAGE_CHARS for entry in reading.entries)
    assert len({entry.entry_id for entry in reading.entries}) == len(reading.entries)
    again = read(("# Règlement\n\n" + "\n\n".join(paragraphs)).encode(), "r.md")
    assert again == reading


@pytest.mark.parametrize(("name", "content"), [("g.docx", document()), ("g.md", MARKDOWN.encode())])
def test_the_child_reads_what_this_process_reads(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert read_file(path) == read(content, name)


@settings(max_examples=60)
@given(st.text(max_size=400), st.sampled_from(["x.md", "x.txt", "x.html"]))
def test_any_text_ends_in_entries_or_one_refusal(text: str, name: str) -> None:
    try:
        reading = read(text.encode("utf-8", "replace"), name)
    except ImportingError:
        return
    assert reading_from(reading_values(reading)) == reading
    assert all(entry.question and entry.answer for entry in reading.entries)


def faq(*pairs: tuple[str, str]) -> list[Entry]:
    return [
        Entry(entry_id=str(number), question=question, answer=answer)
        for number, (question, answer) in enumerate(pairs)
    ]


def flagged(entries: Sequence[Entry], base: Sequence[Entry] = ()) -> list[tuple[str, ...]]:
    problems = contradictions(entries, base, {"0": 2, "1": 3})
    assert all(problem.code == "contradiction" and not problem.left_out for problem in problems)
    return [tuple(sorted(item.entry_id for item in problem.entries)) for problem in problems]


def test_contradictions_are_told_same_or_nearly_same_questions() -> None:
    hours = ("Quels sont vos horaires ?", "De 9 h à 18 h.")
    assert flagged(faq(hours, ("vos HORAIRES", "De 9 h à 19 h."))) == [("0", "1")]
    assert flagged(faq(hours, ("Quels sont les horaires ?", "de 9:00 à 18h00"))) == []
    assert flagged(faq(hours, ("Quels sont vos horaires le samedi ?", "Fermé."))) == []
    assert flagged(faq(("Forfait 1 ?", "10 €"), ("Forfait 2 ?", "20 €"))) == []


def test_contradictions_with_the_base_are_told_but_not_those_within_it() -> None:
    base = [
        Entry(entry_id="b", question="Livrez-vous ?", answer="Oui."),
        Entry(entry_id="c", question="Livrez-vous ?", answer="Non."),
    ]
    new = faq(("Prix ?", "10 €"))
    assert flagged(new, base) == []
    assert flagged([*new, Entry(entry_id="d", question="Livrez-vous ?", answer="Jamais.")], base)
    assert flagged([Entry(entry_id="b", question="Livrez-vous ?", answer="Non.")], base) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("9h30", "9:30", True),
        ("1 200 €", "1200 €", True),
        ("43,38 €", "43.38 €", True),
        ("9 h à 18 h", "9 h à 19 h", False),
        ("Oui.", "Non.", False),
    ],
)
def test_answers_agree_when_their_figures_do(one: str, other: str, same: bool) -> None:
    assert agree(one, other) is same


def told(reading: Reading) -> list[tuple[int | None, str]]:
    return [(one.line, one.french.partition(" :")[0]) for one in reading.problems if one.left_out]


def test_headings_and_rows_with_nothing_to_say_are_told() -> None:
    page = """# Garage Ducrocq

## Tarifs

### Vidange

### Freins

Plaquettes à partir de 90 €.

## Accès

## Horaires

| Jour | Matin | Soir |
|---|---|---|
| lundi | 9 h | 18 h |
| dimanche | | |
| | 10 h | 17 h |

| Question | Réponse |
|---|---|
| Prêtez-vous une voiture ? | Oui. |
| Faites-vous les pare-brise ? | |

## Contact
"""
    reading = read(page.encode(), "guide.md")
    assert told(reading) == [
        (5, "« Vidange »"),
        (11, "« Accès »"),
        (15, "« dimanche » n'a rien en face dans le tableau"),
        (15, "« Matin"),
        (21, "« Faites-vous les pare-brise ? » n'a rien en face dans le tableau"),
        (26, "« Contact »"),
    ]
    many = "# Titre\n\nTexte.\n\n" + "".join(f"## Partie {n}\n\n" for n in range(50))
    problems = read(many.encode(), "guide.md").problems
    assert len(problems) == 31 and "20 autres" in problems[-1].french


def test_a_long_paragraph_is_cut_where_its_sentences_end() -> None:
    sentences = [
        f"Le tarif numéro {number} est de {number} euros par jour." for number in range(60)
    ]
    reading = read(f"# Tarifs\n\n{' '.join(sentences)}\n\nFin.\n".encode(), "tarifs.md")
    found = [entry.answer for entry in reading.entries]
    assert max(map(len, found)) <= PASSAGE_CHARS + 10
    assert " ".join(" ".join(found).split()) == f"{' '.join(sentences)} Fin."
    assert all(answer.endswith(".") for answer in found)


@given(st.text(alphabet="ab .!\n", max_size=400), st.integers(5, 60))
def test_pieces_lose_no_sign_and_none_is_too_long(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(len(piece) <= limit for piece in found)


def test_an_answer_longer_than_what_is_compared_is_told() -> None:
    table = f"question;réponse\nCourte ?;Oui.\nLongue ?;{'Cela dépend du jour. ' * 60}\n"
    reading = read(table.encode(), "faq.csv")
    (problem,) = reading.problems
    assert (problem.code, problem.line, problem.left_out) == ("long_answer", 3, False)
    assert len(reading.entries) == 2


def test_answers_of_different_days_neither_repeat_nor_contradict_each_other() -> None:
    table = (
        "question;réponse;valable du;valable jusqu'au\n"
        "Êtes-vous ouverts ?;Non, fermé.;24/12/2026;26/12/2026\n"
        "Êtes-vous ouverts ?;Non, fermé.;31/12/2026;01/01/2027\n"
        "Êtes-vous ouverts ?;Oui, dès 9 h.;02/01/2027;\n"
        "Êtes-vous ouverts ?;Non, fermé.;24/12/2026;26/12/2026\n"
    )
    reading = read(table.encode(), "faq.csv")
    assert [one.valid_from and one.valid_from.day for one in reading.entries] == [24, 31, 2]
    assert [(one.code, one.line) for one in reading.problems] == [("duplicate", 5)]
    assert contradictions(reading.entries, (), reading.lines) == []
    always = Entry(entry_id="a", question="Êtes-vous ouverts ?", answer="Toujours.")
    assert len(contradictions(reading.entries, (always,), reading.lines)) == 3


def test_a_page_to_sign_in_is_refused_and_one_with_a_field_for_it_is_read() -> None:
    form = "<form><input name='u'><input type='password' name='p'></form>"
    page = f"<html><body>{form}<h1>Espace client</h1><p>Veuillez vous identifier.</p>"
    with pytest.raises(ImportingError) as refused:
        read(page.encode(), "page.html")
    assert refused.value.code == "import_unreadable" and "identifie" in refused.value.french
    long = f"{page}<h2>Livrez-vous ?</h2><p>{'Oui, partout en France. ' * 40}</p>"
    assert "Livrez-vous ?" in answers(read(long.encode(), "page.html"))
