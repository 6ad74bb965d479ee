"""Every kind of data that is kept, how much it matters, and what protects it.

Told from the tables themselves: `souffleur privacy data`. Levels:

    secret     opens something: keys, digests of passwords and tokens
    said       what people said, wrote or had taken down: sealed with the client's key
    personal   names, numbers and addresses of somebody, in clear
    business   what a client company wrote for its calls, and how it is set up
    technical  moments, states, counts, identifiers
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Column, LargeBinary, String, Table, Text
from sqlalchemy.sql.sqltypes import JSON

from copilot.reporting.documents import Document, Language
from copilot.reporting.documents import Table as PaperTable
from copilot.store.personsearch import PLACES
from copilot.store.privacy import OF_A_CALL, SAID_IN_A_CALL
from copilot.store.tables import OF_A_CLIENT, metadata

Level = Literal["secret", "said", "personal", "business", "technical"]

SECRETS = frozenset({
    "users.password_hash", "users.totp_secret", "web_sessions.token_hash", "web_sessions.csrf",
    "one_time_links.token_hash", "recovery_codes.code_hash", "api_tokens.token_hash",
    "panel_sessions.token_hash", "client_keys.wrapped", "master_keys.probe", "passkeys.public_key",
    "passkeys.credential_id", "calendar_accounts.access", "mailboxes.access",
    "push_subscriptions.address", "push_subscriptions.keys",
    "on_call_browsers.address", "on_call_browsers.keys",
})  # fmt: skip
PEOPLE = frozenset({
    "email", "address", "agent", "actor_name", "author", "author_name", "caller_name",
    "caller_number", "forwarded_from", "recipient", "phone", "emails", "folded", "number",
    "contact", "dialled", "acknowledged_by", "subject", "reason", "detail", "query", "rungs",
    "ended_by", "operator_name", "evaluator_name", "user_name",
})  # fmt: skip
"""Columns that name somebody, in whatever table."""
NAMED_BY = ("_by", "_by_name")
PEOPLE_TABLES = frozenset({"users", "contacts", "known_callers", "known_numbers"})
PROTECTION: dict[Level, tuple[str, str]] = {
    "secret": (
        "condensat ou scellé par la clé maîtresse, jamais rendu",
        "digest, or sealed with the master key; never given out",
    ),
    "said": (
        "scellé par la clé du client (AES-256-GCM), masqué, purgé, effacé, audité",
        "sealed with the client's key (AES-256-GCM), masked, purged, erased, audited",
    ),
    "personal": (
        "accès par rôle et par client, masqué dans les journaux, purgé, effacé",
        "access by role and client, masked in logs, purged, erased",
    ),
    "business": ("accès par rôle et par client", "access by role and client"),
    "technical": ("accès par rôle et par client", "access by role and client"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One column."""

    table: str
    column: str
    level: Level


def kept_data() -> tuple[Kept, ...]:
    """Every column of every table, with its level."""
    return tuple(
        Kept(table=table.name, column=column.name, level=level_of(table, column))
        for table in metadata.sorted_tables
        for column in table.columns
    )


def level_of(table: Table, column: Column[object]) -> Level:
    """What a column's values are; a text that nothing else is known of is somebody's."""
    place = f"{table.name}.{column.name}"
    if place in SECRETS:
        return "secret"
    if column.info.get("sealed"):
        return "said"
    if column.primary_key or column.foreign_keys or column.name.endswith("_id"):
        return "personal" if column.name in ("email", "number") else "technical"
    if not isinstance(column.type, String | Text | JSON | LargeBinary):
        return "technical"
    named = column.name in PEOPLE or column.name.endswith(NAMED_BY)
    if named or (table.name in PEOPLE_TABLES and column.name in ("name", "company", "role")):
        return "personal"
    if isinstance(column.type, String) and (column.type.length or 1000) <= 64:
        return "technical"
    if table in OF_A_CLIENT or table.name in ("clients", "house_rules", "quality_grids"):
        return "business"
    return "technical"


def kept_until(table: Table) -> str:
    """What ends a table's rows."""
    if table in SAID_IN_A_CALL:
        return "transcript_days"
    if table in OF_A_CALL:
        return "call_days"
    if table.name in ("audit_entries", "audit_base"):
        return "audit_days"
    return "client" if table in OF_A_CLIENT else "account"


def data_paper(language: Language = "fr") -> Document:
    """The classification as a paper: a table of the database a row."""
    english = language == "en"
    searched = {place.table.name for place in PLACES}
    header = (
        ("table", "level", "columns", "kept until", "in a person's search")
        if english
        else ("table", "niveau", "colonnes", "jusqu'à", "recherche d'une personne")
    )
    levels = ("level", "protection") if english else ("niveau", "protection")
    return Document(
        title="Data that are kept" if english else "Données conservées",
        subtitle="From the tables in force" if english else "D'après les tables en vigueur",
        language=language,
        wide=True,
        tables=(
            PaperTable(
                title="Levels" if english else "Niveaux",
                header=(*levels, ""),
                rows=tuple((level, said[english], "") for level, said in PROTECTION.items()),
            ),
            PaperTable(
                title="Tables",
                header=header,
                rows=tuple(
                    (table.name, level, ", ".join(columns), kept_until(table),
                     "✓" if table.name in searched else "")
                    for table, level, columns in _by_level()
                ),
                widths=(2, 1, 6, 2, 1),
            ),
        ),
    )  # fmt: skip


def _by_level() -> Iterator[tuple[Table, Level, list[str]]]:
    for table in metadata.sorted_tables:
        levels: dict[Level, list[str]] = {}
        for column in table.columns:
            levels.setdefault(level_of(table, column), []).append(column.name)
        for level in PROTECTION:
            if level in levels:
                yield table, level, levels[level]
