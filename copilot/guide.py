"""What guides the operator during a call: what is missing, what to ask, what could be next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from copilot.drafting.checklist import ASKS, Checklist, items_of
from copilot.drafting.draft import Contact, Turn
from copilot.drafting.form import Form, default_form
from copilot.drafting.nextstep import propose
from copilot.drafting.speech import fold
from copilot.events import ChecklistItem, DraftField, NextStep
from copilot.store.records.clients import Client, ClientSheet
from copilot.store.records.consignes import Consigne


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """As `GuidanceChanged` tells it."""

    missing: tuple[str, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    next_step: NextStep | None = None


class Guide:
    """One call's guide, from what its client wants."""

    def __init__(
        self,
        *,
        form: Form,
        instructions: Iterable[str] = (),
        transfers: Sequence[str] = (),
        contacts: Sequence[Contact] = (),
    ) -> None:
        """`instructions` and `transfers` are the bodies of the consignes in force."""
        self.form = form
        self._checklist = Checklist(items_of(instructions))
        self._transfers = transfers
        self._contacts = contacts

    def hear(self, turn: Turn) -> None:
        """Take a finished utterance of either speaker."""
        self._checklist.hear(turn)

    def guidance(self, fields: Iterable[DraftField]) -> Guidance:
        """For a message as it stands."""
        told = list(fields)
        values = {field.name: field.value for field in told}
        items = self._checklist.items(values, {field.name: field.utterance_id for field in told})
        evidence = next((field.evidence for field in told if field.name == "urgency"), None)
        step = propose(
            values, contacts=self._contacts, transfers=self._transfers, evidence=evidence
        )
        return Guidance(
            missing=self.form.missing(values),
            checklist=tuple(
                ChecklistItem(
                    item_id=item.id,
                    text=item.text,
                    field=item.field,
                    done=item.done,
                    utterance_id=item.utterance_id,
                )
                for item in items
            ),
            next_step=None
            if step is None
            else NextStep(
                action=step.kind, because=step.because, contact=step.contact, detail=step.detail
            ),
        )


def form_of(client: Client) -> Form:
    """The client's own form, else its trade's with the fields it has always wanted."""
    settings = client.settings
    return settings.form or default_form(client.sector, settings.required_fields)


def guide_for(sheet: ClientSheet) -> Guide:
    """The guide of a call to this client."""
    return Guide(
        form=form_of(sheet.client),
        instructions=[_instruction(item) for item in sheet.consignes if item.kind == "consigne"],
        transfers=[
            f"{item.title}. {item.body}" for item in sheet.consignes if item.kind == "transfert"
        ],
        contacts=[Contact(name=item.name, role=item.role) for item in sheet.contacts],
    )


def _instruction(item: Consigne) -> str:
    """A title that says to ask ("Toujours demander l'adresse") speaks for the whole body."""
    asks = ASKS.search(fold(item.title)) and not ASKS.search(fold(item.body))
    return f"{item.title} : {item.body}" if asks else f"{item.title}. {item.body}"
