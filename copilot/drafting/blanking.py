"""An utterance without what has its own field: the rest says why somebody calls."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.drafting.emails import Address
from copilot.drafting.people.reader import Mention
from copilot.drafting.speech import Speech

INTRODUCTION = re.compile(
    r"(?:\b(?:je m'appelle|je suis|c'est|ici|mon nom|moi|je me presente|au nom de|de la part de|prenom|est|madame|monsieur|mme|mr|docteur|maitre)\s+)+$"
)

HOLDS_MORE = re.compile(
    r"[\d@]|(?<=[^.?!…] )[A-ZÀ-Ý]|\b(?i:madame|monsieur|mademoiselle|m'appelle)\b"
)


def likely_whole(speech: Speech) -> bool:
    """Whether there is likely nothing to leave out: no number, address or name as they are
    written."""
    return not HOLDS_MORE.search(speech.text)


def without_names(speech: Speech, mentions: Sequence[Mention]) -> Speech:
    """Who calls has its own field, and may still be spelled otherwise."""
    limit = len(speech.folded)
    own = [mention for mention in mentions if mention.own]
    for name in sorted(own, key=lambda found: (-found.start, -found.end)):
        if name.end > limit:
            continue
        limit = name.start
        lead = INTRODUCTION.search(speech.folded[: name.start])
        start = lead.start() if lead else name.start
        tail = re.match(r"[\s,]*(?:a l'appareil|au telephone)", speech.folded[name.end :])
        end = name.end + (tail.end() if tail else 0)
        gap = "," if start else ""
        speech = Speech(
            speech.text[:start].rstrip() + gap + " " + speech.text[end:].lstrip(" ,"),
            speech.folded[:start].rstrip() + gap + " " + speech.folded[end:].lstrip(" ,"),
        )
    return speech


def blanked(
    speech: Speech, found: Sequence[Address], spans: Sequence[tuple[int, int]] = ()
) -> Speech:
    """The utterance with e-mail addresses, and other stretches, replaced by pauses."""
    text, folded = speech.text, speech.folded
    for start, end in [*((item.start, item.end) for item in found), *spans]:
        gap = "," + " " * (end - start - 1)
        text = text[:start] + gap + text[end:]
        folded = folded[:start] + gap + folded[end:]
    return Speech(text, folded)
