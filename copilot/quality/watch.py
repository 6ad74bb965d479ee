"""What in the calls of now should be brought to a supervisor: pure, time is an argument."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from copilot.board import LineState
from copilot.events import CallEnded, Event, TranscriptionPaused, UtteranceHeard
from copilot.quality.rules import AlertRules, said_of
from copilot.store.records.calls import Call
from copilot.store.records.quality import AlertKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """An alert to be kept. Two with one `key` are the same."""

    client_id: str
    call_id: str
    kind: AlertKind
    about: str
    words: str
    at: datetime

    @property
    def key(self) -> tuple[str, AlertKind, str]:
        return self.call_id, self.kind, self.about


@dataclass(slots=True)
class _Talk:
    """When somebody was last heard in a call."""

    at: datetime
    about: str = ""
    """Their utterance; "" before the first."""
    paused: bool = False


class CallWatch:
    """Follows events and the clock. Forgets a call once it is over."""

    def __init__(self) -> None:
        self.rules = AlertRules()
        self.client_words: Mapping[str, Sequence[str]] = {}
        self._talks: dict[str, _Talk] = {}

    def after(self, event: Event, client_id: str | None) -> Noticed | None:
        """What an event brings; `client_id` of its call, null where it is not known."""
        match event:
            case UtteranceHeard():
                talk = self._talks.setdefault(event.call_id, _Talk(event.at))
                talk.at, talk.about = event.at, event.utterance_id
                return self._said(event, client_id) if client_id else None
            case TranscriptionPaused():
                talk = self._talks.setdefault(event.call_id, _Talk(event.at))
                talk.at, talk.paused = event.at, event.paused
            case CallEnded():
                self._talks.pop(event.call_id, None)
            case _:
                pass
        return None

    def due(
        self, calls: Iterable[Call], lines: Mapping[str, LineState], now: datetime
    ) -> tuple[Noticed, ...]:
        """What time alone brings: waits and silences."""
        found = []
        for call in calls:
            line = lines.get(call.id, LineState())
            if call.state == "ringing" and call.source != "outgoing":
                found.append(self._wait(call, now))
            elif call.state == "live" and not (line.held or line.transfer or line.troubles):
                found.append(self._silence(call, now))
            elif talk := self._talks.get(call.id):
                talk.at = now  # held, away or not heard: silence counts from when that ends
        return tuple(one for one in found if one is not None)

    def forget_others(self, call_ids: Collection[str]) -> None:
        """Keep nothing of calls that are on no board."""
        for call_id in self._talks.keys() - set(call_ids):
            del self._talks[call_id]

    def _said(self, event: UtteranceHeard, client_id: str) -> Noticed | None:
        listed = (*self.rules.words, *self.client_words.get(client_id, ()))
        said = said_of(listed, event.text)
        if not said:
            return None
        return Noticed(
            client_id=client_id,
            call_id=event.call_id,
            kind="word",
            about=event.utterance_id,
            words=", ".join(dict.fromkeys(said)),
            at=event.at,
        )

    def _wait(self, call: Call, now: datetime) -> Noticed | None:
        waited_s = (now - call.ringing_at).total_seconds()
        if not 0 < self.rules.long_wait_s <= waited_s:
            return None
        return _noticed(call, "wait", "", self.rules.long_wait_s, now)

    def _silence(self, call: Call, now: datetime) -> Noticed | None:
        talk = self._talks.setdefault(call.id, _Talk(call.answered_at or now))
        silent_s = (now - talk.at).total_seconds()
        if talk.paused or not 0 < self.rules.long_silence_s <= silent_s:
            return None
        return _noticed(call, "silence", talk.about, self.rules.long_silence_s, now)


def _noticed(call: Call, kind: AlertKind, about: str, seconds: int, now: datetime) -> Noticed:
    return Noticed(
        client_id=call.client_id,
        call_id=call.id,
        kind=kind,
        about=about,
        words=f"{seconds} s",
        at=now,
    )
