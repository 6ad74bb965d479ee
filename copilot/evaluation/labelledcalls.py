"""Labelled calls: the files that `souffleur eval drafts` reads (docs/evaluation.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from copilot.drafting.draft import ClientProfile, Contact, Speaker, Turn


class DraftsEvaluationError(Exception):
    """The calls cannot be read. The message names the file and the line."""

    code = "bad_calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledCall:
    """One line of the file."""

    id: str
    at: datetime
    client: ClientProfile
    turns: tuple[Turn, ...]
    expected: Mapping[str, Any]
    reason_keywords: tuple[tuple[str, ...], ...]
    must_not_contain: tuple[str, ...]


def read_calls(path: Path) -> Iterator[LabelledCall]:
    """The calls of a JSONL file. Raises `DraftsEvaluationError`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DraftsEvaluationError(f"{path}: cannot be read: {error}") from error
    count = 0
    for number, line in enumerate(lines, 1):
        if line.strip():
            count += 1
            yield _call(line, f"{path}:{number}", number)
    if not count:
        raise DraftsEvaluationError(f"{path}: no call in it")


def _call(line: str, where: str, number: int) -> LabelledCall:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise DraftsEvaluationError(f"{where}: not JSON: {error}") from error
    if not isinstance(data, dict):
        raise DraftsEvaluationError(f"{where}: a call is a JSON object")
    expected = _expect(data.get("expected", {}), dict, where, "expected")
    return LabelledCall(
        id=str(data.get("id", number)),
        at=_moment(data.get("date"), where),
        client=_client(data.get("client", {}), where),
        turns=tuple(_turns(data.get("turns"), where)),
        expected=expected,
        reason_keywords=_groups(
            expected.get("reason_keywords", data.get("reason_keywords")), where
        ),
        must_not_contain=_strings(
            expected.get("must_not_contain", data.get("must_not_contain")),
            where,
            "must_not_contain",
        ),
    )


def _expect(value: Any, kind: type, where: str, name: str) -> Any:
    if not isinstance(value, kind):
        raise DraftsEvaluationError(f"{where}: {name!r} must be {_KINDS[kind]}")
    return value


_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "a string"}


def _moment(value: Any, where: str) -> datetime:
    try:
        at = datetime.fromisoformat(_expect(value, str, where, "date"))
    except ValueError as error:
        raise DraftsEvaluationError(f"{where}: 'date' is not an ISO date: {value!r}") from error
    if at.tzinfo is None:
        raise DraftsEvaluationError(f"{where}: 'date' has no offset: {value!r}")
    return at


def _client(value: Any, where: str) -> ClientProfile:
    data = _expect(value, dict, where, "client")
    contacts = []
    for item in _expect(data.get("contacts") or [], list, where, "contacts"):
        contact = _expect(item, dict, where, "contacts[]")
        contacts.append(
            Contact(name=str(contact.get("name") or ""), role=str(contact.get("role") or ""))
        )
    return ClientProfile(
        name=str(data.get("name") or ""),
        sector=str(data.get("sector") or ""),
        contacts=tuple(contacts),
        required_fields=_strings(data.get("required_fields"), where, "required_fields"),
        urgent_rules=_strings(data.get("urgent_rules"), where, "urgent_rules"),
        never=_strings(data.get("never"), where, "never"),
    )


def _strings(value: Any, where: str, name: str) -> tuple[str, ...]:
    if value is None:
        return ()
    items = [value] if isinstance(value, str) else _expect(value, list, where, name)
    return tuple(_expect(item, str, where, f"{name}[]") for item in items)


def _groups(value: Any, where: str) -> tuple[tuple[str, ...], ...]:
    if value is None:
        return ()
    groups = _expect(value, list, where, "reason_keywords")
    return tuple(_strings(group, where, "reason_keywords[]") for group in groups)


def _turns(value: Any, where: str) -> Iterator[Turn]:
    for index, item in enumerate(_expect(value, list, where, "turns")):
        turn = _expect(item, dict, where, f"turns[{index}]")
        speaker = turn.get("speaker")
        if speaker not in ("operator", "caller"):
            raise DraftsEvaluationError(
                f"{where}: turns[{index}]: 'speaker' must be operator or caller, not {speaker!r}"
            )
        yield Turn(
            speaker=cast(Speaker, speaker),
            text=_expect(turn.get("text"), str, where, f"turns[{index}].text"),
            utterance_id=f"{speaker}-{index}",
        )
