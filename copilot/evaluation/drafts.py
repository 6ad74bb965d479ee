"""`souffleur eval drafts`: drafts measured on labelled calls (docs/evaluation.md).

Each call is heard turn by turn by the drafter a live call uses; `expected` is looked at only once
the call is over.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from copilot.drafting.draft import ClientProfile, Contact, Draft, OpenDrafter, Speaker, Turn
from copilot.drafting.speech import plain

if TYPE_CHECKING:
    from rich.table import Table

FIELDS = (
    "caller_name",
    "company",
    "phone",
    "email",
    "recipient",
    "reason",
    "category",
    "urgency",
    "callback",
    "callback_when",
    "appointment",
    "file_number",
    "date_of_birth",
    "address",
    "on_behalf_of",
)
EXTRA = ("file_number", "date_of_birth", "address", "on_behalf_of")
ALWAYS_FILLED = frozenset({"category", "urgency", "callback"})
"""Fields with a value in every call: a wrong one is an error, not an invention."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOutcome:
    """One field of one call."""

    name: str
    expected: Any
    given: Any
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOutcome:
    """One call, scored."""

    id: str
    fields: tuple[FieldOutcome, ...]
    invented: tuple[str, ...]
    """Fields filled that should be null, and forbidden strings found."""
    emergency_missed: bool
    turn_ms: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftsReport:
    """All calls, scored."""

    outcomes: tuple[CallOutcome, ...] = ()
    mode: str = "builtin"
    timings_ms: tuple[float, ...] = field(default_factory=tuple)

    def accuracy(self, name: str) -> tuple[float | None, int]:
        """Share of calls in which a field is right, and how many calls label it."""
        scored = [f.right for o in self.outcomes for f in o.fields if f.name == name]
        return (round(sum(scored) / len(scored), 4) if scored else None, len(scored))

    @property
    def emergencies_missed(self) -> int:
        """Calls that were urgent or critical and were drafted as less."""
        return sum(outcome.emergency_missed for outcome in self.outcomes)

    @property
    def invented_rate(self) -> float:
        """Share of calls with something nobody said."""
        if not self.outcomes:
            return 0.0
        return round(sum(bool(o.invented) for o in self.outcomes) / len(self.outcomes), 4)

    def percentile_ms(self, share: float) -> float:
        """Nearest-rank percentile of the time a turn took."""
        timings = sorted(ms for outcome in self.outcomes for ms in outcome.turn_ms)
        if not timings:
            return 0.0
        return round(timings[min(len(timings) - 1, int(share * len(timings)))], 3)

    def as_json(self) -> dict[str, Any]:
        """The object `--json` prints."""
        fields = {}
        for name in FIELDS:
            accuracy, count = self.accuracy(name)
            fields[name] = {"accuracy": accuracy, "n": count}
        return {
            "calls": len(self.outcomes),
            "fields": fields,
            "emergencies_missed": self.emergencies_missed,
            "invented_rate": self.invented_rate,
            "p50_ms": self.percentile_ms(0.50),
            "p95_ms": self.percentile_ms(0.95),
            "mode": self.mode,
        }

    def table(self) -> Table:
        """For people."""
        from rich.table import Table

        table = Table(title=f"Drafts · {len(self.outcomes)} calls · {self.mode}")
        for heading in ("field", "accuracy", "n"):
            table.add_column(heading, justify="left" if heading == "field" else "right")
        for name in FIELDS:
            accuracy, count = self.accuracy(name)
            table.add_row(name, "-" if accuracy is None else f"{accuracy:.1%}", str(count))
        table.add_section()
        table.add_row("emergencies missed", str(self.emergencies_missed), "")
        table.add_row("invented", f"{self.invented_rate:.1%}", "")
        table.add_row(
            "ms a turn, p50 / p95", f"{self.percentile_ms(0.5)} / {self.percentile_ms(0.95)}", ""
        )
        return table


