"""Moments that both sides come to; what happens then that is nobody's wish."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from copilot.drafting.dates import whens
from copilot.drafting.draft import ClientProfile, Draft, Speaker, Turn
from copilot.drafting.drafter import open_drafter
from copilot.drafting.questions import asked
from copilot.drafting.scheduling import dates_in
from copilot.drafting.sharedmoment import ACCEPTED, ANSWERED, NAMED, REPEATED, SharedMoment
from copilot.drafting.speech import fold, hear
from tests.drafting.learnt import houses, people, situations

AT = datetime(2026, 3, 17, 10, 12, tzinfo=ZoneInfo("Europe/Paris"))  # a Tuesday


def shared(*lines: str) -> tuple[str | None, float]:
    """The moment both come to in lines like "C: bonjour", and how far it has come."""
    moment, questions = SharedMoment(AT), frozenset[str]()
    for index, line in enumerate(lines):
        speech = hear(line[2:].strip())
        if line.startswith("O:"):
            questions = asked(speech.folded)
            moment.operator_says(speech, str(index))
        else:
            moment.caller_says(speech, str(index), asked=questions)
    return (moment.when.iso(AT) if moment.when else None), moment.confidence


def drafted(*lines: str) -> Draft:
    """The weighed draft after the lines."""
    client = ClientProfile(name="Institut Ondine")
    drafter = open_drafter(
        client=client, at=AT, situations=situations(), people=people(), houses=houses()
    )
    draft = Draft()
    for index, line in enumerate(lines):
        speaker: Speaker = "caller" if line.startswith("C:") else "operator"
        draft = drafter.hear(Turn(speaker=speaker, text=line[2:].strip(), utterance_id=str(index)))
    return draft


@pytest.mark.parametrize(
    ("lines", "when", "confidence"),
    [
        (("O: madame Weil est libre jeudi à onze heures", "C: jeudi onze heures c'est parfait"),
         "2026-03-19T11:00", ACCEPTED),
        (("O: on peut passer lundi à neuf heures", "C: d'accord"), "2026-03-23T09:00", ACCEPTED),
        (("C: il y aurait quelque chose vendredi matin", "O: vendredi vingt, dix heures"),
         "2026-03-20T10:00", REPEATED),
        (("C: samedi vingt-huit", "O: oui, à dix heures quarante", "C: dix heures quarante ça va"),
         "2026-03-28T10:40", ACCEPTED),
        (("O: mardi ou mercredi ?", "C: mercredi à la première heure"),
         "2026-03-18T08:00/10:00", ANSWERED),
        (("C: mardi neuf heures, va pour mardi",), "2026-03-24T09:00", NAMED),
        (("O: jeudi à quatorze heures ?", "C: jeudi j'ai piscine vendredi",
          "O: vendredi à la même heure", "C: très bien"), "2026-03-20T14:00", REPEATED),
        (("O: demain à sept heures ?", "C: sept heures moins le quart"),
         "2026-03-18T06:45", ACCEPTED),
        (("O: lundi à dix heures", "C: oui", "O: votre nom ?", "C: Gabrielle Noël"),
         "2026-03-23T10:00", ACCEPTED),
        (("O: sa date de naissance ?", "C: le dix-sept juin deux mille seize"), None, 0.0),
        (("O: on vous rappelle jeudi matin", "C: d'accord"), None, 0.0),
    ],
)  # fmt: skip
def test_a_moment_is_followed_from_who_names_it_to_who_takes_it_up(
    lines: Sequence[str], when: str | None, confidence: float
) -> None:
    assert shared(*lines) == (when, confidence)


@pytest.mark.parametrize(
    "said",
    [
        "je pars travailler dans dix minutes",
        "j'ai un patient qui attend à neuf heures",
        "je suis en réunion jeudi",
        "le train repart à dix-sept heures",
        "les invités arrivent à dix-huit heures",
        "elle appelle sa mère à vingt heures",
    ],
)
def test_what_happens_at_a_moment_is_no_wish(said: str) -> None:
    assert [each.aside for each in dates_in(fold(said), AT, "callback")] == [True]


@pytest.mark.parametrize(
    "said",
    [
        "je suis libre jeudi",
        "j'ai rendez-vous jeudi à dix heures",
        "elle peut me rappeler ce soir",
        "je suis là demain matin",
        "je préfère vendredi",
    ],
)
def test_when_somebody_is_free_is_a_wish(said: str) -> None:
    assert not any(each.aside for each in dates_in(fold(said), AT, "callback"))


def test_a_day_s_business_is_not_the_next_day_s() -> None:
    said = dates_in("mardi je suis en formation mercredi plutot avant dix-sept heures", AT, None)
    assert [(each.busy, each.aside) for each in said] == [(True, False), (False, False)]


def test_the_emergency_number_is_no_day() -> None:
    assert whens("appelez le quinze madame weil vous rappelle", AT) == []
    assert [when.iso(AT) for when in whens("plutot le quinze", AT)] == ["2026-04-15"]


def test_a_good_evening_is_no_evening() -> None:
    assert whens("merci bonne soiree", AT) == []
    assert whens("bon apres-midi a vous", AT) == []


def test_a_lesson_nobody_asked_for_in_so_many_words_is_filled() -> None:
    draft = drafted(
        "O: institut ondine bonjour",
        "C: bonjour ma fille voudrait essayer le cours de danse",
        "O: il y a un cours d'essai mercredi à seize heures",
        "C: mercredi seize heures parfait",
        "O: c'est noté, son prénom ?",
        "C: Solène",
    )
    assert draft.value("appointment_action") == "prendre"
    assert draft.value("appointment_when") == "2026-03-18T16:00"


def test_a_delivery_is_no_appointment() -> None:
    draft = drafted(
        "O: fournitures bonjour",
        "C: bonjour où en est ma commande de papier",
        "O: elle est livrée jeudi matin",
        "C: jeudi matin d'accord merci",
    )
    assert draft.value("appointment_action") is None


def test_a_meeting_called_off_keeps_the_operators_hour() -> None:
    draft = drafted(
        "O: institut ondine bonjour",
        "C: bonjour vous deviez venir lundi pour le piano c'est plus la peine on annule",
        "O: lundi vingt-trois à huit heures, annulé",
        "C: merci",
    )
    assert draft.value("appointment_action") == "annuler"
    assert draft.value("appointment_when") == "2026-03-23T08:00"


def test_a_moment_that_is_over_is_not_when_to_call() -> None:
    over = drafted("C: rappelez-moi on a posé la machine ce matin à huit heures", "O: oui")
    assert over.value("callback_when") is None


@pytest.mark.parametrize("answer", ["madame ne prend pas ces appels", "non merci au revoir"])
def test_whoever_sells_is_not_called_back(answer: str) -> None:
    draft = drafted("C: elle peut me rappeler avant vendredi l'offre se termine", f"O: {answer}")
    assert (draft.value("callback"), draft.value("callback_when")) == ("false", None)


def test_a_year_of_birth_is_put_right() -> None:
    draft = drafted("O: sa date de naissance ?", "C: le trois mai 2019 ah non 2018 pardon")
    assert draft.value("date_of_birth") == "2018-05-03"
