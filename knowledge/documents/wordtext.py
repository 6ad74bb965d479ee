"""The text of a Word document as it reads when printed.

Insertions under review count, deletions do not; nor does what is struck through or hidden. Text in
controls, fields, links and text boxes is text. (ECMA-376 part 1, 17.3.3 and 17.13.5.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_GONE = {f"{_W}{name}" for name in ("del", "moveFrom", "txbxContent", "pPr", "rPr")} | {_FALLBACK}
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_REVIEWED = tuple(f"{_W}{name}" for name in ("ins", "del", "moveFrom", "moveTo"))
_WRAPPERS = {f"{_W}{name}" for name in ("sdt", "sdtContent", "customXml", "smartTag", "ins")}


def text_of(element: Any) -> str:
    """Of a paragraph, a run or any part of one."""
    return "".join(_pieces(element))


def content_of(element: Any) -> Iterator[Any]:
    """Paragraphs and tables in reading order, those in controls and text boxes too."""
    for child in element:
        if child.tag == f"{_W}p":
            yield child
            for box in child.iter(f"{_W}txbxContent"):
                if not any(above.tag == _FALLBACK for above in box.iterancestors()):
                    yield from content_of(box)
        elif child.tag == f"{_W}tbl":
            yield child
        elif child.tag in _WRAPPERS:
            yield from content_of(child)


def rows_of(table: Any) -> list[list[str]]:
    """The texts of a table's cells. One merged over columns counts once, over rows in each."""
    rows: list[list[str]] = []
    above: dict[int, str] = {}
    for row in _own(table, "tr"):
        at, texts = 0, []
        for cell in _own(table, "tc", within=row):
            properties = cell.find(f"{_W}tcPr")
            merged = properties.find(f"{_W}vMerge") if properties is not None else None
            goes_on = merged is not None and merged.get(f"{_W}val") != "restart"
            said = "\n".join(text_of(item) for item in cell.iter(f"{_W}p"))
            text = above.get(at, "") if goes_on and not said.strip() else said
            texts.append(text)
            above[at] = text
            span = properties.find(f"{_W}gridSpan") if properties is not None else None
            at += int(span.get(f"{_W}val", "1")) if span is not None else 1
        rows.append(texts)
    return rows


def _own(table: Any, name: str, *, within: Any = None) -> Iterator[Any]:
    """Parts of a table, without those of tables in its cells."""
    for part in (table if within is None else within).iter(f"{_W}{name}"):
        if next(part.iterancestors(f"{_W}tbl")) is table:
            yield part


def is_reviewed(element: Any) -> bool:
    """Whether insertions or deletions wait for somebody's decision."""
    return next(element.iter(*_REVIEWED), None) is not None


def is_on(properties: Any, name: str) -> bool | None:
    """Whether a toggle such as `b` is set; None when nothing is said."""
    found = properties.find(f"{_W}{name}") if properties is not None else None
    if found is None:
        return None
    return found.get(f"{_W}val", "true") not in ("false", "0", "off", "none")


def runs_of(paragraph: Any) -> Iterator[tuple[Any, str]]:
    """Its runs that say something: their properties and text."""
    for run in paragraph.iter(f"{_W}r"):
        if (text := text_of(run)).strip():
            yield run.find(f"{_W}rPr"), text


def _pieces(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag in _GONE:
            continue
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag == f"{_W}r":
            properties = child.find(f"{_W}rPr")
            if not any(is_on(properties, name) for name in ("strike", "dstrike", "vanish")):
                yield from _pieces(child)
        elif isinstance(child.tag, str):
            sign = _SIGNS.get(child.tag.removeprefix(_W))
            yield from (sign,) if sign else _pieces(child)
