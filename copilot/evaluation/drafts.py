"""`souffleur eval drafts`: drafts measured on labelled calls (docs/evaluation.md).

Each call is heard turn by turn by the drafter a live call uses; `expected` is looked at only once
the call is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot.drafting.draft import Draft, OpenDrafter, Turn
from copilot.evaluation.draftscore import FIELDS, CallOutcome, score
from copilot.evaluation.labelledcalls import LabelledCall, read_calls

if TYPE_CHECKING:
    from rich.table import Table

    from models.embeddings import Embedder


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
    embedders: Callable[[], Sequence[Embedder]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DraftsReport:
    """Score the drafter on a file of labelled calls.

    `open_drafter` is what a live call uses; the built-in one unless another is given, with what it
    learns kept in the folder `cache`, reading with
    `embedders` (the packaged ones). `progress` is told (done, total). Raises
    `DraftsEvaluationError` with one line naming file and line.
    """
    calls = list(read_calls(path))
    make = open_drafter or _builtin(cache, embedders)
    _warm(make, calls[0])
    outcomes = []
    for index, call in enumerate(calls):
        outcomes.append(score(call, *_draft(make, call)))
        if progress:
            progress(index + 1, len(calls))
    return DraftsReport(outcomes=tuple(outcomes), mode=mode)


def _builtin(cache: Path | None, embedders: Callable[[], Sequence[Embedder]] | None) -> OpenDrafter:
    from copilot.drafting.drafter import drafting_with
    from copilot.drafting.houses.reader import learn_houses
    from copilot.drafting.people.reader import learn_people
    from copilot.drafting.situations.meaning import learn_situations

    situations = learn_situations(embedders() if embedders else None, cache)
    people, houses = learn_people(cache), learn_houses(cache)
    return drafting_with(lambda: situations, lambda: people, lambda: houses)


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
