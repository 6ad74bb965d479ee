"""Values that the store's tests share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from copilot.events import Card, DraftChanged, DraftField, SuggestionOffered, UtteranceHeard
from copilot.store.records.calls import NewCall
from copilot.store.records.clients import Client, ClientSettings
from copilot.store.records.recordings import Recording
from knowledge.passages import Entry

NOON = datetime(2026, 3, 17, 12, 0, 0, 123456, tzinfo=UTC)
MAIN = "delorme"
OTHER = "vasseur"


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def client(client_id: str, name: str, *recipients: str) -> Client:
    return Client(
        id=client_id,
        name=name,
        sector="plomberie",
        colour="#1f6f8b",
        greeting=f"{name}, bonjour !",
        settings=ClientSettings(recipients=recipients or (f"{client_id}@example.fr",)),
    )


def ringing(call_id: str, at: datetime = NOON) -> NewCall:
    return NewCall(
        id=call_id,
        dialled="+33199001234",
        source="sip",
        ringing_at=at,
        caller_number="+33639981234",
        caller_name=None,
        forwarded_from=None,
        names=(f"{call_id}@pbx.example.com",),
    )


def utterance(call_id: str, seq: int, text: str = "bonjour l'été") -> UtteranceHeard:
    return UtteranceHeard(
        call_id=call_id,
        seq=seq,
        at=after(seq),
        leg="caller",
        utterance_id=f"caller-{seq}",
        text=text,
        heard=text,
        start_s=1.0,
        end_s=2.5,
        language="fr",
        confidence=0.75,
    )


def recording(client_id: str, call_id: str) -> Recording:
    return Recording(
        client_id=client_id,
        call_id=call_id,
        file=f"{client_id}-{call_id}.ogg.sealed",
        state="whole",
        began_at=NOON,
        begins_s=1.5,
        duration_s=60.0,
        silenced=((3.0, 4.5),),
    )


def suggestion(call_id: str, seq: int) -> SuggestionOffered:
    card = Card(
        entry_id="1", question="q", answer="a", source="FAQ", confidence=0.5, matched=("q",)
    )
    return SuggestionOffered(
        call_id=call_id,
        seq=seq,
        at=after(seq),
        suggestion_id=f"s{seq}",
        utterance_id="caller-1",
        cards=(card,),
    )


def draft(call_id: str, seq: int) -> DraftChanged:
    field = DraftField(name="caller_name", value="Claire Fontaine", confidence=0.9)
    return DraftChanged(call_id=call_id, seq=seq, at=after(seq), fields=(field,))


def entry(entry_id: str, answer: str = "Oui.") -> Entry:
    return Entry(
        entry_id=entry_id,
        question=f"Question {entry_id} ?",
        answer=answer,
        tags=("horaires", "été"),
        alternatives=("autrement",),
        source="FAQ · Horaires",
    )
