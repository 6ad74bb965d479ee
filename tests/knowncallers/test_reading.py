"""Files of people as they come: tables and cards of all kinds, broken ones, hostile ones."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.knowncallers.cards import read_cards
from copilot.knowncallers.giving_out import as_cards, as_csv
from copilot.knowncallers.matching import completed, duplicates, merged, plan
from copilot.knowncallers.people import ReadPerson
from copilot.knowncallers.reading import MAX_BYTES, read_people
from copilot.knowncallers.sheet import columns_of, read_sheet
from copilot.store.records.knowncallers import KnownCaller
from knowledge.documents.reading import ImportingError

CARD = """BEGIN:VCARD
VERSION:4.0
FN:Noé L’Écuyer
ORG:Hôtel du Lac;Réception
TEL;VALUE=uri;TYPE="voice,work":tel:+33-1-99-00-55-66;ext=12
EMAIL:noe@example.fr
CATEGORIES:VIP,ami
NOTE:première\\nseconde
END:VCARD
"""
QUOTED = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=89mile;Zoé;;;
TEL;CELL:0639981234
END:VCARD
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_a_table_is_read_whatever_wrote_it(encoding: str, sign: str) -> None:
    rows = (
        ("Nom", "Prénom", "Société", "Téléphone", "Mobile", "E-mail", "Statut"),
        ("Martin", "Zoé", "Hôtel", "01 99 00 11 22", "'+33 6 39 98 11 22", "Z@example.fr", "vip"),
        ("Durand", "Paul", "", "", "", "paul@example.fr", "bloqué"),
    )
    text = "\r\n".join(sign.join(row) for row in rows)
    zoe, paul = read_sheet(text.encode(encoding), "c.csv").people
    assert (zoe.name, zoe.company, zoe.standing) == ("Zoé Martin", "Hôtel", "vip")
    assert zoe.numbers == ("+33199001122", "+33639981122")
    assert zoe.emails == ("z@example.fr",)
    assert (paul.name, paul.numbers, paul.standing) == ("Paul Durand", (), "blocked")


def test_what_cannot_be_used_is_told_with_its_line_and_spoils_nothing_else() -> None:
    text = "nom,téléphone,statut\nA,12,\nB,0199001122,étrange\n,0199001123,\nC,0199001124,\n"
    read = read_sheet(text.encode(), "c.csv")
    assert [person.name for person in read.people] == ["B", "C"]
    told = [(one.line, one.code, one.left_out) for one in read.problems]
    assert told == [
        (2, "bad_number", False), (2, "incomplete", True), (3, "bad_standing", False),
        (4, "incomplete", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("N° de téléphone", "numbers"), ("Téléphone (bureau)", "numbers"),
        ("Tél. portable 2", "numbers"), ("Phone 1 - Value", "numbers"), ("GSM", "numbers"),
        ("Adresse de messagerie", "emails"), ("E-mail 1 - Value", "emails"),
        ("Nom du contact", "last_name"), ("Nom patient", "last_name"), ("Nom / Prénom", "name"),
        ("Raison sociale", "company"), ("Nom de l’entreprise", "company"),
        ("Organization Name", "company"), ("Observations", "note"), ("Type", "standing"),
        ("Télécopie (bureau)", None), ("Phone 1 - Label", None), ("Adresse société", None),
        ("N° client", None), ("Name Prefix", None),
    ],
)  # fmt: skip
def test_columns_are_known_by_the_names_people_give_them(header: str, column: str | None) -> None:
    assert list(columns_of([header])) == ([column] if column else [])


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("0199001122/0639981122", ("+33199001122", "+33639981122")),
        ("01 99 00 11 22 ou 06.39.98.11.22", ("+33199001122", "+33639981122")),
        ("01 99 00 11 22 (bureau), +33 6 39 98 11 22", ("+33199001122", "+33639981122")),
        ("06/39/98/11/22", ("+33639981122",)), ("06 39 98 11 22 Mme", ("+33639981122",)),
        ("639981122", ("+33639981122",)), ("639981122.0", ("+33639981122",)),
    ],
)  # fmt: skip
def test_every_number_of_a_cell_is_taken(cell: str, numbers: tuple[str, ...]) -> None:
    read = read_sheet(f'nom;tél\nZoé;"{cell}"\n'.encode(), "c.csv")
    assert [one.numbers for one in read.people] == [numbers]
    assert read.problems == ()


@pytest.mark.parametrize("cell", ["6,39981E+08", "6.39981234E8", "06 39 98 12 3"])
def test_a_number_that_lost_digits_is_told_and_is_nobody_s(cell: str) -> None:
    read = read_sheet(f"nom;tél;mail\nZoé;{cell};z@example.fr\n".encode(), "c.csv")
    assert [one.numbers for one in read.people] == [()]
    assert len(read.problems) == 1 and cell in read.problems[0].french


def test_columns_that_hold_something_and_are_not_taken_are_told_first() -> None:
    text = "nom;tél;ville;fax;pays\nZoé;12;Lyon;0199001133;\n"
    first, *_ = read_sheet(text.encode(), "c.csv").problems
    assert first.french == "Colonnes non reprises : « ville », « fax »."


@pytest.mark.parametrize("content", [b"", b"nom;prix\nA;1\n", b"\x00\x01\x02", b"t\xe9l;mail\n1;2"])
def test_what_is_no_table_of_people_is_refused_with_the_mend(content: bytes) -> None:
    with pytest.raises(ImportingError) as refused:
        read_sheet(content, "c.csv")
    assert refused.value.code in ("import_columns", "import_unreadable")
    assert "c.csv" in refused.value.french


def test_cards_of_every_version_are_read() -> None:
    noe, zoe = read_cards((CARD + QUOTED).encode(), "c.vcf").people
    assert (noe.name, noe.numbers, noe.standing) == ("Noé L’Écuyer", ("+33199005566",), "vip")
    assert noe.note == "première\nseconde"
    assert (zoe.name, zoe.numbers) == ("Zoé Émile", ("+33639981234",))


@pytest.mark.parametrize(
    "line",
    [
        "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQ\n AAAQABAAD\n",  # a blank line ends it
        "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ\nSkZJRgABAQ==\n",
        "item1.PHOTO;ENCODING=b:" + "\n ".join(["A" * 74] * 4000),
        "NOTE:begin: lundi, begin: mardi, begin: jeudi, begin: samedi",
        "TEL;X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,Priv=C3=A9):0639981235",
    ],
    ids=["android", "not folded", "large", "note", "named number"],
)
def test_what_telephones_add_costs_nobody(line: str) -> None:
    card = f"BEGIN:VCARD\nVERSION:2.1\nN:Roux;Paul\n{line}\nTEL;CELL:0639981234\nEND:VCARD\n"
    (person,) = read_cards(card.encode(), "c.vcf").people
    assert person.name == "Paul Roux"
    assert "+33639981234" in person.numbers and len(person.numbers) == 1 + ("CUSTOM" in line)


@pytest.mark.parametrize(
    "spoiled",
    [
        "BEGIN:VCARD\nVERSION:4.0\nFN\nTEL\nEND:VCARD\n",
        "BEGIN:VCARD\n" * 60 + "END:VCARD\n" * 60,
        f"BEGIN:VCARD\nVERSION:3.0\nFN:{'x' * 300_000}\nTEL:0199001122\nEND:VCARD\n",
        "BEGIN:VCARD\nVERSION:3.0\nN;ENCODING=B:\xff\xfe\nEND:VCARD\n",
    ],
    ids=["empty lines", "nested", "long", "not base64"],
)
def test_a_spoiled_card_spoils_no_other(spoiled: str) -> None:
    read = read_cards((spoiled + CARD).encode(), "c.vcf")
    assert [person.name for person in read.people] == ["Noé L’Écuyer"]
    assert [one.left_out for one in read.problems] == [True]


@given(st.binary(max_size=300))
@settings(max_examples=150)
def test_whatever_bytes_are_read_or_refused(content: bytes) -> None:
    for read, body in ((read_sheet, content), (read_cards, CARD.encode()[:90] + content)):
        with contextlib.suppress(ImportingError):
            assert all(person.numbers or person.emails for person in read(body, "c").people)


async def test_a_file_is_read_in_a_process_of_its_own() -> None:
    read = await read_people(CARD.encode(), "c.vcf")
    assert [person.name for person in read.people] == ["Noé L’Écuyer"]
    picture = "PHOTO;ENCODING=b:" + "\n ".join(["A" * 74] * 1000)
    pictures = f"BEGIN:VCARD\nVERSION:3.0\nFN:Zoé\nTEL:0639981234\n{picture}\nEND:VCARD\n" * 300
    assert 20_000_000 < len(pictures.encode()) < MAX_BYTES
    read = await read_people(pictures.encode(), "c.vcf")
    assert (len(read.people), read.problems) == (300, ())
    with pytest.raises(ImportingError, match="colonne"):
        await read_people(b"a;b\n1;2\n", "c.csv")


names = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20)


@given(
    st.lists(
        st.builds(
            KnownCaller,
            id=st.uuids().map(str),
            name=names.filter(lambda name: any(sign.isalnum() for sign in name)),
            company=names,
            note=names,
            numbers=st.sampled_from([("+33199001122",), ("+33199001122", "+33639981122")]),
            standing=st.sampled_from(["usual", "vip", "blocked"]),
        ),
        min_size=1,
        max_size=3,
    )
)
@settings(max_examples=60)
def test_what_is_given_out_is_read_back_and_no_cell_is_a_formula(people: list[KnownCaller]) -> None:
    table = as_csv(people)
    rows = csv.reader(io.StringIO(table.decode("utf-8-sig"), newline=""), delimiter=";")
    for cell in itertools.chain.from_iterable(rows):
        assert not cell or cell[0] not in "=+-@\t\r"
    for read in (read_sheet(table, "c.csv"), read_cards(as_cards(people), "c.vcf")):
        assert [one.numbers for one in read.people] == [one.numbers for one in people]


def known(name: str, *numbers: str, **others: object) -> KnownCaller:
    return KnownCaller(id=f"{name}-{len(numbers)}", name=name, numbers=numbers, **others)  # type: ignore[arg-type]


def read(name: str, *numbers: str, **others: object) -> ReadPerson:
    return ReadPerson(line=1, name=name, numbers=numbers, **others)  # type: ignore[arg-type]


def planned(known_people: list[KnownCaller], *people: ReadPerson) -> list[tuple[bool, str]]:
    ids = itertools.count()
    changes = plan(known_people, people, new_id=lambda: f"new-{next(ids)}")
    return [(change.before is None, change.caller_id) for change in changes]


def test_who_is_who() -> None:
    zoe = known("Zoé Martin", "+33199001122")
    assert planned([zoe], read("MARTIN Zoe", "+33199001122")) == []
    assert planned([zoe], read("Martin Zoé", "+33199001122", "+33639981122")) == [(False, zoe.id)]
    # The same switchboard is not the same person; nor is the same name at another number.
    assert planned([zoe], read("Paul Durand", "+33199001122")) == [(True, "new-0")]
    assert planned([zoe], read("Zoé Martin", "+33639980000")) == [(True, "new-0")]
    # Twice in the file is once.
    assert planned([], read("A B", "+33199001122"), read("B-A", "+33199001122")) == [
        (True, "new-0")
    ]


def test_a_file_completes_and_never_empties() -> None:
    zoe = known("Zoé", "+33199001122", note="Parle bas", standing="vip", consigne="Passer Karim")
    after = completed(zoe, read("Zoé", "+33199001123", company="Hôtel"))
    assert after.numbers == ("+33199001122", "+33199001123")
    assert (after.note, after.standing, after.company) == ("Parle bas", "vip", "Hôtel")


def test_merging_loses_nothing() -> None:
    one = known("Zoé", "+33199001122", note="a")
    two = known("Zoe", "+33199001123", "+33199001122", note="b", standing="blocked", company="H")
    assert duplicates([one, two, known("Paul")]) == ((one, two),)
    kept = merged(one, [two])
    assert (kept.id, kept.note, kept.standing, kept.company) == (one.id, "a\nb", "blocked", "H")
    assert kept.numbers == ("+33199001122", "+33199001123")
