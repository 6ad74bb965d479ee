"""A call as a model is told of it, for the tests of what may be written."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from copilot.drafting.draft import Turn
from copilot.languagemodel.grounds import Said

TALK = (
    ("operator", "Plomberie Delorme, bonjour, que puis-je faire pour vous ?"),
    (
        "caller",
        "Bonjour, Odette Girard, j'ai une fuite sous l'évier de la cuisine depuis ce matin.",
    ),
    ("operator", "Je note. À quel numéro peut-on vous rappeler ?"),
    ("caller", "Au zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre."),
    (
        "caller",
        "Vous pouvez passer mardi à quatorze heures ? J'ai déjà payé deux cent cinquante euros.",
    ),
)
FIELDS = {
    "caller_name": "Odette Girard",
    "phone": "+33639981234",
    "appointment_when": "2026-11-24T14:00",
    "recipient": "Karim Haddad",
    "reason": "J'ai une fuite sous l'évier de la cuisine depuis ce matin.",
    "email": "odette.girard@example.fr",
}

LEAK = Said(
    turns=tuple(
        Turn(speaker=speaker, text=text, utterance_id=f"{speaker}-{at}")  # type: ignore[arg-type]
        for at, (speaker, text) in enumerate(TALK)
    ),
    fields=FIELDS,
    at=datetime(2026, 11, 22, 10, tzinfo=ZoneInfo("Europe/Paris")),
    client="Plomberie Delorme",
    people=("Karim Haddad", "Inès Carpentier"),
)


def with_words(said: Said, *texts: str) -> Said:
    """The call with more said by its caller."""
    more = tuple(
        Turn(speaker="caller", text=text, utterance_id=f"more-{at}")
        for at, text in enumerate(texts)
    )
    return replace(said, turns=said.turns + more)


LEAK_IN_ENGLISH = Said(
    turns=(
        Turn(speaker="operator", text="Delorme Plumbing, good morning.", utterance_id="o-1"),
        Turn(
            speaker="caller",
            text="Hello, Alice Morton here, there is a leak under my kitchen sink since yesterday.",
            utterance_id="c-1",
        ),
        Turn(
            speaker="caller",
            text="Could you come on Tuesday at half past two? I paid two hundred and fifty euros.",
            utterance_id="c-2",
        ),
    ),
    fields={"caller_name": "Alice Morton", "appointment_when": "2026-11-24T14:30"},
    at=LEAK.at,
    client="Plomberie Delorme",
    language="en",
)
