"""One voice made ready to be mixed: lost, late, doubled, bursting, renumbered."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony import g711
from telephony.call import VoicePacket
from telephony.g711 import Pcm
from telephony.playout import MOST_TICKS, START_TICKS, Playout

FRAME = 160


def packet(number: int, *, ssrc: int = 1, base: int = 0, size: int = FRAME) -> VoicePacket:
    """Every sample says its packet's number."""
    payload = g711.encode(np.full(size, level(number), dtype=np.int16), "PCMA")
    timestamp = (base + number * size) & 0xFFFFFFFF
    return VoicePacket(
        payload=payload,
        codec="PCMA",
        sequence=number & 0xFFFF,
        timestamp=timestamp,
        ssrc=ssrc,
        arrived_s=0.0,
    )


def level(number: int) -> int:
    """Exact in A-law, so that it is found again: one of 15 steps."""
    return int(g711.decode(bytes([0xD5 ^ (number % 15 + 1) << 4]), "PCMA")[0])


def given_levels(frames: list[Pcm | None]) -> list[int | None]:
    return [None if frame is None else int(frame[len(frame) // 2]) for frame in frames]


def test_a_steady_voice_is_given_whole_after_its_first_wait() -> None:
    playout = Playout(sample_rate_hz=8000)
    out = []
    for number in range(200):
        playout.take(packet(number, base=0xFFFFFF00))
        out.append(playout.give())
    waited = START_TICKS // FRAME
    assert given_levels(out)[:waited] == [None] * waited
    assert given_levels(out)[waited:] == [level(n) for n in range(200 - waited)]
    assert playout.late == playout.concealed == playout.skipped_ticks == 0


def test_packets_out_of_order_by_less_than_the_wait_are_put_right() -> None:
    playout = Playout(sample_rate_hz=8000)
    out = []
    for number in range(0, 60, 2):
        for one in (number + 1, number) if number % 4 else (number, number + 1):
            playout.take(packet(one))
            out.append(playout.give())
    assert given_levels(out)[2:] == [level(n) for n in range(58)]


def test_a_hole_is_filled_with_what_came_before_fading_and_then_with_nothing() -> None:
    playout = Playout(sample_rate_hz=8000)
    out = []
    for number in range(30):
        if number not in (10, 11):
            playout.take(packet(number))
        out.append(playout.give())
    hole = out[12]
    assert hole is not None and abs(int(hole[0])) > abs(int(hole[-1])) == 0
    assert out[13] is None
    assert given_levels(out)[14:] == [level(n) for n in range(12, 28)]
    assert playout.concealed == 1


def test_what_a_stall_brings_at_once_is_skipped_but_for_its_end() -> None:
    playout = Playout(sample_rate_hz=8000)
    for number in range(10):
        playout.take(packet(number))
        playout.give()
    for _ in range(25):  # half a second of nothing
        playout.give()
    for number in range(10, 35):
        playout.take(packet(number))
    assert playout.waiting_ticks <= MOST_TICKS
    out = [playout.give()]
    for number in range(35, 60):
        playout.take(packet(number))
        out.append(playout.give())
    heard = [value for value in given_levels(out) if value is not None]
    assert len(heard) >= 24
    assert heard[-1] in {level(n) for n in range(50, 60)}


def test_a_voice_that_became_slower_is_waited_for_and_not_lost() -> None:
    playout = Playout(sample_rate_hz=8000)
    out = []
    for tick in range(300):
        number = tick if tick < 100 else tick - 4  # 80 ms later from here on
        if tick < 100 or tick >= 104:
            playout.take(packet(number))
        out.append(playout.give())
    assert playout.late == 0
    assert all(value is not None for value in given_levels(out)[110:])


def test_a_wait_no_longer_needed_is_given_up() -> None:
    playout = Playout(sample_rate_hz=8000)
    for number in range(6):  # a burst: 120 ms wait
        playout.take(packet(number))
    for number in range(6, 1000):
        playout.give()
        playout.take(packet(number))
    assert playout.waiting_ticks <= START_TICKS + 2 * FRAME
    assert playout.skipped_ticks > 0


def test_a_new_source_follows_the_one_before() -> None:
    playout = Playout(sample_rate_hz=8000)
    out = []
    for number in range(20):
        playout.take(packet(number))
        out.append(playout.give())
    for number in range(20, 60):
        playout.take(packet(number, ssrc=2, base=77_000_000))
        out.append(playout.give())
    assert given_levels(out)[-30:] == [level(n) for n in range(28, 58)]


def test_other_lengths_and_rates_come_out_as_frames_of_20_ms() -> None:
    for size in (80, 240, 480):
        playout = Playout(sample_rate_hz=16000)
        out, sent = [], 0
        for tick in range(100):
            while sent * size <= tick * FRAME:
                playout.take(packet(sent, size=size))
                sent += 1
            out.append(playout.give())
        later = out[10:]
        assert all(frame is not None and frame.shape == (320,) for frame in later), size


moves = st.lists(
    st.one_of(
        st.just("give"),
        st.tuples(
            st.integers(0, 2**32 - 1),
            st.sampled_from((1, 2)),
            st.sampled_from((0, 1, 80, 160, 1600, 8000)),
        ),
        st.tuples(st.integers(0, 4000), st.just(1), st.just(160)),
    ),
    max_size=120,
)


@settings(max_examples=150)
@given(moves)
def test_no_packets_at_all_break_it_or_make_it_keep_more_than_it_may(
    played: list[str | tuple[int, int, int]],
) -> None:
    playout = Playout(sample_rate_hz=8000)
    for move in played:
        if isinstance(move, str):
            frame = playout.give()
            assert frame is None or (frame.shape == (FRAME,) and frame.dtype == np.int16)
            continue
        timestamp, ssrc, size = move
        playout.take(
            VoicePacket(
                payload=b"\x2a" * size,
                codec="PCMA",
                sequence=0,
                timestamp=timestamp,
                ssrc=ssrc,
                arrived_s=0.0,
            )
        )
        assert playout.waiting_ticks <= MOST_TICKS
