"""A client's rule of urgency: its sentences, without what they say is not urgent, and its level."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from typing import Literal

from copilot.drafting.speech import Speech, hear

Level = Literal["normal", "urgent", "critique"]
LEVEL = re.compile(r"\b(?:niveau\s+)?(critique|urgent|vitale|normal)\w*")
EXCLUSION = re.compile(
    r"\b(?:n'est pas urgent|n'est jamais urgent|ne sont pas urgent|pas urgent|pas d'urgence|jamais urgent"
    r"|tout le reste|le reste|rien d'autre|n'importe quoi d'autre|toute autre|aucune autre|sauf|hors(?! (?:service|d'usage|d'etat|tension))"
    r"|ne (?:sont|est) pas (?:une |des )?urgence|non urgent|aucune? (?:cas |motif |situation )?(?:d'|de )?(?:urgence|regle|cas)"
    r"|rien (?:n'est |d')?urgent|sans urgence|(?:peut|peuvent) attendre|(?:est|sont) jamais (?:une |des )?urgence|^\s*(?:aucune?s?|neant|rien|non|sans objet|pas de regles?)\s*$)\w*"
)


def rule_sentences(rule: str) -> list[Speech]:
    """A rule's sentences, without what they say is not urgent."""
    speech = hear(rule)
    found = []
    for match in re.finditer(r"[^.;\n]+", speech.folded):
        exclusion = EXCLUSION.search(match.group())
        end = match.end()
        if exclusion and not re.match(r"\s*(?:sauf|hors)", exclusion.group()):
            continue
        if exclusion:
            end = match.start() + exclusion.start()
        found.append(speech.cut(match.start(), end))
    return found


def stated(sentence: Speech) -> tuple[str, Level | None]:
    """A rule's sentence without its level, and the level."""
    cut = LEVEL.search(sentence.folded)
    text = sentence.text[: cut.start()] + sentence.text[cut.end() :] if cut else sentence.text
    return text.strip(" ,:;."), _level(sentence.folded)


def _level(text: str) -> Level | None:
    match = LEVEL.search(text)
    if match is None:
        return None
    return {"critique": "critique", "vitale": "critique", "normal": "normal"}.get(
        match[1], "urgent"
    )  # type: ignore[return-value]
