"""What belongs to one question, and turns made fewer without losing a word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from copilot.cards import card
from copilot.drafting.draft import Turn
from copilot.turns import MOST_RESUMED_CHARACTERS, Said, folded
from knowledge.marking import Marking
from knowledge.passages import Entry, Hit


def said(text: str, start_s: float, end_s: float, *, operator: bool = False) -> Said:
    speaker = "operator" if operator else "caller"
    turn = Turn(speaker=speaker, text=text, utterance_id=text)  # type: ignore[arg-type]
    return Said(turn=turn, start_s=start_s, end_s=end_s)


def test_the_rest_of_an_unfinished_phrase_is_searched_with_its_beginning() -> None:
    first = said("je voudrais savoir si", 0.0, 2.0)
    whole = said("vous êtes ouverts", 2.7, 4.0).after(first)
    assert whole.query == "je voudrais savoir si vous êtes ouverts"
    assert whole.turn.text == "vous êtes ouverts"
    third = said("le samedi", 4.6, 5.0).after(whole)
    assert third.query == "je voudrais savoir si vous êtes ouverts le samedi"


def test_other_things_said_are_searched_alone() -> None:
    whole = said("Vous êtes ouverts le samedi ?", 0.0, 2.0)
    open_phrase = said("je voudrais savoir si", 0.0, 2.0)
    next_one = said("Et le dimanche ?", 2.6, 3.0)
    assert next_one.after(None) == next_one
    assert next_one.after(whole) == next_one
    late = said("Et le dimanche ?", 3.1, 4.0)
    assert late.after(open_phrase) == late
    again = said("Et le dimanche ?", 1.0, 3.0)
    assert again.after(open_phrase) == again
    answered = said("oui", 2.1, 2.3, operator=True)
    assert answered.after(open_phrase) == answered


def test_a_question_does_not_grow_for_ever() -> None:
    last = said("alors", 0.0, 1.0)
    for number in range(200):
        last = said("et puis euh", 1.5 + number, 2.0 + number).after(last)
        assert len(last.query) <= MOST_RESUMED_CHARACTERS + 20


def test_marks_stand_in_the_utterance_that_is_shown() -> None:
    whole = "je voudrais savoir si vous êtes ouverts"
    unseen = whole.index("vous")
    at = whole.index("ouverts")
    marking = Marking(said=((3, 11), (at, at + 7)))
    hit = Hit(entry=Entry(entry_id="e", question="Q ?", answer="R."), confidence=0.9)
    hit = Hit(entry=hit.entry, confidence=0.9, marking=marking)
    assert card(hit, "client", unseen=unseen).marks.said == ((10, 17),)
    assert card(hit, "client").marks.said == marking.said


def test_folding_keeps_every_word_and_who_said_it() -> None:
    waiting = [
        said(text, number, number + 0.5, operator=bool(number % 2))
        for number, text in enumerate("abcdef")
    ]
    assert [(one.turn.speaker, one.turn.text) for one in folded(waiting)] == [
        ("caller", "a c"),
        ("operator", "b"),
        ("operator", "d"),
        ("caller", "e"),
        ("operator", "f"),
    ]


@given(st.lists(st.tuples(st.booleans(), st.text(alphabet="abc", min_size=1)), min_size=6))
def test_folding_makes_fewer_and_loses_nothing(spoken: list[tuple[bool, str]]) -> None:
    waiting = [
        said(text, number, number + 0.5, operator=operator)
        for number, (operator, text) in enumerate(spoken)
    ]
    fewer = folded(waiting)
    assert len(fewer) < len(waiting)
    assert fewer == sorted(fewer, key=lambda one: one.start_s)
    for speaker in ("caller", "operator"):
        mine = [one.turn.text for one in waiting if one.turn.speaker == speaker]
        kept = [one.turn.text for one in fewer if one.turn.speaker == speaker]
        assert " ".join(kept) == " ".join(mine)
