"""Numbers dictated in groups, each an utterance of its own: found once enough of them is said.

No group shows anything by itself. What each leg said in the last `WINDOW_S` is read together,
behind what the other person said ("quel est votre numéro de carte ?"); a number that is found
there is taken out of every utterance that holds a part of it, the earlier ones again. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from copilot.privacy.digits import readings, runs_of
from copilot.privacy.heard import MASK, redacted_final
from copilot.privacy.redaction import LABELS, NUMBERS, Kind, redact
from models.hearing import Final, Word
from telephony.leg import LegRole

WINDOW_S = 30.0
"""A number said slower than this is several to us. IBANs take about twenty seconds."""
TELEPHONE = re.compile(r"(?:0[1-9]\d{8}){1,2}")
APART = " | "
"""Between the two people's words: no number goes on across it."""

Cut: TypeAlias = tuple[int, int, Kind]
Writing: TypeAlias = Literal["text", "heard", "words"]
WRITINGS: tuple[Writing, ...] = get_args(Writing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """An utterance as it may be kept."""

    utterance_id: str
    final: Final
    kinds: tuple[Kind, ...] = ()
    """What was taken out of it."""


@dataclass(slots=True, kw_only=True)
class _Said:
    utterance_id: str
    raw: Final
    """As it was heard: in memory, for the length of the window."""
    shown: Masked
    gone: dict[Writing, list[Cut]]
    """What of each writing had to go so far, the utterance alone first; it never comes back."""


class SpreadNumbers:
    """Of one call. Give it every final, as it was heard, of both legs."""

    def __init__(self, kinds: Collection[str]) -> None:
        """`kinds`: what is taken out (`copilot.privacy.redaction.Kind`); empty: nothing ever is."""
        self._kinds = tuple(kinds)
        self._numbers = tuple(kind for kind in NUMBERS if kind in self._kinds)
        self._said: dict[LegRole, list[_Said]] = {"caller": [], "operator": []}

    def hear(self, role: LegRole, utterance_id: str, final: Final) -> tuple[Masked, ...]:
        """This utterance as it may be kept, last; before it earlier ones that hold a part of a
        number that is known now."""
        shown, kinds = redacted_final(final, self._kinds)
        own = _Said(
            utterance_id=utterance_id,
            raw=final,
            shown=Masked(utterance_id=utterance_id, final=shown, kinds=kinds),
            gone={writing: self._alone(final, writing) for writing in WRITINGS},
        )
        since_s = final.end_s - WINDOW_S
        for leg, kept in self._said.items():
            self._said[leg] = [
                one for one in kept if one.raw.end_s >= since_s and one.utterance_id != utterance_id
            ]
        if not self._numbers or not final.text:
            return (own.shown,)
        self._said[role].append(own)
        for writing in WRITINGS:
            self._cut(role, writing)
        changed = [said for said in self._said[role] if _look_again(said)]
        return (*(one.shown for one in changed if one is not own), own.shown)

    def _alone(self, final: Final, writing: Writing) -> list[Cut]:
        """What has to go of an utterance whatever was said before and after it."""
        found = redact(_written(final, writing), self._kinds)
        return [(*span, kind) for span, kind in zip(found.spans, found.each, strict=True)]

    def _cut(self, role: LegRole, writing: Writing) -> None:
        """Find what has to go of each utterance of the leg, in one of its writings."""
        other: LegRole = "operator" if role == "caller" else "caller"
        before = " ".join(_written(one.raw, writing) for one in self._said[other]) + APART
        pieces = [_but_telephones(_written(one.raw, writing)) for one in self._said[role]]
        found = redact(before + " ".join(pieces), self._numbers)
        at = len(before)
        for said, piece in zip(self._said[role], pieces, strict=True):
            spread = [
                (max(begin - at, 0), min(end - at, len(piece)), kind)
                for (begin, end), kind in zip(found.spans, found.each, strict=True)
                if begin < at + len(piece) and at < end
            ]
            said.gone[writing] = _joined([*said.gone[writing], *spread])
            at += len(piece) + 1


def _look_again(said: _Said) -> bool:
    """Whether more of an utterance has to go than did."""
    kinds = dict.fromkeys(kind for cuts in said.gone.values() for *_, kind in cuts)
    if not kinds:
        return False
    text, heard = (
        _without(_written(said.raw, writing), said.gone[writing]) if said.gone[writing] else ""
        for writing in ("text", "heard")
    )
    # One of the writings may hide what the others show: nothing is told by that one.
    masked = Masked(
        utterance_id=said.utterance_id,
        final=replace(
            said.raw,
            text=text or heard or LABELS[next(iter(kinds))],
            heard=heard or text or LABELS[next(iter(kinds))],
            words=_masked_words(said.raw.words, said.gone["words"]),
        ),
        kinds=tuple(kinds),
    )
    changed = masked != said.shown
    said.shown = masked
    return changed


def _written(final: Final, writing: Writing) -> str:
    if writing == "words":
        return " ".join(word.text.strip() for word in final.words)
    return final.text if writing == "text" else final.heard


def _masked_words(words: Sequence[Word], cuts: Sequence[Cut]) -> tuple[Word, ...]:
    """None at all where the words alone do not show what the utterance does."""
    if not cuts:
        return ()
    masked, at = [], 0
    for word in words:
        end = at + len(word.text.strip())
        hit = any(begin < end and at < until for begin, until, _ in cuts)
        masked.append(replace(word, text=MASK) if hit else word)
        at = end + 1
    return tuple(masked)


def _but_telephones(text: str) -> str:
    """A telephone number said in one breath is no part of another, whatever it adds up to."""
    for run in runs_of(text):
        if TELEPHONE.fullmatch(next(iter(readings(run.tokens)), "")):
            begin, end = run.tokens[0].start, run.tokens[-1].end
            text = text[:begin] + "|" * (end - begin) + text[end:]
    return text


def _joined(cuts: Sequence[Cut]) -> list[Cut]:
    """In order, those that touch as one."""
    whole: list[Cut] = []
    for begin, end, kind in sorted(cuts):
        if whole and begin <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]), whole[-1][2])
        else:
            whole.append((begin, end, kind))
    return whole


def _without(text: str, cuts: Sequence[Cut]) -> str:
    pieces, at = [], 0
    for begin, end, kind in cuts:
        pieces += [text[at:begin], LABELS[kind]]
        at = end
    return "".join((*pieces, text[at:]))
