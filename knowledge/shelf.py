"""The prompters of the clients being answered for: a bounded cache, rebuilt without a pause.

A prompter is made of one client's entries and nothing else, so that no search can reach another
client's text. The database is the truth: what the shelf holds can be lost at any time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from knowledge.confidence import Calibration
from knowledge.passages import Entry
from knowledge.search import ClientPrompter
from knowledge.semantics import Semantics


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    version: int
    prompter: ClientPrompter


class Shelf:
    """Prompters by client. Thread-safe; building happens in the calling worker thread."""

    def __init__(
        self,
        semantics: Semantics,
        *,
        capacity: int = 64,
        calibration: Calibration | None = None,
    ) -> None:
        """`capacity` clients at most are held: the one unused for longest makes room."""
        self._semantics = semantics
        self._capacity = capacity
        self._calibration = calibration
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._lock = threading.Lock()
        self._building: dict[str, threading.Lock] = {}

    def prompter(
        self,
        client_id: str,
        *,
        version: int,
        load: Callable[[], Sequence[Entry]],
        threshold: float | None = None,
    ) -> ClientPrompter:
        """The client's prompter for this version of its entries.

        When it is not there, the caller builds it from `load()`; others go on with `current`.
        """
        held = self._look(client_id)
        if held is not None and held.version >= version:
            return held.prompter
        with self._lock:
            turn = self._building.setdefault(client_id, threading.Lock())
        with turn:
            held = self._look(client_id)
            if held is not None and held.version >= version:
                return held.prompter
            prompter = ClientPrompter(
                load(), self._semantics, calibration=self._calibration, threshold=threshold
            )
            self._put(client_id, _Held(version=version, prompter=prompter))
            return prompter

    def current(self, client_id: str) -> ClientPrompter | None:
        """The prompter held now, of whatever version; a rebuild never makes a call wait."""
        held = self._look(client_id)
        return held.prompter if held else None

    def forget(self, client_id: str) -> None:
        """Drop a client's prompter (a client removed, its entries withdrawn)."""
        with self._lock:
            self._held.pop(client_id, None)
            self._building.pop(client_id, None)

    def __len__(self) -> int:
        return len(self._held)

    def _look(self, client_id: str) -> _Held | None:
        with self._lock:
            held = self._held.get(client_id)
            if held is not None:
                self._held.move_to_end(client_id)
            return held

    def _put(self, client_id: str, held: _Held) -> None:
        with self._lock:
            self._held[client_id] = held
            self._held.move_to_end(client_id)
            while len(self._held) > self._capacity:
                gone, _ = self._held.popitem(last=False)
                self._building.pop(gone, None)
