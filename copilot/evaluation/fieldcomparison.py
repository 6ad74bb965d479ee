"""Whether a draft says what the label says: each field has its own way of being the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from copilot.drafting.draft import Draft
from copilot.drafting.speech import plain


def keywords_met(reason: str, groups: Sequence[Sequence[str]]) -> bool:
    """Every group has one of its words or stems in the reason."""
    text = " " + plain(reason)
    return all(
        any(" " + stem in text for stem in (plain(word) for word in group) if stem)
        for group in groups
        if group
    )


def is_right(name: str, expected: Any, given: Any) -> bool:
    """A field's value is the label's; nothing is right where the label is null."""
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
