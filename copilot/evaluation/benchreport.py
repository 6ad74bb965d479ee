"""The figures of `souffleur bench calls`, as JSON and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from copilot.evaluation.churn import PartialChurn

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """Of a series of milliseconds; null where nothing was measured."""

    p50: float | None
    p95: float | None
    p99: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> Percentiles:
        """The percentiles of some values."""
        if not values:
            return cls(p50=None, p95=None, p99=None)
        p50, p95, p99 = (round(float(value), 1) for value in np.percentile(values, (50, 95, 99)))
        return cls(p50=p50, p95=p95, p99=p99)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchReport:
    """What the machine carried."""

    calls: int
    seconds: float
    final_latency_ms: Percentiles
    final_latency_after_endpoint_ms: Percentiles
    partial_age_ms: Percentiles
    suggestion_latency_ms: Percentiles
    loop_lag_ms: Percentiles
    partial_churn: PartialChurn
    finals: int
    dropped_finals: int
    """Clips of which no word was published."""
    late_partials_dropped: int
    dropped_frames: int
    wer: float
    cpu_s_per_call_s: float
    rss_mb: float
    model: str
    cores: int

    def as_json(self) -> dict[str, Any]:
        """The object of the evaluation format."""
        return {**asdict(self), "partial_churn": self.partial_churn.as_json()}

    def table(self) -> Table:
        """For people."""
        from rich.table import Table

        table = Table(title=f"{self.calls} calls, {self.seconds:.0f} s, {self.model}")
        table.add_column("")
        for name in ("p50", "p95", "p99"):
            table.add_column(name, justify="right")
        for name, value in self.as_json().items():
            if name == "partial_churn":
                for kind, churn in value.items():
                    table.add_row(f"words changed, {kind}", f"{churn['share']:.1%}")
            elif isinstance(value, dict):
                table.add_row(name, *("" if v is None else f"{v:.0f}" for v in value.values()))
            elif name not in ("calls", "seconds", "model"):
                table.add_row(name, f"{value:.3f}" if isinstance(value, float) else str(value))
        return table
