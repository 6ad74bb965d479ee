"""Something heavy, loaded when first wanted."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from typing import Generic, TypeVar

from models.memory import give_back

logger = logging.getLogger(__name__)

Loaded = TypeVar("Loaded")


class Loading(Generic[Loaded]):
    """Something loaded when first wanted, in a thread that a stop of the service does not wait
    for: a start answers before anything heavy begins."""

    def __init__(self, load: Callable[[], Loaded], *, name: str) -> None:
        self._future: Future[Loaded] = Future()
        self._load = load
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._starting = threading.Lock()

    def get(self) -> Loaded:
        """Wait for it. Raises what the loading raised, CancelledError when it was given up."""
        with self._starting:
            if self._thread.ident is None:
                self._thread.start()
        return self._future.result()

    def give_up(self) -> None:
        """Nobody waits any longer."""
        self._future.cancel()

    def _run(self) -> None:
        try:
            loaded = self._load()
        except Exception as error:
            logger.exception("%s failed", threading.current_thread().name)
            if not self._future.cancelled():
                self._future.set_exception(error)
        else:
            with contextlib.suppress(InvalidStateError):  # given up meanwhile
                self._future.set_result(loaded)
            give_back()
