"""Packets to frames: the clock holds whatever the network does."""

from __future__ import annotations

import asyncio
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony import g711
from telephony.call import VoicePacket
from telephony.lateness import GRACE_S
from telephony.leg import Frame
from telephony.voice import PATIENCE_S, FrameClock, FrameQueue, Voice

STARTED_S = 1000.0


def packet(
    number: int,
    *,
    at_s: float | None = None,
    ssrc: int = 7,
    first_sequence: int = 0,
    first_timestamp: int = 0,
    samples: int = 160,
) -> VoicePacket:
    """The `number`th packet of a stream; its payload tells which it is."""
    return VoicePacket(
        payload=g711.encode(np.full(samples, mark(number), dtype=np.int16), "PCMA"),
        codec="PCMA",
        sequence=(first_sequence + number) & 0xFFFF,
        timestamp=(first_timestamp + number * 160) & 0xFFFFFFFF,
        ssrc=ssrc,
        arrived_s=STARTED_S + number * 0.02 + 0.003 if at_s is None else at_s,
    )


def mark(number: int) -> int:
    return 1000 + 100 * (number % 200)


def run(packets: list[VoicePacket], *, until_s: float | None = None) -> list[Frame]:
    """Feed packets by arrival, with the bridge's ticks in between, then end."""
    clock = FrameClock(started_s=STARTED_S)
    frames: list[Frame] = []
    now_s = STARTED_S
    for item in sorted(packets, key=lambda p: p.arrived_s):
        while now_s < item.arrived_s:
            frames += clock.advance(now_s)
            now_s += 0.02
        frames += clock.receive(item)
    while until_s is not None and now_s < until_s:
        frames += clock.advance(now_s)
        now_s += 0.02
    return frames + clock.finish()


def assert_contiguous(frames: list[Frame]) -> None:
    assert all(len(frame.pcm) == 160 for frame in frames)
    starts = [round(frame.start_s * 50, 6) for frame in frames]
    assert starts == list(range(len(frames)))


def is_packet(frame: Frame, number: int) -> bool:
    return not frame.lost and abs(int(frame.pcm[80]) - mark(number)) < 0.05 * mark(number)


def test_a_clean_stream_is_passed_on_at_once() -> None:
    clock = FrameClock(started_s=STARTED_S)
    for number in range(100):
        frames = clock.receive(packet(number))
        assert len(frames) == 1 and is_packet(frames[0], number)


@pytest.mark.parametrize("behind_s", [0.8, 1.5])
def test_a_voice_that_stays_late_after_an_outage_is_listened_to_again(behind_s: float) -> None:
    """Its clock stood while nothing came, or the way it comes takes longer now."""
    before = [packet(number) for number in range(50)]
    behind = round(behind_s / 0.02)
    after = [
        packet(number - behind, at_s=STARTED_S + number * 0.02 + 0.003)
        for number in range(130, 330)
    ]
    frames = run(before + after)
    assert_contiguous(frames)
    heard = [frame for frame in frames[130 : 130 + 200] if not frame.lost]
    assert len(heard) >= 200 - round(GRACE_S / 0.02) - 1
    assert is_packet(frames[-1], 329 - behind)


def test_loss_is_marked_and_the_rest_stays_in_place() -> None:
    random.seed(3)
    kept = [n for n in range(3000) if n == 0 or random.random() > 0.2]
    frames = run([packet(n) for n in kept])
    assert_contiguous(frames)
    for number in range(kept[-1] + 1):
        if number in set(kept):
            assert is_packet(frames[number], number)
        else:
            assert frames[number].lost and not frames[number].pcm.any()


def test_a_hole_is_given_up_after_100_ms() -> None:
    clock = FrameClock(started_s=STARTED_S)
    clock.receive(packet(0))
    emitted = [len(clock.receive(packet(number))) for number in range(2, 9)]
    assert emitted == [0, 0, 0, 0, 6, 1, 1]


@given(
    st.permutations(range(4)),
    st.integers(0, 65535),
    st.sampled_from([0, 2**32 - 800, 2**31 - 320]),
)
@settings(max_examples=60)
def test_reordering_within_the_window_and_wrapping_lose_nothing(
    order: list[int], first_sequence: int, first_timestamp: int
) -> None:
    packets = []
    for group in range(10):
        for place, which in enumerate(order):
            number = group * 4 + which
            at_s = STARTED_S + 0.01 + (group * 4 + place) * 0.02 if number else STARTED_S
            packets.append(
                packet(
                    number,
                    at_s=at_s,
                    first_sequence=first_sequence,
                    first_timestamp=first_timestamp,
                )
            )
    frames = run(packets)
    assert_contiguous(frames)
    assert [is_packet(frames[n], n) for n in range(40)] == [True] * 40


