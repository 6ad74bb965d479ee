"""A document's blocks, cut into entries along its structure.

A heading, or a line, that asks becomes an entry, answered by the text below it. The rest becomes
passages: paragraphs and lists kept together under their headings, table rows one by one. Each
keeps its place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

from knowledge.documents.headers import columns_of
from knowledge.documents.lengths import LONG_CHARS, pieces
from knowledge.documents.reading import (
    MAX_CELL_CHARS,
    MAX_ENTRIES,
    ImportingError,
    Problem,
    Reading,
    place_of,
    spaced,
    tidy,
)
from knowledge.documents.tables import question_key
from knowledge.passages import Entry
from knowledge.wording import plain

PASSAGE_CHARS = 700
"""Where a passage is closed, at the end of a paragraph: what an operator takes in at a glance."""
ANSWER_CHARS = 1500
QUESTION_CHARS = 200
MAX_LOST = 30
"""Headings and rows left out that are told one by one."""

_ASKS = re.compile(
    r"^(?:comment|combien|quand|ou|pourquoi|quels?|quelles?|qui|que|quoi|est-ce qu|puis-je|"
    r"peut-on|peut-il|dois-je|faut-il|avez-vous|faites-vous|proposez-vous|acceptez-vous|"
    r"prenez-vous|etes-vous|y a-t-il|a quelle|a quel|de quel|how|what|when|where|why|who|which|"
    r"can|do you|does|is there|are you|are there|should)\b"
)
_QUESTION_MARK = re.compile(r"^(?:q|question)\s*(?:n°\s*)?\d*\s*[:.)-]\s*(?=\S)", re.IGNORECASE)
_ANSWER_MARK = re.compile(r"^(?:r|a|reponse|réponse|answer)\s*\d*\s*[:.)-]\s*(?=\S)", re.IGNORECASE)
_NUMBERING = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3})*[.)]?|[•·▪‣◦*-])\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of a document in reading order."""

    kind: Literal["heading", "text", "item", "row", "pair"]
    text: str
    """Of a `row` or a `pair`: what it answers."""
    label: str = ""
    """Of a `row`: its first cell. Of a `pair`: the question."""
    level: int = 0
    """Of a heading; 0 is the document's title."""
    line: int | None = None
    page: int | None = None
    paragraph: int | None = None


def table_blocks(
    rows: list[list[str]], *, line: int | None = None, page: int | None = None
) -> list[Block]:
    """A table inside a document: question and answer columns, or one fact a row."""
    rows = [[tidy(cell) for cell in row] for row in rows]
    rows = [row for row in rows if any(row)]
    if not rows:
        return []
    header = rows[0]
    columns = columns_of(header)
    if {"question", "answer"} <= columns.keys():
        at = (columns["question"][0], columns["answer"][0])
        pairs = [[row[one] if one < len(row) else "" for one in at] for row in rows[1:]]
        return [
            Block(kind="pair", label=question, text=answer, line=line, page=page)
            for question, answer in pairs
            if question or answer
        ]
    if len(header) < 2:
        return [Block(kind="text", text=row[0], line=line, page=page) for row in rows]
    named = len(rows) > 1 and len(header) > 2
    return [
        Block(kind="row", label=row[0], text=_facts(header if named else [], row), line=line,
              page=page)
        for row in (rows[1:] if named else rows)
    ]  # fmt: skip


def cut(blocks: Iterable[Block], *, kind: str, name: str, source: str, title: str = "") -> Reading:
    """Entries of a document. `source` (file name or address) makes their ids the same at each
    import. Raises ImportingError when there is no text, or too much."""
    cutting = _Cutting(name=name, source=source, kind=kind, title=title)
    for block in blocks:
        cutting.take(block)
    cutting.finish()
    if not cutting.entries:
        raise ImportingError(
            "import_unreadable",
            french=f"{name} : aucun texte à reprendre. Vérifiez le contenu du fichier.",
            english=f"{name}: no text to take. Check what the file holds.",
        )
    return Reading(
        kind=kind,
        entries=tuple(cutting.entries),
        problems=tuple(cutting.problems),
        lines=cutting.lines,
        title=cutting.title,
    )


