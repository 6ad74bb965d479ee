"""Markdown and plain text to blocks, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from knowledge.documents.outline import Block, cut, table_blocks
from knowledge.documents.reading import Reading

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---\n.*?\n(?:---|\.\.\.)\n", re.DOTALL)
_TITLE = re.compile(r"(?:[IVX]+|\d{1,2}(?:\.\d{1,2})*)[.)]\s+\S.{0,80}")
_BULLET = re.compile(r"^\s*(?:[-*•·–]|\d{1,2}[.)])\s+")


def read_markdown(text: str, name: str, source: str) -> Reading:
    """Raises ImportingError."""
    from markdown_it import MarkdownIt

    text = text.replace("\r\n", "\n")
    front = _FRONT_MATTER.match(text)
    if front:  # its lines stay counted
        text = "\n" * front.group().count("\n") + text[front.end() :]
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return cut(_markdown_blocks(tokens), kind="markdown", name=name, source=source)


def read_text(text: str, name: str, source: str) -> Reading:
    """Raises ImportingError."""
    return cut(_text_blocks(text), kind="text", name=name, source=source)


def _markdown_blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    in_list = 0
    heading: int | None = None
    rows: list[list[str]] | None = None
    table_line = 1
    for token in tokens:
        line = token.map[0] + 1 if token.map else 1
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                in_list += 1
            case "bullet_list_close" | "ordered_list_close":
                in_list -= 1
            case "heading_open":
                heading = int(token.tag[1])
            case "heading_close":
                heading = None
            case "table_open":
                rows, table_line = [], line
            case "tr_open" if rows is not None:
                rows.append([])
            case "table_close" if rows is not None:
                yield from table_blocks(rows, line=table_line)
                rows = None
            case "inline":
                words = _plain(token)
                if rows is not None:
                    rows[-1].append(words)
                elif heading is not None:
                    yield Block(kind="heading", text=words, level=heading, line=line)
                else:
                    yield Block(kind="item" if in_list else "text", text=words, line=line)
            case "fence" | "code_block":
                yield Block(kind="text", text=token.content, line=line)
            case "html_block":
                from knowledge.documents.page import text_of_markup

                yield Block(kind="text", text=text_of_markup(token.content), line=line)


def _plain(token: Token) -> str:
    """The words of an inline token, without marks or markup."""
    pieces = {"text": None, "code_inline": None, "softbreak": "\n", "hardbreak": "\n"}
    return "".join(
        pieces[child.type] or child.content
        for child in token.children or ()
        if child.type in pieces
    )


def _text_blocks(text: str) -> Iterator[Block]:
    """Paragraphs are parted by blank lines; a title is underlined, numbered, in capitals, or a
    short line that ends with a colon."""
    lines = text.expandtabs().splitlines()
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        end = at
        while end < len(lines) and lines[end].strip():
            end += 1
        yield from _paragraph_blocks(lines[at:end], at + 1, alone=end - at == 1)
        at = end


def _paragraph_blocks(lines: Sequence[str], first: int, *, alone: bool) -> Iterator[Block]:
    gathered: list[str] = []
    begun = first
    kind: str = "text"

    def close() -> Iterator[Block]:
        if gathered:
            yield Block(
                kind="item" if kind == "item" else "text", text="\n".join(gathered), line=begun
            )
            gathered.clear()

    for offset, line in enumerate(lines):
        below = lines[offset + 1] if offset + 1 < len(lines) else ""
        if re.fullmatch(r"\s*([=\-~*_])\1{2,}\s*", line):
            continue
        if _is_title(line, below, alone=alone, first=offset == 0):
            yield from close()
            yield Block(kind="heading", text=line.strip(" :"), level=2, line=first + offset)
            continue
        bullet = _BULLET.match(line)
        if bullet or line.strip().endswith("?") or (gathered and gathered[-1].endswith("?")):
            yield from close()
            begun, kind = first + offset, "item" if bullet else "text"
        elif not gathered:
            begun, kind = first + offset, "text"
        gathered.append(line[bullet.end() :] if bullet else line.strip())
    yield from close()


def _is_title(line: str, below: str, *, alone: bool, first: bool) -> bool:
    words = line.strip()
    if re.fullmatch(r"\s*([=\-~])\1{2,}\s*", below):
        return len(words) < 120
    if len(words) > 80 or words.endswith((".", ",", ";")) or not re.search(r"[^\W\d_]{2}", words):
        return False
    if words.isupper() and not words.endswith("?"):
        return True
    if first and not alone and words.endswith(":"):
        return len(words) < 60
    return alone and bool(_TITLE.fullmatch(words)) and not words.endswith("?")
