"""The drafts evaluation: what counts as right, and plain errors on bad input."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from copilot.drafting.draft import ClientProfile, Draft, FieldValue, Turn
from copilot.evaluation.drafts import DraftsReport, run_drafts
from copilot.evaluation.draftscore import FIELDS
from copilot.evaluation.labelledcalls import DraftsEvaluationError

CALL: dict[str, Any] = {
    "id": "one",
    "date": "2026-03-17T10:12:00+01:00",
    "client": {"name": "Rivoire", "urgent_rules": ["Fuite d'eau : critique"]},
    "turns": [{"speaker": "caller", "text": "bonjour"}],
    "expected": {},
}


class Scripted:
    """A drafter that always answers the same."""

    def __init__(self, fields: dict[str, str]) -> None:
        self._draft = Draft(
            fields={name: FieldValue(value=v, confidence=1.0) for name, v in fields.items()}
        )

    def hear(self, turn: Turn) -> Draft:
        return self._draft


def report(tmp_path: Path, given: dict[str, str], **changes: Any) -> DraftsReport:
    path = tmp_path / "calls.jsonl"
    path.write_text(json.dumps({**CALL, **changes}, ensure_ascii=False) + "\n")

    def make(*, client: ClientProfile, at: datetime) -> Scripted:
        assert client.name == "Rivoire"
        return Scripted(given)

    return run_drafts(path, open_drafter=make)


@pytest.mark.parametrize(
    ("name", "expected", "given", "right"),
    [
        ("caller_name", "Éric Le Goff", "eric le goff", True),
        ("caller_name", "Madame Petit", "Petit", True),
        ("caller_name", "Petit", "Jean Petit", False),
        ("company", "Vidal Transports", "société Vidal Transports", True),
        ("phone", "+33639981224", "+33639981224", True),
        ("phone", "+33639981224", "+33639981223", False),
        ("email", "Jean@Example.fr", "jean@example.fr", True),
        ("callback_when", "2026-03-18T14:00/18:00", "2026-03-18T14:00/18:00", True),
        ("callback_when", "2026-03-18T14:00:00", "2026-03-18T14:00", True),
        ("callback_when", "2026-03-18", "2026-03-18T14:00", False),
        ("file_number", "F-2024 118", "f2024118", True),
        ("address", "12, rue des Lilas 69003 Lyon", "12 rue des Lilas, 69003 Lyon", True),
        ("on_behalf_of", "sa mère", "ma mère, Odette Girard", True),
        ("on_behalf_of", "son père", "ma mère", False),
    ],
)
def test_comparisons(tmp_path: Path, name: str, expected: str, given: str, right: bool) -> None:
    scored = report(tmp_path, {name: given}, expected={name: expected})
    assert scored.accuracy(name) == (1.0 if right else 0.0, 1)


def test_null_and_null_is_right(tmp_path: Path) -> None:
    scored = report(tmp_path, {}, expected={"phone": None, "callback": False})
    assert scored.accuracy("phone") == (1.0, 1)
    assert scored.accuracy("callback") == (1.0, 1)
    assert scored.invented_rate == 0.0


def test_a_field_that_should_be_null_is_an_invention(tmp_path: Path) -> None:
    assert report(tmp_path, {"phone": "+33639981224"}).invented_rate == 1.0


def test_extras_stand_in_their_object_or_beside(tmp_path: Path) -> None:
    for expected in ({"extra": {"file_number": "A1"}}, {"file_number": "A1"}):
        assert report(tmp_path, {"file_number": "A1"}, expected=expected).accuracy("file_number")[0]


def test_an_appointment_is_its_action_and_its_date(tmp_path: Path) -> None:
    expected = {"appointment": {"action": "déplacer", "when": "2026-03-19"}}
    given = {"appointment_action": "déplacer", "appointment_when": "2026-03-19"}
    assert report(tmp_path, given, expected=expected).accuracy("appointment") == (1.0, 1)
    given["appointment_when"] = "2026-03-20"
    assert report(tmp_path, given, expected=expected).accuracy("appointment") == (0.0, 1)


def test_reason_keywords_are_groups_of_alternatives(tmp_path: Path) -> None:
    groups = {"reason_keywords": [["fuite", "coule"], ["cuisine"]]}
    said = {"reason": "De l'eau coule dans la cuisine."}
    assert report(tmp_path, said, expected=groups).accuracy("reason") == (1.0, 1)
    assert report(tmp_path, said, **groups).accuracy("reason") == (1.0, 1)
    assert report(tmp_path, {"reason": "Une fuite."}, expected=groups).accuracy("reason")[0] == 0.0


@pytest.mark.parametrize(
    ("value", "forbidden", "found"),
    [
        ("+33639981223", "06 39 98 12 23", True),
        ("+33639981224", "06 39 98 12 23", False),
        ("Un rendez-vous mercredi.", "Mercredi", True),
        ("Prime de 5 000 euros", "5000", True),
        ("Lefebvre", "Lefevre", False),
    ],
)
def test_forbidden_strings(tmp_path: Path, value: str, forbidden: str, found: bool) -> None:
    changes = {"expected": {"reason": "x", "must_not_contain": [forbidden]}}
    assert report(tmp_path, {"reason": value}, **changes).invented_rate == (1.0 if found else 0.0)


def test_an_emergency_drafted_as_less_is_missed(tmp_path: Path) -> None:
    expected = {"urgency": "critique"}
    assert report(tmp_path, {"urgency": "normal"}, expected=expected).emergencies_missed == 1
    assert report(tmp_path, {"urgency": "urgent"}, expected=expected).emergencies_missed == 1
    assert report(tmp_path, {"urgency": "critique"}, expected=expected).emergencies_missed == 0


def test_the_json_has_the_keys_of_the_format(tmp_path: Path) -> None:
    data = report(tmp_path, {}).as_json()
    assert list(data) == [
        "calls",
        "fields",
        "emergencies_missed",
        "invented_rate",
        "p50_ms",
        "p95_ms",
        "mode",
    ]
    assert tuple(data["fields"]) == FIELDS
    assert all(set(entry) == {"accuracy", "n"} for entry in data["fields"].values())
    assert json.loads(json.dumps(data)) == data
    assert data["mode"] == "builtin"


def test_the_table_can_be_read(tmp_path: Path) -> None:
    console = Console(record=True, width=80, file=io.StringIO())
    console.print(report(tmp_path, {}))
    assert "caller_name" in console.export_text()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "calls.jsonl:2: not JSON"),
        ("[]", "calls.jsonl:2: a call is a JSON object"),
        (json.dumps({**CALL, "date": "hier"}), "calls.jsonl:2: 'date' is not an ISO date"),
        (json.dumps({**CALL, "date": "2026-03-17T10:12:00"}), "has no offset"),
        (json.dumps({**CALL, "turns": None}), "'turns' must be a list"),
        (json.dumps({**CALL, "turns": [{"speaker": "robot", "text": ""}]}), "'speaker' must be"),
        (json.dumps({**CALL, "expected": 3}), "'expected' must be an object"),
    ],
)
def test_bad_input_names_file_and_line(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text(json.dumps(CALL) + "\n" + line + "\n")
    with pytest.raises(DraftsEvaluationError) as caught:
        run_drafts(path)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_or_empty_file(tmp_path: Path) -> None:
    with pytest.raises(DraftsEvaluationError, match="cannot be read"):
        run_drafts(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(DraftsEvaluationError, match="no call"):
        run_drafts(tmp_path / "empty.jsonl")
