"""Reports, statements, messages and calls, laid out as documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from copilot.reporting.documents import (
    MOST_ROWS,
    Cell,
    Document,
    Language,
    Table,
    cut,
    duration,
    local_moment,
)
from copilot.reporting.figures import Figures
from copilot.reporting.period import Period
from copilot.reporting.statement import Statement
from copilot.reporting.wording import WEEKDAYS, word

if TYPE_CHECKING:
    from copilot.store.records.calls import Call
    from copilot.store.records.messages import Message

OF_A_MESSAGE = ("caller_name", "company", "phone", "recipient", "category", "reason")


def report_paper(found: Figures, *, period: Period, whose: str, language: Language) -> Document:
    """A period's figures."""
    return Document(
        title=f"{word('report', language)} · {whose}",
        subtitle=_of_period(period, language),
        language=language,
        tables=(
            _totals(found, language),
            _by_day(found, language),
            _by_hour(found, language),
            _by_category(found, language),
        ),
        notes=(
            word("rates", language),
            word("transcripts", language, calls=found.copilot.calls),
        ),
    )


def statement_paper(found: Statement, *, zone: ZoneInfo, language: Language) -> Document:
    """A client's month in money."""
    rows: list[tuple[Cell, ...]] = [
        (word("monthly", language), None, None, None, None, found.monthly)
    ]
    rows += [
        (word(line.item, language), line.quantity, line.included or None, line.billed, line.price,
         line.amount)
        for line in found.lines
    ]  # fmt: skip
    totals = (
        ("net", found.net),
        ("tax", found.tax),
        ("gross", found.gross),
    )
    rows += [
        (word(name, language, percent=_percent_figure(found.tax_percent, language)),
         None, None, None, None, amount)
        for name, amount in totals
    ]  # fmt: skip
    header = ("item", "quantity", "included", "billed", "price", "amount")
    names = [word(name, language) for name in header]
    names[-1] = f"{names[-1]} ({found.currency})"
    settled = word("open", language)
    if found.closed_at is not None:
        at = local_moment(found.closed_at.astimezone(zone), language)
        settled = word("closed", language, at=at, by=found.closed_by_name)
    return Document(
        title=f"{word('statement', language)} · {found.client_name}",
        subtitle=found.month,
        language=language,
        tables=(
            Table(
                title=found.month,
                header=tuple(names),
                rows=tuple(rows),
                widths=(2.6, 1, 1, 1, 1.2, 1.4),
            ),
        ),
        notes=(settled, word("rounding", language, step=found.step_s)),
    )


def messages_paper(
    found: Sequence[Message],
    *,
    whose: str,
    period: Period,
    asked: str,
    language: Language,
) -> Document:
    """Messages, newest first."""
    zone = period.zone
    rows = [
        (
            local_moment(one.approved_at.astimezone(zone), language),
            *(one.fields.get(name) or "" for name in OF_A_MESSAGE),
            one.urgency,
            one.note,
            one.state,
        )
        for one in found
    ]
    header = (
        "when", "caller", "company", "number", "recipient", "category", "reason", "urgency",
        "note", "state",
    )  # fmt: skip
    table = Table(
        title=word("messages_of", language),
        header=tuple(word(name, language) for name in header),
        rows=cut(rows),
        widths=(1.2, 1.3, 1.2, 1.2, 1.1, 1, 2.4, 0.8, 1.6, 0.9),
    )
    return _listing(table, len(rows), whose=whose, period=period, asked=asked, language=language)


def calls_paper(
    found: Sequence[Call],
    *,
    whose: str,
    period: Period,
    asked: str,
    language: Language,
) -> Document:
    """Calls, newest first."""
    zone = period.zone
    rows = [
        (
            local_moment(one.ringing_at.astimezone(zone), language),
            one.caller_name or "",
            one.caller_number or "",
            one.operator_name or word("unanswered", language),
            duration(one.duration_s if one.answered_at else None),
            one.message_state if one.message_state != "none" else "",
        )
        for one in found
    ]
    header = ("when", "caller", "number", "operator", "duration", "messages")
    table = Table(
        title=word("calls_of", language),
        header=tuple(word(name, language) for name in header),
        rows=cut(rows),
    )
    return _listing(table, len(rows), whose=whose, period=period, asked=asked, language=language)


