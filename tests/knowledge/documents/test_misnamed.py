"""Files that are not what their name says: read when that is certain, else refused clearly."""

from __future__ import annotations

import io
import zipfile

import pytest

from knowledge.documents.formats import read_document
from knowledge.documents.reading import ImportingError

FAQ = "question;réponse à donner\nLivrez-vous ?;Oui, en 48 h.\n"
PROSE = "Nous livrons partout en France.\n\nLes retours sont gratuits.\n"
PAGE = "<!DOCTYPE html><html><body><h1>Connexion</h1><p>Votre session a expiré.</p></body></html>"
OPEN_SHEET = "application/vnd.oasis.opendocument.spreadsheet"


def archive(**members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, text in members.items():
            package.writestr(name, text)
    return file.getvalue()


@pytest.mark.parametrize("name", ["faq.xlsx", "faq.xls", "faq.docx", "faq.pdf", "faq.xlsm"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_table_of_questions_under_any_name_is_read_and_said(name: str, encoding: str) -> None:
    reading = read_document(FAQ.encode(encoding), name=name)
    assert reading.is_table
    assert [(entry.question, entry.answer) for entry in reading.entries] == [
        ("Livrez-vous ?", "Oui, en 48 h.")
    ]
    (told,) = reading.problems
    assert (told.code, told.left_out) == ("misnamed", False)
    assert "CSV" in told.french and "CSV" in told.english


@pytest.mark.parametrize(
    ("name", "content", "french", "english"),
    [
        ("faq.xlsx", PROSE, "pas un classeur Excel, c'est du texte", "not an Excel workbook"),
        ("faq.docx", PROSE, "pas un document Word, c'est du texte", "not a Word document"),
        ("faq.pdf", PROSE, "pas un PDF, c'est du texte", "not a PDF, it is text"),
        ("faq.xlsx", PAGE, "une page web", "a web page"),
        ("faq.pdf", "\n\n" + PAGE, "une page web", "a web page"),
        ("faq.csv", PAGE, "une page web", "a web page"),
        ("faq.docx", "{\\rtf1\\ansi Bonjour}", "du texte RTF", "RTF text"),
        ("faq.xlsx", "<?xml version='1.0'?><Workbook/>", "du XML", "it is XML"),
    ],
)
def test_other_texts_are_refused_with_what_they_are(
    name: str, content: str, french: str, english: str
) -> None:
    with pytest.raises(ImportingError) as refused:
        read_document(content.encode(), name=name)
    assert refused.value.code == "import_unreadable"
    assert refused.value.french.startswith(f"{name} : ") and french in refused.value.french
    assert refused.value.english.startswith(f"{name}: ") and english in refused.value.english


@pytest.mark.parametrize(
    ("name", "content", "mend"),
    [
        ("notes.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 word", "ancien Office"),
        ("faq.docx", b"\x00\x01\x02\x03" * 40, "abîmé"),
        ("faq.xlsx", archive(mimetype=OPEN_SHEET), "au format .xlsx"),
        ("faq.ods", archive(mimetype=OPEN_SHEET), "au format .xlsx"),
        ("tout.zip", archive(a="b"), "une archive"),
    ],
)
def test_what_cannot_be_read_says_the_mend(name: str, content: bytes, mend: str) -> None:
    with pytest.raises(ImportingError, match=mend):
        read_document(content, name=name)


def test_a_text_that_begins_with_a_title_is_no_table() -> None:
    """A comma between two words of a title is not a header."""
    reading = read_document(
        ("Vos questions, nos réponses\n\nLivraison\n\nNous livrons partout.\n").encode(),
        name="aide.txt",
    )
    assert not reading.is_table


def test_a_page_of_the_web_may_be_called_anything() -> None:
    """A viewer's address ends in `.pdf`: what the server says of it counts."""
    reading = read_document(PAGE.encode(), name="www.example.fr › faq.pdf", media_type="text/html")
    assert reading.kind == "html"
