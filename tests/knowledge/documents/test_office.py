"""Files as offices keep them: merged and hidden cells, formats, reviewed and bold documents."""

from __future__ import annotations

import io
from datetime import time
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.shared import Pt
from openpyxl import Workbook
from openpyxl.styles import Font

from knowledge.documents.cells import cell_text
from knowledge.documents.formats import read_document
from knowledge.documents.reading import ImportingError, Reading


def answers(reading: Reading) -> dict[str, str]:
    return {entry.question: entry.answer for entry in reading.entries}


def told(reading: Reading) -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in reading.problems]


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (639981234, '0#" "##" "##" "##" "##', "06 39 98 12 34"),
        (639981234, r"0#\ ##\ ##\ ##\ ##", "06 39 98 12 34"),
        (1000, "00000", "01000"),
        (12345.67, "General", "12345,67"),
        (12345.67, "", "12345,67"),
        (1.3, "0.00", "1,30"),
        (1250, "#,##0.00", "1250"),
        (12.5, "0", "13"),
        (10, '0" km"', "10 km"),
        (4, r"General\ \p\e\r\s\.", "4 pers."),
        (-3, "0;-0", "-3"),
        (0.2, "0%", "20 %"),
        (43.38, '#,##0.00\\ "€"', "43,38 €"),
        (0, "0", "0"),
        (0.5, "# ?/?", "0,5"),
        (time(9, 30), "h:mm", "09:30"),
    ],
)
def test_a_cell_is_what_a_person_sees(value: Any, number_format: str, shown: str) -> None:
    assert cell_text(value, number_format) == shown


def test_merged_cells_are_those_of_all_their_rows() -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "FAQ"
    for row in (
        ["FAQ de la boulangerie", None, None],
        ["Rubrique", "Question", "Réponse"],
        ["Horaires", "Quels sont vos horaires ?", "De 7 h à 19 h."],
        [None, "Ouvrez-vous le dimanche ?", "Oui, de 7 h à 13 h."],
        ["Commandes", "Comment commander un gâteau ?", "Par téléphone, 48 h avant."],
        [None, None, "Un acompte est demandé."],
        ["Moyens", "Prenez-vous la carte ?", "Oui, dès 5 €."],
        [None, "Prenez-vous les chèques ?", None],
    ):
        sheet.append(row)
    for area in ("A1:C1", "A3:A4", "A5:A6", "B5:B6", "C7:C8"):
        sheet.merge_cells(area)
    reading = read_document(saved(book), name="faq.xlsx")
    assert answers(reading) == {
        "Quels sont vos horaires ?": "De 7 h à 19 h.",
        "Ouvrez-vous le dimanche ?": "Oui, de 7 h à 13 h.",
        "Comment commander un gâteau ?": "Par téléphone, 48 h avant.\nUn acompte est demandé.",
        "Prenez-vous la carte ?": "Oui, dès 5 €.",
        "Prenez-vous les chèques ?": "Oui, dès 5 €.",
    }
    assert [entry.tags for entry in reading.entries][:3] == [
        ("Horaires",),
        ("Horaires",),
        ("Commandes",),
    ]
    assert reading.problems == ()


def test_what_is_hidden_or_struck_through_is_told() -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "FAQ"
    for row in (
        ["Question", "Réponse"],
        ["Un ?", "a"],
        ["Ancien tarif ?", "450 €"],
        ["Notre marge ?", "62 %"],
    ):
        sheet.append(row)
    sheet["B3"].font = Font(strike=True)
    sheet.row_dimensions[4].hidden = True
    draft = book.create_sheet("Brouillon")
    draft.append(["Question", "Réponse"])
    draft.append(["Vendez-vous la boutique ?", "Pas encore dit."])
    draft.sheet_state = "hidden"
    reading = read_document(saved(book), name="faq.xlsx")
    assert answers(reading) == {"Un ?": "a", "Notre marge ?": "62 %"}
    assert told(reading) == [
        ("struck", "FAQ, l. 3"),
        ("hidden_rows", "FAQ"),
        ("ignored_sheet", "Brouillon"),
    ]
    assert "(4)" in reading.problems[1].french


def test_a_formula_or_its_error_is_no_answer() -> None:
    table = (
        'Question;Réponse;Note\nUn ?;#NOM?;\nDeux ?;"=SOMME(A1:A2)";\n'
        'Trois ?;="06 39 98 12 34";#N/A\nQuatre ?;-Appeler le labo;\nCinq ?;\'=SOMME(A1);\n'
    )
    reading = read_document(table.encode("cp1252"), name="faq.csv")
    assert answers(reading) == {
        "Trois ?": "06 39 98 12 34",
        "Quatre ?": "-Appeler le labo",
        "Cinq ?": "=SOMME(A1)",
    }
    assert reading.entries[0].note == ""
    assert told(reading) == [("formula", "l. 2"), ("formula", "l. 3")]
    assert "#NOM?" in reading.problems[0].french