def _listing(
    table: Table, many: int, *, whose: str, period: Period, asked: str, language: Language
) -> Document:
    notes = [word("searched", language, asked=asked)] if asked else []
    if many > MOST_ROWS:
        notes.append(word("cut", language, most=MOST_ROWS))
    return Document(
        title=f"{table.title} · {whose}",
        subtitle=_of_period(period, language),
        language=language,
        tables=(table,),
        notes=tuple(notes),
        wide=True,
    )


def _of_period(period: Period, language: Language) -> str:
    return word(
        "period",
        language,
        first=_day(period.first, language),
        last=_day(period.last, language),
        zone=period.zone.key,
    )


def _totals(found: Figures, language: Language) -> Table:
    totals, told, copilot = found.totals, found.messages, found.copilot
    measures: tuple[tuple[str, Cell], ...] = (
        ("calls", totals.calls),
        ("answered", totals.answered),
        ("answered_within", totals.answered_within),
        ("abandoned", totals.abandoned),
        ("turned_away", totals.turned_away),
        ("outgoing", totals.outgoing),
        ("answer_rate", _percent(totals.answer_rate, language)),
        ("service_level", _percent(totals.service_level, language)),
        ("wait_p50", duration(totals.wait_p50_s)),
        ("wait_p95", duration(totals.wait_p95_s)),
        ("handling_p50", duration(totals.handling_p50_s)),
        ("handling_p95", duration(totals.handling_p95_s)),
        ("talk", duration(totals.talk_s)),
        ("messages", told.messages),
        ("edit_rate", _percent(told.edit_rate, language)),
        ("satisfaction", _percent(told.satisfaction, language)),
        ("offered", copilot.offered),
        ("used", copilot.used),
    )
    return Table(
        title=word("totals", language),
        header=(word("measure", language), word("value", language)),
        rows=tuple((word(name, language), value) for name, value in measures),
    )


def _by_day(found: Figures, language: Language) -> Table:
    names = ("day", "calls", "answered", "answered_within", "abandoned")
    return Table(
        title=word("by_day", language),
        header=tuple(word(name, language) for name in names),
        rows=tuple(
            (_day(one.day, language), one.calls, one.answered, one.answered_within, one.abandoned)
            for one in found.days
        ),
    )


def _by_hour(found: Figures, language: Language) -> Table:
    return Table(
        title=word("by_hour", language),
        header=(word("weekday", language), *(f"{hour} h" for hour in range(24))),
        rows=tuple(
            (name, *(found.heat.get((weekday, hour), 0) for hour in range(24)))
            for weekday, name in enumerate(WEEKDAYS[language])
        ),
        widths=(3.2, *(1.0,) * 24),
    )


def _by_category(found: Figures, language: Language) -> Table:
    counted = sorted(found.messages.categories.items(), key=lambda item: (-item[1], item[0]))
    return Table(
        title=word("by_category", language),
        header=(word("category", language), word("messages", language)),
        rows=tuple((name or word("no_category", language), times) for name, times in counted),
    )


def _day(day: date, language: Language) -> str:
    return f"{day:%d/%m/%Y}" if language == "fr" else day.isoformat()


def _percent(share: float | None, language: Language) -> str:
    if share is None:
        return ""
    figure = f"{100 * share:.1f}"
    return f"{figure.replace('.', ',')} %" if language == "fr" else f"{figure}%"


def _percent_figure(percent: Decimal, language: Language) -> str:
    figure = f"{percent.normalize():f}"
    return figure.replace(".", ",") if language == "fr" else figure
