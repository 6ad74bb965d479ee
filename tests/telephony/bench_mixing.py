"""CPU of mixing, beside relaying: what a third person and a supervisor's ear cost.

    python -m tests.telephony.bench_mixing [--seconds 60]

Packets go straight into the bridge's parts, without sockets, encryption or listeners, on a clock
that is told: process time over call time. And how late a mixed voice is, from the same run.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from telephony.call import CodecName, VoicePacket
from telephony.codec import encode_frames
from telephony.conference import Conference
from telephony.floor import PEOPLE, Floor, Part, Person
from telephony.relay import Relay
from tests.telephony.wire import Sink

TICK_S = 0.02


def voices(codecs: dict[Person, CodecName], seconds: int) -> dict[Person, list[bytes]]:
    noise = np.random.default_rng(1)
    return {
        person: encode_frames(noise.integers(-8000, 8000, seconds * 8000, dtype=np.int16), codec)
        for person, codec in codecs.items()
    }


def measure(codecs: dict[Person, CodecName], part: Part, *, seconds: int, jitter: bool) -> float:
    """CPU seconds a call-second."""
    floor = Floor(present=frozenset(codecs), part=part)
    relays = {person: Relay(now_s=0) for person in PEOPLE}
    for person, codec in codecs.items():
        relays[person].sink = Sink(codec=codec)
    hearing = {person: floor.heard_by(person) for person in codecs}
    mixed = {person: heard for person, heard in hearing.items() if len(heard) > 1}
    wide = any(codec in ("G722", "opus") for codec in codecs.values())
    conference = Conference(sample_rate_hz=16000 if wide else 8000)
    conference.arrange(mixed, relays)
    said = voices(codecs, seconds)
    random = np.random.default_rng(2)
    began_s = time.process_time()
    for number in range(seconds * 50):
        for person, codec in codecs.items():
            if jitter and random.random() < 0.05:
                continue
            voice = VoicePacket(
                payload=said[person][number], codec=codec, sequence=number & 0xFFFF,
                timestamp=number * 160, ssrc=1, arrived_s=number * TICK_S,
            )  # fmt: skip
            for listener, heard in hearing.items():
                if heard == {person}:
                    relays[listener].take(voice)
            conference.take(person, voice)
        if mixed:
            conference.tick(number * TICK_S)
    return (time.process_time() - began_s) / seconds


CASES: tuple[tuple[str, dict[Person, CodecName], Part], ...] = (
    ("two, relayed", {"caller": "PCMA", "operator": "PCMA"}, "listen"),
    ("supervisor listens", {"caller": "PCMA", "operator": "PCMA", "supervisor": "PCMU"}, "listen"),
    (
        "supervisor whispers",
        {"caller": "PCMA", "operator": "PCMA", "supervisor": "PCMU"},
        "whisper",
    ),
    ("three", {"caller": "PCMA", "operator": "PCMA", "guest": "PCMA"}, "listen"),
    (
        "three, supervisor barges in",
        {"caller": "PCMA", "operator": "PCMA", "guest": "PCMA", "supervisor": "PCMU"},
        "barge",
    ),
    ("three, one in G.722", {"caller": "G722", "operator": "PCMA", "guest": "PCMA"}, "listen"),
    ("three, one in Opus", {"caller": "opus", "operator": "PCMA", "guest": "PCMA"}, "listen"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    seconds = parser.parse_args().seconds
    for name, codecs, part in CASES:
        plain = measure(codecs, part, seconds=seconds, jitter=False) * 1000
        lossy = measure(codecs, part, seconds=seconds, jitter=True) * 1000
        print(f"{name:30} {plain:6.2f} ms a call-second, {lossy:6.2f} with 5 % lost")


if __name__ == "__main__":
    main()
