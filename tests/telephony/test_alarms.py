"""Timers of transactions against the plainest list of them; what a refused request leaves."""

from __future__ import annotations

import gc
import weakref
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.alarms import Alarms
from telephony.sip.transaction import Spent
from tests.telephony.test_transaction import Bench, request


@dataclass(eq=False)
class Owner:
    number: int
    alarms: tuple[int, ...] = field(default=())


STEPS = st.lists(
    st.tuples(st.sampled_from(["set", "cancel", "wait"]), st.integers(0, 3), st.integers(0, 9)),
    max_size=60,
)


@given(STEPS)
def test_what_is_due_comes_in_order_and_what_was_cancelled_never(
    steps: list[tuple[str, int, int]],
) -> None:
    owners = [Owner(number) for number in range(4)]
    alarms: Alarms[Owner] = Alarms()
    plain: list[tuple[int, int, int]] = []
    now = made = 0
    for what, number, amount in [*steps, ("wait", 0, 99)]:
        if what == "set":
            alarms.set(owners[number], "A", amount, now)
            plain.append((now + amount, made, number))
            made += 1
        elif what == "cancel":
            alarms.cancel(owners[number])
            plain = [one for one in plain if one[2] != number]
        else:
            now += amount
            due = sorted(one for one in plain if one[0] <= now)
            assert [alarm.owner.number for alarm in alarms.due(now)] == [one[2] for one in due]
            plain = [one for one in plain if one[0] > now]
        assert len(alarms) == len(plain)
        assert alarms.next_due_s() == (min(plain)[0] if plain else None)
    assert not any(owner.alarms for owner in owners)


def test_of_a_refused_request_nothing_is_kept_but_its_answer() -> None:
    bench = Bench()
    invite = bench.begin(request("INVITE"))
    message = weakref.ref(invite.request)
    bench.respond(invite, 404)
    del invite
    bench.effects.clear()
    gc.collect()
    assert message() is None
    (kept,) = bench.layer._servers.values()
    assert isinstance(kept, Spent)
    bench.arrive(request("INVITE"))
    assert [line for _, line in bench.sent] == ["SIP/2.0 404 X"] * 2
    bench.arrive(request("ACK"))
    bench.wait(6)  # timer I, not the 32 s of H
    assert len(bench.layer) == 0 and len(bench.layer._alarms) == 0
