"""Calls made of events, for pages that must be seen in a given state: no audio, no models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle

from copilot.drafting.draft import FIELD_NAMES
from copilot.events import (
    CallAnswered,
    CallEnded,
    CallRinging,
    CallWaiting,
    Card,
    ChecklistItem,
    DraftChanged,
    DraftField,
    GuidanceChanged,
    NextStep,
    SuggestionOffered,
    UtteranceHeard,
)
from copilot.journal import CallLog
from copilot.store.records.calls import NewCall
from tests.web.running import DELORME_LINE, Running

CALLER = "+33639981234"

TALK = (
    ("operator", "Plomberie Delorme, bonjour, que puis-je faire pour vous ?"),
    ("caller", "Bonjour, j'ai une fuite sous l'évier de la cuisine depuis ce matin."),
    ("operator", "Je note, à quelle adresse ?"),
    ("caller", "Au douze rue des Tanneurs, deuxième étage, le code c'est 45 B 12."),
    ("caller", "Vous intervenez aussi le week-end ?"),
    ("operator", "Oui, une équipe d'astreinte se déplace tous les jours."),
)


@dataclass
class Scene:
    """A call in progress, told event by event."""

    service: Running
    client_id: str
    call_id: str
    log: CallLog
    spoken_s: float = 0.0
    said: int = 0

    def say(self, leg: str, text: str, *, lasts_s: float = 3.0) -> str:
        """Tell an utterance; its id."""
        self.said += 1
        utterance_id = f"{leg}-{self.said}"
        self.log.tell(
            UtteranceHeard(
                **self.log.stamp(), leg=leg, utterance_id=utterance_id, text=text, heard=text,  # type: ignore[arg-type]
                start_s=self.spoken_s, end_s=self.spoken_s + lasts_s, language="fr",
                confidence=0.9,
            )
        )  # fmt: skip
        self.spoken_s += lasts_s + 0.6
        return utterance_id

    def offer(self, utterance_id: str, answer: str) -> None:
        """Tell a suggestion."""
        card = Card(
            entry_id=f"e-{utterance_id}", question="Intervenez-vous le week-end ?", answer=answer,
            source="FAQ", confidence=0.92, matched=("week-end",),
        )  # fmt: skip
        self.log.tell(
            SuggestionOffered(
                **self.log.stamp(), suggestion_id=f"s-{utterance_id}", utterance_id=utterance_id,
                cards=(card,),
            )
        )  # fmt: skip

    def unsure(self, **doubts: str) -> None:
        """Tell a message of which nothing is sure enough to be filled."""
        fields = tuple(
            DraftField(
                name=name,
                value=None,
                confidence=0.0,
                doubt=doubts.get(name),
                doubt_whole=name in doubts,
            )
            for name in FIELD_NAMES
        )
        self.log.tell(DraftChanged(**self.log.stamp(), fields=fields))

    def draft(self, **values: str) -> None:
        """Tell the message as it stands."""
        fields = tuple(
            DraftField(
                name=name,
                value=values.get(name),
                confidence=0.9 if name in values else 0.0,
                read_back=name == "phone" and name in values,
                doubt="0639" if name == "phone" and name not in values else None,
            )
            for name in FIELD_NAMES
        )
        self.log.tell(DraftChanged(**self.log.stamp(), fields=fields))

    def guide(self, *, done: bool) -> None:
        """Tell what is to be asked: one thing answered or not, another still to ask."""
        items = (
            ChecklistItem(
                item_id="leak",
                text="Demander si l'eau est coupée",
                field=None,
                done=done,
                utterance_id="caller-2" if done else None,
            ),
            ChecklistItem(item_id="phone", text="Demander le numéro", field="phone", done=False),
        )
        step = NextStep(
            action="escalation", because="emergency", contact="Karim Haddad", detail="une fuite"
        )
        self.log.tell(
            GuidanceChanged(
                **self.log.stamp(), missing=("caller_name", "phone"), checklist=items,
                next_step=step,
            )
        )  # fmt: skip

    async def kept(self) -> None:
        """What was told is in the database: a machine that is too slow for it fails here."""
        assert await self.service.house.journal.kept(timeout_s=20.0), "events wait to be kept"

    async def talk(self) -> None:
        """A short conversation with an answer and a message."""
        for leg, text in TALK:
            utterance_id = self.say(leg, text)
            if "week-end" in text:
                self.offer(utterance_id, "Oui, tous les jours, 24 h sur 24.")
        self.draft(reason="Fuite sous l'évier", address="12 rue des Tanneurs")
        self.guide(done=True)
        await self.kept()

    async def end(self) -> None:
        """The caller hangs up."""
        self.log.tell(
            CallEnded(**self.log.stamp(), ended_by="caller", reason="bye", duration_s=self.spoken_s)
        )
        await self.kept()


async def ringing(service: Running, call_id: str = "scene") -> Scene:
    """A call that waits for an operator."""
    house = service.house
    client = await house.store.provider.route(DELORME_LINE)
    assert client is not None
    await house.store.for_client(client.client_id).create_call(
        NewCall(
            id=call_id, dialled=DELORME_LINE, source="replay", caller_number=CALLER,
            ringing_at=house.journal.now() - timedelta(seconds=4),
        )
    )  # fmt: skip
    log = house.journal.open(client.client_id, call_id)
    log.tell(
        CallRinging(
            **log.stamp(), client_id=client.client_id, client_name=client.client_name,
            dialled=DELORME_LINE, caller_number=CALLER, caller_name=None, forwarded_from=None,
            source="replay",
        )
    )  # fmt: skip
    log.tell(CallWaiting(**log.stamp(), group_id=""))
    await service.rings(call_id)
    return Scene(service=service, client_id=client.client_id, call_id=call_id, log=log)


async def answered(service: Running, operator_id: str, call_id: str = "scene") -> Scene:
    """A call in conversation with this operator."""
    scene = await ringing(service, call_id)
    scene.log.tell(
        CallAnswered(**scene.log.stamp(), operator_id=operator_id, operator_name="Inès Carpentier")
    )
    await scene.kept()
    return scene


def long_talk() -> Iterator[tuple[str, str]]:
    """Things said, without end."""
    return cycle(TALK)
