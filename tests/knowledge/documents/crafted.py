"""Files written by hand, honest and hostile."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0"?><Relationships'
    ' xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/{kind}" Target="{target}"/></Relationships>'
)
WORKBOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    'main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="FAQ" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
SHEET = (
    '<?xml version="1.0"?>{declared}<worksheet xmlns="http://schemas.openxmlformats.org/'
    'spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
)


def cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


def row(*texts: str) -> str:
    return f"<row>{''.join(cell(text) for text in texts)}</row>"


HEADER = row("question", "réponse")


def workbook(
    rows: str = HEADER + row("Un ?", "a"),
    declared: str = "",
    members: Mapping[str, bytes] | None = None,
) -> bytes:
    """An .xlsx of one sheet; `members` are added to the package."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", TYPES)
        package.writestr(
            "_rels/.rels", RELATIONS.format(kind="officeDocument", target="xl/workbook.xml")
        )
        package.writestr("xl/workbook.xml", WORKBOOK)
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            RELATIONS.format(kind="worksheet", target="worksheets/sheet1.xml"),
        )
        package.writestr("xl/worksheets/sheet1.xml", SHEET.format(rows=rows, declared=declared))
        for name, content in (members or {}).items():
            package.writestr(name, content)
    return file.getvalue()


def pdf(pages: Sequence[Sequence[tuple[int, str]]], *, trailer: str = "") -> bytes:
    """A PDF of text lines, each (size in points, words); Latin-1."""
    objects: list[bytes] = []

    def add(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    font = add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica"
               b" /Encoding /WinAnsiEncoding >>")  # fmt: skip
    kids = []
    parent = 2 + 2 * len(pages)
    for lines in pages:
        drawn, height = b"BT\n", 780
        for size, words in lines:
            escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            drawn += f"/F1 {size} Tf 1 0 0 1 60 {height} Tm ({escaped}) Tj\n".encode("cp1252")
            height -= size + 6
        drawn += b"ET"
        content = add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        kids.append(add(
            f"<< /Type /Page /Parent {parent} 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R"
            f" /Resources << /Font << /F1 {font} 0 R >> >> >>".encode()
        ))  # fmt: skip
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    assert add(f"<< /Type /Pages /Count {len(kids)} /Kids [{listed}] >>".encode()) == parent
    root = add(f"<< /Type /Catalog /Pages {parent} 0 R >>".encode())
    return assembled(objects, root, trailer)


def scanned_pdf() -> bytes:
    """One page with a picture and no text."""
    drawn = b"q 100 0 0 100 0 0 cm /Im0 Do Q"
    return assembled(
        [
            b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray"
            b" /BitsPerComponent 8 /Length 1 >>\nstream\n0\nendstream",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
            b"<< /Type /Page /Parent 4 0 R /MediaBox [0 0 595 842] /Contents 2 0 R"
            b" /Resources << /XObject << /Im0 1 0 R >> >> >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Catalog /Pages 4 0 R >>",
        ],
        5,
    )


def looping_pdf() -> bytes:
    """A page tree that goes round, and a stream that unfolds for ever."""
    return assembled(
        [
            b"<< /Type /Pages /Count 2 /Kids [2 0 R 2 0 R] /Parent 2 0 R >>",
            b"<< /Type /Pages /Count 2 /Kids [1 0 R 1 0 R] /Parent 1 0 R >>",
            b"<< /Type /Catalog /Pages 1 0 R >>",
        ],
        3,
    )


def assembled(objects: Sequence[bytes], root: int, trailer: str = "") -> bytes:
    """Objects numbered from 1, with their table and trailer."""
    file = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += f"trailer\n<< /Size {len(objects) + 1} /Root {root} 0 R {trailer} >>\n".encode()
    file += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(file)
