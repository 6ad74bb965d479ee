"""The call session, with a scripted ear: what is heard becomes events, answers and fields."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from copilot.bus import InProcessBus
from copilot.drafting.draft import Draft, Drafter, FieldValue, Turn
from copilot.events import (
    DraftChanged,
    Event,
    LanguageChanged,
    SuggestionOffered,
    Trouble,
    UtteranceHeard,
)
from copilot.journal import Journal
from copilot.messagedraft import MessageDraft
from copilot.session import CallSession, Copilot
from copilot.turns import WAITING_TURNS
from knowledge.marking import Marking
from knowledge.passages import Decision, Entry, Hit, Prompter
from models.hearing import (
    Final,
    Heard,
    HearingContext,
    HearingTrouble,
    LanguageHeard,
    Partial,
    Word,
)
from telephony.leg import Frame, LegRole
from tests.test_journal import FlakyLog

Kind = TypeVar("Kind")
HIT = Hit(entry=Entry(entry_id="e", question="Q ?", answer="R."), confidence=0.9)
OFFER = Decision(ranked=(HIT,), shown=(HIT,))
SILENCE = Decision(ranked=(), shown=())


def final(number: int, text: str, end_s: float = 1.0) -> Final:
    return Final(
        utterance_id=number, text=text, heard=text, start_s=end_s - 1, end_s=end_s,
        language="fr", confidence=0.9,
    )  # fmt: skip


class ScriptedEar:
    """Says its lines, one a frame."""

    backlog_s = 0.0
    settled_s = 0.0

    def __init__(self, lines: list[Heard], on_heard: Callable[[Heard], None]) -> None:
        self._lines = lines
        self._on_heard = on_heard

    def feed(
        self, pcm: npt.NDArray[np.int16], *, start_s: float, sample_rate_hz: int = 8000
    ) -> None:
        if self._lines:
            self._on_heard(self._lines.pop(0))

    async def close(self) -> None:
        while self._lines:
            self._on_heard(self._lines.pop(0))


class ScriptedHearing:
    lag_s = 0.0

    def __init__(self, **lines: list[Heard]) -> None:
        self._lines = lines

    def open(
        self,
        *,
        leg_id: str,
        context: HearingContext,
        on_heard: Callable[[Heard], None],
        partials: bool = True,
    ) -> ScriptedEar:
        return ScriptedEar(self._lines.get(leg_id.split("/")[1], []), on_heard)


class ShortLeg:
    """A leg of a few frames; it may break."""

    dropped_frames = 0

    def __init__(self, role: LegRole, frames: int = 3, *, breaks: bool = False) -> None:
        self.role = role
        self._frames = frames
        self._breaks = breaks

    async def frames(self) -> AsyncIterator[Frame]:
        for number in range(self._frames):
            await asyncio.sleep(0)
            yield Frame(start_s=number * 0.02, pcm=np.full(160, 7, np.int16))
        if self._breaks:
            raise RuntimeError("the leg broke")


class ScriptedPrompter:
    def __init__(self, decide: Callable[[str, Sequence[str]], Decision]) -> None:
        self._decide = decide

    def decide(self, utterance: str, *, previous: Sequence[str] = ()) -> Decision:
        return self._decide(utterance, previous)

    def ask(self, query: str, *, limit: int = 5) -> tuple[Hit, ...]:
        return ()


class LastTurn:
    def hear(self, turn: Turn) -> Draft:
        if turn.text == "boum":
            raise RuntimeError("the drafter broke")
        return Draft(fields={"reason": FieldValue(value=turn.text, confidence=0.5)})


async def events_of(
    hearing: ScriptedHearing,
    prompter: Prompter,
    *,
    legs: Sequence[ShortLeg] = (ShortLeg("caller"), ShortLeg("operator")),
    edits: dict[str, str | None] | None = None,
    redact: Sequence[str] = (),
    sessions: list[CallSession] | None = None,
    open_drafter: Callable[[], Drafter] = LastTurn,
) -> list[Event]:
    kept = FlakyLog()

    async def current() -> Prompter:
        return prompter

    with ThreadPoolExecutor(2) as executor:
        async with InProcessBus() as bus, Journal(bus=bus, log=kept).running() as journal:
            log = journal.open("client", "call")
            draft = MessageDraft(log)
            if edits:
                draft.edit(edits)
            session = CallSession(
                log=log,
                copilot=Copilot(
                    hearing=hearing, prompter=current, open_drafter=open_drafter, executor=executor
                ),
                draft=draft,
                context=HearingContext(),
                redact=redact,
            )
            if sessions is not None:
                sessions.append(session)
            async with asyncio.timeout(10):
                await session.run(legs)
    return kept.kept


def of(events: list[Event], kind: type[Kind]) -> list[Kind]:
    return [event for event in events if isinstance(event, kind)]


async def test_only_the_caller_is_answered_and_the_operator_is_context() -> None:
    asked: list[tuple[str, tuple[str, ...]]] = []

    def decide(utterance: str, previous: Sequence[str]) -> Decision:
        asked.append((utterance, tuple(previous)))
        return OFFER

    hearing = ScriptedHearing(
        operator=[final(1, "bonjour")], caller=[final(1, "vos horaires"), final(2, "")]
    )
    events = await events_of(hearing, ScriptedPrompter(decide))
    assert [utterance for utterance, _ in asked] == ["vos horaires"]
    (offer,) = of(events, SuggestionOffered)
    assert (offer.utterance_id, offer.cards[0].answer) == ("caller-1", "R.")
    assert [e.utterance_id for e in of(events, UtteranceHeard)].count("caller-2") == 1


async def test_a_phrase_cut_by_a_breath_is_one_question() -> None:
    asked: list[tuple[str, tuple[str, ...]]] = []

    def decide(utterance: str, previous: Sequence[str]) -> Decision:
        asked.append((utterance, tuple(previous)))
        hit = replace(HIT, marking=Marking(said=((0, 2), (21, 29))))
        return Decision(ranked=(hit,), shown=(hit,))

    hearing = ScriptedHearing(
        caller=[
            final(1, "je voudrais savoir si", end_s=2.0),
            final(2, "vous êtes ouverts", end_s=3.6),
            final(3, "Et le dimanche ?", end_s=9.0),
        ]
    )
    events = await events_of(hearing, ScriptedPrompter(decide), legs=[ShortLeg("caller")])
    whole = "je voudrais savoir si vous êtes ouverts"
    assert asked == [
        ("je voudrais savoir si", ()),
        (whole, ()),
        ("Et le dimanche ?", (whole,)),
    ]
    # What is on the screen stays as it was; words of the first half are not marked in the second.
    assert [e.text for e in of(events, UtteranceHeard)] == [
        "je voudrais savoir si",
        "vous êtes ouverts",
        "Et le dimanche ?",
    ]


async def test_silence_is_no_event() -> None:
    hearing = ScriptedHearing(caller=[final(1, "bonjour")])
    events = await events_of(hearing, ScriptedPrompter(lambda *_: SILENCE))
    assert of(events, SuggestionOffered) == []


async def test_an_answer_that_took_too_long_is_not_shown() -> None:
    later_is_heard = threading.Event()

    def decide(utterance: str, previous: Sequence[str]) -> Decision:
        if utterance == "vos horaires":
            later_is_heard.wait(5)
        else:
            later_is_heard.set()
        return OFFER

    lines: list[Heard] = [final(1, "vos horaires", 2.0), final(2, "autre chose", 30.0)]
    hearing = ScriptedHearing(caller=lines)
    release = asyncio.get_running_loop().call_later(0.3, later_is_heard.set)
    events = await events_of(hearing, ScriptedPrompter(decide))
    release.cancel()
    assert [offer.utterance_id for offer in of(events, SuggestionOffered)] == ["caller-2"]


async def test_a_broken_stage_is_told_once_and_its_return_too() -> None:
    def decide(utterance: str, previous: Sequence[str]) -> Decision:
        if utterance == "boum":
            raise RuntimeError("the search broke")
        return OFFER

    lines: list[Heard] = [final(n, text) for n, text in enumerate(["boum", "boum", "bien"], 1)]
    events = await events_of(ScriptedHearing(caller=lines), ScriptedPrompter(decide))
    told = [(t.part, t.recovered) for t in of(events, Trouble)]
    assert sorted(told) == [
        ("drafting", False),
        ("drafting", True),
        ("knowledge", False),
        ("knowledge", True),
    ]
    assert len(of(events, SuggestionOffered)) == 1


async def test_however_late_the_drafter_is_it_hears_every_word() -> None:
    count = 3 * WAITING_TURNS
    free = threading.Event()
    heard: list[str] = []

    class Late:
        def hear(self, turn: Turn) -> Draft:
            free.wait(5)
            heard.append(turn.text)
            return Draft()

    told: list[int] = []

    def decide(utterance: str, previous: Sequence[str]) -> Decision:
        free.wait(5)
        told.append(int(utterance))
        return SILENCE

    lines: list[Heard] = [final(number, str(number), end_s=3.0 * number) for number in range(count)]
    hearing = ScriptedHearing(caller=lines)
    events = asyncio.ensure_future(
        events_of(
            hearing, ScriptedPrompter(decide), legs=[ShortLeg("caller", count)], open_drafter=Late
        )
    )
    while lines:  # noqa: ASYNC110 - the ear says one a frame
        await asyncio.sleep(0)
    free.set()
    finals = [event for event in await events if isinstance(event, UtteranceHeard)]
    assert [event.text for event in finals] == [str(number) for number in range(count)]
    assert sorted(int(word) for text in heard for word in text.split()) == list(range(count))
    assert len(heard) < count
    # What was said last is answered; what waited too long is not.
    assert told[-1] == count - 1
    assert len(told) <= WAITING_TURNS + 1


async def test_a_broken_leg_leaves_the_other_heard() -> None:
    legs = (ShortLeg("caller", 1, breaks=True), ShortLeg("operator"))
    hearing = ScriptedHearing(operator=[final(1, "un"), final(2, "deux")])
    events = await events_of(hearing, ScriptedPrompter(lambda *_: SILENCE), legs=legs)
    assert [e.text for e in of(events, UtteranceHeard)] == ["un", "deux"]
    assert [(t.part, t.code) for t in of(events, Trouble)] == [("audio", "listening_stopped")]


async def test_a_change_of_language_is_told_before_the_words() -> None:
    lines: list[Heard] = [LanguageHeard(language="en", utterance_id=1), final(1, "good morning")]
    events = await events_of(ScriptedHearing(caller=lines), ScriptedPrompter(lambda *_: SILENCE))
    (change,) = of(events, LanguageChanged)
    assert (change.leg, change.language, change.utterance_id) == ("caller", "en", "caller-1")
    assert change.seq < of(events, UtteranceHeard)[0].seq


async def test_recognition_in_trouble_is_told_and_the_call_goes_on() -> None:
    failed = HearingTrouble(code="recognition_failed", detail="a decoding took over 12 s")
    back = HearingTrouble(code="recognition_failed", detail="", recovered=True)
    hearing = ScriptedHearing(caller=[failed, back, final(1, "bonjour")])
    events = await events_of(hearing, ScriptedPrompter(lambda *_: SILENCE))
    troubles = [(e.part, e.code, e.detail, e.recovered) for e in of(events, Trouble)]
    assert troubles == [
        ("recognition", "recognition_failed", "a decoding took over 12 s", False),
        ("recognition", "recognition_failed", "", True),
    ]
    assert [e.text for e in of(events, UtteranceHeard)] == ["bonjour"]


async def test_what_the_operator_typed_stays() -> None:
    hearing = ScriptedHearing(caller=[final(1, "une fuite")])
    events = await events_of(
        hearing, ScriptedPrompter(lambda *_: SILENCE), edits={"reason": "Robinet", "company": None}
    )
    last = of(events, DraftChanged)[-1]
    fields = {field.name: field for field in last.fields}
    assert (fields["reason"].value, fields["reason"].edited) == ("Robinet", True)
    assert (fields["company"].value, fields["company"].edited) == (None, True)


async def test_numbers_that_must_not_be_kept_reach_nobody() -> None:
    said = "ma carte 4970 1012 3456 7893 voilà"
    words = tuple(Word(text=word, start_s=0.0, end_s=1.0, probability=0.9) for word in said.split())
    heard: list[Heard] = [
        Partial(utterance_id=1, settled=said[:20], provisional=said[20:], start_s=0, end_s=1),
        replace(final(1, said), words=words),
    ]
    silent = ScriptedPrompter(lambda *_: SILENCE)
    events = await events_of(ScriptedHearing(caller=heard), silent, redact=("card",))
    (uttered,) = of(events, UtteranceHeard)
    assert uttered.text == "ma carte [carte masquée] voilà"
    assert uttered.redacted == ("card",)
    assert [word.text for word in uttered.words] == ["ma", "carte", *["•••"] * 4, "voilà"]
    assert "3456" not in repr(events)


async def test_a_paused_session_hears_silence() -> None:
    fed: list[npt.NDArray[np.int16]] = []
    sessions: list[CallSession] = []

    class Listening(ScriptedEar):
        def feed(
            self, pcm: npt.NDArray[np.int16], *, start_s: float, sample_rate_hz: int = 8000
        ) -> None:
            fed.append(pcm)
            sessions[0].paused = True

    class Hearing(ScriptedHearing):
        def open(self, *, on_heard: Callable[[Heard], None], **_: Any) -> ScriptedEar:
            return Listening([], on_heard)

    silent = ScriptedPrompter(lambda *_: SILENCE)
    await events_of(Hearing(), silent, legs=[ShortLeg("caller")], sessions=sessions)
    assert len(fed) > 1 and fed[0].any() and not any(pcm.any() for pcm in fed[1:])


class AllTurns:
    """A drafter that forgets nothing it heard."""

    def __init__(self) -> None:
        self._heard: list[str] = []

    def hear(self, turn: Turn) -> Draft:
        self._heard.append(turn.text)
        return Draft(fields={"reason": FieldValue(value=" ".join(self._heard), confidence=0.5)})


async def test_an_answer_that_is_final_late_is_drafted_after_its_question() -> None:
    """A spelled name waits for its end; "c'est noté" said over it is final before."""
    hearing = ScriptedHearing(
        operator=[final(1, "votre nom", 2.0), final(2, "c'est noté", 9.0)],
        caller=[*[LanguageHeard(language="fr", utterance_id=1)] * 4, final(1, "m a r t i n", 6.0)],
    )
    legs = [ShortLeg("operator", 2), ShortLeg("caller", 5)]
    events = await events_of(
        hearing, ScriptedPrompter(lambda *_: SILENCE), legs=legs, open_drafter=AllTurns
    )
    heard = [event.text for event in of(events, UtteranceHeard)]
    assert heard == ["votre nom", "c'est noté", "m a r t i n"]
    reason = next(f for f in of(events, DraftChanged)[-1].fields if f.name == "reason")
    assert reason.value == "votre nom m a r t i n c'est noté"


async def test_a_card_dictated_in_groups_leaves_the_transcript_and_the_draft() -> None:
    groups = ["4970 1012", "3456", "7893"]
    lines: list[Heard] = [
        final(1, "bonjour", 1.0), *(final(n, text, 2.0 * n) for n, text in enumerate(groups, 2)),
        final(5, "voilà", 12.0),
    ]  # fmt: skip
    events = await events_of(
        ScriptedHearing(caller=lines), ScriptedPrompter(lambda *_: SILENCE),
        legs=[ShortLeg("caller", 5)], redact=("card",), open_drafter=AllTurns,
    )  # fmt: skip
    last = {event.utterance_id: event for event in of(events, UtteranceHeard)}
    assert [event.text for event in last.values()] == [
        "bonjour", *["[carte masquée]"] * 3, "voilà",
    ]  # fmt: skip
    assert last["caller-2"].redacted == ("card",) and last["caller-2"].heard == "[carte masquée]"
    reason = next(f for f in of(events, DraftChanged)[-1].fields if f.name == "reason")
    assert reason.value == "bonjour [carte masquée] [carte masquée] [carte masquée] voilà"
