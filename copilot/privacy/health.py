"""Words that tell of somebody's health, in French and in English (article 9 of the RGPD).

A list of our own of common illnesses, treatments, examinations and states, read by their
beginnings and without accents. It is a net with holes: a rare illness, or one told in roundabout
words, passes. Trades' own words ("rendez-vous", "docteur") tell nothing and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.wording import plain

_STEMS = """
    cancer tumeur tumor metasta leucemi leukemi lymphom melanom chimiotherap chemotherap
    radiotherap diabet insulin glycemi hypertensi hypertendu hypotensi cholesterol infarct
    coronar stroke tachycardi bradycardi arythmi arrhythmi pacemaker stent thrombos phlebit
    emboli anevrism aneurysm epileps epilept alzheimer parkinson sclerose scleros migrain dement
    depressi bipolar schizophren psychos psychot psychiatr anxiolyti anxiet antidepress burnout
    suicid addict alcooli toxicoman overdos methadon sevrage anorexi boulimi bulimi autis
    asthm bronchit bronchioli bpco copd emphysem pneumoni tuberculos covid vih hiv sida aids
    hepatit cirrhos pancreatit appendicit gastrit ulcer crohn colit coloscop colonoscop endoscop
    fibroscop occlusi hernie hernia fractur entors luxati arthros arthrit rhumati rheumat
    osteopor tendinit sciatiq sciatic lumbago lombalgi protheses prothese eczema psorias urticair
    zona shingles herpes chlamydi syphili gonorr cystit nephr dialys prostat incontinen
    grossess enceint pregnan fausse-couche miscarri avortement abortion ivg accouch infertil
    endometrios menopaus contracepti fiv cataract glaucom dmla acouphen tinnitus
    anemi hemophili hemorragi hemorrhag transfus septicemi allergi anaphyla lupus fibromyalgi
    thyroid hypothyro biopsi mammograph scanner irm mri echograph ultrasound radiograph
    prise-de-sang chirurgi surger anesthesi opioid morphin codein tramadol cortison antibioti
    paracetamol ibuprofen doliprane levothyrox xanax lexomil valium prozac ventolin
    anticoagul metformin ordonnance prescription handicap invalidit
"""

_PHRASES = (
    "avc", "crise cardiaque", "heart attack", "arret cardiaque", "cardiac arrest", "arret maladie",
    "sick leave", "fausse couche", "prise de sang", "blood test", "analyse de sang",
    "tension arterielle", "blood pressure", "fin de vie", "soins palliatifs", "palliative care",
    "malaise cardiaque", "mal de dos", "mal de tete", "mal au ventre", "crise d'angoisse",
    "panic attack", "seropositi", "positif au", "tested positive", "sclerose en plaques",
)  # fmt: skip

HEALTH = re.compile(
    r"\b(?:(?:" + "|".join(re.escape(phrase) for phrase in _PHRASES) + r")\w*"
    r"|(?:" + "|".join(re.escape(stem) for stem in _STEMS.split()) + r")\w*)"
)


def health_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where such words stand, in characters of the text."""
    folded = plain(text)
    if len(folded) != len(text):  # ligatures, decomposed accents: places differ
        places = [at for at, sign in enumerate(text) for _ in plain(sign)]
        folded = "".join(plain(sign) for sign in text)
    else:
        places = list(range(len(text)))
    for found in HEALTH.finditer(folded):
        yield places[found.start()], places[found.end() - 1] + 1
