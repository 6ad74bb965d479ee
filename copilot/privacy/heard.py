"""What the ear hears, without what must not be kept: before it is shown, logged or thought over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from copilot.privacy.redaction import Kind, redact
from models.hearing import Final, Partial, Word

MASK = "•••"
"""A word of a number that was taken out."""


def redacted_final(final: Final, kinds: Collection[str]) -> tuple[Final, tuple[Kind, ...]]:
    """The utterance as it may be kept, and what was taken out of it."""
    shown, heard = redact(final.text, kinds), redact(final.heard, kinds)
    if not shown.kinds and not heard.kinds:
        return final, ()
    # One of the two writings may hide what the other shows: words are masked by either.
    found = tuple(dict.fromkeys((*shown.kinds, *heard.kinds)))
    text = shown.text if shown.kinds else heard.text
    return replace(
        final,
        text=text,
        heard=heard.text if heard.kinds else text,
        words=_masked(final.words, kinds),
    ), found


def redacted_partial(partial: Partial, kinds: Collection[str]) -> Partial:
    """What may be shown of an utterance still being spoken."""
    joint = " " if partial.settled and partial.provisional else ""
    whole = redact(f"{partial.settled}{joint}{partial.provisional}", kinds)
    if not whole.kinds:
        return partial
    return replace(partial, settled="", provisional=whole.text)


def _masked(words: tuple[Word, ...], kinds: Collection[str]) -> tuple[Word, ...]:
    text, places = "", []
    for word in words:
        piece = word.text.strip()
        places.append((len(text), len(text) + len(piece)))
        text += f"{piece} "
    spans = redact(text, kinds).spans
    if not spans:  # the words alone do not show it; nothing of them may
        return ()
    return tuple(
        replace(word, text=MASK)
        if any(begin < until and since < end for since, until in spans)
        else word
        for word, (begin, end) in zip(words, places, strict=True)
    )
