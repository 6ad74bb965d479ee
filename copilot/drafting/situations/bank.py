"""The bank: sentences callers say when something is wrong, and calm ones."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

CALM = "~calm"
"""The name of what is no situation at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """What the reader learns from; read from the text files of this folder."""

    sentences: tuple[str, ...]
    names: tuple[str, ...]
    """The situation of each sentence, `CALM` when there is none."""
    categories: dict[str, str]
    """The category of request of the calm sentences that ask for something, by sentence."""


def read_bank() -> Bank:
    """The bank that comes with the package, everyday requests (the search's intents) included."""
    sentences, names = _situations("urgent.fr.txt")
    requests = {
        text: category
        for name in ("requests.fr.txt", "told.fr.txt")
        for text, category in zip(*_situations(name), strict=True)
    }
    calm = [*lines("calm.fr.txt"), *_everyday(), *requests]
    return Bank(
        sentences=(*sentences, *calm),
        names=(*names, *[CALM] * len(calm)),
        categories=requests,
    )


def _situations(name: str) -> tuple[list[str], list[str]]:
    sentences: list[str] = []
    names: list[str] = []
    current = ""
    for line in lines(name):
        if line.startswith("["):
            current = line.strip("[]")
        else:
            sentences.append(line)
            names.append(current)
    return sentences, names


def lines(name: str) -> list[str]:
    """What a text of this folder holds, without blank lines and comments."""
    text = files("copilot.drafting.situations").joinpath(name).read_text(encoding="utf-8")
    stripped = (line.strip() for line in text.splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


_TELLING = frozenset(
    """emergency water_leak blocked_drain heating_hot_water electricity towing poison death
    machine_breakdown theft_break_in pests lift_common_parts safety_security noise_heat_problem
    plumbing_works elderly_care lost_card sick_absent legal_case failed_payment defective funeral
    computer_phone it_support keys_access treatment_pain insurance_claim transport_person
    lost_found waste pet_last_days pet_small_animals pet_parasites pet_lost pet_found
    boiler_pressure radiators_uneven strange_noise alarm_beeps broken_on_arrival building_dirty
    building_out_of_hours building_key_fob missed_session""".split()  # noqa: SIM905
)
"""Subjects of search some of whose wordings tell of trouble: they teach nothing about calm."""


def _everyday() -> list[str]:
    """What callers ask a reception desk when all is well."""
    from knowledge.intents import read_intents

    intents = (intent for intent in read_intents() if intent.name not in _TELLING)
    return [wording for intent in intents for wording in intent.wordings]
