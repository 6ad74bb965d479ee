"""PDFs of columns, price lists and gaps; a password that only forbids changes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from knowledge.documents.formats import read_document
from knowledge.documents.reading import ImportingError
from knowledge.importing import read_file

LEFT = (
    (True, "Horaires"), (False, "La boutique est ouverte du mardi"),
    (False, "au samedi de 7 h à 19 h 30."), (True, "Livraison"),
    (False, "Nous livrons à partir de 40 €"), (False, "dans un rayon de 10 km."),
)  # fmt: skip
RIGHT = (
    (True, "Paiement"), (False, "La carte est acceptée dès 5 €."),
    (False, "Les chèques ne le sont pas."), (True, "Parking"),
    (False, "Le parking du Mail est gratuit"), (False, "pendant une heure."),
)  # fmt: skip
COLUMNS = {
    "Horaires": "La boutique est ouverte du mardi au samedi de 7 h à 19 h 30.",
    "Livraison": "Nous livrons à partir de 40 € dans un rayon de 10 km.",
    "Paiement": "La carte est acceptée dès 5 €. Les chèques ne le sont pas.",
    "Parking": "Le parking du Mail est gratuit pendant une heure.",
}


def said(x: int, y: int, text: str, *, bold: bool = False, size: int = 11) -> str:
    return f"BT /F{2 if bold else 1} {size} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET"


def pdf(pieces: Sequence[str]) -> bytes:
    """A page of pieces where they are put."""
    content = "\n".join(pieces).encode("cp1252")
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        font % b"Helvetica",
        font % b"Helvetica-Bold",
    ]
    file, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        file
        + b"xref\n0 7\n0000000000 65535 f \n%strailer << /Size 7 /Root 1 0 R >>\n" % table
        + (b"startxref\n%d\n%%%%EOF" % len(file))
    )


def answers(content: bytes) -> dict[str, str]:
    reading = read_document(content, name="faq.pdf")
    return {entry.question.removeprefix("Roux › "): entry.answer for entry in reading.entries}


def columns(*, interleaved: bool) -> bytes:
    title = said(50, 780, "Roux", bold=True, size=20)
    sides = [
        [said(x, 740 - 16 * at, text, bold=bold) for at, (bold, text) in enumerate(side)]
        for x, side in ((50, LEFT), (310, RIGHT))
    ]
    if interleaved:
        return pdf([title, *(piece for row in zip(*sides, strict=True) for piece in row)])
    return pdf([title, *sides[0], *sides[1]])


@pytest.mark.parametrize("interleaved", [True, False])
def test_columns_are_read_one_after_the_other(interleaved: bool) -> None:
    assert answers(columns(interleaved=interleaved)) == COLUMNS


@pytest.mark.parametrize("size", [11, 16])
def test_a_price_list_is_read_row_by_row_whatever_its_size(size: int) -> None:
    pieces = [said(50, 780, "Roux", bold=True, size=24), said(50, 740, "Nos prix", size=20)]
    for at, (what, price) in enumerate((("Baguette", "1,30 €"), ("Tarte aux pommes", "18 €"))):
        y = 710 - 20 * at
        pieces += [said(50, y, what, size=size), said(400, y, price, size=size)]
    pieces += [
        said(50, 640, "Faut-il réserver pour une commande de plus de vingt"),
        said(50, 624, "personnes ?"),
        said(50, 608, "Oui, une semaine avant, par téléphone ou en boutique."),
    ]
    assert answers(pdf(pieces)) == {
        "Nos prix : Baguette": "1,30 €",
        "Nos prix : Tarte aux pommes": "18 €",
        "Faut-il réserver pour une commande de plus de vingt personnes ?": "Oui, une semaine"
        " avant, par téléphone ou en boutique.",
    }


def test_lines_of_a_heading_s_size_that_go_on_are_a_text() -> None:
    long = ["La boutique est ouverte tous les jours", "sauf le lundi, et le dimanche", "dès 7 h."]
    pieces = [said(50, 740 - 18 * at, text, size=15) for at, text in enumerate(long)]
    pieces += [
        said(50, 600 - 14 * at, f"Ligne {at} de petites lettres, à lire.") for at in range(9)
    ]
    assert " ".join(long) in " ".join(answers(pdf(pieces)).values())


def locked(opens_with: str) -> bytes:
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(columns(interleaved=False))))
    writer.encrypt(opens_with, owner_password="du patron", algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_a_pdf_that_only_forbids_changes_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "faq.pdf"
    file.write_bytes(locked(""))
    assert len(read_file(file).entries) == len(COLUMNS)
    file.write_bytes(locked("secret"))
    with pytest.raises(ImportingError) as refused:
        read_file(file)
    assert refused.value.code == "import_encrypted"
