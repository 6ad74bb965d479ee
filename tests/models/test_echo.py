"""An echo is told from a second voice, whatever the line did to it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from models.echo import MOST_DELAY_S, leaked
from models.sound import to_float
from tests.linesounds.waves import RATE_HZ, Pcm, softer, through_g711, through_mobile
from tests.sounds import french_prompts

AROUND = RATE_HZ
PHRASES = french_prompts(min_words=4, max_words=12)[::12]


def on_a_line(pcm: Pcm, seed: int) -> Pcm:
    noise = np.random.default_rng(seed).normal(0, 12, len(pcm))
    return through_g711((pcm + np.round(noise)).astype(np.int16))


def around(pcm: Pcm) -> Pcm:
    return np.pad(pcm, AROUND)


def legs_alike(caller: Pcm, operator: Pcm, first: int, last: int) -> bool:
    begins = max(0, first - round(MOST_DELAY_S * RATE_HZ))
    heard, source = on_a_line(caller, 1)[first:last], on_a_line(operator, 2)[begins:last]
    return leaked(to_float(heard), to_float(source), rate_hz=RATE_HZ)


@pytest.mark.parametrize("decibels", [12, 20, 25, 30])
@pytest.mark.parametrize("delay_ms", [5, 120, 400])
def test_an_echo_is_known(decibels: int, delay_ms: int) -> None:
    known = 0
    for phrase in PHRASES:
        operator = around(phrase.pcm())
        delay = delay_ms * RATE_HZ // 1000
        echo = softer(np.roll(operator, delay), decibels)
        last = AROUND + delay + len(phrase.pcm())
        known += legs_alike(echo, operator, AROUND + delay, last)
    assert known == len(PHRASES)


@pytest.mark.parametrize("decibels", [20, 25])
def test_an_echo_through_a_mobile_is_known(decibels: int) -> None:
    known = 0
    for phrase in PHRASES:
        operator = around(phrase.pcm())
        echo = through_mobile(softer(np.roll(operator, 1600), decibels))
        known += legs_alike(echo, operator, AROUND + 1600, AROUND + 1600 + len(phrase.pcm()))
    assert known >= len(PHRASES) - 1


@pytest.mark.parametrize("decibels", [0, 10, 20])
def test_two_people_at_once_are_two(decibels: int) -> None:
    for one, two in itertools.pairwise(PHRASES):
        operator = np.resize(two.pcm(), len(one.pcm()) + 2 * AROUND)
        caller = softer(around(one.pcm()), decibels)
        assert not legs_alike(caller, operator, AROUND, AROUND + len(one.pcm())), one.name


def test_somebody_who_answers_over_an_echo_is_heard() -> None:
    for one, two in itertools.pairwise(PHRASES):
        operator = np.resize(two.pcm(), len(one.pcm()) + 2 * AROUND)
        caller = softer(around(one.pcm()), 10) + softer(np.roll(operator, 800), 25)
        assert not legs_alike(caller, operator, AROUND, AROUND + len(one.pcm())), one.name


def test_the_same_loudness_is_no_echo() -> None:
    operator = around(PHRASES[0].pcm())
    assert not legs_alike(operator, operator, AROUND, len(operator) - AROUND)


def test_silence_and_short_sounds_are_no_echo() -> None:
    nothing = np.zeros(RATE_HZ, np.float32)
    voice = to_float(PHRASES[0].pcm())[:RATE_HZ]
    assert not leaked(nothing, voice, rate_hz=RATE_HZ)
    assert not leaked(voice[:800], voice, rate_hz=RATE_HZ)
    assert not leaked(voice, voice[:800], rate_hz=RATE_HZ)
