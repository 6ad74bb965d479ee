"""What a file of people says, as plain values that cross processes as JSON."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from copilot.store.numbering import e164
from copilot.store.records.knowncallers import Standing
from knowledge.documents.reading import Problem, problem_from, problem_values, tidy

MOST_PEOPLE = 20_000
MOST_NUMBERS = 10
MOST_EMAILS = 5
NUMBER_CHARS = 40
NAME_CHARS = 200
NOTE_CHARS = 2_000
SHORTENED = re.compile(r"\d[.,]\d+ ?E ?\+?\d+", re.IGNORECASE)
"""A number that a spreadsheet showed as a power of ten: its last digits are gone."""
_COUNTED = re.compile(r"(\d{8,})[.,]0+")
"""A number that went through a spreadsheet as a quantity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPerson:
    """Somebody in a file. What the file does not speak of is empty, `standing` null."""

    line: int
    name: str
    company: str = ""
    numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    note: str = ""
    standing: Standing | None = None
    consigne: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPeople:
    """A file read."""

    people: tuple[ReadPerson, ...]
    problems: tuple[Problem, ...] = ()


class PeopleTaken:
    """Gathers people from a file, line after line, and says what could not be used."""

    def __init__(self) -> None:
        self._people: list[ReadPerson] = []
        self._problems: list[Problem] = []

    @property
    def is_full(self) -> bool:
        return len(self._people) >= MOST_PEOPLE

    def take(
        self,
        line: int,
        *,
        name: str,
        company: str = "",
        numbers: tuple[str, ...] = (),
        emails: tuple[str, ...] = (),
        note: str = "",
        standing: Standing | None = None,
        consigne: str = "",
    ) -> None:
        """One person as written; numbers are brought to E.164, what is none is told."""
        known = self._numbers(line, numbers)
        addresses = self._emails(line, emails)
        called = _line(name) or _line(company)
        if not called or not (known or addresses):
            missing = ("Le nom manque", "The name is missing")
            if called:
                missing = ("Ni numéro ni adresse lisible", "No readable number nor address")
            self.tell(line, "incomplete", *missing, left_out=True)
            return
        self._people.append(
            ReadPerson(
                line=line,
                name=called,
                company=_line(company) if _line(name) else "",
                numbers=known,
                emails=addresses,
                note=tidy(note)[:NOTE_CHARS],
                standing=standing,
                consigne=tidy(consigne)[:NOTE_CHARS],
            )
        )

    def tell(
        self, line: int, code: str, french: str, english: str, *, left_out: bool = False
    ) -> None:
        """Note a problem of a line."""
        self._problems.append(
            Problem(
                code=code,
                left_out=left_out,
                french=f"{french}{' : ligne ignorée' if left_out else ''}.",
                english=f"{english}{': the row is left out' if left_out else ''}.",
                line=line,
                place=f"l. {line}",
            )
        )

    def reading(self) -> ReadPeople:
        """Everything taken."""
        problems = sorted(self._problems, key=lambda one: one.line or 0)
        return ReadPeople(people=tuple(self._people), problems=tuple(problems))

    def _numbers(self, line: int, written: tuple[str, ...]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for one in written:
            shown = _line(one)
            if not shown:
                continue
            if SHORTENED.fullmatch(shown):
                self.tell(
                    line,
                    "shortened_number",
                    f"« {shown[:40]} » : le tableur a abrégé ce numéro, non repris (mettez la "
                    "colonne au format Texte, saisissez-le de nouveau, puis réimportez)",
                    f'"{shown[:40]}": the spreadsheet shortened this number, not taken (make the '
                    "column Text, type it again, then import once more)",
                )
                continue
            counted = _COUNTED.fullmatch(shown)
            number = e164(counted[1] if counted else shown) if len(shown) <= NUMBER_CHARS else None
            if number is None:
                self.tell(
                    line,
                    "bad_number",
                    f"« {shown[:40]} » n'est pas un numéro complet : non repris",
                    f'"{shown[:40]}" is no complete number: not taken',
                )
            else:
                found[number] = None
        return tuple(found)[:MOST_NUMBERS]

    def _emails(self, line: int, written: tuple[str, ...]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for one in written:
            shown = _line(one).lower().removeprefix("mailto:")
            if not shown:
                continue
            name, at, host = shown.partition("@")
            if name and at and "." in host and "@" not in host and " " not in shown:
                found[shown[:254]] = None
            else:
                self.tell(
                    line,
                    "bad_email",
                    f"« {shown[:40]} » n'est pas une adresse : non reprise",
                    f'"{shown[:40]}" is no address: not taken',
                )
        return tuple(found)[:MOST_EMAILS]


def _line(text: str) -> str:
    return " ".join(tidy(text).split())[:NAME_CHARS]


def reading_values(reading: ReadPeople) -> dict[str, Any]:
    """A reading as JSON values."""
    return {
        "people": [dataclasses.asdict(person) for person in reading.people],
        "problems": [problem_values(problem) for problem in reading.problems],
    }


def reading_from(values: Mapping[str, Any]) -> ReadPeople:
    """What `reading_values` wrote."""
    return ReadPeople(
        people=tuple(
            ReadPerson(
                **{**item, "numbers": tuple(item["numbers"]), "emails": tuple(item["emails"])}
            )
            for item in values["people"]
        ),
        problems=tuple(problem_from(item) for item in values["problems"]),
    )
