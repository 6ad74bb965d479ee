"""Which decodings are doubted."""

from __future__ import annotations

import pytest

from models.gate import Gate
from models.recogniser import Decoding


@pytest.mark.parametrize(
    ("text", "believed"),
    [
        ("Au revoir.", True),
        ("Au revoir. Au revoir.", False),
        ("Pour effacer ce message, appuyez. pour effacer ce message appuyez", False),
        ("Oui, oui.", True),
        ("Allô ? Allô ?", True),
        ("Au revoir, au revoir madame.", True),
        ("", True),
    ],
)
def test_a_phrase_written_twice_is_doubted(text: str, believed: bool) -> None:
    decoding = Decoding(
        text=text, language="fr", average_logprob=-0.2, no_speech=0.0, compression=1.0
    )
    assert Gate().passes(decoding, duration_s=4.0) is believed
