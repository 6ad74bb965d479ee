"""The reason of a call, in the caller's own words: the clauses that carry the request.

Extractive on purpose: nothing is added, so nothing can be invented. Greetings, identity, numbers
and addresses have their own fields and are left out.
"""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from copilot.drafting.clauses import Clause
from copilot.drafting.numbers import with_numerals
from copilot.drafting.phrasing import Part, tidy, written
from copilot.drafting.speech import Speech, fold
from copilot.drafting.stems import stems

GREETING = re.compile(
    r"^(?:(?:oui|allo|bonjour|bonsoir|madame|monsieur|alors|donc|voila|ecoutez|eh bien|et bien|bon|en fait|tres bien|d'accord|ok|parfait|merci"
    r"|beaucoup|au revoir|bonne journee|bonne soiree|non|si|super|c'est ca|exactement|ah|oh|et|puis|mais|ben|excusez-moi|pardon|voyez|tout a fait|enfin|attendez|dites(?!-)|oui oui|je vous en prie)\b[\s,.!]*)+"
)
IDENTITY = re.compile(
    r"\b(?:je m'appelle|mon nom|mon prenom|a l'appareil|mon numero|mon telephone|mon portable|mon adresse|mon mail|arobase|ca s'ecrit|j'epelle|\b[a-z] comme \w+|"
    r"je suis ne\w*|ne\w* le|date de naissance|au 0\d|joindre au|rappeler au|rappelez-moi au|code postal|bonne journee|au revoir|merci)\b"
)
WEIGHTY = re.compile(
    r"\b(?:voudrai\w*|voulai\w*|souhait\w*|aimerai\w*|besoin|appelle (?:pour|au sujet|car|parce|suite|concernant|a propos|par rapport)|au sujet|a propos|concernant|suite a|c'est pour|pour savoir"
    r"|probleme|panne|fuite|annul\w*|deplac\w*|decal\w*|report\w*|rendez-vous|rdv|devis|factur\w*|commande|livr\w*|colis|dossier|rembours\w*|urgent|question|savoir|renseign\w*|informations?|mal|douleur"
    r"|contrat|compte|paye\w*|recu|reclam\w*|plainte|message|parler|joindre|rappel\w*|cass\w*|bloqu\w*|coinc\w*|perdu|vol\w*|resultat\w*|ordonnance|demande\w*|propos\w*|vend\w*|acheter|achat|reserv\w*|travail|cherche\w*|poste|bail|loyer|travaux|chantier|intervention|install\w*|repar\w*|chang\w*|tarif\w*|prix|horaires?|ouvert\w*|document\w*|attestation|certificat|candidat\w*|emploi|stage|partenariat|offre)\b"
)


