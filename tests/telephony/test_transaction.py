"""The transaction layer on a clock of the test's own (RFC 3261 section 17, RFC 6026)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from aiosipua.message import SipRequest, SipResponse
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from telephony.sip.message import parse_message, respond
from telephony.sip.transaction import (
    AckArrived,
    ClientTransaction,
    Effect,
    Forgotten,
    RequestArrived,
    ResponseArrived,
    Send,
    ServerTransaction,
    TimedOut,
)
from telephony.sip.transactionlayer import TransactionLayer

SOURCE = ("127.0.0.1", 5071)


def request(
    method: str,
    *,
    branch: str = "z9hG4bK1",
    host: str = "127.0.0.1:5071",
    cseq: int = 1,
    tag: str = "a",
) -> SipRequest:
    text = (
        f"{method} sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {host};branch={branch}\r\n"
        f"From: <sip:a@b>;tag={tag}\r\nTo: <sip:x@127.0.0.1>\r\nCall-ID: c\r\n"
        f"CSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n"
    )
    message = parse_message(text.encode())
    assert isinstance(message, SipRequest)
    return message


def answer(to: SipRequest, status: int) -> SipResponse:
    return respond(to, status, "X", to_tag="ours")


@dataclass
class Bench:
    """A layer and its clock; what it sent is kept as (seconds, first line)."""

    layer: TransactionLayer = field(default_factory=TransactionLayer)
    now_s: float = 0.0
    sent: list[tuple[float, str]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def take(self, effects: list[Effect]) -> list[Effect]:
        for effect in effects:
            if isinstance(effect, Send):
                self.sent.append((self.now_s, effect.data.decode().partition("\r\n")[0]))
        self.effects += effects
        return effects

    def wait(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while (due_s := self.layer.next_due_s()) is not None and due_s <= until_s:
            self.now_s = due_s
            self.take(self.layer.advance(self.now_s))
        self.now_s = until_s

    def arrive(self, message: SipRequest) -> list[Effect]:
        return self.take(self.layer.receive_request(message, SOURCE, self.now_s))

    def begin(self, message: SipRequest) -> ServerTransaction:
        (effect,) = self.arrive(message)
        assert isinstance(effect, RequestArrived)
        return effect.transaction

    def respond(self, transaction: ServerTransaction, status: int) -> None:
        response = answer(transaction.request, status)
        self.take(self.layer.respond(transaction, response, self.now_s))

    def send(self, message: SipRequest) -> ClientTransaction:
        transaction, effects = self.layer.send_request(message, SOURCE, self.now_s)
        self.take(effects)
        return transaction

    def of(self, kind: type[Effect]) -> list[Effect]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def times(self) -> list[float]:
        return [round(at_s, 3) for at_s, _ in self.sent]


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.wait(300)
    assert len(bench.layer) == 0, "every transaction whose user answered ends by itself"
    assert bench.layer.next_due_s() is None


def test_a_repeated_invite_gets_the_last_answer_again(bench: Bench) -> None:
    invite = bench.begin(request("INVITE"))
    assert bench.arrive(request("INVITE")) == []
    bench.respond(invite, 100)
    bench.respond(invite, 180)
    bench.arrive(request("INVITE"))
    assert [line for _, line in bench.sent] == ["SIP/2.0 100 X", "SIP/2.0 180 X", "SIP/2.0 180 X"]
    bench.respond(invite, 486)
    bench.arrive(request("INVITE"))
    assert [line for _, line in bench.sent][-2:] == ["SIP/2.0 486 X"] * 2
    assert len(bench.of(RequestArrived)) == 1
    bench.arrive(request("ACK"))


def test_a_refusal_is_repeated_until_its_ack(bench: Bench) -> None:
    """Timers G and H: T1 doubling to T2, for 64 T1."""
    bench.respond(bench.begin(request("INVITE")), 486)
    bench.wait(8)
    assert bench.times() == [0, 0.5, 1.5, 3.5, 7.5]
    assert bench.arrive(request("ACK")) == []
    bench.wait(60)
    assert len(bench.sent) == 5
    assert not bench.of(TimedOut)


def test_a_refusal_never_acknowledged_is_told(bench: Bench) -> None:
    bench.respond(bench.begin(request("INVITE")), 486)
    bench.wait(31.9)
    assert not bench.of(TimedOut)
    bench.wait(0.2)
    assert len(bench.of(TimedOut)) == 1


def test_a_2xx_is_repeated_until_acknowledged(bench: Bench) -> None:
    invite = bench.begin(request("INVITE"))
    bench.respond(invite, 200)
    bench.wait(2)
    assert bench.times() == [0, 0.5, 1.5]
    (effect,) = bench.arrive(request("ACK", branch="z9hG4bKother"))
    assert isinstance(effect, AckArrived)
    bench.layer.acknowledge(invite)
    bench.arrive(request("INVITE"))
    bench.wait(60)
    assert len(bench.sent) == 3
    assert not bench.of(TimedOut)
    assert len(bench.of(Forgotten)) == 1


def test_a_late_copy_of_an_answered_invite_is_no_new_call(bench: Bench) -> None:
    invite = bench.begin(request("INVITE"))
    bench.respond(invite, 200)
    bench.layer.acknowledge(invite)
    bench.wait(31)
    assert bench.arrive(request("INVITE")) == []


def test_an_ack_on_the_invites_own_branch_still_reaches_the_call(bench: Bench) -> None:
    bench.respond(bench.begin(request("INVITE")), 200)
    (effect,) = bench.arrive(request("ACK"))
    assert isinstance(effect, AckArrived)


def test_a_2xx_never_acknowledged_is_told(bench: Bench) -> None:
    bench.respond(bench.begin(request("INVITE")), 200)
    bench.wait(33)
    assert len(bench.of(TimedOut)) == 1
    assert bench.times()[:5] == [0, 0.5, 1.5, 3.5, 7.5]
    assert bench.times()[5] == 11.5


def test_repeated_bye_gets_its_200_for_64_t1(bench: Bench) -> None:
    """Timer J."""
    bench.respond(bench.begin(request("BYE")), 200)
    bench.wait(31)
    bench.arrive(request("BYE"))
    assert len(bench.sent) == 2
    bench.wait(2)
    (effect,) = bench.arrive(request("BYE"))
    assert isinstance(effect, RequestArrived)
    bench.respond(effect.transaction, 481)


def test_cancel_is_its_own_transaction_and_finds_its_invite(bench: Bench) -> None:
    invite = bench.begin(request("INVITE"))
    cancel = bench.begin(request("CANCEL"))
    assert bench.layer.invite_cancelled_by(cancel.request) is invite
    stranger = request("CANCEL", branch="z9hG4bK2")
    assert bench.layer.invite_cancelled_by(stranger) is None
    bench.respond(cancel, 200)
    bench.respond(invite, 487)
    bench.arrive(request("CANCEL"))
    assert [line for _, line in bench.sent] == [
        "SIP/2.0 200 X", "SIP/2.0 487 X", "SIP/2.0 200 X",
    ]  # fmt: skip


def test_only_the_first_final_answer_counts(bench: Bench) -> None:
    invite = bench.begin(request("INVITE"))
    bench.respond(invite, 487)
    bench.respond(invite, 200)
    bench.respond(invite, 180)
    assert [line for _, line in bench.sent] == ["SIP/2.0 487 X"]


def test_the_same_branch_from_another_host_is_another_request(bench: Bench) -> None:
    first = bench.begin(request("OPTIONS"))
    second = bench.begin(request("OPTIONS", host="127.0.0.1:5072"))
    bench.respond(first, 200)
    bench.respond(second, 200)


def test_without_the_cookie_the_request_itself_is_matched(bench: Bench) -> None:
    """RFC 2543 peers (section 17.2.3)."""
    bench.respond(bench.begin(request("BYE", branch="1")), 200)
    bench.arrive(request("BYE", branch="1"))
    assert len(bench.sent) == 2
    bench.respond(bench.begin(request("BYE", branch="1", cseq=2)), 200)


def test_a_flood_beyond_capacity_is_dropped() -> None:
    bench = Bench(layer=TransactionLayer(capacity=10))
    for number in range(30):
        bench.arrive(request("OPTIONS", branch=f"z9hG4bK{number}"))
    assert len(bench.layer) == 10
    assert bench.layer.requests_dropped == 20


def test_an_unanswered_bye_is_repeated_then_given_up(bench: Bench) -> None:
    """Timers E and F."""
    bench.send(request("BYE"))
    bench.wait(40)
    assert bench.times() == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert len(bench.of(TimedOut)) == 1


def test_an_answered_bye_stops_and_absorbs_copies_of_the_answer(bench: Bench) -> None:
    """Timer K."""
    bye = bench.send(request("BYE"))
    bench.wait(0.6)
    for _ in range(2):
        bench.take(bench.layer.receive_response(answer(bye.request, 200), bench.now_s))
    bench.wait(40)
    assert bench.times() == [0, 0.5]
    assert len(bench.of(ResponseArrived)) == 1
    assert not bench.of(TimedOut)


def test_a_provisional_slows_retransmission_to_t2(bench: Bench) -> None:
    bye = bench.send(request("BYE"))
    bench.take(bench.layer.receive_response(answer(bye.request, 100), bench.now_s))
    bench.wait(13)
    assert bench.times() == [0, 0.5, 4.5, 8.5, 12.5]


def test_an_unanswered_invite_doubles_without_ceiling(bench: Bench) -> None:
    """Timers A and B."""
    bench.send(request("INVITE"))
    bench.wait(40)
    assert bench.times() == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert len(bench.of(TimedOut)) == 1


def test_a_refused_invite_is_acknowledged_each_time_it_is_refused(bench: Bench) -> None:
    """Timer D."""
    invite = bench.send(request("INVITE"))
    for _ in range(3):
        bench.take(bench.layer.receive_response(answer(invite.request, 486), bench.now_s))
    assert [line.split()[0] for _, line in bench.sent] == ["INVITE", "ACK", "ACK", "ACK"]
    assert len(bench.of(ResponseArrived)) == 1


def test_every_2xx_of_a_forked_invite_is_passed_up(bench: Bench) -> None:
    """Timer M."""
    invite = bench.send(request("INVITE"))
    for _ in range(2):
        bench.take(bench.layer.receive_response(answer(invite.request, 200), bench.now_s))
    assert len(bench.of(ResponseArrived)) == 2


def test_a_reliable_transport_repeats_only_the_2xx() -> None:
    bench = Bench(layer=TransactionLayer(reliable=True))
    bench.respond(bench.begin(request("INVITE")), 486)
    bench.send(request("BYE", branch="z9hG4bK9"))
    bench.wait(20)
    assert bench.times() == [0, 0]
    bench.respond(bench.begin(request("INVITE", branch="z9hG4bK3")), 200)
    bench.wait(2)
    assert bench.times() == [0, 0, 20, 20.5, 21.5]


class AnyOrder(RuleBasedStateMachine):
    """Whatever comes in whatever order: one call per INVITE, and nothing is kept for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.seen: dict[str, int] = {}
        self.open: list[ServerTransaction] = []

    @rule(method=st.sampled_from(["INVITE", "BYE", "CANCEL", "ACK"]), branch=st.integers(0, 3))
    def arrive(self, method: str, branch: int) -> None:
        for effect in self.bench.arrive(request(method, branch=f"z9hG4bK{branch}")):
            if isinstance(effect, RequestArrived):
                assert method != "ACK"
                self.open.append(effect.transaction)

    @rule(status=st.sampled_from([100, 180, 200, 404, 487]), which=st.integers(0, 7))
    def respond(self, status: int, which: int) -> None:
        if self.open:
            transaction = self.open[which % len(self.open)]
            self.bench.respond(transaction, status)
            if status >= 200:
                self.open.remove(transaction)

    @rule(seconds=st.floats(0, 40))
    def wait(self, seconds: float) -> None:
        self.bench.wait(seconds)

    @invariant()
    def no_request_arrives_twice(self) -> None:
        keys = [transaction.key for transaction in self.open]
        assert len(keys) == len(set(keys))

    def teardown(self) -> None:
        for transaction in list(self.open):
            self.bench.respond(transaction, 500)
        self.bench.wait(200)
        assert len(self.bench.layer) == 0


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=30)
