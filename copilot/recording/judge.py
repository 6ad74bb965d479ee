"""What of a call's sound may not be kept, in seconds of its clock. Pure.

The text of one utterance is not enough: a card number dictated in groups, with pauses, is several
utterances, none of which shows it. The words of the last `WINDOW_S` of a leg are read together,
behind what the other person said ("quel est votre numéro de carte ?"). While they end in, or hold,
what may be the beginning of a number, the sound from there on waits (`waits_from_s`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from copilot.privacy.digits import readings, runs_of
from copilot.privacy.redaction import NUMBERS, redact
from copilot.privacy.spread import APART, TELEPHONE, WINDOW_S
from models.hearing import Final, Word
from telephony.leg import LegRole

PAD_S = 0.35
"""Words' times are exact to a few tenths of a second."""
PAUSE_S = 2.5
"""Between two words of one number; what is said between them goes with it."""
FEWEST_DIGITS = 2
"""Of what may be the beginning of a number: "un devis" is none."""
LONG_DIGITS = 12
"""So many that follow each other, phone numbers apart, are silenced though no check holds: the
recogniser skips a digit in ten over a poor line, and what is lost stands in the transcript."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    word: Word
    begin: int
    end: int


class Judge:
    """Of one call. Give it every final, as it was heard, of both legs."""

    def __init__(self, kinds: Collection[str]) -> None:
        """`kinds`: what is taken out (`copilot.privacy.redaction.Kind`); empty: nothing ever is."""
        self.kinds = tuple(kinds)
        self._words: dict[LegRole, deque[Word]] = {"caller": deque(), "operator": deque()}
        self._telephones: set[float] = set()
        """Where the words of telephone numbers begin that were said in one breath."""
        self._begun: dict[LegRole, tuple[float, ...]] = {"caller": (), "operator": ()}

    def hear(self, role: LegRole, final: Final) -> tuple[Span, ...]:
        """The stretches of the call to silence, known now."""
        if not self.kinds or not final.text:
            return ()
        words = self._words[role]
        words.extend(own := _words_of(final))
        for digits, said in _digits(own):
            if TELEPHONE.fullmatch(digits):
                self._telephones.update(word.start_s for word in said)
        for kept in self._words.values():
            while kept and kept[0].end_s < final.end_s - WINDOW_S:
                kept.popleft()
        if set(self.kinds) & set(NUMBERS):
            self._begun[role] = tuple(
                said[0].start_s for digits, said in _digits(words) if len(digits) >= FEWEST_DIGITS
            )
        spans = [*self._numbers(role), *self._long(role), *self._alone(final)]
        return tuple(_joined(spans))

    def waits_from_s(self, role: LegRole, settled_s: float) -> float | None:
        """Where what may be a number under way begins; None when nothing waits. `settled_s`: the
        leg's words before it are all known."""
        since_s = settled_s - WINDOW_S
        return next((start_s for start_s in self._begun[role] if start_s > since_s), None)

    def _numbers(self, role: LegRole) -> Iterator[Span]:
        """Of the window, both people's words read together."""
        other: LegRole = "operator" if role == "caller" else "caller"
        _, before = _written(self._words[other])
        said, text = _written(self._but_telephones(role))
        ahead = len(before) + len(APART)
        for begin, end in redact(before + APART + text, self.kinds).spans:
            hit = [
                one.word
                for one in said
                if begin < one.end + ahead and one.begin + ahead < end
            ]  # fmt: skip
            if hit:
                yield hit[0].start_s - PAD_S, hit[-1].end_s + PAD_S

    def _long(self, role: LegRole) -> Iterator[Span]:
        """Long runs of digits, whatever they are."""
        if not set(self.kinds) & set(NUMBERS):
            return
        for digits, said in _digits(self._but_telephones(role)):
            if len(digits) >= LONG_DIGITS:
                yield said[0].start_s - PAD_S, said[-1].end_s + PAD_S

    def _but_telephones(self, role: LegRole) -> Iterator[Word]:
        """The window's words; a telephone number is no part of another, whatever it adds up to."""
        for word in self._words[role]:
            yield replace(word, text="|") if word.start_s in self._telephones else word

    def _alone(self, final: Final) -> Iterator[Span]:
        """The whole utterance, where a writing of it shows what its words do not."""
        _, text = _written(final.words)
        shown = redact(final.text, self.kinds).kinds or redact(final.heard, self.kinds).kinds
        if shown and not redact(text, self.kinds).kinds:
            yield final.start_s - PAD_S, final.end_s + PAD_S


def _words_of(final: Final) -> Sequence[Word]:
    """The words with their times; the whole utterance as one where they are not known."""
    if final.words:
        return [replace(word, text=word.text.strip()) for word in final.words]
    return [Word(text=final.heard, start_s=final.start_s, end_s=final.end_s, probability=1.0)]


def _written(words: Iterable[Word]) -> tuple[list[_Said], str]:
    said: list[_Said] = []
    text = ""
    for word in words:
        piece = word.text.strip()
        said.append(_Said(word=word, begin=len(text), end=len(text) + len(piece)))
        text += f"{piece} "
    return said, text


def _digits(words: Iterable[Word]) -> Iterator[tuple[str, list[Word]]]:
    """Digits that follow each other, as they would be written, and the words that say them."""
    said, text = _written(words)
    for run in runs_of(text):
        begin, end = run.tokens[0].start, run.tokens[-1].end
        hit = [one.word for one in said if begin < one.end and one.begin < end]
        yield next(iter(readings(run.tokens)), ""), hit


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """In order; those that a short pause parts are one."""
    last: Span | None = None
    for begin, end in sorted(spans):
        if last is not None and begin <= last[1] + PAUSE_S:
            last = (last[0], max(last[1], end))
            continue
        if last is not None:
            yield last
        last = (begin, end)
    if last is not None:
        yield last