def test_bold_lines_are_the_headings_of_who_knows_no_styles() -> None:
    written = docx.Document()

    def bold(text: str, points: int | None = None) -> None:
        run = written.add_paragraph().add_run(text)
        run.bold = True
        run.font.size = Pt(points) if points else None

    bold("FAQ de la boulangerie", 18)
    bold("Horaires", 14)
    written.add_paragraph("Ouvert de 7 h à 19 h.")
    bold("Livraison", 14)
    written.add_paragraph("À partir de 40 €.")
    bold("Gâteaux")
    written.add_paragraph("Il faut les commander :")
    written.add_paragraph("en boutique", style="List Bullet")
    bold("Prenez-vous la carte ?")
    written.add_paragraph("Oui.")
    bold("Fermé en août")
    reading = read_document(saved(written), name="faq.docx")
    assert reading.title == "FAQ de la boulangerie"
    assert answers(reading) == {
        "Horaires": "Ouvert de 7 h à 19 h.",
        "Livraison": "À partir de 40 €.",
        "Livraison › Gâteaux": "Il faut les commander :\n- en boutique",
        "Prenez-vous la carte ?": "Oui.\nFermé en août",
    }


def part(name: str, *children: Any, **attributes: str) -> Any:
    element = OxmlElement(f"w:{name}")
    for attribute, value in attributes.items():
        element.set(f"{{{element.nsmap['w']}}}{attribute}", value)
    element.extend(children)
    return element


def run(text: str, *properties: str, kept: str = "t") -> Any:
    said = part(kept)
    said.text = text
    return part("r", part("rPr", *(part(name) for name in properties)), said)


def test_a_reviewed_document_is_read_as_it_will_be() -> None:
    written = docx.Document()
    line = written.add_paragraph("Le samedi, nous fermons à ")._p
    line.append(part("del", run("17 h", kept="delText"), id="1", author="Roux"))
    line.append(part("ins", run("18 h"), id="2", author="Roux"))
    line.append(run(" ou 20 h", "strike"))
    line.append(run(" précises."))
    added = written.add_paragraph()._p
    added.append(part("ins", run("Le distributeur marche jour et nuit."), id="3", author="Roux"))
    control = part("sdt", part("sdtContent", part("p", run("Le salon de thé a vingt places."))))
    added.addnext(control)
    reading = read_document(saved(written), name="faq.docx")
    assert [entry.answer for entry in reading.entries] == [
        "Le samedi, nous fermons à 18 h précises.\nLe distributeur marche jour et nuit.\n"
        "Le salon de thé a vingt places."
    ]
    assert told(reading) == [("tracked", "")]


def test_a_cell_merged_over_rows_of_a_document_is_each_row_s() -> None:
    written = docx.Document()
    table = written.add_table(rows=3, cols=3)
    for cells, texts in zip(
        table.rows,
        (("Pain", "Jour", "Prix"), ("Seigle", "mardi", "4 €"), ("", "jeudi", "5 €")),
        strict=True,
    ):
        for cell, text in zip(cells.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    reading = read_document(saved(written), name="faq.docx")
    assert [(entry.question, entry.answer) for entry in reading.entries] == [
        ("Seigle", "Jour : mardi ; Prix : 4 €"),
        ("Seigle", "Jour : jeudi ; Prix : 5 €"),
    ]


PAGE = """<!DOCTYPE html><!-- saved from url=(0031)https://roux.example/faq --><html><head>
<title>FAQ</title></head><body>
<div id="tarteaucitronRoot"><span>En poursuivant, vous acceptez le dépôt de traceurs.</span></div>
<div><ul class="menu"><li><a>Accueil</a></li><li><a>Nos pains</a></li><li><a>Contact</a></li></ul>
</div><h3>Livrez-vous ?</h3><p>Oui, dès 40 €.</p><h3>Où vous trouver ?</h3>
<ul><li><a>Lyon</a></li><li><a>Paris</a></li><li><a>Nice</a></li></ul>
<div><p>© 2026 Boulangerie Roux – Tous droits réservés</p></div></body></html>"""


def test_banners_menus_and_rights_of_a_saved_page_are_no_knowledge() -> None:
    reading = read_document(PAGE.encode(), name="faq.html")
    assert answers(reading) == {
        "Livrez-vous ?": "Oui, dès 40 €.",
        "Où vous trouver ?": "- Lyon\n- Paris\n- Nice",
    }
    assert told(reading) == [("links", "")]


def test_a_page_that_a_script_writes_says_what_to_do() -> None:
    page = "<!doctype html><title>x</title><script src=a.js></script><div id=root></div>"
    with pytest.raises(ImportingError, match="JavaScript"):
        read_document(page.encode(), name="faq.html")
