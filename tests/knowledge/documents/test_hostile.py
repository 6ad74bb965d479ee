"""Files made to harm whoever reads them: each ends as one refusal, and nothing else happens."""

from __future__ import annotations

import io
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from knowledge.documents import sandbox
from knowledge.documents.reading import ImportingError, safe_name
from knowledge.documents.sandbox import Limits, Stop, read_file
from tests.knowledge.documents import crafted

EXTERNAL = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
LAUGHS = "<!DOCTYPE x [<!ENTITY a '{}'>{}]>".format(
    "ha" * 10,
    "".join(f"<!ENTITY {chr(98 + n)} '{('&' + chr(97 + n) + ';') * 10}'>" for n in range(8)),
)


def refusal(path: Path, content: bytes, name: str, limits: Limits | None = None) -> ImportingError:
    """The one refusal, which names the file and says the mend in both languages."""
    file = path / "file"
    file.write_bytes(content)
    with pytest.raises(ImportingError) as refused:
        read_file(file, name=name, limits=limits or Limits())
    error = refused.value
    for said in (error.french, error.english):
        assert said.startswith(name)
        assert "\n" not in said
        assert said.endswith(".")
    assert error.french != error.english
    return error


def bomb() -> bytes:
    """Six hundred megabytes of zeros in a spreadsheet of less than one."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        package.writestr("[Content_Types].xml", crafted.TYPES)
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(600):
                sheet.write(bytes(1024 * 1024))
    return file.getvalue()


def lying_bomb() -> bytes:
    """The same, declared as a hundred bytes."""
    content = bytearray(crafted.workbook(rows=crafted.row("a" * 200, "b") * 20_000))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    return bytes(content)


def a_million_cells() -> bytes:
    rows = (
        f"<row>{''.join(f'<c><v>{n * 7919 % 99991}</v></c>' for n in range(at, at + 50))}</row>"
        for at in range(0, 550_000, 50)
    )
    return crafted.workbook(rows=crafted.HEADER + "".join(rows))


def macros() -> bytes:
    return crafted.workbook(members={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})


def encrypted_pdf() -> bytes:
    keys = f"/O ({'o' * 32}) /U ({'u' * 32}) /P -44"
    trailer = f"/Encrypt << /Filter /Standard /V 1 /R 2 {keys} >> /ID [<00><00>]"
    return crafted.pdf([[(12, "x")]], trailer=trailer)


def protected() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 3


def macro_document() -> bytes:
    file = io.BytesIO()
    docx.Document().save(file)
    with zipfile.ZipFile(file, "a") as package:
        package.writestr("word/vbaProject.bin", b"\xd0\xcf")
    return file.getvalue()


FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "zip bomb": ("bombe.xlsx", bomb, "import_dangerous"),
    "lying zip": ("menteur.xlsx", lying_bomb, "import_unreadable"),
    "external entity": (
        "xxe.xlsx", lambda: crafted.workbook(declared=EXTERNAL), "import_dangerous",
    ),
    "billion laughs": (
        "rires.xlsx", lambda: crafted.workbook(declared=LAUGHS), "import_dangerous",
    ),
    "utf-16 entity": (
        "xxe16.xlsx",
        lambda: crafted.workbook(members={"xl/styles.xml": EXTERNAL.encode("utf-16")}),
        "import_dangerous",
    ),
    "climbing name": (
        "chemin.xlsx",
        lambda: crafted.workbook(members={"../../etc/cron.d/x": b"x"}),
        "import_dangerous",
    ),
    "xlsx macros": ("macros.xlsm", macros, "import_macros"),
    "docx macros": ("macros.docm", macro_document, "import_macros"),
    "million cells": ("million.xlsx", a_million_cells, "import_too_large"),
    "too many rows": (
        "lignes.csv", lambda: b"question,answer\n" + b"a,b\n" * 60_000, "import_too_large",
    ),
    "encrypted pdf": ("secret.pdf", encrypted_pdf, "import_encrypted"),
    "protected workbook": ("secret.xlsx", protected, "import_encrypted"),
    "scanned pdf": ("scan.pdf", crafted.scanned_pdf, "import_scanned"),
    "looping pdf": ("boucle.pdf", crafted.looping_pdf, "import_unreadable"),
    "no pdf": ("faux.pdf", lambda: b"%PDF-1.7 and nothing more", "import_unreadable"),
    "old word": (
        "vieux.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 word", "import_format",
    ),
    "svg": (
        "dessin.svg", lambda: b"<svg xmlns='x'><script>1</script></svg>", "import_format",
    ),
    "xml entity": (
        "x.xml",
        lambda: f'<?xml version="1.0"?>{EXTERNAL}<a>&secret;</a>'.encode(),
        "import_format",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_hostile_file_ends_as_one_refusal(tmp_path: Path, case: str) -> None:
    name, crafted_file, code = FILES[case]
    content = crafted_file()
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(tmp_path, content, name).code == code
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024
    assert grown_mb < 64, "the reader's memory is the child's, never ours"


def test_a_far_cell_is_not_a_million_rows(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    error = refusal(tmp_path, crafted.workbook(rows=crafted.HEADER + far), "loin.xlsx")
    assert error.code in ("import_too_large", "import_unreadable")


def test_what_takes_too_long_is_stopped(tmp_path: Path) -> None:
    # Each page draws text through forms that call one another: work without end.
    slow = crafted.pdf([[(12, "mot " * 200)] * 40] * 200)
    began = time.monotonic()
    error = refusal(tmp_path, slow, "lent.pdf", Limits(wall_s=1.5))
    assert error.code == "import_limits"
    assert "trop de temps" in error.french
    assert time.monotonic() - began < 10


def test_a_reading_is_stopped_from_outside_and_its_child_killed(tmp_path: Path) -> None:
    file = tmp_path / "lent.pdf"
    file.write_bytes(crafted.pdf([[(12, "mot " * 200)] * 40] * 200))
    stop = Stop()
    began = time.monotonic()
    with pytest.raises(ImportingError):
        read_file(file, progress=lambda *_: stop.now(), stop=stop)
    assert time.monotonic() - began < 10
    assert stop._process is not None
    assert stop._process.wait(5) == -signal.SIGKILL
    with pytest.raises(ImportingError):  # asked before it begins
        read_file(file, stop=stop)


def test_a_child_does_not_outlive_its_parent(tmp_path: Path) -> None:
    file = tmp_path / "lent.pdf"
    file.write_bytes(crafted.pdf([[(12, "mot " * 200)] * 40] * 400))
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys\n"
            "from pathlib import Path\n"
            "from knowledge.documents.sandbox import Stop, read_file\n"
            "stop = Stop()\n"
            "told = []\n"
            "def tell(*_):\n"
            "    if not told:\n"
            "        told.append(print(stop._process.pid, flush=True))\n"
            f"read_file(Path({str(file)!r}), progress=tell, stop=stop)\n",
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(sandbox.ROOT)},
    )
    assert parent.stdout is not None
    child = os.pidfd_open(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    ended, _, _ = select.select([child], [], [], 10)
    os.close(child)
    assert ended


def test_what_burns_the_processor_is_stopped(tmp_path: Path) -> None:
    slow = crafted.pdf([[(12, "mot " * 200)] * 40] * 400)
    error = refusal(tmp_path, slow, "lent.pdf", Limits(cpu_s=1, wall_s=60))
    assert error.code == "import_limits"


def test_what_needs_too_much_memory_is_stopped(tmp_path: Path) -> None:
    wide = b"question,answer\n" + b"a,b\n" * 40_000
    error = refusal(tmp_path, wide, "gros.csv", Limits(memory_bytes=60 * 1024 * 1024))
    assert error.code in ("import_limits", "import_unreadable")


def test_what_says_too_much_is_stopped(tmp_path: Path) -> None:
    content = b"question,answer\n" + b"".join(b"q%d,b\n" % n for n in range(2000))
    error = refusal(tmp_path, content, "bavard.csv", Limits(output_bytes=10_000))
    assert (error.code, "trop volumineux" in error.french) == ("import_limits", True)


def test_a_file_over_the_limit_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "gros.csv"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    began = time.process_time()
    with pytest.raises(ImportingError, match="200 Mo, la limite est 20 Mo"):
        read_file(path)
    assert time.process_time() - began < 1


def test_deeply_nested_pages_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "profond.html"
    path.write_text("<div>" * 50_000 + "Bonjour" + "</div>" * 50_000)
    with pytest.raises(ImportingError) as refused:
        read_file(path)
    assert refused.value.code in ("import_limits", "import_unreadable")


def test_scripts_of_a_page_are_dropped_and_told(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<html><body><h1>Tarifs</h1><script>vol()</script><p onclick='vol()'>Visite : 40 €"
        "<img src=x onerror=vol()></p><iframe src='javascript:vol()'>vol()</iframe>"
        "<style>vol{}</style></body></html>"
    )
    reading = read_file(path)
    assert [entry.answer for entry in reading.entries] == ["Visite : 40 €"]
    assert "vol" not in json.dumps([entry.question for entry in reading.entries])
    assert [problem.code for problem in reading.problems] == ["script"]


def probe(begin: str) -> str:
    """What Python says in the confined child, in place of reading a document."""
    script = (
        f"import sys; sys.path.insert(0, {str(sandbox.ROOT)!r}); "
        "import os; from knowledge.documents.child import _confine; "
        "_confine(dict(cpu_s=5, memory_bytes=1 << 30, parent=os.getppid())); " + begin
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, timeout=30,
        env={"PATH": ""},
    )  # fmt: skip
    return done.stdout.strip() + done.stderr.strip().rpartition("\n")[2]


def test_the_child_has_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        said = probe(f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)")
    assert "Error" in said
    assert said.startswith(("PermissionError", "OSError"))


def test_the_child_writes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    said = probe(f"f = open({str(path)!r}, 'w'); f.write('x'); f.flush()")
    assert not path.exists() or path.stat().st_size == 0
    assert "Error" in said or said == ""


def test_the_child_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_SECRET", "not for documents")
    with (tmp_path / "x").open("wb"), (tmp_path / "x").open("rb") as file:
        process = sandbox._start(file, {})
        environment = Path(f"/proc/{process.pid}/environ").read_bytes()
        process.kill()
        process.communicate()
    assert b"SOUFFLEUR" not in environment


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\x.csv", "a/../b.csv", "", "..", "\0"]
)
def test_a_name_that_climbs_is_refused(name: str) -> None:
    with pytest.raises(ImportingError) as refused:
        safe_name(name)
    assert refused.value.code == "import_dangerous"


def test_a_path_of_an_old_browser_is_its_last_part() -> None:
    assert safe_name("C:\\Documents\\faq été.csv") == "faq été.csv"
