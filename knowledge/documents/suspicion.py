"""Words in a document that address a language model. They stay data; people are told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from knowledge.documents.reading import Doubtful, Problem, place_of
from knowledge.passages import Entry
from knowledge.wording import plain

_ORDERS = re.compile(
    r"\b(?:ignor\w*|oubli\w*|disregard|forget)\s+(?:\w+\s+){0,3}?(?:consignes?|instructions?|regles?"
    r"|ordres|directives|prompts?|rules)\b"
    r"|\b(?:consignes?|instructions?|prompt|directives?)\s+(?:systeme|system|precedentes?|initiales?"
    r"|previous|above)\b"
    r"|\b(?:system|systeme)\s+prompt\b|\bprompt\s+(?:systeme|system)\b"
    r"|\bprevious\s+(?:instructions?|prompts?)\b"
    r"|\b(?:tu es|vous etes|you are)\s+(?:maintenant|desormais|now)\s+(?:un|une|a|an)\b"
    r"|\b(?:en tant qu|as an?)\s*'?\s*(?:ia|ai|intelligence artificielle|modele de langage"
    r"|language model|chatbot|assistant ia|ai assistant)\b"
    r"|\b(?:chatgpt|gpt-\d|llm|modele de langage|language model)\b[^.]{0,60}\b(?:reponds?|repondez"
    r"|ecris|ecrivez|answer|reply|say|output|print|affiche)\b"
    r"|<\|?\s*(?:im_start|im_end|system|endoftext|assistant|user)\b|\[/?inst\]|<</?sys>>"
    r"|^\s*(?:system|assistant|user|systeme)\s*:\s",
    re.MULTILINE,
)


def addresses_a_model(text: str) -> bool:
    """Whether a text tells a language model what to do."""
    return bool(_ORDERS.search(plain(text)))


def suspicious(entries: Sequence[Entry], lines: Mapping[str, int]) -> list[Problem]:
    """A problem for each entry that tries."""
    return [
        Problem(
            code="instruction",
            left_out=False,
            line=lines.get(entry.entry_id),
            place=entry.place or place_of(lines.get(entry.entry_id)),
            french="Ce texte donne des ordres à un logiciel : il est gardé comme simple texte, "
            "jamais suivi. Vérifiez-le.",
            english="This text gives orders to software: it is kept as plain text, never followed. "
            "Check it.",
            entries=(
                Doubtful(
                    entry_id=entry.entry_id,
                    question=entry.question,
                    answer=entry.answer[:500],
                    line=lines.get(entry.entry_id),
                ),
            ),
        )
        for entry in entries
        if any(
            addresses_a_model(text)
            for text in (entry.question, entry.answer, entry.note, *entry.alternatives)
        )
    ]
