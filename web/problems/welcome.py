"""How calls are received: hours, sounds, groups: what is refused, as people read it."""

from __future__ import annotations

from copilot.waiting.hours import BadHoursError
from copilot.waiting.welcome import BadWelcomeError
from web.routes.floor import BadGroupsError

KINDS: tuple[type[Exception], ...] = (
    BadHoursError,
    BadWelcomeError,
    BadGroupsError,
)
STATUS = {
    "sound_needed": 409,
}
SENTENCES: dict[str, tuple[str, str]] = {
    "bad_hours": (
        "Ces horaires se contredisent ; rien n'a changé. Le détail dit lesquels corriger.",
        "These hours contradict each other; nothing was changed. The detail says which to mend.",
    ),
    "bad_welcome": (
        "Ajoutez d'abord le son que cet accueil doit faire entendre ; rien n'a changé.",
        "First add the sound that this welcome is to play; nothing was changed.",
    ),
    "bad_groups": (
        "Deux groupes portent le même nom, ou l'un déborde vers un groupe absent ; rien n'a "
        "changé.",
        "Two groups have one name, or one overflows to a group that is not there; nothing was "
        "changed.",
    ),
    "sound_needed": (
        "L'accueil en vigueur fait entendre ce son : choisissez d'abord autre chose.",
        "The welcome in force plays this sound: choose something else first.",
    ),
    "sound_not_wav": (
        "Ce fichier n'est pas un son WAV : exportez-le en WAV et recommencez.",
        "This file is no WAV sound: export it as WAV and try again.",
    ),
    "sound_coding": (
        "Ce WAV est codé d'une façon que le téléphone ne lit pas : exportez-le en PCM 16 bits.",
        "This WAV is coded in a way that cannot be played: export it as PCM, 16 bits.",
    ),
    "sound_rate": (
        "Fréquence d'échantillonnage hors limites : exportez ce son entre 8 et 48 kHz.",
        "Sampling rate out of bounds: export this sound at 8 to 48 kHz.",
    ),
    "sound_channels": (
        "Trop de canaux : exportez ce son en mono ou en stéréo.",
        "Too many channels: export this sound in mono or stereo.",
    ),
    "sound_too_long": (
        "Son trop long : une minute au plus, trois pour la musique d'attente.",
        "The sound is too long: one minute at most, three for the hold music.",
    ),
    "sound_empty": ("Ce fichier ne contient aucun son.", "There is nothing to hear in this file."),
    "sound_silent": (
        "Ce son est silencieux du début à la fin : vérifiez l'enregistrement.",
        "This sound is silent from beginning to end: check the recording.",
    ),
}
