"""People kept as vCards (RFC 2426 and 6350: versions 3.0, 4.0, and 2.1 as phones write it)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from copilot.knowncallers.people import PeopleTaken, ReadPeople
from copilot.store.records.knowncallers import Standing
from knowledge.documents.plain_text import decoded
from knowledge.documents.reading import ImportingError
from knowledge.wording import plain

if TYPE_CHECKING:
    from vobject.base import Component

CARD_CHARS = 200_000
"""A card without its pictures; a longer one is not read."""
DEEPEST = 3
"""A card within a card (AGENT) nests; nothing honest nests further."""
CATEGORIES: dict[str, Standing] = {"vip": "vip", "bloque": "blocked", "blocked": "blocked"}
_BEGIN = re.compile(r"^\s*BEGIN\s*:\s*VCARD\s*$", re.IGNORECASE)
_PROPERTY = re.compile(r"^[\w.-]+\s*[;:]")
_HELD = re.compile(r"^\s*([\w-]+\.)?(PHOTO|LOGO|SOUND|KEY)\s*[;:]", re.IGNORECASE)
"""Pictures and the like: large, badly folded by many telephones, and nothing to us."""
_NAMED_BY_HAND = re.compile(r"^([^:;()]+(?:;[^:;()]+)*;X-CUSTOM)\([^()]*\)", re.IGNORECASE)
"""How Android writes a kind of number that its owner named: `TEL;X-CUSTOM(CHARSET=...):06...`."""
_END = re.compile(r"^\s*END\s*:\s*VCARD\s*$", re.IGNORECASE)


def looks_like_cards(content: bytes) -> bool:
    """Whether a file begins as vCards do, in any encoding."""
    return b"BEGIN:VCARD" in content[:400].replace(b"\0", b"").upper()


def read_cards(content: bytes, name: str) -> ReadPeople:
    """Raises ImportingError (`import_unreadable`)."""
    taken = PeopleTaken()
    found = False
    for line, card in _cards(decoded(content, name)):
        found = True
        if taken.is_full:
            taken.tell(line, "too_many", "Trop de fiches : la suite n'est pas lue",
                       "Too many cards: the rest is not read", left_out=True)  # fmt: skip
            break
        _take(taken, line, card)
    if not found:
        raise ImportingError(
            "import_unreadable",
            french=f"{name} : aucune fiche vCard entière. Exportez vos contacts à nouveau.",
            english=f"{name}: no whole vCard. Export your contacts again.",
        )
    return taken.reading()


def _cards(text: str) -> Iterator[tuple[int, str]]:
    """Each outermost card with the line it begins on: one that is spoiled spoils no other."""
    began, depth, lines, held = 0, 0, list[str](), False
    for number, line in enumerate(text.splitlines(), start=1):
        # What is held goes on over folded lines, and in version 2.1 over any line but a property.
        held = bool(_HELD.match(line)) or (held and not _PROPERTY.match(line))
        if held:
            continue
        if _BEGIN.match(line):
            began = number if depth == 0 else began
            depth += 1
        if depth:
            lines.append(_NAMED_BY_HAND.sub(r"\1", line))
        if _END.match(line) and depth:
            depth -= 1
            if depth == 0:
                yield began, "\r\n".join(lines)
                lines = []


def _take(taken: PeopleTaken, line: int, text: str) -> None:
    import vobject
    from vobject.base import VObjectError

    try:
        begun = sum(bool(_BEGIN.match(one)) for one in text.splitlines())
        if len(text) > CARD_CHARS or begun > DEEPEST:
            raise ValueError("too large")
        card = vobject.readOne(text, ignoreUnreadable=True, allowQP=True)
    except (VObjectError, ValueError, KeyError, IndexError, AttributeError, TypeError):
        taken.tell(line, "bad_card", "Fiche illisible", "Unreadable card", left_out=True)
        return
    taken.take(
        line,
        name=_name(card),
        company=_company(card),
        numbers=tuple(_number(value) for value in _values(card, "tel")),
        emails=tuple(_values(card, "email")),
        note="\n".join(_values(card, "note")),
        standing=_standing(card),
    )


def _values(card: Component, name: str) -> list[str]:
    return [_text(line.value) for line in card.contents.get(name, ())]


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(part) for part in value)
    return str(value)


def _name(card: Component) -> str:
    full = next((name for name in _values(card, "fn") if name.strip()), "")
    if full:
        return full
    for line in card.contents.get("n", ()):
        parts = (_text(getattr(line.value, part, "")) for part in ("given", "family"))
        if spelled := " ".join(part for part in parts if part.strip()):
            return spelled
    return next((name for name in _values(card, "nickname") if name.strip()), "")


def _company(card: Component) -> str:
    return next((name for name in _values(card, "org") if name.strip()), "")


def _number(value: str) -> str:
    """A number as it would be dialled: version 4.0 writes `tel:+33-1-...;ext=102`."""
    return value.removeprefix("tel:").partition(";")[0]


def _standing(card: Component) -> Standing | None:
    for value in _values(card, "categories"):
        for part in re.split(r"[,;]", value):
            if standing := CATEGORIES.get(plain(part).strip()):
                return standing
    return None
