"""HTML to blocks: text only. Nothing of a page is run, fetched or kept as markup."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from knowledge.documents.outline import Block, asks, cut, table_blocks
from knowledge.documents.reading import ImportingError, Problem, Reading, tidy

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DROPPED = {
    "script", "style", "noscript", "template", "svg", "math", "nav", "footer", "aside", "form",
    "iframe", "object", "embed", "applet", "select", "textarea", "input", "canvas", "video",
    "audio", "head", "dialog",
}  # fmt: skip
_BLOCKS = {
    "p", "div", "section", "article", "main", "body", "ul", "ol", "dl", "blockquote", "pre",
    "figure", "figcaption", "header", "details", "address", "center", "fieldset", "html", "hr",
    "td", "th", "tr", "table", "tbody",
}  # fmt: skip
_ASIDE = re.compile(
    r"cookie|consent|gdpr|rgpd|tarteaucitron|didomi|axeptio|onetrust|cmplz|orejime|usercentrics"
    r"|iubenda|cc-window|qc-cmp|breadcrumb|fil-ariane|skip-link|copyright|\b(?:site-)?footer\b",
    re.IGNORECASE,
)
_RIGHTS = re.compile(r"(?:©|\(c\)|copyright)\s", re.IGNORECASE)
_MENU_LINKS = 3
_MENU_CHARS = 40
"""A list of three short links or more and nothing else is a menu."""
_ROLES = {"navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu"}
_MAIN_CHARS = 200
_LINKED_DATA_CHARS = 1_000_000
_SIGN_IN = 600
"""A page that asks for a password and says less than this is there for that."""


def read_html(text: str, name: str, source: str) -> Reading:
    """Raises ImportingError."""
    from lxml import etree, html

    try:
        root = html.document_fromstring(text.encode(), parser=_parser())
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ImportingError(
            "import_unreadable",
            french=f"{name} : aucun texte dans cette page.",
            english=f"{name}: there is no text on this page.",
        ) from error
    scripts = int(root.xpath("count(//script[not(@type='application/ld+json')])"))
    title = tidy(root.findtext(".//title") or "")[:200]
    walk = _Walk()
    blocks = [*_linked_data(root), *walk.blocks(_main(root))]
    if scripts and not blocks:
        raise _built_by_script(name)
    if root.xpath("//input[@type='password']") and sum(len(one.text) for one in blocks) < _SIGN_IN:
        raise _signs_in(name)
    reading = cut(blocks, kind="html", name=name, source=source, title=title)
    if walk.menus:
        told = (*reading.problems, _menus(walk.menus))
        reading = dataclasses.replace(reading, problems=told)
    if scripts:
        problem = Problem(
            code="script",
            left_out=True,
            french=f"Scripts de la page ignorés ({scripts}) : seul le texte est repris.",
            english=f"Scripts of the page ignored ({scripts}): only its text is taken.",
        )
        reading = dataclasses.replace(reading, problems=(*reading.problems, problem))
    return reading


def _signs_in(name: str) -> ImportingError:
    return ImportingError(
        "import_unreadable",
        french=f"{name} : c'est une page où l'on s'identifie, pas la page voulue. Donnez l'adresse"
        " d'une page publique, ou enregistrez la page une fois connecté et importez ce fichier.",
        english=f"{name}: this is a page to sign in, not the page wanted. Give the address of a"
        " public page, or save the page once signed in and import that file.",
    )


def _built_by_script(name: str) -> ImportingError:
    return ImportingError(
        "import_unreadable",
        french=f"{name} : cette page ne contient pas son texte, elle l'affiche par un programme"
        " (JavaScript). Ouvrez-la dans votre navigateur, copiez le texte dans un document Word ou"
        " un fichier texte, et importez-le.",
        english=f"{name}: this page does not hold its text, a program (JavaScript) shows it."
        " Open it in your browser, copy the text into a Word document or a text file, and import"
        " that.",
    )


def _menus(count: int) -> Problem:
    return Problem(
        code="links",
        left_out=True,
        french=f"Menus de la page ignorés ({count}) : des listes de liens, sans texte.",
        english=f"Menus of the page ignored ({count}): lists of links, without text.",
    )


def text_of_markup(markup: str) -> str:
    """The words of a piece of HTML."""
    from lxml import etree, html

    if not markup.strip():
        return ""
    try:
        root = html.document_fromstring(markup.encode(), parser=_parser())
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ""
    return "\n".join(block.text for block in _Walk().blocks(root))


def declared_charset(content: bytes) -> str | None:
    """The encoding that a page says it has."""
    found = re.search(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,30})", content[:4096])
    return found.group(1).decode("ascii") if found else None


def _parser() -> Any:
    from lxml import html

    return html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )


def _main(root: HtmlElement) -> HtmlElement:
    """The part of the page that is about something."""
    for found in root.xpath("//main | //*[@role='main']"):
        if len(found.text_content()) >= _MAIN_CHARS:
            return found
    bodies = root.xpath("//body")
    return bodies[0] if bodies else root


def _linked_data(root: HtmlElement) -> Iterator[Block]:
    """Questions and answers that a page declares (schema.org FAQPage)."""
    for script in root.xpath("//script[@type='application/ld+json']"):
        text = script.text or ""
        if len(text) > _LINKED_DATA_CHARS:
            continue
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            continue
        for item in _questions(data, depth=0):
            answer = item.get("acceptedAnswer")
            answer = answer[0] if isinstance(answer, list) and answer else answer
            said = answer.get("text") if isinstance(answer, dict) else None
            if isinstance(item.get("name"), str) and isinstance(said, str):
                yield Block(
                    kind="pair",
                    label=text_of_markup(item["name"]),
                    text=text_of_markup(said),
                    line=script.sourceline,
                )


def _questions(data: Any, *, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 6:
        return
    if isinstance(data, list):
        for item in data:
            yield from _questions(item, depth=depth + 1)
    elif isinstance(data, dict):
        if data.get("@type") == "Question":
            yield data
        else:
            for item in data.values():
                yield from _questions(item, depth=depth + 1)


class _Walk:
    """One pass over a page, words gathered until a block ends."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._words: list[str] = []
        self._line: int | None = None
        self._in_item = 0
        self.menus = 0
        """Lists of links left out."""

    def blocks(self, root: HtmlElement) -> list[Block]:
        self._visit(root)
        self._flush()
        return self._blocks

    def _visit(self, element: HtmlElement) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in ("ul", "ol") and self._is_menu(element):
            self.menus += 1
        elif tag and not self._is_dropped(element, tag):
            self._visit_kept(element, tag)
        self._say(element.tail, element)

    def _visit_kept(self, element: HtmlElement, tag: str) -> None:
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self._flush()
            words = tidy(element.text_content())
            if words:
                self._add("heading", words, element, level=int(tag[1]))
        elif tag in ("summary", "dt") or (tag == "button" and asks(tidy(element.text_content()))):
            self._flush()
            # What opens or names an answer is a question, or a heading of the lowest kind.
            words = tidy(element.text_content())
            if words:
                self._add("text" if asks(words) else "heading", words, element, level=6)
        elif tag == "button":
            return
        elif tag == "table" and not element.xpath(".//table"):
            self._flush()
            rows = [
                [cell.text_content() for cell in row.xpath("./td | ./th")]
                for row in element.xpath(".//tr")
            ]
            self._blocks.extend(table_blocks(rows, line=element.sourceline))
        elif tag == "br":
            self._words.append("\n")
        else:
            self._visit_inside(element, tag)

    def _visit_inside(self, element: HtmlElement, tag: str) -> None:
        is_item = tag == "li"
        parts = is_item or tag in _BLOCKS or tag == "dd"
        if parts:
            self._flush()
        self._in_item += is_item
        self._say(element.text, element)
        for child in element:
            self._visit(child)
        if parts:
            self._flush()
        self._in_item -= is_item

    def _is_dropped(self, element: HtmlElement, tag: str) -> bool:
        if tag in _DROPPED or element.get("role") in _ROLES:
            return True
        if tag == "header" and not element.xpath(".//h1"):
            return True
        if tag in ("html", "body", "main", "article"):
            return False
        return bool(_ASIDE.search(f"{element.get('id', '')} {element.get('class', '')}"))

    def _say(self, text: str | None, element: HtmlElement) -> None:
        if text:
            if not self._words:
                self._line = element.sourceline
            self._words.append(re.sub(r"\s+", " ", text))

    def _flush(self) -> None:
        words = tidy("".join(self._words))
        self._words = []
        if words and not _RIGHTS.match(words):
            kind = "item" if self._in_item else "text"
            self._blocks.append(
                Block(kind="item" if kind == "item" else "text", text=words, line=self._line)
            )

    def _add(self, kind: str, words: str, element: HtmlElement, *, level: int) -> None:
        self._blocks.append(
            Block(
                kind="heading" if kind == "heading" else "text",
                text=words,
                level=level,
                line=element.sourceline,
            )
        )

    def _is_menu(self, element: HtmlElement) -> bool:
        links = [tidy(link.text_content()) for link in element.iter("a")]
        if len(links) < _MENU_LINKS or any(len(link) > _MENU_CHARS for link in links):
            return False
        self._flush()
        if self._blocks and self._blocks[-1].text.endswith(("?", ":")):
            return False  # what answers, or is announced
        said = re.sub(r"\s+", "", element.text_content())
        return said == re.sub(r"\s+", "", "".join(links))
