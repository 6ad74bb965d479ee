"""Opening hours as JSON, and back."""

from __future__ import annotations

from copilot.waiting.hours import OpeningHours, Span, SpecialDay
from web import lineschemas as schemas


def hours_of(view: schemas.HoursView) -> OpeningHours:
    return OpeningHours(
        week=tuple(_spans(day) for day in view.week),
        holidays=view.holidays,
        special=tuple(
            SpecialDay(day=item.day, spans=_spans(item.spans), label=item.label)
            for item in view.special
        ),
    )


def hours_view(hours: OpeningHours) -> schemas.HoursView:
    return schemas.HoursView(
        week=[_span_views(spans) for spans in hours.week],
        holidays=hours.holidays,
        special=[
            schemas.SpecialDayView(day=item.day, spans=_span_views(item.spans), label=item.label)
            for item in hours.special
        ],
    )


def _spans(views: list[schemas.SpanView]) -> tuple[Span, ...]:
    return tuple((_minute(view.from_time), _minute(view.until_time)) for view in views)


def _span_views(spans: tuple[Span, ...]) -> list[schemas.SpanView]:
    return [
        schemas.SpanView(from_time=_clock(begin), until_time=_clock(end)) for begin, end in spans
    ]


def _minute(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
