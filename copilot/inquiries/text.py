"""What somebody wrote, as paragraphs: out of HTML, without what they quote. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from copilot.inquiries.forms import is_labelled
from knowledge.documents.reading import tidy

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LONGEST_CHARS = 20_000
PARAGRAPH_CHARS = 600
MOST_PARAGRAPHS = 60
LABELS_OF_A_FORM = 3
UNSEEN = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "svg"})
BLOCKS = frozenset({
    "p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table",
    "ul", "ol", "section", "article", "header", "footer", "hr", "pre", "dl", "dt", "dd",
})  # fmt: skip
CELLS = ("td", "th")
LABEL_CHARS = 40
_BEGINS_QUOTE = re.compile(
    r"^\s*(-{2,}\s*(message (d['’]origine|original)|original message)"
    r"|le .{6,120} a écrit\s*:|on .{6,120} wrote\s*:|_{20,}\s*$)",
    re.IGNORECASE,
)
_WROTE = re.compile(r"^\s*(le|on) (?=.*\d).{6,300} (a écrit|wrote)\s*:\s*$", re.IGNORECASE)
WROTE_LINES = 3
"""Over how many lines "Le ..., X a écrit :" goes where a program cuts its lines."""
_FROM_LINE = re.compile(r"^\s*(\*?de\s?:|\*?from:) .+", re.IGNORECASE)
_SENT_LINE = re.compile(r"^\s*\*?(envoyé|date|sent)\s?:", re.IGNORECASE)
SENT_WITHIN = 3
"""Lines below "De :" in which a letter that is answered says when it was sent. What a site's form
writes has its "De :" too, and no such line."""
_FORWARDED = re.compile(r"^\s*(tr|fwd?|i)\s?:", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")


def text_of_html(html: str) -> str:
    """The text people see, a line a block. Nothing is run, fetched or kept of what is hidden."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    try:
        page = document_fromstring(
            html.encode("utf-8", "replace"),
            parser=HTMLParser(encoding="utf-8", no_network=True, remove_comments=True),
        )
    except (etree.ParserError, etree.XMLSyntaxError):
        return ""
    pieces: list[str] = []
    for action, element in etree.iterwalk(page, events=("start", "end")):
        _add(pieces, action, element)
    return tidy("".join(pieces))


def _add(pieces: list[str], action: str, element: HtmlElement) -> None:
    name = element.tag if isinstance(element.tag, str) else ""
    if action == "start":
        if name in BLOCKS:
            pieces.append("\n")
        elif name in CELLS:
            pieces.append(_before_cell(element))
        if element.text and not _is_hidden(element):
            pieces.append(re.sub(r"\s+", " ", element.text))
        return
    if name in BLOCKS:
        pieces.append("\n")
    parent = element.getparent()
    if element.tail and parent is not None and not _is_hidden(parent):
        pieces.append(re.sub(r"\s+", " ", element.tail))


def _before_cell(element: HtmlElement) -> str:
    """What parts a cell from the one before: forms are sent as rows of a label and its value."""
    before = element.getprevious()
    if before is None:
        return ""
    pair = before.getprevious() is None and element.getnext() is None
    label = "".join(before.itertext()).strip() if pair and len(before) < LABEL_CHARS else ""
    if any(one.tag in BLOCKS for one in (*before, *element)):
        return " "
    return " : " if 0 < len(label) <= LABEL_CHARS and label[-1] not in ":.?!," else " "


def _is_hidden(element: HtmlElement) -> bool:
    """Whether a reader would not see its text; what is written for machines alone is not read."""
    return any(
        one.tag in UNSEEN
        or "hidden" in one.attrib
        or re.search(r"display\s*:\s*none|visibility\s*:\s*hidden", one.get("style", ""))
        for one in (element, *element.iterancestors())
    )


def is_forwarded(subject: str) -> bool:
    """Whether a letter passes another one on: what is below its first lines is what it is about."""
    return _FORWARDED.match(subject) is not None


def without_quotation(text: str, *, forwarded: bool = False) -> str:
    """What was written this time: the letter answered to is cut off, quoted lines go."""
    lines, kept = text.splitlines(), list[str]()
    for at, line in enumerate(lines):
        if not forwarded and any(one.strip() for one in kept) and _begins_quote(lines, at):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line)
    return tidy("\n".join(kept))


def _begins_quote(lines: Sequence[str], at: int) -> bool:
    if _BEGINS_QUOTE.match(lines[at]):
        return True
    if any(_WROTE.match(" ".join(lines[at : at + n])) for n in range(2, WROTE_LINES + 1)):
        return True
    below = lines[at + 1 : at + 1 + SENT_WITHIN]
    return bool(_FROM_LINE.match(lines[at])) and any(_SENT_LINE.match(one) for one in below)


def paragraphs(text: str) -> tuple[str, ...]:
    """A text in pieces that each say one thing, in order; no word is lost within its bounds."""
    found: list[str] = []
    for block in _blocks(tidy(text[:LONGEST_CHARS])):
        piece = ""
        for sentence in _SENTENCE.split(" ".join(block.split())):
            if piece and len(piece) + len(sentence) > PARAGRAPH_CHARS:
                found.append(piece)
                piece = ""
            piece = f"{piece} {sentence}".strip()
        if piece:
            found.append(piece)
    if len(found) > MOST_PARAGRAPHS:
        found = [*found[: MOST_PARAGRAPHS - 1], " ".join(found[MOST_PARAGRAPHS - 1 :])]
    return tuple(found)


def _blocks(text: str) -> list[str]:
    """Parted by blank lines, the line that begins a signature, and the lines of a form."""
    blocks: list[str] = []
    for block in re.split(r"\n\s*\n|\n(?=--\s*\n)", text):
        lines = block.split("\n")
        labelled = [is_labelled(line) for line in lines]
        if sum(labelled) < LABELS_OF_A_FORM:
            blocks.append(block)
            continue
        for line, begins in zip(lines, labelled, strict=True):
            if begins or not blocks or line is lines[0]:
                blocks.append(line)
            else:
                blocks[-1] += f"\n{line}"
    return blocks
