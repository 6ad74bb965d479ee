"""The message being written: what the copilot heard under what the operator typed.

The operator's own typing is never overwritten; emptying a field counts as typing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from copilot.drafting.draft import FIELD_NAMES, Draft, FieldValue, Turn
from copilot.events import DraftChanged, DraftField, GuidanceChanged
from copilot.guide import Guidance, Guide
from copilot.journal import CallLog
from copilot.wrapup.summary import summary_of

SUMMARY = "summary"
"""The call in a few sentences: a field of every message, from the end of its call on."""


class UnknownFieldError(ValueError):
    """A field that no message has."""

    code = "unknown_field"


def check_names(fields: Iterable[str], own: Iterable[str] = ()) -> None:
    """Raises UnknownFieldError when one is no field of messages nor one of the client's own."""
    if unknown := sorted(set(fields) - {*FIELD_NAMES, SUMMARY} - set(own)):
        raise UnknownFieldError(", ".join(unknown))


class MessageDraft:
    """One call's message until it is approved."""

    def __init__(
        self, log: CallLog, told: Iterable[DraftField] = (), *, guide: Guide | None = None
    ) -> None:
        """Start empty, or from the fields last told (a call that has ended)."""
        self._log = log
        self._guide = guide
        self._guidance = Guidance()
        self._told = tuple(told)
        self._summary_in: str | None = None
        self._edits = {field.name: field.value for field in self._told if field.edited}
        self._heard = Draft(
            fields={
                field.name: FieldValue(
                    value=field.value,
                    confidence=field.confidence,
                    utterance_id=field.utterance_id,
                    read_back=field.read_back,
                    evidence=field.evidence,
                )
                for field in self._told
                if field.value is not None and not field.edited and field.name != SUMMARY
            },
            doubts={
                field.name: FieldValue(
                    value=field.doubt,
                    confidence=0.0,
                    utterance_id=field.doubt_utterance_id,
                    whole=field.doubt_whole,
                )
                for field in self._told
                if field.doubt is not None
            },
        )

    @property
    def edits(self) -> dict[str, str | None]:
        """What the operator typed, by field."""
        return dict(self._edits)

    @property
    def seq(self) -> int:
        """The last number of the call's log: what `fields` gives is no older."""
        return self._log.last_seq

    @property
    def names(self) -> tuple[str, ...]:
        """Every field this message may have, in the order of the form."""
        own = self._guide.form.names if self._guide else ()
        return tuple(dict.fromkeys((*FIELD_NAMES, *own, SUMMARY)))

    def heard(self, draft: Draft, turn: Turn | None = None) -> None:
        """Take the copilot's draft as it now stands, after `turn`."""
        self._heard = draft
        if self._guide and turn:
            self._guide.hear(turn)
        self._tell()

    def edit(self, values: Mapping[str, str | None]) -> None:
        """Take what the operator typed.

        Raises:
            UnknownFieldError: a name that is not in `names`; nothing is taken.
        """
        check_names(values, self.names)
        self._edits |= {name: value or None for name, value in values.items()}
        self._tell()

    def wrap_up(self, *, language: str, tell: bool = True) -> None:
        """The call is over: from now on the message has a summary, made of its other fields.

        `tell` is false for a call that was wrapped up before, and is taken up again.
        """
        self._summary_in = language
        if tell:
            self._tell()

    def fields(self) -> tuple[DraftField, ...]:
        """Every field, filled or not, in the order of the form."""
        others = tuple(self._field(name) for name in self.names if name != SUMMARY)
        return (*others, self._summary(others))

    def _summary(self, others: tuple[DraftField, ...]) -> DraftField:
        if SUMMARY in self._edits or self._summary_in is None:
            return self._field(SUMMARY)
        values = {field.name: field.value for field in others}
        told = summary_of(values, done=self._log.done, language=self._summary_in)
        return DraftField(name=SUMMARY, value=told, confidence=1.0 if told else 0.0)

    def _field(self, name: str) -> DraftField:
        if name in self._edits:
            return DraftField(name=name, value=self._edits[name], confidence=1.0, edited=True)
        value = self._heard.fields.get(name)
        doubt = self._heard.doubts.get(name)
        in_doubt = doubt.value if doubt else None
        doubt_from = doubt.utterance_id if doubt else None
        doubt_whole = doubt is not None and doubt.whole
        if value is None:
            return DraftField(
                name=name,
                value=None,
                confidence=0.0,
                doubt=in_doubt,
                doubt_utterance_id=doubt_from,
                doubt_whole=doubt_whole,
            )
        return DraftField(
            name=name,
            value=value.value,
            confidence=value.confidence,
            utterance_id=value.utterance_id,
            read_back=value.read_back,
            doubt=in_doubt,
            doubt_utterance_id=doubt_from,
            doubt_whole=doubt_whole,
            evidence=value.evidence,
        )

    def _tell(self) -> None:
        fields = self.fields()
        if fields != self._told:
            self._told = fields
            self._log.tell(DraftChanged(**self._log.stamp(), fields=fields))
        if self._guide is None:
            return
        guidance = self._guide.guidance(fields)
        if guidance != self._guidance:
            self._guidance = guidance
            self._log.tell(
                GuidanceChanged(
                    **self._log.stamp(),
                    missing=guidance.missing,
                    checklist=guidance.checklist,
                    next_step=guidance.next_step,
                )
            )
