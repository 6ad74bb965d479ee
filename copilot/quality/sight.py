"""Who sees which evaluation of a call: a calibration is blind until one's own is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.store.records.quality import Evaluation


def seen_by_supervisor(found: Sequence[Evaluation], user_id: str) -> tuple[Evaluation, ...]:
    """What counts, one's own, and the calibrations of grids that one has answered too."""
    answered = {one.grid_id for one in found if one.evaluator_id == user_id}
    return tuple(one for one in found if not one.calibrating or one.grid_id in answered)


def seen_by_operator(found: Sequence[Evaluation], user_id: str) -> tuple[Evaluation, ...]:
    """Of one's own calls, what counts."""
    return tuple(one for one in found if not one.calibrating and one.operator_id == user_id)
