"""The ear on live legs: real voice activity, real speech, a scripted recogniser."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest

from models.crew import FAILURES_TO_RELOAD
from models.errors import ModelMissingError
from models.hearing import (
    Final,
    Heard,
    HearingContext,
    HearingTrouble,
    LegEar,
    Partial,
    Word,
)
from models.listening import Listener, Listening, open_hearing
from models.recogniser import DecodeRequest, Decoding, Recogniser
from models.scripted import Line, ScriptedRecogniser, decoding
from tests.sounds import RATE_HZ, compose, french_prompt, silence

Pcm = npt.NDArray[np.int16]


@dataclass
class Leg:
    """A leg fed from a test, and what was heard on it."""

    ear: LegEar
    heard: list[Heard] = field(default_factory=list)
    clock_s: float = 0.0

    async def say(self, pcm: Pcm, *, rate_hz: int = RATE_HZ, faster: float = 20.0) -> None:
        """Feed in 20 ms frames, `faster` times the pace of a voice."""
        size = rate_hz // 50
        for index, first in enumerate(range(0, len(pcm) - size + 1, size)):
            self.ear.feed(pcm[first : first + size], start_s=self.clock_s, sample_rate_hz=rate_hz)
            self.clock_s += 0.02
            if index % 5 == 4:
                await asyncio.sleep(0.1 / faster)

    async def until(self, kind: type[Heard], count: int = 1, within_s: float = 10.0) -> list[Heard]:
        """Wait until so many of a kind were heard."""
        deadline_s = time.monotonic() + within_s
        while time.monotonic() < deadline_s:
            if len(found := self.of(kind)) >= count:
                return found
            await asyncio.sleep(0.01)
        raise AssertionError(f"{count} {kind.__name__} did not come: {self.heard}")

    def of(self, kind: type[Heard]) -> list[Heard]:
        return [each for each in self.heard if isinstance(each, kind)]

    @property
    def finals(self) -> list[Final]:
        return [each for each in self.heard if isinstance(each, Final)]

    @property
    def troubles(self) -> list[HearingTrouble]:
        return [each for each in self.heard if isinstance(each, HearingTrouble)]


@asynccontextmanager
async def ear_of(
    recogniser: Recogniser, settings: Listening | None = None
) -> AsyncIterator[Listener]:
    async with open_hearing(lambda: recogniser, settings=settings) as listener:
        yield listener


def open_leg(
    listener: Listener,
    leg_id: str = "caller",
    *,
    partials: bool = True,
    languages: tuple[str, ...] = ("fr",),
    across: str | None = None,
    vocabulary: tuple[str, ...] = (),
) -> Leg:
    heard: list[Heard] = []
    ear = listener.open(
        leg_id=leg_id,
        context=HearingContext(languages=languages, across=across, vocabulary=vocabulary),
        on_heard=heard.append,
        partials=partials,
    )
    return Leg(ear, heard)


@pytest.fixture
def phrase() -> Pcm:
    """Three seconds of speech and the silence that ends it."""
    return compose([french_prompt("vm-deleted").pcm(), silence(1.5)], around_s=0.3)


async def test_a_phrase_gives_partials_then_one_final(phrase: Pcm) -> None:
    said = {"partial": "message effacé", "final": "Message effacé."}
    recogniser = ScriptedRecogniser([lambda request: decoding(said[request.effort])])
    async with ear_of(recogniser) as listener:
        leg = open_leg(listener)
        await leg.say(phrase, faster=2.0)
        await leg.until(Final)
        await leg.ear.close()
    assert [final.text for final in leg.finals] == ["Message effacé."]
    partials = [each for each in leg.heard if isinstance(each, Partial)]
    assert partials
    assert {each.utterance_id for each in partials} == {leg.finals[0].utterance_id} == {1}
    assert leg.heard.index(partials[-1]) < leg.heard.index(leg.finals[0])
    final = leg.finals[0]
    assert 0.0 <= final.start_s < final.end_s < leg.clock_s


async def test_closing_waits_for_the_final_it_owes(phrase: Pcm) -> None:
    async with ear_of(ScriptedRecogniser(["fini"], takes_s=0.3)) as listener:
        leg = open_leg(listener, partials=False)
        await leg.say(phrase[: -int(1.45 * RATE_HZ)], faster=100.0)
        await leg.ear.close()
        assert [final.text for final in leg.finals] == ["fini"]


async def test_two_legs_do_not_mix(phrase: Pcm) -> None:
    recogniser = ScriptedRecogniser([lambda request: decoding(f"langue {request.languages[0]}")])
    async with ear_of(recogniser) as listener:
        caller = open_leg(listener, "caller", partials=False)
        operator = open_leg(listener, "operator", partials=False, languages=("en",))
        await asyncio.gather(caller.say(phrase), operator.say(phrase))
        await asyncio.gather(caller.ear.close(), operator.ear.close())
    assert [final.text for final in caller.finals] == ["langue fr"]
    assert [final.text for final in operator.finals] == ["langue en"]


async def test_sound_fed_before_the_model_is_there_is_heard_afterwards(phrase: Pcm) -> None:
    def load() -> Recogniser:
        time.sleep(0.5)
        return ScriptedRecogniser(["enfin"])

    async with open_hearing(load) as listener:
        leg = open_leg(listener)
        await leg.say(phrase, faster=100.0)
        assert not listener.ready.is_set()
        await leg.until(Final)
        await leg.ear.close()
    assert [final.text for final in leg.finals] == ["enfin"]


async def test_a_missing_model_is_told_and_finals_come_once_it_is_there(phrase: Pcm) -> None:
    attempts: list[None] = []

    def load() -> Recogniser:
        attempts.append(None)
        if len(attempts) < 3:
            raise ModelMissingError("no model in var/models/whisper-base")
        return ScriptedRecogniser(["retrouvé"])

    async with open_hearing(load) as listener:
        leg = open_leg(listener, partials=False)
        await leg.say(phrase)
        await leg.until(Final)
        await leg.ear.close()
    assert leg.troubles[0].code == "model_missing"
    assert "var/models/whisper-base" in leg.troubles[0].detail
    assert leg.troubles[-1].recovered
    assert [final.text for final in leg.finals] == ["retrouvé"]


async def test_a_recogniser_that_raises_is_told_and_no_final_is_lost(phrase: Pcm) -> None:
    recogniser = ScriptedRecogniser(["un mot"])
    async with ear_of(recogniser) as listener:
        leg = open_leg(listener, partials=False)
        recogniser.break_down()
        await leg.say(phrase)
        await leg.until(HearingTrouble)
        recogniser.mend()
        await leg.say(phrase)
        await leg.until(Final, 2)
        await leg.ear.close()
    assert [final.utterance_id for final in leg.finals] == [1, 2]
    assert {final.text for final in leg.finals} == {"un mot"}
    assert [trouble.recovered for trouble in leg.troubles] == [False, True]
    assert leg.troubles[0].code == "recognition_failed"
    assert "broke down" in leg.troubles[0].detail


async def _until(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(10.0):
        while not there():  # noqa: ASYNC110 - another thread's doing: it sets no event
            await asyncio.sleep(0.01)


async def test_calls_are_decoded_together_and_one_failure_is_its_own(phrase: Pcm) -> None:
    broken = [False]

    def line(request: DecodeRequest) -> Decoding:
        if len(request.vocabulary) and not broken[0]:
            broken[0] = True
            raise RuntimeError("this one is broken")
        return decoding("bonjour")

    recogniser = ScriptedRecogniser([line])
    recogniser.hang()
    async with ear_of(recogniser, Listening(workers=1, batch=8)) as listener:
        first = open_leg(listener, "first", partials=False)
        await first.say(phrase)
        await _until(lambda: len(recogniser.requests) == 1)
        legs = [open_leg(listener, f"leg-{n}", partials=False) for n in range(3)]
        legs.append(open_leg(listener, "odd", partials=False, vocabulary=("Martel",)))
        await asyncio.gather(*(leg.say(phrase) for leg in legs))
        await _until(lambda: listener.waiting == len(legs))
        recogniser.mend()
        legs.append(first)
        for leg in legs:
            await leg.until(Final)
        await asyncio.gather(*(leg.ear.close() for leg in legs))
    assert recogniser.batches == [4]
    assert broken[0]
    assert [[final.text for final in leg.finals] for leg in legs] == [["bonjour"]] * 5


async def test_one_failure_does_not_reload_the_model_and_repeated_ones_do(phrase: Pcm) -> None:
    loaded: list[ScriptedRecogniser] = []

    def load() -> Recogniser:
        broken: list[Line] = [RuntimeError("once"), "bien", RuntimeError("for good")]
        loaded.append(ScriptedRecogniser(["autre"] if loaded else broken))
        return loaded[-1]

    async with open_hearing(load, settings=Listening(workers=1)) as listener:
        leg = open_leg(listener, partials=False)
        await leg.say(phrase)
        await leg.until(Final)
        assert len(loaded) == 1
        await leg.say(phrase)
        await leg.until(Final, 2)
        await leg.ear.close()
    assert [final.text for final in leg.finals] == ["bien", "autre"]
    assert len(loaded) == 2
    assert len(loaded[0].requests) == 2 + FAILURES_TO_RELOAD


async def test_a_final_starts_from_the_words_of_the_partial(phrase: Pcm) -> None:
    said = {"partial": "message eff", "final": "Message effacé."}
    recogniser = ScriptedRecogniser([lambda request: decoding(said[request.effort])])
    async with ear_of(recogniser) as listener:
        leg = open_leg(listener)
        await leg.say(phrase, faster=2.0)
        await leg.until(Final)
        await leg.ear.close()
    drafts = {request.effort: request.draft for request in recogniser.requests}
    assert recogniser.requests[0].draft == ""
    assert drafts["final"] == "message eff"


async def test_a_hung_worker_is_replaced_and_its_final_is_given(phrase: Pcm) -> None:
    hung = ScriptedRecogniser(["jamais"])
    hung.hang()
    recognisers = [hung, ScriptedRecogniser(["relève"])]
    settings = Listening(workers=1, hang_s=0.4)
    async with open_hearing(lambda: recognisers.pop(0), settings=settings) as listener:
        leg = open_leg(listener, partials=False)
        await leg.say(phrase)
        await leg.until(Final)
        hung.mend()  # its late answer must change nothing
        await asyncio.sleep(0.1)
        await leg.ear.close()
    assert [final.text for final in leg.finals] == ["relève"]
    assert [trouble.recovered for trouble in leg.troubles] == [False, True]


GARBAGE: dict[str, object] = {
    "endless": decoding("x" * 5000),
    "no number": decoding("n", logprob=float("nan")),
    "no score": decoding("n", scores={"fr": float("inf")}),
    "no time": replace(
        decoding("n"), words=(Word(text="n", start_s=0.0, end_s=float("nan"), probability=1.0),)
    ),
    "no Unicode": decoding("caf\udce9"),
    "nothing": None,
    "bytes": b"bonjour",
}


@pytest.mark.parametrize("name", sorted(GARBAGE))
async def test_garbage_is_refused_and_decoded_again(phrase: Pcm, name: str) -> None:
    returned = [GARBAGE[name]]

    def say(request: DecodeRequest) -> Decoding:
        return cast(Decoding, returned.pop()) if returned else decoding("sensé")

    async with ear_of(ScriptedRecogniser([say])) as listener:
        leg = open_leg(listener, partials=False)
        await leg.say(phrase)
        await leg.until(Final)
        await leg.ear.close()
    assert [final.text for final in leg.finals] == ["sensé"]
    assert [trouble.recovered for trouble in leg.troubles] == [False, True]
    assert leg.troubles[0].code == "recognition_failed"
    assert "returned" in leg.troubles[0].detail


@pytest.mark.parametrize("damage", ["clipped", "offset", "both"])
async def test_damaged_sound_is_heard(phrase: Pcm, damage: str) -> None:
    sound = phrase.astype(np.float64) * (1.0 if damage == "offset" else 20.0)
    shifted = sound + (0.0 if damage == "clipped" else 9000.0)
    pcm = np.clip(shifted, -32768, 32767).astype(np.int16)
    async with ear_of(ScriptedRecogniser(["quand même"])) as listener:
        leg = open_leg(listener, partials=False)
        await leg.say(pcm)
        await leg.ear.close()
    assert [final.text for final in leg.finals] == ["quand même"]
    assert leg.troubles == []


async def test_a_final_nobody_can_decode_is_given_without_words(phrase: Pcm) -> None:
    recogniser = ScriptedRecogniser()
    recogniser.break_down()
    async with ear_of(recogniser, Listening(insist_s=0.3)) as listener:
        leg = open_leg(listener, partials=False)
        await leg.say(phrase, faster=100)
        await leg.ear.close()
    assert [(final.text, final.confidence) for final in leg.finals] == [("", 0.0)]


async def test_a_bad_frame_is_told_and_the_leg_goes_on(phrase: Pcm) -> None:
    async with ear_of(ScriptedRecogniser(["suite"])) as listener:
        leg = open_leg(listener, partials=False)
        leg.ear.feed(np.zeros((2, 160), np.int16), start_s=0.0)
        await leg.say(phrase)
        await leg.until(Final)
        await leg.ear.close()
    assert [trouble.code for trouble in leg.troubles] == ["bad_frame"]
    assert [final.text for final in leg.finals] == ["suite"]


async def test_the_rate_may_change_in_mid_call(phrase: Pcm) -> None:
    async with ear_of(ScriptedRecogniser(["large"])) as listener:
        leg = open_leg(listener, partials=False)
        await leg.say(phrase)
        await leg.say(np.repeat(phrase, 2), rate_hz=16_000)
        await leg.say(phrase)
        await leg.until(Final, 3)
        await leg.ear.close()
    ends = [final.end_s for final in leg.finals]
    assert ends == sorted(ends)
    length_s = len(phrase) / RATE_HZ
    assert ends[1] - ends[0] == pytest.approx(length_s, abs=0.2)
    assert ends[2] - ends[1] == pytest.approx(length_s, abs=0.2)


async def test_a_leg_that_sends_nothing_closes_at_once() -> None:
    async with ear_of(ScriptedRecogniser()) as listener:
        leg = open_leg(listener)
        async with asyncio.timeout(1.0):
            await leg.ear.close()
    assert leg.heard == []


async def test_too_much_waiting_sound_loses_the_oldest_and_says_so(phrase: Pcm) -> None:
    async with ear_of(ScriptedRecogniser(), Listening(waiting_audio_s=2.0)) as listener:
        leg = open_leg(listener)
        size = RATE_HZ // 50
        for number in range(500):
            leg.ear.feed(silence(0.02)[:size], start_s=number * 0.02)
        await leg.until(HearingTrouble)
        await leg.ear.close()
    assert leg.troubles[0].code == "sound_lost"


async def test_ten_minutes_of_silence_give_nothing() -> None:
    recogniser = ScriptedRecogniser()
    nothing = np.full(160, 9000, np.int16)  # and a constant offset
    async with ear_of(recogniser) as listener:
        leg = open_leg(listener)
        for number in range(600 * 50):
            leg.ear.feed(nothing, start_s=number * 0.02)
            while leg.ear.backlog_s > 30.0:  # noqa: ASYNC110 - as a recording's reader does
                await asyncio.sleep(0.01)
        await leg.ear.close()
        assert listener.lag_s == 0.0
    assert leg.heard == []
    assert recogniser.requests == []


async def test_lag_is_the_age_of_the_oldest_final(phrase: Pcm) -> None:
    recogniser = ScriptedRecogniser(["tard"])
    recogniser.hang()
    async with ear_of(recogniser, Listening(hang_s=60.0)) as listener:
        leg = open_leg(listener, partials=False)
        await leg.say(phrase)
        await asyncio.sleep(1.5)
        assert 1.0 < listener.lag_s < 4.0
        recogniser.mend()
        await leg.until(Final)
        assert listener.lag_s == 0.0
        await leg.ear.close()


async def test_a_guess_is_thrown_away_when_speech_resumes() -> None:
    once = french_prompt("vm-deleted").pcm()
    sound = compose([once, once, silence(1.5)], pause_s=0.3, around_s=0.3)
    recogniser = ScriptedRecogniser(
        [lambda request: decoding(f"{len(request.audio) / 16_000:.1f}.")]
    )
    async with ear_of(recogniser) as listener:
        leg = open_leg(listener, partials=False)
        await leg.say(sound, faster=4.0)
        await leg.until(Final)
        await leg.ear.close()
    assert len(leg.finals) == 1
    # The guess is not even decoded when it is stale before a worker takes it.
    assert len(recogniser.requests) in (1, 2)
    assert float(leg.finals[0].heard.rstrip(".")) > 2 * len(once) / RATE_HZ


async def test_the_other_voice_leaking_is_not_put_into_words() -> None:
    said = compose([french_prompt("vm-nobodyavail").pcm(), silence(1.5)], around_s=0.5)
    leak = (np.roll(said, 960) * 0.06).astype(np.int16)
    recogniser = ScriptedRecogniser(["Personne n'est disponible."])
    async with ear_of(recogniser) as listener:
        caller = open_leg(listener, "caller", across="operator")
        operator = open_leg(listener, "operator", across="caller")
        await asyncio.gather(caller.say(leak), operator.say(said))
        await operator.until(Final)
        await asyncio.gather(caller.ear.close(), operator.ear.close())
    assert [final.text for final in operator.finals] == ["Personne n'est disponible."]
    assert [final.text for final in caller.finals] == [""]
    assert caller.of(Partial) == []


async def test_somebody_alone_is_heard_beside_a_silent_leg(phrase: Pcm) -> None:
    async with ear_of(ScriptedRecogniser(["oui"])) as listener:
        caller = open_leg(listener, "caller", across="operator", partials=False)
        operator = open_leg(listener, "operator", across="caller", partials=False)
        await asyncio.gather(caller.say(phrase), operator.say(silence(len(phrase) / RATE_HZ)))
        await asyncio.gather(caller.ear.close(), operator.ear.close())
    assert [final.text for final in caller.finals] == ["oui"]
    assert operator.heard == []
