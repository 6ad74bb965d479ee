"""A recogniser that says what it is told, and breaks on demand: for tests and rehearsals."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from models.recogniser import DecodeRequest, Decoding

Line = str | Decoding | BaseException | Callable[[DecodeRequest], Decoding]


def decoding(
    text: str,
    *,
    logprob: float = -0.2,
    language: str = "fr",
    scores: Mapping[str, float] | None = None,
) -> Decoding:
    """A decoding of a text that the model would be sure of."""
    return Decoding(
        text=text,
        language=language,
        language_scores=scores or {},
        average_logprob=logprob,
        no_speech=0.01,
        compression=1.0,
    )


class ScriptedRecogniser:
    """Says its lines in turn, the last one for ever.

    `break_down()` makes it raise, `hang()` makes it hang, `mend()` puts it right: decodings that
    hang return once it is mended, as late as that may be.
    """

    def __init__(self, lines: Iterable[Line] = ("bonjour",), *, takes_s: float = 0.0) -> None:
        self._lines = deque(lines)
        self._takes_s = takes_s
        self._lock = threading.Lock()
        self._error: BaseException | None = None
        self._flowing = threading.Event()
        self._flowing.set()
        self.requests: list[DecodeRequest] = []
        self.batches: list[int] = []
        """How many requests came together, each time."""

    def decode(self, request: DecodeRequest) -> Decoding:
        """The next line, or the mishap that was asked for."""
        with self._lock:
            self.requests.append(request)
            error = self._error
        if error is not None:
            raise error
        self._flowing.wait()
        if self._takes_s:
            time.sleep(self._takes_s)
        return self._say(request)

    def decode_together(self, requests: Sequence[DecodeRequest]) -> list[Decoding | Exception]:
        """The next lines; a mishap is that of its own request."""
        self.batches.append(len(requests))
        found: list[Decoding | Exception] = []
        for request in requests:
            try:
                found.append(self.decode(request))
            except Exception as error:
                found.append(error)
        return found

    def break_down(self, error: BaseException | None = None) -> None:
        """Raise from now on."""
        with self._lock:
            self._error = error or RuntimeError("the recogniser broke down")

    def hang(self) -> None:
        """Hang from now on."""
        self._flowing.clear()

    def mend(self) -> None:
        """Work again."""
        with self._lock:
            self._error = None
        self._flowing.set()

    def _say(self, request: DecodeRequest) -> Decoding:
        with self._lock:
            line = self._lines.popleft() if len(self._lines) > 1 else self._lines[0]
        if isinstance(line, BaseException):
            raise line
        if isinstance(line, Decoding):
            return line
        return decoding(line) if isinstance(line, str) else line(request)
