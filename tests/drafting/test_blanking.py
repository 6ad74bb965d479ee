"""What is left out of an utterance before its meaning is read."""

from __future__ import annotations

import pytest

from copilot.drafting.blanking import likely_whole
from copilot.drafting.speech import hear


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
    ],
)
def test_names_numbers_and_addresses_are_seen_at_once(said: str) -> None:
    assert not likely_whole(hear(said))
