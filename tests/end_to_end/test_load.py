"""The desk stays quick: a 90-minute transcript, 200 events a second, and a small bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.bench_web import EVENTS_A_SECOND, measure

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

SECONDS = 6.0


async def test_a_long_call_under_many_events_stays_quick_and_light(tmp_path: Path) -> None:
    load = await measure(tmp_path, seconds=SECONDS)
    assert load.events >= SECONDS * EVENTS_A_SECOND * 0.9
    assert load.interactions > 5
    # What a page takes of the processor does not depend on what else runs. The goals of 200 ms to
    # the next paint and 1 s to the first are the benchmark's, on idle cores
    # (docs/benchmarks/web.md); beside other work they are late, and still not what is called poor.
    assert load.busy < 0.3
    assert load.inp_p95_ms < 500
    assert load.first_paint_ms < 3000
    # What was said is kept (a hundred utterances more), what was heard so far is not.
    assert load.heap_after_mb < load.heap_before_mb * 1.5 + 8
    assert load.desk_kb_gzip < 200
