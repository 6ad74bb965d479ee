"""What calls a supervisor: words in all their forms, waits, silences. Time is an argument."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from copilot.board import LineState
from copilot.events import CallEnded, TranscriptionPaused, UtteranceHeard
from copilot.quality.rules import AlertRules, BadAlertRulesError, read_rules, said_of, tidy
from copilot.quality.watch import CallWatch
from copilot.store.records.calls import Call
from tests.store.examples import NOON, after


@pytest.mark.parametrize(
    ("listed", "said", "found"),
    [
        ("résilier", "Je vais résilier mon contrat", True),
        ("résilier", "On a résilié hier", True),
        ("avocat", "Mes avocats vous écriront", True),
        ("résiliation", "On résilie", True),
        ("avocat", "L’avocat de ma sœur", True),
        ("payer", "un pays", False),
        ("porter plainte", "Je vais porter plainte !", True),
        ("porter plainte", "La plainte, je vais la porter", False),
        ("inadmissible", "C'est INADMISSIBLE.", True),
        ("gaz", "ça sent le gaz", True),
        ("gaz", "un gazon", False),
    ],
)
def test_words_are_heard_in_their_forms(listed: str, said: str, found: bool) -> None:
    assert bool(said_of((listed,), said)) is found


def test_rules_have_bounds() -> None:
    assert tidy([" a ", "fuite  de gaz", "fuite de gaz", ""]) == ("a", "fuite de gaz")
    assert read_rules({"long_wait_s": 0}).long_wait_s == 0
    for bad in ({"long_wait_s": 2}, {"unacknowledged_s": 100_000}, {"words": ["!"]},
                {"words": ["x" * 81]}, {"words": [f"mot{n}" for n in range(101)]}):  # fmt: skip
        with pytest.raises(BadAlertRulesError):
            read_rules(bad)


def call(**changes: Any) -> Call:
    values: dict[str, Any] = {
        "id": "c1", "client_id": "m", "client_name": "M", "client_colour": "#000000",
        "state": "live", "source": "sip", "dialled": "+33199001234", "caller_number": None,
        "caller_name": None, "forwarded_from": None, "ringing_at": NOON, "answered_at": NOON,
        "ended_at": None, "duration_s": None, "operator_id": "o", "operator_name": "n",
        "ended_by": None, "end_reason": None, "message_state": "none",
    }  # fmt: skip
    return Call(**{**values, **changes})


def heard(seconds: float, text: str = "bonjour") -> UtteranceHeard:
    return UtteranceHeard(
        call_id="c1", seq=int(seconds), at=after(seconds), leg="caller",
        utterance_id=f"caller-{seconds:g}", text=text, heard=text, start_s=0.0, end_s=1.0,
        language="fr", confidence=0.9,
    )  # fmt: skip


def watching(**rules: Any) -> CallWatch:
    watch = CallWatch()
    watch.rules = AlertRules(**rules)
    return watch


def test_a_long_wait_calls_once_and_an_outgoing_call_never() -> None:
    watch = watching(long_wait_s=60)
    rings = call(state="ringing", answered_at=None)
    assert watch.due([rings], {}, after(59)) == ()
    (one,) = watch.due([rings], {}, after(61))
    (again,) = watch.due([rings], {}, after(90))
    assert one.kind == "wait" and one.key == again.key
    out = call(state="ringing", answered_at=None, source="outgoing")
    assert watch.due([out], {}, after(300)) == ()
    assert watching(long_wait_s=0).due([rings], {}, after(999)) == ()


def test_silence_counts_from_the_last_word_and_not_on_hold_or_pause() -> None:
    watch = watching(long_silence_s=30)
    watch.after(heard(10), "m")
    assert watch.due([call()], {}, after(39)) == ()
    (first,) = watch.due([call()], {}, after(41))
    assert (first.kind, first.about) == ("silence", "caller-10")
    watch.after(heard(50), "m")
    held = {"c1": LineState(held=True)}
    assert watch.due([call()], held, after(100)) == ()
    assert watch.due([call()], {}, after(120)) == ()
    (second,) = watch.due([call()], {}, after(131))
    assert second.key != first.key
    pause = TranscriptionPaused(call_id="c1", seq=9, at=after(131), paused=True, operator_id="o")
    watch.after(pause, "m")
    assert watch.due([call()], {}, after(500)) == ()


def test_words_of_the_house_and_of_the_client_and_a_call_that_ends_is_forgotten() -> None:
    watch = watching(words=("résilier",))
    watch.client_words = {"m": ("fuite de gaz",)}
    said = watch.after(heard(5, "une fuite de gaz, et je résilie"), "m")
    assert said is not None and said.words == "résilier, fuite de gaz"
    other = watch.after(heard(6, "une fuite de gaz"), "another")
    assert other is None
    assert watch.after(heard(7, "résilier"), None) is None
    ended = CallEnded(call_id="c1", seq=8, at=after(8), ended_by="caller", reason="r", duration_s=8)
    watch.after(ended, "m")
    assert watch.due([call(answered_at=after(100))], {}, after(100) + timedelta(seconds=5)) == ()
