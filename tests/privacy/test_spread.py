"""Numbers dictated in groups, each a final of its own: no part of them stays."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from copilot.privacy.heard import redacted_final
from copilot.privacy.redaction import LABELS
from copilot.privacy.spread import TELEPHONE, WINDOW_S, Masked, SpreadNumbers
from models.hearing import Final
from telephony.leg import LegRole
from tests.recording.test_judge import GROUPS, KINDS, NUMBER, luhn, said

BEFORE = st.sampled_from(["", "euh ", "alors ", "c'est le "])
CARDS = st.from_regex(r"[45][0-9]{14}", fullmatch=True).map(luhn)


def digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdecimal())


def told(finals: list[tuple[LegRole, Final]]) -> dict[str, Masked]:
    """Each utterance as it stands in the end."""
    numbers, last = SpreadNumbers(KINDS), dict[str, Masked]()
    for role, final in finals:
        for masked in numbers.hear(role, f"{role}-{final.utterance_id}", final):
            last[masked.utterance_id] = masked
    return last


def dictated(groups: list[str], *, apart_s: float = 2.0) -> list[tuple[LegRole, Final]]:
    return [("caller", said(group, apart_s * at, number=at + 1)) for at, group in enumerate(groups)]


@given(CARDS, st.lists(st.integers(1, 15), max_size=6, unique=True), BEFORE, st.booleans())
@settings(max_examples=150)
def test_however_a_card_is_cut_nothing_of_it_stays(
    card: str, cuts: list[int], before: str, with_words: bool
) -> None:
    edges = [0, *sorted(cuts), len(card)]
    groups = [card[a:b] for a, b in pairwise(edges)]
    # A whole telephone number in one breath stays one, whatever it adds up to (below).
    assume(not any(TELEPHONE.fullmatch(group) for group in groups))
    groups[0] = before + groups[0]
    groups[-1] += "."
    finals = dictated(groups)
    if not with_words:
        finals = [(role, replace(final, words=())) for role, final in finals]
    for masked in told(finals).values():
        assert not digits(masked.final.text), masked
        assert not digits(masked.final.heard), masked
        assert not digits("".join(word.text for word in masked.final.words)), masked
        assert masked.kinds == ("card",)


def test_what_is_around_a_group_stays() -> None:
    finals = dictated(["bonjour", f"ma carte c'est {GROUPS[0]}", *GROUPS[1:3],
                       f"{GROUPS[3]} et je m'appelle Martin"])  # fmt: skip
    last = told(finals)
    assert last["caller-1"].final.text == "bonjour" and not last["caller-1"].kinds
    assert last["caller-2"].final.text == f"ma carte c'est {LABELS['card']}"
    assert last["caller-5"].final.text.endswith("et je m'appelle Martin")


def test_earlier_ones_are_told_again_once() -> None:
    numbers = SpreadNumbers(KINDS)
    counts = [
        [one.utterance_id for one in numbers.hear(role, f"u{final.utterance_id}", final)]
        for role, final in dictated([*GROUPS, "voilà"])
    ]
    assert counts == [["u1"], ["u2"], ["u3"], ["u1", "u2", "u3", "u4"], ["u5"]]


def test_groups_in_words_go_as_well() -> None:
    spoken = ["quarante-neuf soixante-dix", "dix douze", "trente-quatre cinquante-six"]
    number = luhn("49701012345678 9".replace(" ", ""))
    last = told(dictated([*spoken, number[12:]]))
    assert all(one.kinds == ("card",) for one in last.values()), last


def test_a_question_makes_a_misheard_number_one() -> None:
    wrong = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
    groups = [wrong[at : at + 4] for at in range(0, 16, 4)]
    asked: list[tuple[LegRole, Final]] = [
        ("operator", said("quel est votre numéro de carte", 0.0, number=1))
    ]
    answered = dictated(groups)
    assert any(digits(one.final.text) for one in told(answered).values())
    last = told([*asked, *answered])
    assert not any(digits(one.final.text) for one in last.values())


def test_a_number_said_over_longer_than_the_window_is_several() -> None:
    last = told(dictated(GROUPS, apart_s=WINDOW_S))
    assert [one.final.text for one in last.values()] == GROUPS


@given(
    st.lists(
        st.from_regex(r"0[1-7]([0-9]{2} ){3}[0-9]{2}", fullmatch=True), min_size=1, max_size=3
    ),
    st.from_regex(r"[0-9]{6}", fullmatch=True),
)
def test_telephone_numbers_stay_whatever_they_add_up_to(phones: list[str], file: str) -> None:
    phones = [f"0{phone[1]} {phone[2:]}" for phone in phones]
    finals = dictated([*phones, "mon dossier", file])
    assert [one.final.text for one in told(finals).values()] == [f.text for _, f in finals]


@given(st.text(alphabet="0123456789 azertyé,.", max_size=40))
def test_one_utterance_alone_is_redacted_as_ever(text: str) -> None:
    final = replace(said(text, 0.0), text=text, heard=text)
    shown, kinds = redacted_final(final, KINDS)
    (only,) = SpreadNumbers(KINDS).hear("caller", "caller-1", final)
    assert (only.final.text, set(only.kinds)) == (shown.text, set(kinds))


def test_nothing_is_taken_out_where_nothing_is_to_be() -> None:
    numbers = SpreadNumbers(())
    for role, final in dictated(GROUPS):
        (one,) = numbers.hear(role, "u", final)
        assert one.final is final
