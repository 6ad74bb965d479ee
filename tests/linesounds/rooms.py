"""What a telephone picks up around somebody who says nothing."""

from __future__ import annotations

import numpy as np

from tests.linesounds.waves import (
    RATE_HZ,
    Pcm,
    Wave,
    band,
    formants,
    moments,
    noise,
    softer,
    to_pcm,
    tone,
)
from tests.sounds import all_french_prompts


def hiss(seconds: float) -> Pcm:
    """A hissing line."""
    return to_pcm(noise(seconds, 3), 0.1)


def faint_hiss(seconds: float) -> Pcm:
    """A line at rest: noise 65 dB below full scale."""
    return np.round(noise(seconds, 9) * 18).astype(np.int16)


def hum(seconds: float) -> Pcm:
    """Mains hum with its harmonics."""
    return to_pcm(tone(seconds, 50, 100, 150, 250, 350) + 0.01 * tone(seconds, 1000), 0.2)


def clicks(seconds: float) -> Pcm:
    """A bad contact."""
    chance = np.random.default_rng(10)
    count = round(seconds * RATE_HZ)
    crackle = (chance.random(count) < 6 / RATE_HZ) * chance.normal(0.0, 1.0, count)
    return to_pcm(np.convolve(crackle, np.exp(-np.arange(40) / 6.0))[:count], 0.6)


def street(seconds: float) -> Pcm:
    """A street: rumble that swells and fades, a car that passes, a horn."""
    count = round(seconds * RATE_HZ)
    spectrum = np.fft.rfft(noise(seconds, 4))
    hertz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    rumble = np.fft.irfft(spectrum / np.maximum(hertz, 40.0), count)
    at = moments(seconds)
    rumble *= 1.0 + 0.6 * np.sin(2 * np.pi * 0.13 * at)
    horn = tone(seconds, 370.0, 440.0, 740.0, 880.0) * (at % 17.0 > 16.3)
    return to_pcm(rumble / np.std(rumble) + 2.0 * horn, 0.4)


def breath(seconds: float) -> Pcm:
    """Somebody breathes into the telephone."""
    at = moments(seconds)
    blown = np.maximum(0.0, np.sin(2 * np.pi * at / 3.2)) ** 3
    drawn = np.maximum(0.0, -np.sin(2 * np.pi * at / 3.2)) ** 4
    wave = blown * band(noise(seconds, 11), 300.0, 1500.0)
    return to_pcm(wave + 0.5 * drawn * band(noise(seconds, 12), 800.0, 3000.0), 0.25)


def coughs(seconds: float) -> Pcm:
    """Coughs, in ones, twos and threes."""
    chance = np.random.default_rng(13)
    wave = 0.002 * noise(seconds, 14)
    start_s = 1.0
    while start_s < seconds - 2.0:
        for _ in range(chance.integers(1, 4)):
            burst = _cough(chance.uniform(0.18, 0.35), int(chance.integers(1 << 30)))
            first = round(start_s * RATE_HZ)
            burst = burst[: len(wave) - first]
            wave[first : first + len(burst)] += burst
            start_s += chance.uniform(0.35, 0.6)
        start_s += chance.uniform(2.0, 5.0)
    return to_pcm(wave, 0.5)


def keyboard(seconds: float) -> Pcm:
    """Somebody types: bursts of short knocks."""
    chance = np.random.default_rng(15)
    wave = 0.003 * noise(seconds, 16)
    start_s = 0.3
    while start_s < seconds - 0.3:
        for _ in range(chance.integers(3, 14)):
            knock = band(noise(0.03, int(chance.integers(1 << 30))), 700.0, 3400.0)
            knock = knock * np.exp(-np.arange(len(knock)) / 40.0) * chance.uniform(0.4, 1.0)
            first = round(start_s * RATE_HZ)
            knock = knock[: max(0, len(wave) - first)]
            wave[first : first + len(knock)] += knock
            start_s += chance.uniform(0.06, 0.25)
        start_s += chance.uniform(0.3, 1.5)
    return to_pcm(wave, 0.3)


def babble(seconds: float) -> Pcm:
    """An open office: sixteen people speak at once, far away."""
    return softer(crowd(seconds, people=16), 22.0)


def loud_babble(seconds: float) -> Pcm:
    """A crowd of thirty, close by."""
    return softer(crowd(seconds, people=30), 6.0)


def crowd(seconds: float, *, people: int) -> Pcm:
    """Recorded prompts over one another, each person going on without end."""
    chance = np.random.default_rng(people)
    prompts = [prompt for prompt in all_french_prompts() if len(prompt.text.split()) > 4]
    count = round(seconds * RATE_HZ)
    wave: Wave = np.zeros(count)
    for _ in range(people):
        speech = np.concatenate(
            [prompts[index].pcm() for index in chance.integers(0, len(prompts), 40)]
        )
        speech = np.tile(speech, count // len(speech) + 1)[:count].astype(float)
        # Other voices than the one recorded: a little higher or lower, from a room.
        pitch = chance.uniform(0.85, 1.2)
        where = np.minimum(np.arange(count) * pitch, count - 1)
        voice = np.interp(where, np.arange(count), np.roll(speech, int(chance.integers(count))))
        wave += voice + 0.5 * np.roll(voice, 700) + 0.35 * np.roll(voice, 1500)
    return to_pcm(wave, 0.5)


def _cough(length_s: float, seed: int) -> Wave:
    source = noise(length_s, seed)
    shaped = formants(source, ((600.0, 250.0), (1500.0, 400.0)))
    shape = np.exp(-np.linspace(0, 5, len(source)))
    attack = np.minimum(1.0, np.arange(len(source)) / 60.0)
    wave: Wave = shaped / (np.std(shaped) + 1e-9) * shape * attack
    return wave
