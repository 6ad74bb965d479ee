"""Presets, and the papers that are filled from the settings in force."""

from __future__ import annotations

import dataclasses
import re
from datetime import date

import pytest

from copilot.privacy.paperwords import WORDS
from copilot.privacy.presets import PRESETS, SETS, Preset, with_preset
from copilot.privacy.register import Installation, assessment, markdown, register
from copilot.recording.policy import RecordingPolicy
from copilot.store.records.clients import Client, ClientSettings
from tests.store.examples import MAIN, OTHER, client

HERE = Installation(
    database="postgresql", audit_days=400, tls=True, second_factor_roles="administrator",
    mail_server="smtp.example.fr",
)  # fmt: skip
TODAY = date(2026, 11, 22)


def changed(name: str, **settings: object) -> Client:
    known = client(name, name.title())
    return dataclasses.replace(
        known,
        settings=dataclasses.replace(known.settings, **settings),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_sets_and_never_loosens(preset: Preset) -> None:
    set_up = with_preset(ClientSettings(), preset)
    for name, value in SETS[preset].items():
        assert getattr(set_up, name) == value, name
    strict = ClientSettings(
        transcript_days=1, call_days=10, redact=("card", "nir", "iban", "health")
    )
    kept = with_preset(strict, preset)
    assert (kept.transcript_days, kept.call_days) == (1, 10)
    assert "health" in kept.redact
    assert with_preset(kept, preset) == kept


def test_the_register_says_what_is_set() -> None:
    paper = register(
        [changed(MAIN, transcript_days=7), changed(OTHER, transcript_days=9999, redact=())],
        HERE,
        today=TODAY,
    )
    text = markdown(paper)
    assert "transcription 7 j, appel et message 365 j" in text
    assert "transcription 365 j" in text, "caps hold whatever is set"
    assert "Masqué avant tout affichage et toute conservation : rien" in text
    assert "delorme@example.fr" in text and "22/11/2026" in text
    assert "400 jours" in text and "Second facteur : administrator" in text


def test_an_assessment_asks_about_health_where_it_is_said() -> None:
    usual = markdown(assessment(changed(MAIN), HERE, today=TODAY))
    health = markdown(assessment(changed(MAIN, redact=("health",)), HERE, today=TODAY))
    assert "article 9" in health and "article 9" not in usual
    for part in ("1. Description", "2. Nécessité", "3. Risques", "4. Mesures", "5. Avis"):
        assert part in usual


def test_the_papers_say_what_is_recorded() -> None:
    silent = markdown(register([changed(MAIN)], HERE, today=TODAY))
    assert "Enregistrement sonore : aucun" in silent
    policy = RecordingPolicy(mode="sampled", share=5, days=9999, portal=True)
    told = markdown(assessment(changed(MAIN, recording=policy, call_days=90), HERE, today=TODAY))
    for words in ("5 % des appels", "après l'annonce", "conservé 90 j", "par la société"):
        assert words in told
    for preset in PRESETS:
        kept = with_preset(ClientSettings(recording=policy), preset).recording
        assert (kept.mode, kept.portal) == ("off", False), "nobody listens: nothing is recorded"


def test_both_languages_say_the_same() -> None:
    for name, (french, english) in WORDS.items():
        assert french.strip() and english.strip(), name
        holes = [set(re.findall(r"{(\w+)}", text)) for text in (french, english)]
        assert holes[0] == holes[1], name
        assert (french.count("["), french.count("]")) == (english.count("["), english.count("]"))
    policy = RecordingPolicy(mode="sampled", share=5)
    known = changed(MAIN, recording=policy, redact=("card",))
    papers = [assessment(known, HERE, today=TODAY, language=language) for language in ("fr", "en")]
    shapes = [[(len(t.header), len(t.rows)) for t in paper.tables] for paper in papers]
    assert shapes[0] == shapes[1]
    english = markdown(papers[1])
    assert "- Sound recording: 5% of the calls" in english and "22 November 2026" in english
    assert "| risk | measures in place |" in english
