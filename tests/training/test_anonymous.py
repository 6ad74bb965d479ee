"""Nobody of a reviewed call is left in the exercise made of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from copilot.store.records.training import Line
from copilot.training.anonymous import anonymous

SAID = (
    ("caller", "Bonjour, Odile Berthier à l'appareil, c'est au sujet du 4 quai des Brumes."),
    ("operator", "Madame Berthier, à quel numéro vous rappeler ?"),
    ("caller", "Au 06 39 98 41 27, ou odile.berthier@example.com. Ma carte : 4970 1012 3456 7890."),
    ("caller", "Ou chez ma fille au 0561 91 22 33."),
)
FIELDS = {
    "caller_name": "Odile Berthier",
    "phone": "+33639984127",
    "email": "odile.berthier@example.com",
    "address": "4 quai des Brumes",
    "reason": "Odile Berthier demande le syndic",
    "recipient": "Karim Haddad",
    "urgency": "normal",
}


def test_names_numbers_and_addresses_are_replaced_throughout() -> None:
    lines, fields = anonymous(
        [Line(speaker=who, text=text) for who, text in SAID],  # type: ignore[arg-type]
        FIELDS,
    )
    text = " ".join([*(line.text for line in lines), *(value or "" for value in fields.values())])
    for gone in ("Odile", "Berthier", "Brumes", "98 41", "3456", "61 91", "639984127", "odile"):
        assert gone not in text, gone
    assert "Madame Roussel" in text and "Camille Roussel demande le syndic" in text
    assert fields["recipient"] == "Karim Haddad" and fields["urgency"] == "normal"


@given(st.text(max_size=80), st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text(max_size=20)))
def test_any_text_is_taken(said: str, fields: dict[str, str]) -> None:
    lines, changed = anonymous([Line(speaker="caller", text=said)], fields)
    assert len(lines) == 1 and changed.keys() == fields.keys()
