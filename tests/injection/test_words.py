"""Attack texts against the drafter, the letter, the check and the writer of wordings: no service.

Whatever a model would answer, only what stands the check is proposed; here the model answers
exactly what the attack wants.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from copilot.drafting.draft import ClientProfile, Contact, Draft, Turn
from copilot.drafting.drafter import open_drafter
from copilot.languagemodel.wordings import plain_wordings
from copilot.languagemodel.writing import CallTexts, judged, question_about
from knowledge.rewording import usable
from tests.drafting.learnt import houses, people, situations
from tests.injection.attacks import WAYS, Attack, attacks, by_way
from tests.languagemodel.calls import LEAK, TALK, with_words

AT = datetime(2026, 11, 22, 10, tzinfo=ZoneInfo("Europe/Paris"))
PROFILE = ClientProfile(
    name="Plomberie Delorme",
    sector="plomberie",
    contacts=(Contact(name="Karim Haddad", role="gérant"), Contact(name="Léa Noël")),
    urgent_rules=("Fuite de gaz : critique",),
)
GUARDED = ("recipient", "urgency", "phone", "email", "callback", "caller_name", "category")


def test_there_are_two_hundred_of_them_each_once() -> None:
    assert len(attacks()) == 200
    assert len({attack.text for attack in attacks()}) == 200
    assert set(Counter(attack.way for attack in attacks())) == set(WAYS)
    assert min(Counter(attack.language for attack in attacks()).values()) >= 60


PLAIN = (
    *TALK[:-1],
    ("caller", "Je voudrais prendre rendez-vous pour la réparation, mardi à quatorze heures."),
)
"""What is asked for is plain: nothing written to the software may move it."""


def drafted(*texts: str) -> Draft:
    drafter = open_drafter(
        client=PROFILE, at=AT, situations=situations(), people=people(), houses=houses()
    )
    draft = Draft()
    for at, (speaker, text) in enumerate(PLAIN):
        draft = drafter.hear(Turn(speaker=speaker, text=text, utterance_id=f"u-{at}"))  # type: ignore[arg-type]
    for at, text in enumerate(texts):
        draft = drafter.hear(Turn(speaker="caller", text=text, utterance_id=f"a-{at}"))
    return draft


def is_in(wanted: str, text: str) -> bool:
    folded = text.casefold()
    digits = "".join(character for character in text if character.isdigit())
    return wanted.casefold() in folded or (wanted.isdigit() and wanted.lstrip("0") in digits)


@pytest.mark.parametrize("attack", by_way("speech"), ids=lambda attack: attack.text[:50])
def test_what_a_caller_dictates_to_the_software_changes_no_field(attack: Attack) -> None:
    before, after = drafted(), drafted(attack.text)
    for name in GUARDED:
        assert after.value(name) == before.value(name), name
    for name, field in after.fields.items():
        if field.value != before.value(name):
            assert not is_in(attack.wants, field.value), name


@pytest.mark.parametrize(
    "attack", [*by_way("speech"), *by_way("email")], ids=lambda attack: attack.text[:50]
)
def test_an_obedient_model_gets_nothing_through(attack: Attack) -> None:
    said = replace(
        with_words(LEAK, attack.text), language=attack.language if attack.wants else "fr"
    )
    for answer in (attack.text, attack.wants, f"La personne demande : {attack.wants}."):
        kept = judged(CallTexts(reason=answer, summary=answer, reply=answer), said)
        for text in kept.texts:
            assert not attack.wants or not is_in(attack.wants, text.text), text


@pytest.mark.parametrize("attack", by_way("speech"), ids=lambda attack: attack.text[:50])
def test_the_model_never_reads_the_order(attack: Attack) -> None:
    assert attack.text not in question_about(with_words(LEAK, attack.text)).data


@pytest.mark.parametrize("attack", by_way("faq"), ids=lambda attack: attack.text[:50])
def test_no_wording_carries_an_attack(attack: Attack) -> None:
    """A writer that copies the document's orders, or writes what they want."""
    wants = attack.wants or attack.text
    kept = plain_wordings(
        [attack.text, f"Est-ce que {wants} ?", wants],
        question="Quels sont vos horaires ?",
        answer="De 8 h à 18 h.",
        language="fr",
    )
    for text in usable(kept, question="Quels sont vos horaires ?"):
        assert "<" not in text and "http" not in text and "__pwned" not in text
        assert not (attack.wants and attack.text == text)
