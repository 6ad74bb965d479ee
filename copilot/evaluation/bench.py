"""`souffleur bench calls`: many two-party calls at once, on the code of live calls.

Each leg is a paced stream of recorded clips; what the call session publishes is matched to the clip
it was said in. Nothing is stubbed between a decoded frame and a published event: hearing,
segmenting, recognition, search in 300 entries, drafting and the journal all run.
"""

from __future__ import annotations

import asyncio
import os
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from copilot.bus import InProcessBus
from copilot.drafting.draft import ClientProfile, OpenDrafter
from copilot.evaluation.benchcalls import PacedLeg, Pcm, Said, plan_call, read_clips
from copilot.evaluation.benchreport import BenchReport, Percentiles
from copilot.evaluation.churn import PartialChurn, Showing
from copilot.evaluation.manifest import Clip
from copilot.evaluation.wer import Errors, compare, pooled
from copilot.events import Event, PartialHeard, UtteranceHeard
from copilot.journal import Journal
from copilot.messagedraft import MessageDraft
from copilot.session import CallSession, Copilot
from knowledge.passages import Decision, Entry, Hit, Prompter
from models.hearing import HearingContext
from models.listening import Listener, Listening, open_hearing
from models.recogniser import Recogniser
from telephony.leg import LegRole

STAGGER_S = 0.73
"""Between the starts of two calls, so that their turns do not fall together."""
SLACK_S = 0.6
"""How far outside its clip an utterance may reach and still be that clip's."""
LAG_EVERY_S = 0.01


@dataclass(slots=True, kw_only=True, eq=False)
class Measured:
    """What is noted while calls run; times are the event loop's."""

    final_ms: list[float] = field(default_factory=list)
    after_endpoint_ms: list[float] = field(default_factory=list)
    partial_age_ms: list[float] = field(default_factory=list)
    suggestion_ms: list[float] = field(default_factory=list)
    loop_lag_ms: list[float] = field(default_factory=list)
    finals: int = 0
    dropped_finals: int = 0
    errors: list[Errors] = field(default_factory=list)
    churn: PartialChurn = field(default_factory=PartialChurn.none)


class TimedPrompter:
    """Notes when each decision was ready. The search itself is the real one."""

    def __init__(self, prompter: Prompter, ready: list[tuple[str, float]]) -> None:
        self._prompter = prompter
        self._ready = ready

    def decide(self, utterance: str, *, previous: Sequence[str] = ()) -> Decision:
        decision = self._prompter.decide(utterance, previous=previous)
        self._ready.append((utterance, time.monotonic()))
        return decision

    def ask(self, query: str, *, limit: int = 5) -> tuple[Hit, ...]:
        return self._prompter.ask(query, limit=limit)


