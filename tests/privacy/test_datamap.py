"""What is kept is classified, column by column, from the tables themselves."""

from __future__ import annotations

from copilot.privacy.datamap import SECRETS, data_paper, kept_data, level_of
from copilot.privacy.register import markdown
from copilot.store.personsearch import PLACES
from copilot.store.sealing import sealed_columns
from copilot.store.tables import metadata


def test_every_column_has_its_level() -> None:
    found = {f"{one.table}.{one.column}": one.level for one in kept_data()}
    assert len(found) == sum(len(table.columns) for table in metadata.sorted_tables)
    for table in metadata.sorted_tables:
        for name in sealed_columns(table):
            assert found[f"{table.name}.{name}"] in ("said", "secret")
    for name, level in {
        "calls.caller_number": "personal",
        "users.email": "personal",
        "contacts.name": "personal",
        "known_callers.name": "personal",
        "audit_entries.address": "personal",
        "messages.approved_by_name": "personal",
        "entries.answer": "business",
        "calls.answered_at": "technical",
    }.items():
        assert found[name] == level, name


def test_whatever_opens_something_is_a_secret() -> None:
    """A new digest or token must be put in `SECRETS`."""
    known = {f"{one.table}.{one.column}" for one in kept_data()}
    assert known >= SECRETS
    marks = ("_hash", "secret", "wrapped", "csrf")
    suspects = {name for name in known if any(mark in name.partition(".")[2] for mark in marks)}
    assert suspects <= SECRETS


def test_where_somebody_is_looked_for_is_not_called_technical() -> None:
    for place in PLACES:
        levels = {level_of(place.table, place.table.c[name]) for name in place.columns}
        assert levels & {"personal", "said", "business"}, place.table.name


def test_the_paper_names_every_table_in_both_languages() -> None:
    for language in ("fr", "en"):
        text = markdown(data_paper(language))
        assert all(f"| {table.name} |" in text for table in metadata.sorted_tables)
