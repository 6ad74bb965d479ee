"""The message being written: what was heard, what is in doubt, what was typed."""

from __future__ import annotations

from copilot.bus import InProcessBus
from copilot.drafting.draft import Draft, FieldValue
from copilot.events import DraftChanged, DraftField
from copilot.journal import Journal
from copilot.messagedraft import MessageDraft
from tests.test_journal import FlakyLog

HEARD = Draft(
    fields={"reason": FieldValue(value="fuite", confidence=0.9, utterance_id="caller-1")},
    doubts={
        "phone": FieldValue(value="063998", confidence=0.4, utterance_id="caller-2", whole=False),
        "company": FieldValue(value="Club des Aînés", confidence=0.4, utterance_id="caller-1"),
    },
)


def named(fields: tuple[DraftField, ...], name: str) -> DraftField:
    return next(field for field in fields if field.name == name)


async def told(*, edits: dict[str, str | None] | None = None) -> tuple[DraftField, ...]:
    """What a log tells of the draft, after it was heard and edited."""
    kept = FlakyLog()
    async with InProcessBus() as bus, Journal(bus=bus, log=kept).running() as journal:
        draft = MessageDraft(journal.open("client", "call"))
        draft.heard(HEARD)
        if edits:
            draft.edit(edits)
        await journal.kept(timeout_s=1.0)
    changes = [event for event in kept.kept if isinstance(event, DraftChanged)]
    return changes[-1].fields


async def test_a_doubt_is_shown_beside_its_field_and_is_no_value() -> None:
    phone = named(await told(), "phone")
    assert (phone.value, phone.doubt, phone.doubt_utterance_id) == (None, "063998", "caller-2")


async def test_a_doubt_that_is_whole_may_be_taken_as_it_is() -> None:
    fields = await told()
    company = named(fields, "company")
    assert (company.value, company.doubt, company.doubt_whole) == (None, "Club des Aînés", True)
    assert not named(fields, "phone").doubt_whole


async def test_a_doubt_goes_once_the_operator_types() -> None:
    phone = named(await told(edits={"phone": "+33639981234"}), "phone")
    assert (phone.value, phone.doubt, phone.edited) == ("+33639981234", None, True)


async def test_a_draft_taken_up_again_keeps_its_doubts() -> None:
    before = await told(edits={"company": "Vasseur"})
    async with InProcessBus() as bus, Journal(bus=bus, log=FlakyLog()).running() as journal:
        again = MessageDraft(journal.open("client", "call"), told=before)
        assert again.fields() == before
