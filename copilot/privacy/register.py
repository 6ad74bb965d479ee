"""The register of processing (article 30) and the impact assessment (article 35), from settings.

For the provider's data-protection officer and for each client: what is certain comes from the
settings in force, what only people know is left in brackets. A template, not advice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from copilot.privacy.paperwords import word
from copilot.privacy.retention import CALL_DAYS_CAP, TRANSCRIPT_DAYS_CAP
from copilot.recording.policy import DAYS_CAP
from copilot.reporting.documents import Cell, Document, Language, Table
from copilot.store.records.clients import Client, ClientSettings

TAKEN_OUT = ("card", "nir", "iban", "health")
OPEN = "[ ]"
"""For people to fill in."""
RISKS = (
    ("access", "against_access"),
    ("change", "against_change"),
    ("loss", "against_loss"),
    ("too_long", "against_too_long"),
)


@dataclass(frozen=True, kw_only=True)
class Installation:
    """What the papers say of the service itself."""

    database: str
    """`sqlite` or `postgresql`."""
    audit_days: int
    tls: bool
    """Served through a TLS proxy, or on this machine only."""
    second_factor_roles: str
    mail_server: str


def register(
    clients: Sequence[Client], installation: Installation, *, today: date, language: Language = "fr"
) -> Document:
    """The register: one sheet a client, then what is common."""
    return Document(
        title=word("register", language),
        subtitle=word("made", language, today=_date(today, language)),
        language=language,
        tables=(
            *(_items(client.name, _sheet(client, language), language) for client in clients),
            _items(word("measures", language), _measures(installation, language), language),
        ),
    )


def assessment(
    client: Client, installation: Installation, *, today: date, language: Language = "fr"
) -> Document:
    """The frame of an impact assessment for one client."""
    risks: list[tuple[Cell, ...]] = [
        (word(risk, language), word(against, language), OPEN, OPEN) for risk, against in RISKS
    ]
    opinions = [(word(name, language), OPEN) for name in ("officer", "concerned", "decision")]
    header = ("risk", "in_place", "gravity", "likelihood")
    return Document(
        title=word("assessment", language, client=client.name),
        subtitle=word("frame", language, today=_date(today, language)),
        language=language,
        tables=(
            _items(word("description", language), _sheet(client, language), language),
            _items(word("need", language), _need(client.settings, language), language),
            Table(
                title=word("risks", language),
                header=tuple(word(name, language) for name in header),
                rows=tuple(risks),
                widths=(2, 4, 1, 1),
            ),
            _items(word("measures_of", language), _measures(installation, language), language),
            _items(word("opinions", language), opinions, language),
        ),
    )


def markdown(paper: Document) -> str:
    """A paper as text, for the commands."""
    colon = " : " if paper.language == "fr" else ": "
    lines = [f"# {paper.title}", "", paper.subtitle]
    for table in paper.tables:
        lines += ["", f"## {table.title}", ""]
        if len(table.header) == 2:
            lines += [f"- {name}{colon}{content}" for name, content in table.rows]
            continue
        rows = [table.header, ("---",) * len(table.header), *table.rows]
        lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join([*lines, ""])


def _items(title: str, rows: Sequence[tuple[str, str]], language: Language) -> Table:
    return Table(
        title=title,
        header=(word("item", language), word("content", language)),
        rows=tuple(rows),
        widths=(2, 5),
    )


def _sheet(client: Client, language: Language) -> list[tuple[str, str]]:
    settings = client.settings
    taken_out = [word(kind, language) for kind in settings.redact if kind in TAKEN_OUT]
    recipients = ", ".join(settings.recipients) or word("no_recipient", language)
    if settings.routes:
        recipients = word("routes", language, recipients=recipients, count=len(settings.routes))
    contents = {
        "controller": f"{client.name} ({client.sector or word('no_sector', language)})",
        "purpose": word("purpose_is", language),
        "people": word("people_are", language),
        "data": word("data_are", language),
        "masked": ", ".join(taken_out) or word("nothing", language),
        "kept": word(
            "kept_for",
            language,
            transcripts=min(settings.transcript_days, TRANSCRIPT_DAYS_CAP, settings.call_days),
            calls=min(settings.call_days, CALL_DAYS_CAP),
        ),
        "sound": _recorded(settings, language),
        "recipients": recipients,
        "languages": word("languages_are", language, languages=", ".join(settings.languages)),
        "abroad": word("abroad_is", language),
    }
    return [(word(name, language), content) for name, content in contents.items()]


def _need(settings: ClientSettings, language: Language) -> list[tuple[str, str]]:
    sensitive = ("sensitive", "sensitive_are")
    if "health" in settings.redact:
        sensitive = ("health_data", "health_by")
    return [
        (word("decisions", language), word("decisions_are", language)),
        (word("sound", language), _recorded(settings, language)),
        (word("basis", language), word("basis_is", language)),
        (word("told", language), word("told_by", language)),
        (word(sensitive[0], language), word(sensitive[1], language)),
    ]


def _recorded(settings: ClientSettings, language: Language) -> str:
    """What is kept of voices, for how long, and who hears it."""
    policy = settings.recording
    if policy.mode == "off":
        return word("not_recorded", language)
    heard = word("unheard" if settings.supervision == "forbidden" else "heard", language)
    if policy.portal:
        heard = word("portal", language, heard=heard)
    return word(
        "recorded",
        language,
        which=word(policy.mode, language, share=policy.share),
        told=word(policy.told, language),
        days=min(policy.days, DAYS_CAP, settings.call_days),
        heard=heard,
    )


def _measures(installation: Installation, language: Language) -> list[tuple[str, str]]:
    second_wall = installation.database == "postgresql"
    contents = {
        "encryption": word("encryption_is", language),
        "separation": word("separated_twice" if second_wall else "separated", language),
        "factor": installation.second_factor_roles or word("factor_offered", language),
        "network": word("tls" if installation.tls else "no_tls", language),
        "trail": word("trail_is", language, days=installation.audit_days),
        "mail": installation.mail_server or word("no_mail", language),
        "logs": word("logs_are", language),
    }
    return [(word(name, language), content) for name, content in contents.items()]


def _date(day: date, language: Language) -> str:
    return f"{day:%d/%m/%Y}" if language == "fr" else f"{day:%d %B %Y}"
