"""Texts that Whisper invents where nobody speaks. Pure."""

from __future__ import annotations

import re
import unicodedata

_INVENTIONS = re.compile(
    r"""
    sous-?titr(?:es|age|ages)\b.{0,60}(?:amara|radio-canada|communaute|st'?\ ?501|societe|par)
    | amara\.org | radio-canada | soustitreur\.com
    | merci\ d'avoir\ (?:regarde|visionne|ecoute)(?:\ (?:cette|la|ma)\ video)?
    | merci\ d'avoir\ suivi\ (?:cette|la|ma)\ video
    | n'oubliez\ pas\ de\ (?:vous\ abonner|liker|mettre\ un\ pouce)
    | abonnez-vous | (?:a\ bientot\ )?pour\ (?:une\ nouvelle|de\ nouvelles)\ videos?
    | a\ (?:la\ prochaine|bientot)\ (?:pour|dans)\ une\ (?:nouvelle|prochaine)\ video
    | thanks?\ (?:you\ )?(?:so\ much\ )?for\ watching | see\ you\ in\ the\ next\ video
    | (?:please\ )?(?:like\ and\ )?subscribe(?:\ to\ (?:my|the|our)\ channel)?
    | (?:subtitles|captions)\ by | transcribed\ by\ https?
    | ^\W*(?:musique|music|applaudissements|applause|silence|bruit|rires?|laughter|inaudible)\W*$
    """,
    re.VERBOSE,
)
MOST_OF_TEXT = 0.6
_REPEATED = re.compile(r"(\b\w[\w' -]{0,30}?)(?:[\s,.!?…-]+\1){5,}", re.IGNORECASE)
_WORD = re.compile(r"\w")


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    return "".join(char for char in folded if not unicodedata.combining(char))


def invented(text: str) -> bool:
    """Whether the text is a known invention, empty of words, or one word over and over."""
    bare = _bare(text)
    known = _INVENTIONS.search(bare)
    # The same words inside a longer phrase were said.
    alone = known is not None and len(known.group()) >= MOST_OF_TEXT * len(bare)
    return not _WORD.search(bare) or alone or bool(_REPEATED.search(bare))
