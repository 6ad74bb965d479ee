"""Whole SIP messages out of a stream (RFC 3261 section 18.3). No I/O."""

from __future__ import annotations

import re

from telephony.errors import SipSyntaxError
from telephony.sip.message import MAX_MESSAGE_BYTES

_LENGTH = re.compile(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d{1,6})[ \t]*\r?$")
_LINE_ENDS = re.compile(rb"[\r\n]+")
_PING = b"\r\n\r\n"


class MessageFramer:
    """Takes bytes as they come, gives messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.pings = 0
        """Double line ends seen between messages (RFC 5626 section 3.5.1), to be answered."""

    def __len__(self) -> int:
        """Bytes of a message that is not whole yet; the line ends between two are of none."""
        return len(self._buffer.strip(b"\r\n"))

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes; return the messages now whole.

        Raises SipSyntaxError when the stream cannot be followed any further: a message without
        a length, or longer than any real one.
        """
        self._buffer += data
        messages: list[bytes] = []
        while True:
            self._skip_line_ends()
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > MAX_MESSAGE_BYTES:
                    raise SipSyntaxError("headers without end", status=513)
                return messages
            length = _LENGTH.search(self._buffer, 0, end + 2)
            if length is None:
                raise SipSyntaxError("no Content-Length on a stream")
            whole = end + 4 + int(length[1])
            if whole > MAX_MESSAGE_BYTES:
                raise SipSyntaxError("too long", status=513)
            if len(self._buffer) < whole:
                return messages
            messages.append(bytes(self._buffer[:whole]))
            del self._buffer[:whole]

    def _skip_line_ends(self) -> None:
        """Between messages, in one step: a peer may send nothing else, as fast as it can."""
        run = _LINE_ENDS.match(self._buffer)
        if run is None:
            return
        ends = run[0]
        *pings, rest = ends.split(_PING)
        self.pings += len(pings)
        begun = b""
        if len(ends) == len(self._buffer):  # the rest of a ping may still come
            begun = next(part for part in (b"\r\n\r", b"\r\n", b"\r", b"") if rest.endswith(part))
        del self._buffer[: len(ends) - len(begun)]
