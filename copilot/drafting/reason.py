"""The reason of a call, in the caller's own words: the clauses that carry the request.

Extractive on purpose: nothing is added, so nothing can be invented. Greetings, identity, numbers
and addresses have their own fields and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.drafting.clauses import Clause
from copilot.drafting.speech import Speech
from copilot.drafting.urgency import stems

GREETING = re.compile(
    r"^(?:(?:oui|allo|bonjour|bonsoir|madame|monsieur|alors|donc|voila|ecoutez|eh bien|et bien|bon|en fait|tres bien|d'accord|ok|parfait|merci"
    r"|beaucoup|au revoir|bonne journee|bonne soiree|non|si|super|c'est ca|exactement|ah|oh|et|puis|mais|ben|excusez-moi|pardon|voyez|tout a fait|enfin|attendez|dites|oui oui|je vous en prie)\b[\s,.!]*)+"
)
ASKING = re.compile(
    r"\b(?:je|j'|on|nous|c'est|il|elle|ca|mon|ma|mes|notre|la|le|un|une|y a|vous|est-ce|pour|suite|combien|quel|quelle|comment)\b"
)
IDENTITY = re.compile(
    r"\b(?:je m'appelle|mon nom|mon prenom|a l'appareil|mon numero|mon telephone|mon portable|mon adresse|mon mail|arobase|ca s'ecrit|j'epelle|comme \w+|"
    r"je suis ne\w*|ne\w* le|date de naissance|au 0\d|joindre au|rappeler au|rappelez-moi au|code postal|bonne journee|au revoir|merci)\b"
)
WEIGHTY = re.compile(
    r"\b(?:voudrai\w*|voulai\w*|souhait\w*|aimerai\w*|besoin|appelle (?:pour|au sujet|car|parce|suite|concernant|a propos|par rapport)|au sujet|a propos|concernant|suite a|c'est pour|pour savoir"
    r"|probleme|panne|fuite|annul\w*|deplac\w*|decal\w*|report\w*|rendez-vous|rdv|devis|factur\w*|commande|livr\w*|colis|dossier|rembours\w*|urgent|question|savoir|renseign\w*|informations?|mal|douleur"
    r"|contrat|compte|paye\w*|recu|reclam\w*|plainte|message|parler|joindre|rappel\w*|cass\w*|bloqu\w*|coinc\w*|perdu|vol\w*|resultat\w*|ordonnance|demande\w*|propos\w*|vend\w*|acheter|achat|reserv\w*|bail|loyer|travaux|chantier|intervention|install\w*|repar\w*|chang\w*|tarif\w*|prix|horaires?|ouvert\w*|document\w*|attestation|certificat|candidat\w*|emploi|stage|partenariat|offre)\b"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A clause that may say why the caller calls."""

    order: int
    text: str
    folded: str
    weight: float
    utterance_id: str


def candidate(
    clause: Clause, order: int, utterance_id: str, *, asked: bool, categories: Sequence[str]
) -> Candidate | None:
    """The clause as a candidate, or None when it says nothing about the reason."""
    text = _trimmed(clause.speech)
    folded = text.folded
    content = stems(folded)
    if len(content) < 1 or len(folded) < 6:
        return None
    digits = sum(character.isdigit() for character in folded)
    if digits >= 6 or re.search(r"arobase|@", folded):
        return None
    weight = 2.0 * bool(WEIGHTY.search(folded)) + 1.5 * bool(categories) + 1.5 * asked
    weight += min(len(content), 8) * 0.25
    if IDENTITY.search(folded):
        weight -= 2.0
    if order > 40:
        weight -= 0.5
    return Candidate(order, text.text, folded, weight, utterance_id)


def _trimmed(speech: Speech) -> Speech:
    match = GREETING.match(speech.folded)
    start = match.end() if match else 0
    end = len(speech.folded.rstrip(" ,.;!"))
    return speech.cut(min(start, end), end)


def compose(candidates: Sequence[Candidate], *, most: int = 45) -> tuple[str, str] | None:
    """The reason and the utterance it mostly comes from; at most `most` words."""
    strong = [item for item in candidates if item.weight >= 2.0]
    pool = strong or sorted(candidates, key=lambda item: -item.weight)[:1]
    if not pool:
        return None
    ranked = sorted(pool, key=lambda item: (-item.weight, item.order))
    chosen: list[Candidate] = []
    count = 0
    said: set[str] = set()
    for item in ranked:
        size = len(item.text.split())
        new = stems(item.folded) - said
        if chosen and (count + size > most or not new):
            continue
        chosen.append(item)
        said |= stems(item.folded)
        count += size
    chosen.sort(key=lambda item: item.order)
    return _sentence([item.text for item in chosen]), max(chosen, key=lambda i: i.weight).utterance_id


def _sentence(parts: Sequence[str]) -> str:
    text = ", ".join(part.strip(" ,.") for part in parts if part.strip(" ,."))
    text = text[:1].upper() + text[1:]
    return text if text.endswith(("?", "!")) else text + "."
