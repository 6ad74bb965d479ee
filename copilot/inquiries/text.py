"""What somebody wrote, as paragraphs: out of HTML, without what they quote. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from knowledge.documents.reading import tidy

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LONGEST_CHARS = 20_000
PARAGRAPH_CHARS = 600
MOST_PARAGRAPHS = 60
UNSEEN = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "svg"})
BLOCKS = frozenset({
    "p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table",
    "ul", "ol", "section", "article", "header", "footer", "hr", "pre",
})  # fmt: skip
_BEGINS_QUOTE = re.compile(
    r"^\s*(-{2,}\s*(message d'origine|message transféré|original message|forwarded message)"
    r"|le .{6,120} a écrit\s*:|on .{6,120} wrote\s*:|_{20,}\s*$|de\s?: .+@.+|from: .+@.+)",
    re.IGNORECASE,
)
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
        if element.text and not _is_hidden(element):
            pieces.append(re.sub(r"\s+", " ", element.text))
        return
    if name in BLOCKS:
        pieces.append("\n")
    parent = element.getparent()
    if element.tail and parent is not None and not _is_hidden(parent):
        pieces.append(re.sub(r"\s+", " ", element.tail))


def _is_hidden(element: HtmlElement) -> bool:
    """Whether a reader would not see its text; what is written for machines alone is not read."""
    return any(
        one.tag in UNSEEN
        or "hidden" in one.attrib
        or re.search(r"display\s*:\s*none|visibility\s*:\s*hidden", one.get("style", ""))
        for one in (element, *element.iterancestors())
    )


def without_quotation(text: str) -> str:
    """What was written this time: the letter answered to is cut off, quoted lines go."""
    kept: list[str] = []
    for line in text.splitlines():
        if _BEGINS_QUOTE.match(line) and any(earlier.strip() for earlier in kept):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line)
    return tidy("\n".join(kept))


def paragraphs(text: str) -> tuple[str, ...]:
    """A text in pieces that each say one thing, in order; no word is lost within its bounds."""
    found: list[str] = []
    for block in re.split(r"\n\s*\n", tidy(text[:LONGEST_CHARS])):
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
