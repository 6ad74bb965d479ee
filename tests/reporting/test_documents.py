"""Files hold whatever people typed, as text: nothing runs, nothing breaks the file."""

from __future__ import annotations

import csv
import io

import openpyxl
import pypdf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from copilot.reporting.documents import Document, Table, duration, file_name, written

NASTY = some.one_of(
    some.text(max_size=40),
    some.sampled_from(
        ["=1+1", "+33199001122", "-", "@x", "<b>gras", "</para>", "&amp;", "Łukasz Çelik", "日本"]
    ),
)


def of(*cells: str) -> Document:
    table = Table(title="[a]:*?/\\b", header=("x",), rows=tuple((cell,) for cell in cells))
    return Document(title="<t>", subtitle="", tables=(table, table))


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(some.lists(NASTY, max_size=4))
def test_any_text_makes_a_file_that_opens(cells: list[str]) -> None:
    document = of(*cells)
    rows = list(csv.reader(io.StringIO(written(document, "csv").decode("utf-8-sig"), newline="")))
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    workbook = openpyxl.load_workbook(io.BytesIO(written(document, "xlsx")))
    assert len(workbook.sheetnames) == 2
    found = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in found)
    assert len(pypdf.PdfReader(io.BytesIO(written(document, "pdf"))).pages) == 1


def test_a_paper_says_what_was_typed() -> None:
    (page,) = pypdf.PdfReader(io.BytesIO(written(of("<b>Çelik & fils</b>"), "pdf"))).pages
    assert "<b>Çelik & fils</b>" in page.extract_text()


def test_names_and_durations() -> None:
    assert file_name("relevé", "Société Générale d'Été / 2", "2026-10") == (
        "releve-societe-generale-d-ete-2-2026-10"
    )
    assert [duration(value) for value in (None, 7, 247, 3729)] == ["", "0:07", "4:07", "1:02:09"]
