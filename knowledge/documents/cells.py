"""A spreadsheet's cell as a person reads it: `43,38 €`, `06 39 98 12 34`, `09:30`, `31/08/2026`."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

_PIECE = re.compile(
    r'"(?P<words>[^"]*)"|\\(?P<sign>.)|_.|\*.|\[[^\]]*\]|(?P<general>General)|(?P<other>.)', re.S
)
_FRACTION_OR_POWER = re.compile(r"[0#?] ?/ ?[0-9#?]|E[+-]")


def cell_text(value: Any, number_format: str = "") -> str:
    """A cell as it is shown, whatever a workbook keeps it as."""
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case datetime() if value.time() == time.min:
            return value.strftime("%d/%m/%Y")
        case datetime():
            return value.strftime("%d/%m/%Y %H:%M")
        case date():
            return value.strftime("%d/%m/%Y")
        case time():
            return value.strftime("%H:%M")
        case timedelta():
            minutes = int(value.total_seconds()) // 60
            return f"{minutes // 60:02d}:{minutes % 60:02d}"
        case int() | float():
            return _number(value, number_format)
    return str(value)


def _number(value: float, number_format: str) -> str:
    if "%" in number_format:
        return f"{_decimal(value * 100)} %"
    for sign in "€$£":
        if sign in number_format:
            whole = float(value).is_integer()
            return f"{int(value) if whole else f'{value:.2f}'.replace('.', ',')} {sign}"
    if number_format in ("", "General", "@") or _FRACTION_OR_POWER.search(number_format):
        return _decimal(value)
    return _formatted(value, number_format) or _decimal(value)


def _decimal(value: float) -> str:
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.12g}".replace(".", ",") if abs(value) < 1e12 else str(value)


def _formatted(value: float, number_format: str) -> str:
    """The number in its format's own zeros, blanks and words: `0# ## ## ## ##`, `00000`, `0 "km"`.

    Thousands are not parted, nor whole numbers given zeros after a comma: what is compared with
    other answers, and said, is the number.
    """
    section, *others = number_format.split(";")
    if value < 0 and others and others[0].strip():
        section, value = others[0], abs(value)
    pieces = [
        (piece["words"] or piece["sign"] or "", piece["general"] or piece["other"] or "")
        for piece in _PIECE.finditer(section)
    ]
    signs = "".join(sign if len(sign) == 1 else "" for _, sign in pieces)
    places = len(re.sub(r"[^0#?]", "", signs.partition(".")[2]))
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    whole, _, part = f"{abs(rounded):f}".partition(".")
    part = part if part.strip("0") else ""
    slots = [at for at, (_, sign) in enumerate(pieces) if sign and sign in "0#?"]
    point = next((at for at, (_, sign) in enumerate(pieces) if sign == "."), len(pieces))
    ahead = [at for at in slots if at < point]
    shown: dict[int, str] = dict.fromkeys(slots, "")
    digits = list(whole.lstrip("0"))
    for at in reversed(ahead):
        shown[at] = digits.pop() if digits else "0" if pieces[at][1] == "0" else ""
    if ahead:
        shown[ahead[0]] = "".join(digits) + shown[ahead[0]]
    text = ""
    for at, (words, sign) in enumerate(pieces):
        if at in shown:
            text += shown[at]
        elif sign == "General":
            text += _decimal(abs(value))
        elif sign == ".":
            text += f",{part}" if part else ""
        elif sign != ",":
            text += words or sign
    minus = "-" if value < 0 else ""
    return minus + text.strip() if re.search(r"\d", text) else ""
