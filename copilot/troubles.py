"""What fails in a call, said once until it works again."""

from __future__ import annotations

from copilot.events import Part, Trouble
from copilot.journal import CallLog


class Troubles:
    """Of one call."""

    def __init__(self, log: CallLog) -> None:
        self._log = log
        self._failing: set[Part] = set()

    def tell(self, part: Part, code: str, detail: str) -> None:
        """Say that a part failed; said again only after it worked."""
        if part not in self._failing:
            self._failing.add(part)
            self._log.tell(Trouble(**self._log.stamp(), part=part, code=code, detail=detail))

    def recovered(self, part: Part) -> None:
        """Say that a part works, if it was said that it did not."""
        if part in self._failing:
            self._failing.discard(part)
            self._log.tell(
                Trouble(**self._log.stamp(), part=part, code="recovered", detail="", recovered=True)
            )
