"""The tables. Whatever belongs to a client carries `client_id`.

Rows that point at another row of a client do so by (client_id, id): the database itself refuses
a message that names another client's call.

By subject; importing any of them makes all known to `metadata`.
"""

from __future__ import annotations

from copilot.store.tables import (
    accounts,
    agenda,
    audit,
    calls,
    clients,
    floor,
    inquiries,
    keys,
    knowledge,
    knowncallers,
    learning,
    messages,
    push,
    quality,
    recordings,
    training,
    usage,
)
from copilot.store.tables.base import metadata

# accounts, audit and floor are here for `metadata` alone
__all__ = ["OF_A_CLIENT", "accounts", "audit", "floor", "metadata"]

OF_A_CLIENT = (
    keys.client_keys,
    clients.client_numbers,
    clients.consignes,
    clients.consigne_versions,
    clients.consignes_seen,
    clients.contacts,
    clients.sounds,
    knowledge.entries,
    knowledge.knowledge_versions,
    knowledge.knowledge_changes,
    knowledge.files,
    knowledge.documents,
    knowledge.import_jobs,
    knowncallers.known_callers,
    knowncallers.known_numbers,
    knowncallers.known_caller_versions,
    knowncallers.known_caller_changes,
    calls.calls,
    calls.call_names,
    calls.call_events,
    calls.drafts,
    recordings.recordings,
    messages.messages,
    messages.outbox,
    messages.escalations,
    push.push_subscriptions,
    push.on_call_browsers,
    inquiries.inlets,
    inquiries.mailboxes,
    inquiries.inquiries,
    inquiries.inquiry_files,
    inquiries.message_replies,
    training.training_exercises,
    training.training_runs,
    learning.suggestion_feedback,
    learning.gaps,
    learning.gap_questions,
    learning.entry_wordings,
    quality.remarks,
    quality.evaluations,
    quality.alerts,
    usage.statements,
    agenda.agendas,
    agenda.calendar_accounts,
    agenda.appointments,
    agenda.appointment_cells,
    agenda.appointment_notices,
)
"""Tables whose every row is one client's. `users` may belong to one; `web_sessions` never do."""
