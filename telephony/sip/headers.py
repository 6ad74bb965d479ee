"""Header values that are lists: apart at their commas, without what quotes and brackets hold."""

from __future__ import annotations

import re

from aiosipua.message import SipMessage


def split_values(values: list[str]) -> list[str]:
    """Header values apart at their commas, those in quotes and angle brackets left alone."""
    parts: list[str] = []
    for value in values:
        parts += re.findall(r'(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,"<])+', value)
    return [part.strip() for part in parts if part.strip()]


def option_tags(message: SipMessage, *names: str) -> set[str]:
    """The extensions named in these headers, lower case (RFC 3261 section 19.2)."""
    values = [value for name in names for value in message.headers.get(name)]
    return {value.lower() for value in split_values(values)}
