"""Settled and provisional words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.agreement import Agreement


def test_two_decodings_that_agree_settle_their_common_words() -> None:
    agreement = Agreement()
    assert agreement.hear("Bonjour je") == ("", "Bonjour je")
    assert agreement.hear("bonjour, je voudrais") == ("bonjour, je", "voudrais")
    assert agreement.hear("Bonjour je voulais parler") == ("bonjour, je", "voulais parler")
    assert agreement.hear("Bonjour je voulais parler à") == ("bonjour, je voulais parler", "à")


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=8), max_size=12))
def test_what_is_settled_never_changes(hypotheses: list[list[str]]) -> None:
    agreement = Agreement()
    before: list[str] = []
    for words in hypotheses:
        settled, provisional = agreement.hear(" ".join(words))
        now = settled.split()
        assert now[: len(before)] == before
        assert len(now) + len(provisional.split()) == max(len(now), len(words))
        before = now