def test_a_stall_of_half_a_second_loses_nothing() -> None:
    packets = [
        packet(n, at_s=STARTED_S + 2.5 + n * 1e-5 if 100 <= n < 125 else None) for n in range(300)
    ]
    frames = run(packets)
    assert_contiguous(frames)
    assert [n for n in range(300) if not is_packet(frames[n], n)] == []


def test_silence_without_packets_keeps_the_clock_running() -> None:
    packets = [packet(n) for n in range(50)] + [packet(n) for n in range(500, 550)]
    frames = run(packets)
    assert_contiguous(frames)
    assert all(frame.lost for frame in frames[50:500])
    assert [is_packet(frames[n], n) for n in range(500, 550)] == [True] * 50


def test_nothing_ever_received_is_lost_time() -> None:
    frames = run([], until_s=STARTED_S + 10)
    assert len(frames) == pytest.approx((10 - PATIENCE_S) * 50, abs=2)
    assert all(frame.lost for frame in frames)


def test_a_new_source_goes_on_by_the_clock() -> None:
    before = [packet(n) for n in range(100)]
    after = [
        packet(n, ssrc=8, first_timestamp=123_456_789, first_sequence=40_000)
        for n in range(150, 250)
    ]
    frames = run(before + after)
    assert_contiguous(frames)
    assert [is_packet(frames[n], n) for n in range(150, 250)] == [True] * 100


def test_a_timestamp_jump_does_not_stretch_the_call() -> None:
    before = [packet(n) for n in range(100)]
    after = [packet(n, first_timestamp=0x40000000) for n in range(100, 200)]
    frames = run(before + after)
    assert_contiguous(frames)
    assert 199 <= len(frames) <= 202
    assert is_packet(frames[-1], 199)


@pytest.mark.parametrize("parts_per_million", [-1000, 1000])
def test_a_drifting_sender_stays_within_one_frame_and_a_half(parts_per_million: int) -> None:
    """Five minutes of a clock that is far off: 300 ms if nobody looked."""
    rate = 1 + parts_per_million / 1e6
    clock = FrameClock(started_s=STARTED_S)
    offsets = []
    for number in range(15_000):
        at_s = STARTED_S + number * 0.02 * rate + 0.003
        frames = clock.receive(packet(number, at_s=at_s))
        if number > 1000 and len(frames) == 1:
            offsets.append(at_s - STARTED_S - frames[0].start_s)
    assert max(abs(offset) for offset in offsets) < 0.055


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**32 - 1),
            st.integers(0, 3),
            st.integers(0, 9000),
            st.floats(0, 0.5),
        ),
        max_size=60,
    )
)
@settings(max_examples=80)
def test_any_packets_at_all_leave_the_clock_whole(
    stream: list[tuple[int, int, int, float]],
) -> None:
    now_s, packets = STARTED_S, []
    for timestamp, ssrc, size, pause_s in stream:
        now_s += pause_s
        packets.append(
            VoicePacket(
                payload=b"\x55" * size,
                codec="PCMU",
                sequence=0,
                timestamp=timestamp,
                ssrc=ssrc,
                arrived_s=now_s,
            )
        )
    frames = run(packets, until_s=now_s + 1)
    assert_contiguous(frames)
    assert len(frames) / 50 <= now_s - STARTED_S + 5


async def test_a_slow_listener_loses_the_oldest_and_is_told() -> None:
    queue = FrameQueue(capacity=10)
    frames = [Frame(start_s=n * 0.02, pcm=np.zeros(160, dtype=np.int16)) for n in range(25)]
    for frame in frames:
        queue.put([frame])
    queue.end()
    read = [frame.start_s async for frame in queue.read()]
    assert read == [frame.start_s for frame in frames[15:]]
    assert queue.dropped == 15


async def test_a_voice_ends_its_reader() -> None:
    voice = Voice("caller", started_s=STARTED_S)
    reader = asyncio.create_task(_collect(voice))
    for number in range(5):
        voice.hear(packet(number))
    await asyncio.sleep(0)
    voice.end()
    assert [frame.start_s for frame in await asyncio.wait_for(reader, 1)] == pytest.approx(
        [0, 0.02, 0.04, 0.06, 0.08]
    )


async def _collect(voice: Voice) -> list[Frame]:
    return [frame async for frame in voice.frames()]