class MemoryLog:
    """Keeps events in memory: the bench measures the machine's ears, not its disk."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def keep(self, client_id: str, call_id: str, events: Sequence[Event]) -> None:
        del client_id, call_id
        self.events += events

    async def next_seq(self, client_id: str, call_id: str) -> int:
        del client_id, call_id
        return 1


class BenchCall:
    """One two-party call and what was published of it."""

    def __init__(self, number: int, clips: Sequence[tuple[Clip, Pcm, int]], seconds: float):
        self.call_id = f"bench-{number}"
        self.plan = plan_call(clips, seconds=seconds, seed=number)
        self.legs: dict[LegRole, PacedLeg] = {
            role: PacedLeg(role, said, seconds=seconds) for role, said in self.plan.items()
        }
        self.decided: list[tuple[str, float]] = []
        self.finals: list[tuple[UtteranceHeard, float]] = []
        self.partials: list[tuple[PartialHeard, float]] = []

    async def run(
        self,
        *,
        journal: Journal,
        bus: InProcessBus,
        hearing: Listener,
        prompter: Prompter,
        open_drafter: OpenDrafter,
        executor: ThreadPoolExecutor,
    ) -> None:
        """Live through the call."""
        log = journal.open("bench", self.call_id)
        timed = TimedPrompter(prompter, self.decided)

        async def current() -> Prompter:
            return timed

        session = CallSession(
            log=log,
            copilot=Copilot(
                hearing=hearing,
                prompter=current,
                open_drafter=lambda: open_drafter(
                    client=ClientProfile(name="Banc d'essai"),
                    at=datetime.now(ZoneInfo("Europe/Paris")),
                ),
                executor=executor,
            ),
            draft=MessageDraft(log),
            context=HearingContext(),
        )
        async with bus.subscribe(self.call_id) as events:
            watching = asyncio.create_task(self._watch(events))
            await session.run(tuple(self.legs.values()))
            events.close()
            await watching

    async def _watch(self, events: AsyncIterator[Event]) -> None:
        async for event in events:
            now_s = time.monotonic()
            if isinstance(event, UtteranceHeard):
                self.finals.append((event, now_s))
            elif isinstance(event, PartialHeard):
                self.partials.append((event, now_s))

    def measure(self, measured: Measured) -> None:
        """Match what was published to what was said, word by word."""
        self._count_churn(measured.churn)
        for role, said in self.plan.items():
            leg = self.legs[role]
            mine = [(e, at) for e, at in self.finals if e.leg == role and e.text]
            measured.finals += len(mine)
            texts = [""] * len(said)
            for event, published_s in mine:
                for text, middle_s in _timed_words(event):
                    if (clip := _clip_at(said, middle_s)) is not None:
                        texts[clip] += f" {text}"
                # The wait is for the clip whose end ended the utterance.
                last = _clip_at(said, event.end_s)
                if last is not None and abs(event.end_s - said[last].end_s) < SLACK_S:
                    ended_s = leg.started_at_s + said[last].end_s
                    measured.final_ms.append(1000 * (published_s - ended_s))
                if event.endpoint_s is not None:
                    endpoint_s = leg.started_at_s + event.endpoint_s
                    measured.after_endpoint_ms.append(1000 * (published_s - endpoint_s))
            for each, text in zip(said, texts, strict=True):
                measured.errors.append(compare(each.clip.text, text, each.clip.language))
                measured.dropped_finals += not text
            if role == "caller":
                measured.suggestion_ms += self._suggestion_ms(mine)
            measured.partial_age_ms += [
                1000 * (at - (leg.started_at_s + e.end_s))
                for e, at in self.partials
                if e.leg == role
            ]

    def _count_churn(self, churn: PartialChurn) -> None:
        showings: dict[str, list[Showing]] = {}
        for event, _ in self.partials:
            shown = Showing(settled=event.settled, provisional=event.provisional)
            showings.setdefault(event.utterance_id, []).append(shown)
        for final in {final.utterance_id: final for final, _ in self.finals}.values():
            churn.count(showings.get(final.utterance_id, []), final.heard)

    def _suggestion_ms(self, finals: Sequence[tuple[UtteranceHeard, float]]) -> Iterator[float]:
        """From each final to its decision; stale ones were never decided."""
        waiting = iter(self.decided)
        for event, published_s in finals:
            decided = next((at for text, at in waiting if text == event.text), None)
            if decided is None:
                return
            yield 1000 * (decided - published_s)


def _timed_words(event: UtteranceHeard) -> Iterator[tuple[str, float]]:
    """The words of an utterance as heard, each with the middle of its time."""
    if not event.words:
        yield event.heard, (event.start_s + event.end_s) / 2
    for word in event.words:
        yield word.text, (word.start_s + word.end_s) / 2


def _clip_at(said: Sequence[Said], time_s: float) -> int | None:
    """The clip that was being said then, or had just been; None far from all of them."""
    distances = [max(clip.start_s - time_s, time_s - clip.end_s, 0.0) for clip in said]
    if not distances or min(distances) > SLACK_S:
        return None
    return distances.index(min(distances))


def bench_entries(count: int = 300) -> list[Entry]:
    """A knowledge base of unlike entries."""
    subjects = ("chaudière", "rendez-vous", "facture", "devis", "livraison", "garantie", "dossier")
    needs = ("modifier", "annuler", "payer", "recevoir", "suivre", "contester", "renouveler")
    places = (
        "à Lyon",
        "en ligne",
        "par courrier",
        "au bureau",
        "à domicile",
        "le samedi",
        "à deux",
    )
    entries = []
    for number in range(count):
        subject = subjects[number % 7]
        need = needs[number // 7 % 7]
        place = places[number // 49 % 7]
        entries.append(
            Entry(
                entry_id=f"bench-{number}",
                question=f"Comment {need} une {subject} {place} ?",
                answer=f"Pour {need} votre {subject} {place}, donnez la référence {number}.",
            )
        )
    return entries


@asynccontextmanager
async def _watching_lag(lag_ms: list[float]) -> AsyncIterator[None]:
    """Notes by how much a short sleep of the event loop overshoots."""

    async def watch() -> None:
        while True:
            before_s = time.monotonic()
            await asyncio.sleep(LAG_EVERY_S)
            lag_ms.append(1000 * (time.monotonic() - before_s - LAG_EVERY_S))

    watching = asyncio.create_task(watch(), name="loop-lag")
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def run_bench(
    directory: Path,
    *,
    calls: int,
    seconds: float,
    load_recogniser: Callable[[], Recogniser],
    build_prompter: Callable[[Sequence[Entry]], Prompter],
    open_drafter: OpenDrafter,
    listening: Listening,
    model: str,
    progress: Callable[[str], None] = lambda _: None,
) -> BenchReport:
    """Run the bench. Raises EvaluationInputError on a bad folder, ModelError without a model."""
    clips = read_clips(directory)
    progress("loading the models")
    recogniser = load_recogniser()
    prompter = build_prompter(bench_entries())
    prompter.decide("vous êtes ouvert le samedi")
    bench = Bench(clips, calls=calls, seconds=seconds, progress=progress)
    asyncio.run(
        bench.run(
            recogniser=recogniser,
            prompter=prompter,
            open_drafter=open_drafter,
            listening=listening,
        )
    )
    return bench.report(model=model)


class Bench:
    """All calls of one run."""

    def __init__(
        self,
        clips: Sequence[tuple[Clip, Pcm, int]],
        *,
        calls: int,
        seconds: float,
        progress: Callable[[str], None],
    ) -> None:
        self._seconds = seconds
        self._progress = progress
        self._calls = [BenchCall(number, clips, seconds) for number in range(calls)]
        self._measured = Measured()
        self._late_partials = 0
        self._cpu_s = 0.0

    async def run(
        self,
        *,
        recogniser: Recogniser,
        prompter: Prompter,
        open_drafter: OpenDrafter,
        listening: Listening,
    ) -> None:
        """Start the calls staggered and live through them."""
        bus = InProcessBus()
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="think") as executor:
            async with (
                open_hearing(lambda: recogniser, settings=listening) as hearing,
                Journal(bus=bus, log=MemoryLog()).running() as journal,
                _watching_lag(self._measured.loop_lag_ms),
            ):
                before_s = _cpu_s()
                async with asyncio.TaskGroup() as group:
                    for number, call in enumerate(self._calls):
                        group.create_task(
                            self._later(
                                number * STAGGER_S,
                                call,
                                partial(
                                    call.run,
                                    journal=journal,
                                    bus=bus,
                                    hearing=hearing,
                                    prompter=prompter,
                                    open_drafter=open_drafter,
                                    executor=executor,
                                ),
                            )
                        )
                self._cpu_s = _cpu_s() - before_s
                self._late_partials = hearing.late_partials_dropped

    async def _later(
        self, delay_s: float, call: BenchCall, run: Callable[[], Awaitable[None]]
    ) -> None:
        await asyncio.sleep(delay_s)
        await run()
        self._progress(f"{call.call_id} is over")

    def report(self, *, model: str) -> BenchReport:
        """The figures."""
        measured = self._measured
        for call in self._calls:
            call.measure(measured)
        errors = pooled(measured.errors)
        return BenchReport(
            calls=len(self._calls),
            seconds=self._seconds,
            final_latency_ms=Percentiles.of(measured.final_ms),
            final_latency_after_endpoint_ms=Percentiles.of(measured.after_endpoint_ms),
            partial_age_ms=Percentiles.of(measured.partial_age_ms),
            suggestion_latency_ms=Percentiles.of(measured.suggestion_ms),
            loop_lag_ms=Percentiles.of(measured.loop_lag_ms),
            partial_churn=measured.churn,
            finals=measured.finals,
            dropped_finals=measured.dropped_finals,
            late_partials_dropped=self._late_partials,
            dropped_frames=sum(leg.dropped_frames for leg in self._legs()),
            wer=errors.wer,
            cpu_s_per_call_s=self._cpu_s / (len(self._calls) * self._seconds),
            rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            model=model,
            cores=len(os.sched_getaffinity(0)),
        )

    def _legs(self) -> Iterator[PacedLeg]:
        for call in self._calls:
            yield from call.legs.values()


def _cpu_s() -> float:
    own, children = os.times(), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.user + own.system + children.ru_utime + children.ru_stime