def run_drafts(
    path: Path,
    *,
    open_drafter: OpenDrafter | None = None,
    mode: str = "builtin",
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DraftsReport:
    """Score the drafter on a file of labelled calls.

    `open_drafter` is what a live call uses; the built-in one unless another is given, with what it
    learns kept in the folder `cache`. `progress` is told (done, total). Raises
    `DraftsEvaluationError` with one line naming file and line.
    """
    calls = list(read_calls(path))
    make = open_drafter or _builtin(cache)
    _warm(make, calls[0])
    outcomes = []
    for index, call in enumerate(calls):
        outcomes.append(_score(call, *_draft(make, call)))
        if progress:
            progress(index + 1, len(calls))
    return DraftsReport(outcomes=tuple(outcomes), mode=mode)


def _builtin(cache: Path | None) -> OpenDrafter:
    from copilot.drafting.drafter import drafting_with
    from copilot.drafting.people.reader import learn_people
    from copilot.drafting.situations.meaning import learn_situations

    situations, people = learn_situations(), learn_people(cache)
    return drafting_with(lambda: situations, lambda: people)


def _warm(make: OpenDrafter, call: LabelledCall) -> None:
    """Load what is loaded once a process; a live service has done so before its first call."""
    make(client=call.client, at=call.at).hear(
        Turn(speaker="caller", text="bonjour je suis client", utterance_id="warm")
    )


def _draft(make: OpenDrafter, call: LabelledCall) -> tuple[Draft, tuple[float, ...]]:
    drafter = make(client=call.client, at=call.at)
    draft = Draft()
    timings = []
    for turn in call.turns:
        started = time.perf_counter()
        draft = drafter.hear(turn)
        timings.append((time.perf_counter() - started) * 1000)
    return draft, tuple(timings)


# Reading the file.


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


# Scoring.


def _score(call: LabelledCall, draft: Draft, timings: tuple[float, ...]) -> CallOutcome:
    outcomes = tuple(_outcome(call, name, draft) for name in FIELDS if _labelled(call, name))
    invented = [o.name for o in outcomes if _invented(o)]
    invented += [f"contains {text!r}" for text in forbidden(draft, call.must_not_contain)]
    wanted, given = call.expected.get("urgency"), draft.value("urgency")
    missed = _LEVELS.get(str(wanted), 0) > 0 and _LEVELS.get(str(given), 0) < _LEVELS[str(wanted)]
    return CallOutcome(
        id=call.id,
        fields=outcomes,
        invented=tuple(invented),
        emergency_missed=missed,
        turn_ms=timings,
    )


_LEVELS = {"normal": 0, "urgent": 1, "critique": 2}


def _labelled(call: LabelledCall, name: str) -> bool:
    """A field that a call says nothing about is null, except the reason and those always filled."""
    if name == "reason":
        return bool(call.reason_keywords) or "reason" in call.expected
    if name in ALWAYS_FILLED:
        return name in call.expected and (name == "callback" or call.expected[name] is not None)
    return True


def expected_value(expected: Mapping[str, Any], name: str) -> Any:
    """The label of a field; extras may stand under `extra` or beside the others."""
    extra = expected.get("extra")
    if name in EXTRA and isinstance(extra, Mapping) and extra.get(name) is not None:
        return extra[name]
    return expected.get(name)


def given_value(draft: Draft, name: str) -> Any:
    """What the draft says, in the shape of the labels."""
    if name == "callback":
        return draft.value("callback") == "true"
    if name == "appointment":
        action = draft.value("appointment_action")
        if action is None:
            return None
        return {"action": action, "when": draft.value("appointment_when")}
    return draft.value(name)


def _outcome(call: LabelledCall, name: str, draft: Draft) -> FieldOutcome:
    expected, given = expected_value(call.expected, name), given_value(draft, name)
    if name == "reason":
        right = _reason_right(call, expected, given)
        wanted: Any = call.reason_keywords or expected
        return FieldOutcome(name=name, expected=wanted, given=given, right=right)
    return FieldOutcome(
        name=name, expected=expected, given=given, right=_right(name, expected, given)
    )


def _reason_right(call: LabelledCall, expected: Any, given: str | None) -> bool:
    if call.reason_keywords:
        return given is not None and keywords_met(given, call.reason_keywords)
    return given is None if expected is None else given is not None


def keywords_met(reason: str, groups: Sequence[Sequence[str]]) -> bool:
    """Every group has one of its words or stems in the reason."""
    text = " " + plain(reason)
    return all(
        any(" " + stem in text for stem in (plain(word) for word in group) if stem)
        for group in groups
        if group
    )


def _right(name: str, expected: Any, given: Any) -> bool:
    if name == "callback":
        return bool(expected) == bool(given)
    if expected in (None, "", {}, []) or given is None:
        return expected in (None, "", {}, []) and given is None
    if name == "appointment":
        return isinstance(expected, Mapping) and _same_appointment(expected, given)
    return _COMPARE.get(name, _same_text)(str(expected), str(given))


def _same_appointment(expected: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    same_action = plain(str(expected.get("action") or "")) == plain(str(given.get("action") or ""))
    return same_action and _same_when(expected.get("when"), given.get("when"))


def _same_when(expected: Any, given: Any) -> bool:
    if expected is None or given is None:
        return expected is None and given is None
    return _when(str(expected)) == _when(str(given))


def _when(text: str) -> str:
    """Seconds and a repeated date in a slot's end change nothing."""
    text = re.sub(r"(T\d\d:\d\d):\d\d", r"\1", text.strip())
    return re.sub(r"^(\d{4}-\d\d-\d\d)(T\d\d:\d\d)/\1T", r"\1\2/", text)


def _same_text(expected: str, given: str) -> bool:
    return plain(expected) == plain(given)


def _same_code(expected: str, given: str) -> bool:
    return plain(expected).replace(" ", "") == plain(given).replace(" ", "")


_TITLES = frozenset(
    [
        "m",
        "mr",
        "mme",
        "mlle",
        "monsieur",
        "madame",
        "mademoiselle",
        "docteur",
        "dr",
        "maitre",
        "me",
    ]
)
_LEGAL = frozenset(["societe", "entreprise", "sarl", "sas", "sa", "eurl", "la", "le", "les", "l"])
_SMALL = frozenset(["de", "du", "des", "d", "la", "le", "les", "l", "a", "au", "aux"])
_OWN = frozenset(["ma", "mon", "mes", "sa", "son", "ses", "leur", "notre", "nos", "la", "le", "l"])


def _without(text: str, dropped: frozenset[str]) -> list[str]:
    words = plain(text).split()
    return [word for word in words if word not in dropped] or words


def _same_name(expected: str, given: str) -> bool:
    return _without(expected, _TITLES) == _without(given, _TITLES)


def _same_company(expected: str, given: str) -> bool:
    return _without(expected, _LEGAL) == _without(given, _LEGAL)


_STREET = {"av": "avenue", "bd": "boulevard", "bld": "boulevard", "st": "saint", "ste": "sainte"}


def _same_address(expected: str, given: str) -> bool:
    left, right = (
        [_STREET.get(word, word) for word in _without(text, _SMALL)] for text in (expected, given)
    )
    return left == right


def _same_person(expected: str, given: str) -> bool:
    """ "sa mère" and "ma mère, Odette Girard" designate the same person."""
    left, right = (set(_without(text, _OWN | _TITLES)) for text in (expected, given))
    left, right = ({_KIN.get(word, word) for word in words} for words in (left, right))
    return left <= right or right <= left


_KIN = {"maman": "mere", "papa": "pere", "epouse": "femme", "epoux": "mari"}

_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "caller_name": _same_name,
    "recipient": _same_name,
    "company": _same_company,
    "phone": lambda expected, given: re.sub(r"[^\d+]", "", expected) == given,
    "email": lambda expected, given: expected.strip().lower() == given,
    "callback_when": _same_when,
    "file_number": _same_code,
    "address": _same_address,
    "on_behalf_of": _same_person,
}


def _invented(outcome: FieldOutcome) -> bool:
    if outcome.name in ALWAYS_FILLED or outcome.right:
        return False
    if outcome.name == "reason":
        return outcome.expected is None and outcome.given is not None
    return outcome.expected in (None, "", {}, []) and outcome.given is not None


def forbidden(draft: Draft, strings: Sequence[str]) -> Iterator[str]:
    """The forbidden strings that stand in a field of the draft."""
    values = [value.value for value in draft.fields.values()]
    for text in strings:
        if any(_contains(value, text) for value in values):
            yield text


def _contains(value: str, text: str) -> bool:
    if re.search(r"\d{4,}", re.sub(r"[\s.\-+/]", "", text)) and not re.search(
        r"[a-z]", plain(text)
    ):
        return _digits_contain(value, text)
    wanted = plain(text)
    return bool(wanted) and f" {wanted} " in f" {plain(value)} "


def _digits_contain(value: str, text: str) -> bool:
    held = re.sub(r"\D", "", value)
    wanted = re.sub(r"\D", "", text)
    forms: set[str] = {wanted}
    if wanted.startswith("0"):
        forms.add("33" + wanted[1:])
    if wanted.startswith("33"):
        forms.add("0" + wanted[2:])
    return any(form in held for form in forms)
