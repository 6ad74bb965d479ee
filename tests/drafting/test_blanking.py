"""What is left out of an utterance before its meaning is read."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from copilot.drafting.blanking import likely_whole
from copilot.drafting.draft import ClientProfile, Turn
from copilot.drafting.drafter import open_drafter
from copilot.drafting.speech import Speech, hear
from copilot.drafting.urgency import UrgencyReader
from tests.drafting.learnt import houses, no_situations, people


@pytest.mark.parametrize(
    "said",
    [
        "y a de l'eau qui coule du plafond",
        "La porte est bloquée. Elle ne s'ouvre plus du tout.",
    ],
)
def test_most_utterances_have_nothing_to_leave_out(said: str) -> None:
    assert likely_whole(hear(said))


@pytest.mark.parametrize(
    "said",
    [
        "c'est Karine Delmas, la chaudière fuit",
        "c'est madame delmas, la chaudière fuit",
        "je suis au 06 39 98 12 34",
        "écrivez à karine arobase @exemple.fr",
        "le zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre",
        "mail karine point delmas arobase exemple point fr",
    ],
)
def test_names_numbers_and_addresses_are_seen_at_once(said: str) -> None:
    assert not likely_whole(hear(said))


def test_what_is_read_is_begun_as_soon_as_the_number_beside_it_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    foreseen: list[str] = []
    heard: list[str] = []
    situations = no_situations()
    monkeypatch.setattr(situations, "foresee", foreseen.append)
    monkeypatch.setattr(UrgencyReader, "next_read", lambda reader, matter: matter.text)
    hears = UrgencyReader.hear

    def noted(reader: UrgencyReader, speech: Speech, matter: Speech, **told: str) -> None:
        heard.append(matter.text)
        hears(reader, speech, matter, **told)

    monkeypatch.setattr(UrgencyReader, "hear", noted)
    drafter = open_drafter(
        client=ClientProfile(name="Plomberie Delorme"),
        at=datetime(2026, 3, 17, 10, tzinfo=ZoneInfo("Europe/Paris")),
        situations=situations,
        people=people(),
        houses=houses(),
    )
    leak = "y a de l'eau qui coule du plafond"
    number = "zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre"
    for at, text in enumerate((leak, f"{number}, et {leak}")):
        drafter.unweighed(Turn(speaker="caller", text=text, utterance_id=f"u{at}"))
    assert heard[0] == leak
    assert heard[1].endswith(leak)
    assert "zéro" not in heard[1]
    assert set(foreseen) == set(heard), "nothing is begun in vain"
