"""Links in letters: made from the intention, opened by nobody who only guesses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.delivery.links import CODE_S, LinkOverError, MessageLinks
from tests.delivery.examples import NOON

LINKS = MessageLinks(key=b"k" * 32, public_url="https://souffleur.example.fr")
OTHERS = MessageLinks(key=b"o" * 32, public_url="https://souffleur.example.fr")
IDS = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(IDS)
def test_a_link_leads_back_to_its_intention_and_is_always_the_same(item_id: str) -> None:
    address = LINKS.address(item_id)
    assert address == LINKS.address(item_id)
    token = address.partition("/m#")[2]
    assert LINKS.read(token) == item_id
    with pytest.raises(LinkOverError):
        OTHERS.read(token)


@given(IDS, st.integers(0, 63), st.characters(codec="ascii"))
def test_one_character_changed_opens_nothing(item_id: str, place: int, other: str) -> None:
    token = LINKS.token(item_id)
    changed = token[:place] + other + token[place + 1 :]
    if changed != token:
        with pytest.raises(LinkOverError):
            LINKS.read(changed)


@given(st.text(max_size=100))
def test_anything_else_opens_nothing(text: str) -> None:
    with pytest.raises(LinkOverError):
        LINKS.read(text)


@given(IDS, st.integers(0, 2 * CODE_S))
def test_a_code_opens_its_own_link_for_ten_minutes_and_a_little(item_id: str, late: int) -> None:
    code = LINKS.code(item_id, LINKS.slot(NOON))
    assert len(code) == 6 and code.isdecimal()
    slot = LINKS.slot_of(item_id, f" {code[:3]} {code[3:]} ", NOON + timedelta(seconds=late))
    if late < CODE_S:
        assert slot is not None
    if late >= 2 * CODE_S:
        assert slot != LINKS.slot(NOON)