ANSWERS = frozenset(
    [
        "name",
        "given_name",
        "phone",
        "email",
        "address",
        "locality",
        "date_of_birth",
        "file_number",
        "spelling",
        "company",
        "callback_when",
        "appointment_when",
        "callback",
    ]
)
NUMBER_WORD = re.compile(
    r"(?:\+?\b(?:\d[\d .\-]*\d|\d|zero|un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente"
    r"|quarante|cinquante|soixante|septante|huitante|octante|nonante|cents?|mille)\b[\s,.\-]*(?:et (?=un|onze|une))?){4,}|\b\d(?:[ .\-]?\d){5,}\b"
)
SELF = re.compile(
    r"^(?:(?:je m'appelle|je suis|c'est|ici|mon nom(?: c'est| est)?|moi c'est|je me presente)\s+)?(?:(?:madame|monsieur|mme|docteur|maitre)\s+)?"
)
LEFTOVERS = re.compile(
    r"[\s,]*\b(?:au|le|sur le|c'est le|c'est|mon numero(?: c'est| est)?(?: le)?|numero|sur mon portable(?: le)?|du|de|a l'|est le|est)\s*$"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A clause that may say why the caller calls."""

    order: int
    text: str
    folded: str
    weight: float
    utterance_id: str
    sentence: int = 0
    """Clauses of one sentence have one number."""


def candidate(
    clause: Clause,
    order: int,
    utterance_id: str,
    *,
    asked: frozenset[str],
    categories: Sequence[str],
    early: bool,
    sentence: int = 0,
) -> Candidate | None:
    """The clause as a candidate, or None when it says nothing about the reason.

    `asked` is what the operator's question was about; `early` when the caller has barely begun,
    which is where people say what they want.
    """
    text = _without_numbers(_trimmed(clause.speech))
    folded = text.folded
    content = stems(folded)
    if not content or len(folded) < 6 or re.search(r"arobase|@", folded):
        return None
    weighty = bool(WEIGHTY.search(folded))
    answers = bool(asked & ANSWERS) and "reason" not in asked
    if answers and not weighty and not categories:
        return None
    if IDENTITY.search(folded) and not weighty:
        return None
    weight = 1.5 * weighty + 1.5 * bool(categories) + 1.0 * ("reason" in asked) + 1.0 * early
    weight += min(len(content), 8) * 0.25
    weight -= 1.5 * answers + 1.5 * bool(IDENTITY.search(folded))
    return Candidate(order, text.text, folded, weight, utterance_id, sentence)


def _without_numbers(speech: Speech) -> Speech:
    """Long runs of digits have their own fields."""
    match = NUMBER_WORD.search(speech.folded)
    if match is None:
        return speech
    before = LEFTOVERS.sub("", speech.folded[: match.start()])
    after = speech.cut(match.end(), len(speech.folded))
    text = speech.text[: len(before)] + (" " + after.text if after.text.strip() else "")
    folded = before + (" " + after.folded if after.folded.strip() else "")
    return _without_numbers(Speech(text, folded))


def _trimmed(speech: Speech) -> Speech:
    match = GREETING.match(speech.folded)
    start = match.end() if match else 0
    end = len(speech.folded.rstrip(" ,.;!"))
    return speech.cut(min(start, end), end)


def compose(
    candidates: Sequence[Candidate],
    *,
    name: str = "",
    withdrawn: Sequence[str] = (),
    most: int = 50,
) -> tuple[str, str] | None:
    """The reason and the utterance it mostly comes from; at most `most` words.

    A clause that only says who calls (`name`) is left out, and so are the words in `withdrawn`:
    dates that were corrected since.
    """
    useful = [_purged(item, withdrawn) for item in candidates]
    useful = [item for item in useful if stems(item.folded) and not _only_name(item.folded, name)]
    strong = [item for item in useful if item.weight >= 1.2]
    pool = strong or sorted(useful, key=lambda item: -item.weight)[:1]
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
    surest = max(chosen, key=lambda item: item.weight).utterance_id
    text = _sentences(chosen)
    return (text, surest) if text else None


def _purged(item: Candidate, withdrawn: Sequence[str]) -> Candidate:
    speech = Speech(item.text, item.folded)
    for words in withdrawn:
        if not words:
            continue
        if words not in speech.folded and words in with_numerals(speech).folded:
            speech = with_numerals(speech)
        at = speech.folded.find(words)
        while at >= 0:
            lead = re.search(
                r"\b(?:pas |non |le |du |pour |de |au |a |avant |apres )*$", speech.folded[:at]
            )
            start = lead.start() if lead else at
            speech = Speech(
                speech.text[:start] + speech.text[at + len(words) :],
                speech.folded[:start] + speech.folded[at + len(words) :],
            )
            at = speech.folded.find(words)
    return replace(item, text=speech.text.strip(" ,"), folded=speech.folded.strip(" ,"))


def _only_name(folded: str, name: str) -> bool:
    if not name:
        return False
    rest = SELF.sub("", folded)
    parts = set(re.findall(r"[a-z]+", fold(name)))
    words = set(re.findall(r"[a-z]+", rest)) - {"de", "la", "le", "du", "a", "l", "et", "appareil"}
    return not words - parts


def _sentences(chosen: Sequence[Candidate]) -> str:
    parts, before = [], None
    for item in chosen:
        text = tidy(item.text)
        if text:
            parts.append(Part(text, opens=item.sentence != before))
            before = item.sentence
    return written(parts)
