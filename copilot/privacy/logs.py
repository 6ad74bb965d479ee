"""What the service writes about itself, without who called or what was said.

Every line is looked at as it is written, tracebacks and libraries' own lines included: telephone
numbers keep their last two digits, e-mail addresses their domain. Libraries never tell more than
`info`: at `debug` they write whole statements and frames, with what people said in them.
"""

from __future__ import annotations

import logging
import re
from typing import TextIO

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


class MaskingFormatter(logging.Formatter):
    """Lines of the log as they may be kept."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def open_log(level: str, stream: TextIO | None = None) -> logging.Handler:
    """Write the process's log to `stream` (the error output when null); its handler.

    `level`: of our own packages, a name such as `info`.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(MaskingFormatter(FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    wanted = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(max(wanted, logging.INFO))
    for ours in OURS:
        logging.getLogger(ours).setLevel(wanted)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(max(wanted, logging.WARNING))
    return handler
