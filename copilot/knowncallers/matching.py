"""Who is who: people of a file against those known, duplicates, merging. Pure.

Two are one person when they are called the same and share a number or an address, or one of them
has none. People who share a number under different names stay several: a household, a switchboard.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from copilot.knowncallers.people import MOST_EMAILS, MOST_NUMBERS, NOTE_CHARS, ReadPerson
from copilot.store.records.knowncallers import KnownCaller, KnownChange, Standing
from knowledge.wording import plain

RANK: dict[Standing, int] = {"usual": 0, "vip": 1, "blocked": 2}


def folded_name(name: str) -> str:
    """Equal for names that differ by case, accents, hyphens or the order of their words."""
    return " ".join(sorted(plain(name).replace("-", " ").replace(".", " ").split()))


def plan(
    known: Sequence[KnownCaller], read: Iterable[ReadPerson], *, new_id: Callable[[], str]
) -> tuple[KnownChange, ...]:
    """What taking these people in would change: additions and completions, never a removal."""
    now = {caller.id: caller for caller in known}
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for caller in known:
        by_name[folded_name(caller.name)].append(caller.id)
    for person in read:
        same = [
            now[caller_id]
            for caller_id in by_name[folded_name(person.name)]
            if _is_same(now[caller_id], person)
        ]
        if same:
            now[same[0].id] = completed(same[0], person)
        else:
            caller = completed(KnownCaller(id=new_id(), name=person.name), person)
            now[caller.id] = caller
            by_name[folded_name(person.name)].append(caller.id)
    before = {caller.id: caller for caller in known}
    return tuple(
        KnownChange(before=before.get(caller_id), after=after)
        for caller_id, after in now.items()
        if after != before.get(caller_id)
    )


def _is_same(known: KnownCaller, person: ReadPerson) -> bool:
    ours, theirs = {*known.numbers, *known.emails}, {*person.numbers, *person.emails}
    return bool(ours & theirs) or not ours or not theirs


def completed(known: KnownCaller, person: ReadPerson) -> KnownCaller:
    """Somebody with what a file adds: numbers and addresses join, texts replace unless empty."""
    return dataclasses.replace(
        known,
        company=person.company or known.company,
        numbers=_joined(known.numbers, person.numbers, MOST_NUMBERS),
        emails=_joined(known.emails, person.emails, MOST_EMAILS),
        note=person.note or known.note,
        standing=person.standing or known.standing,
        consigne=person.consigne or known.consigne,
    )


def merged(kept: KnownCaller, others: Sequence[KnownCaller]) -> KnownCaller:
    """One person made of several: nothing written about any of them is lost, the gravest standing
    and the expectation of the first that has one count."""
    everybody = (kept, *others)
    expected = next((one for one in everybody if one.expected_from), kept)
    return dataclasses.replace(
        kept,
        company=next((one.company for one in everybody if one.company), ""),
        numbers=_joined((), (n for one in everybody for n in one.numbers), 10 * MOST_NUMBERS),
        emails=_joined((), (e for one in everybody for e in one.emails), 10 * MOST_EMAILS),
        note=_texts(one.note for one in everybody),
        standing=max((one.standing for one in everybody), key=RANK.__getitem__),
        expected_from=expected.expected_from,
        expected_until=expected.expected_until,
        consigne=_texts(one.consigne for one in everybody),
    )


def duplicates(known: Sequence[KnownCaller]) -> tuple[tuple[KnownCaller, ...], ...]:
    """People called the same, who may be one: each group with two at least."""
    groups: defaultdict[str, list[KnownCaller]] = defaultdict(list)
    for caller in known:
        groups[folded_name(caller.name)].append(caller)
    return tuple(tuple(group) for name, group in sorted(groups.items()) if len(group) > 1)


def _joined(first: Iterable[str], more: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *more)))[:most]


def _texts(texts: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(text for text in texts if text))[:NOTE_CHARS]
