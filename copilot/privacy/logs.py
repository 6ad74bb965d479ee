"""What the service writes about itself, without who called or what was said.

Every line is looked at as it is written, tracebacks and libraries' own lines included: telephone
numbers keep their last two digits, e-mail addresses their domain. Libraries never tell more than
`info`: at `debug` they write whole statements and frames, with what people said in them.

What comes from outside cannot write lines of its own: control characters, and those that change
the direction of the text, are shown by their numbers; a traceback's lines are set in.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Literal, TextIO

OURS = ("copilot", "knowledge", "models", "telephony", "web")

NOISY = ("aioice", "aiortc", "alembic", "faiss", "httpx", "mail.log", "sentence_transformers")
"""Libraries whose information is of no use to whoever runs the service."""

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

EMAIL = re.compile(r"(?<![…\w])[\w.!#$%&'*+/=?^`{|}~-]+@(?=[\w-]+(?:\.[\w-]+)+)")
TELEPHONE = re.compile(
    r"""(?<![\w.-])(?:
        (?:\+|00)[1-9](?:[ .()/-]{0,2}\d){6,14}  # international
      | 0[1-9](?:[ .-]?\d{2}){4}                 # national, in pairs or not
      | [1-9]\d{8,14}                            # bare digits of a trunk
    )(?!\w)""",
    re.VERBOSE,
)


def masked(text: str) -> str:
    """The text with telephone numbers and e-mail addresses made unreadable."""
    return EMAIL.sub("…@", TELEPHONE.sub(lambda found: f"…{found[0][-2:]}", text))


UNSEEN = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""Characters that would begin a line, colour it, or show it in another order (CWE-117)."""
SET_IN = "    "
LONGEST_LINE = 4096


def escaped(text: str) -> str:
    """One line, whatever was in the text."""
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def shown(line: str) -> str:
    """A line, masked: of so many characters that masking it never holds anybody up."""
    return masked(line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…")


class MaskingFormatter(logging.Formatter):
    """Lines of the log as they may be kept."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return escaped(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        first, *trace = super().format(record).split("\n")
        return "\n".join([shown(first), *(SET_IN + shown(escaped(line)) for line in trace)])


class JsonFormatter(logging.Formatter):
    """The same, each entry one JSON object on one line: for whoever collects logs."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": shown(record.getMessage()),
        }
        if record.exc_info:
            trace = self.formatException(record.exc_info)
            entry["trace"] = "\n".join(shown(line) for line in trace.split("\n"))
        if record.stack_info:
            entry["stack"] = masked(self.formatStack(record.stack_info))
        # ASCII alone: nothing that a terminal or a collector could take for something else.
        return json.dumps(entry)


LogFormat = Literal["text", "json"]


def open_log(
    level: str, stream: TextIO | None = None, *, shape: LogFormat = "text"
) -> logging.Handler:
    """Write the process's log to `stream` (the error output when null); its handler.

    `level`: of our own packages, a name such as `info`.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter() if shape == "json" else MaskingFormatter(FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    wanted = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(max(wanted, logging.INFO))
    for ours in OURS:
        logging.getLogger(ours).setLevel(wanted)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(max(wanted, logging.WARNING))
    return handler