def asks(text: str, *, heading: bool = False) -> bool:
    """Whether a heading or a line is a question."""
    if len(text) > QUESTION_CHARS or "\n" in text:
        return False
    if text.rstrip(' »")').endswith("?"):
        return True
    return heading and bool(_ASKS.match(plain(_NUMBERING.sub("", text))))


@dataclass(slots=True)
class _Section:
    """What is being gathered: the answer of a question, or a passage."""

    path: tuple[str, ...]
    place: str
    anchor_page: int | None
    line: int | None
    questions: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(len(part) for part in self.parts)


class _Cutting:
    """Blocks taken one after the other."""

    def __init__(self, *, name: str, source: str, kind: str, title: str) -> None:
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}
        self.title = title
        self._name = name
        self._kind = kind
        self._key = hashlib.sha256(source.encode()).hexdigest()[:10]
        self._path: list[tuple[int, str]] = []
        self._section: _Section | None = None
        self._told: set[tuple[str, str]] = set()
        self._asked: dict[str, int] = {}
        self._bare: Block | None = None
        """The last heading, while nothing came under it."""
        self._lost = 0

    def take(self, block: Block) -> None:
        text = tidy(block.text)
        if block.kind == "heading" and text:
            self._take_heading(block, text)
        elif block.kind in ("pair", "row"):
            self._bare = None
            self._take_pair(block, text)
        elif text:
            self._bare = None
            for piece in pieces(text, PASSAGE_CHARS) if len(text) > LONG_CHARS else [text]:
                self._take_text(block, piece)

    def finish(self) -> None:
        """End the document."""
        self.close()
        self._tell_bare()
        if (more := self._lost - MAX_LOST) > 0:
            self.problems.append(
                Problem(
                    code="empty_cell",
                    left_out=True,
                    french=f"Et {more} autres titres ou lignes sans rien en dessous ou en face.",
                    english=f"And {more} more headings or rows with nothing below or beside them.",
                )
            )

    def close(self) -> None:
        """End the section under way."""
        section, self._section = self._section, None
        if section is None or not section.parts:
            if section is not None and section.questions:
                self._tell_unanswered(section)
            return
        answer = "\n".join(section.parts)
        if section.questions:
            self._add(section, section.questions[0], answer, tuple(section.questions[1:]))
        else:
            self._add(section, self._heading(section, answer), answer)

    def _take_heading(self, block: Block, text: str) -> None:
        self.close()
        if block.level == 0:  # the document's own title, over everything: no part of a place
            self.title = self.title or text
            return
        if self._bare is not None and block.level <= self._bare.level:
            self._tell_bare()
        self._bare = None
        while self._path and self._path[-1][0] >= block.level:
            self._path.pop()
        text = _NUMBERING.sub("", text) or text
        if asks(text, heading=True):
            self._section = self._new_section(block, [text])
        else:
            self._bare = block
            self._path.append((block.level, text[:QUESTION_CHARS]))

    def _take_pair(self, block: Block, text: str) -> None:
        self.close()
        label = tidy(block.label)
        if not label and not text:
            return
        section = self._new_section(block, [])
        if not label or not text:
            said = (label or text)[:80]
            self._lose(
                section.line,
                section.place,
                f"« {said} » n'a rien {'en face' if label else 'qui le nomme'} dans le tableau",
                f'"{said}" has nothing {"beside it" if label else "that names it"} in the table',
            )
            return
        above = section.path[-1] if section.path else self.title
        question = label if block.kind == "pair" or not above else f"{above} : {label}"
        self._add(section, question, text)

    def _take_text(self, block: Block, text: str) -> None:
        marked = bool(_QUESTION_MARK.match(text))
        question = _NUMBERING.sub("", _QUESTION_MARK.sub("", text))
        if (marked and len(question) <= QUESTION_CHARS) or asks(question):
            waiting = self._section
            if waiting and waiting.questions and not waiting.parts and block.kind == "text":
                waiting.questions.append(question)
                return
            self.close()
            self._section = self._new_section(block, [question])
            return
        if self._section is None:
            self._section = self._new_section(block, [])
        section = self._section
        limit = ANSWER_CHARS if section.questions else PASSAGE_CHARS
        follows_lead = block.kind == "item" and section.parts and section.size < 2 * limit
        if section.parts and section.size + len(text) > limit and not follows_lead:
            self.close()
            section = self._section = self._new_section(block, [])
        if section.questions and not section.parts:
            text = _ANSWER_MARK.sub("", text)
        section.parts.append(f"- {text}" if block.kind == "item" else text)

    def _new_section(self, block: Block, questions: list[str]) -> _Section:
        path = tuple(text for _, text in self._path)
        at = place_of(block.line, block.page)
        if not at and block.paragraph is not None:
            at = f"§ {block.paragraph}"
        place = " · ".join(part for part in (at, " › ".join(path)) if part)
        return _Section(
            path=path, place=place[:500], anchor_page=block.page, line=block.line,
            questions=questions,
        )  # fmt: skip

    def _heading(self, section: _Section, answer: str) -> str:
        if section.path:
            return " › ".join(section.path)[-QUESTION_CHARS:]
        first = re.split(r"(?<=[.!?;:])\s|\n", answer, maxsplit=1)[0].lstrip("- ")
        return f"{self.title} : {first}"[:QUESTION_CHARS] if self.title else first[:QUESTION_CHARS]

    def _add(
        self, section: _Section, question: str, answer: str, alternatives: tuple[str, ...] = ()
    ) -> None:
        if len(self.entries) >= MAX_ENTRIES:
            raise ImportingError(
                "import_too_large",
                french=f"{self._name} : plus de {spaced(MAX_ENTRIES)} passages."
                " Découpez le document.",
                english=f"{self._name}: more than {MAX_ENTRIES:,} passages. Split the document.",
            )
        key = question_key(question)
        if (key, plain(answer)) in self._told:
            return
        self._told.add((key, plain(answer)))
        number = self._asked[key] = self._asked.get(key, 0) + 1
        digest = hashlib.sha256(key.encode()).hexdigest()[:10]
        entry_id = f"{self._key}-{digest}" + (f"-{number}" if number > 1 else "")
        if section.line is not None:
            self.lines[entry_id] = section.line
        self.entries.append(
            Entry(
                entry_id=entry_id,
                question=question[: 2 * QUESTION_CHARS],
                answer=answer[:MAX_CELL_CHARS],
                alternatives=alternatives,
                source=self._name[:200],
                place=section.place,
                anchor=self._anchor(section, answer),
            )
        )

    def _anchor(self, section: _Section, answer: str) -> str:
        if section.anchor_page is not None:
            return f"page={section.anchor_page}"
        if self._kind != "html":
            return ""
        words = re.split(r"\n|(?<=[.!?])\s", answer.lstrip("- "), maxsplit=1)[0].split()[:7]
        # Text fragments (WICG): a comma and a dash have a meaning of their own there.
        return ":~:text=" + quote(" ".join(words), safe="").replace("-", "%2D")

    def _tell_unanswered(self, section: _Section) -> None:
        question = section.questions[0][:80]
        self._lose(
            section.line,
            section.place,
            f"« {question} » n'est suivi d'aucune réponse",
            f'"{question}" is followed by no answer',
        )

    def _tell_bare(self) -> None:
        """The last heading has nothing under it, not even a lower one."""
        if self._bare is None:
            return
        heading = tidy(self._bare.text)[:80]
        self._lose(
            self._bare.line,
            place_of(self._bare.line, self._bare.page),
            f"« {heading} » : aucun texte sous ce titre",
            f'"{heading}": no text under this heading',
        )

    def _lose(self, line: int | None, place: str, french: str, english: str) -> None:
        self._lost += 1
        if self._lost > MAX_LOST:
            return
        self.problems.append(
            Problem(
                code="empty_cell",
                left_out=True,
                line=line,
                place=place,
                french=f"{french} : laissé de côté.",
                english=f"{english}: left out.",
            )
        )


def _facts(header: list[str], row: list[str]) -> str:
    facts = []
    for at, cell in enumerate(row[1:], start=1):
        if cell:
            name = header[at] if at < len(header) else ""
            facts.append(f"{name} : {cell}" if name else cell)
    return " ; ".join(facts)
