"""What helps the two people of a call: its session, made of the house's models."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from copilot.drafting.draft import ClientProfile, OpenDrafter, Turn
from copilot.drafting.draft import Contact as ProfileContact
from copilot.reception.ongoing import OngoingCall
from copilot.session import CallSession, Copilot
from copilot.store.records.clients import ClientSheet
from knowledge.passages import Prompter
from models.hearing import Hearing, HearingContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistance:
    """The parts every call's session is made of."""

    hearing: Hearing
    prompter: Callable[[str], Awaitable[Prompter]]
    """Takes a client id; the first use of a client loads and indexes."""
    open_drafter: OpenDrafter
    executor: Executor
    missed: Callable[[str, str, Turn], None] = lambda *_: None
    """Told client, call and turn when a question found nothing; must not block."""

    def session(self, call: OngoingCall, *, live: bool = True) -> CallSession:
        """A session for this call, not yet listening; `live` is false for a recording played
        fast."""
        sheet = call.sheet
        client_id = sheet.client.id
        at = call.ringing_at.astimezone(ZoneInfo(sheet.client.settings.time_zone))
        return CallSession(
            log=call.log,
            copilot=Copilot(
                hearing=self.hearing,
                prompter=lambda: self.prompter(client_id),
                open_drafter=lambda: self.open_drafter(client=profile(sheet), at=at),
                executor=self.executor,
                unanswered=lambda call_id, turn: self.missed(client_id, call_id, turn),
            ),
            draft=call.draft,
            context=HearingContext(
                languages=sheet.client.settings.languages, vocabulary=vocabulary(sheet)
            ),
            live=live,
            redact=sheet.client.settings.redact,
            recorder=call.recorder,
        )


def profile(sheet: ClientSheet) -> ClientProfile:
    """What the drafter needs to know of a client."""
    settings = sheet.client.settings
    return ClientProfile(
        name=sheet.client.name,
        sector=sheet.client.sector,
        contacts=tuple(ProfileContact(name=c.name, role=c.role) for c in sheet.contacts),
        required_fields=settings.required_fields,
        urgent_rules=settings.urgent_rules,
        never=settings.never,
    )


def vocabulary(sheet: ClientSheet) -> tuple[str, ...]:
    """Words to expect: the client, its people, its jargon."""
    names = (sheet.client.name, *(contact.name for contact in sheet.contacts))
    return tuple(dict.fromkeys((*names, *sheet.client.settings.vocabulary)))
