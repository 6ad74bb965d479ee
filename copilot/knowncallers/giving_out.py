"""Known callers as files: CSV that no spreadsheet runs, vCard 4.0 (RFC 6350)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from copilot.store.records.knowncallers import KnownCaller
from knowledge.documents.export import neutral

HEADER = ("nom complet", "société", "téléphone", "e-mail", "statut", "note", "consigne")
STANDING = {"usual": "", "vip": "VIP", "blocked": "bloqué"}
FOLD_BYTES = 75
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def as_csv(callers: Iterable[KnownCaller]) -> bytes:
    """UTF-8 with its mark and `;`, as French spreadsheets expect; importing gives it back."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(HEADER)
    writer.writerows([neutral(cell) for cell in _cells(caller)] for caller in callers)
    return file.getvalue().encode("utf-8-sig")


def _cells(caller: KnownCaller) -> Sequence[str]:
    return (
        caller.name,
        caller.company,
        # A lone +33... would be a formula: the mark before it comes off when it is read back.
        " | ".join(caller.numbers),
        " ".join(caller.emails),
        STANDING[caller.standing],
        caller.note,
        caller.consigne,
    )


def as_cards(callers: Iterable[KnownCaller]) -> bytes:
    """vCard 4.0, UTF-8."""
    return "".join(_card(caller) for caller in callers).encode()


def _card(caller: KnownCaller) -> str:
    lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        f"UID:{_escaped(caller.id)}",
        f"FN:{_escaped(caller.name)}",
        *([f"ORG:{_escaped(caller.company)}"] if caller.company else []),
        *(f"TEL;VALUE=uri:tel:{number}" for number in caller.numbers),
        *(f"EMAIL:{_escaped(address)}" for address in caller.emails),
        *([f"NOTE:{_escaped(caller.note)}"] if caller.note else []),
        *([f"CATEGORIES:{STANDING[caller.standing]}"] if caller.standing != "usual" else []),
        "END:VCARD",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _escaped(text: str) -> str:
    """RFC 6350 section 3.4."""
    text = _CONTROL.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    for sign in ("\\", ",", ";"):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> str:
    """RFC 6350 section 3.2: at most 75 bytes a line, never within a character."""
    pieces, piece, width = [], "", 0
    for sign in line:
        size = len(sign.encode())
        if width + size > FOLD_BYTES:
            pieces.append(piece)
            piece, width = " ", 1
        piece += sign
        width += size
    return "\r\n".join([*pieces, piece])
