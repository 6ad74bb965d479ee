"""References: the numbers of files, orders, invoices, contracts."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from copilot.drafting.draft import FieldValue
from copilot.drafting.numbers import NUMBER_WORDS, digit_readings
from copilot.drafting.phones import dictated
from copilot.drafting.speech import Speech, Word, words
from copilot.drafting.spelling import LETTER_NAMES

NOUNS = (
    "dossier|commande|contrat|facture|client|adherent|sinistre|ticket|suivi|colis|police|lot"
    "|reservation|devis|reference|references|ref|sociétaire|societaire|abonnement|abonne|patient"
    "|affaire|acte|mandat|bon|expedition|allocataire|intervention|serie|copropriete|rg|bail"
    "|inscription|avoir|appareil|chaudiere|retour|demande|incident|livraison|parcelle|assure"
    "|note|bordereau|recepisse|course|envoi|transport|locataire|examen|machine|concession"
)
FILES = ("dossier", "", "reference", "references", "ref")
CUE = re.compile(
    rf"\b(?:(?:numero|num|n°|n)\s*(?:de |du |d'|de la |de mon |de ma )?\s*(?:{NOUNS})"
    rf"|(?:commandee?s?|enregistree?s?|inscrite?|achetee?s?) sous le (?:numero|num)|(?:{NOUNS})(?:\s+(?:de \w+|client|sinistre))?(?:,)?\s+(?:porte le |c'est le |est le |a le )?"
    rf"(?:numero|num|n°|numeros|reference|ref)|reference|references|ref|dossier|commande|contrat"
    rf"|facture|sinistre|devis|ticket|affaire|colis|reservation)"
    rf"\b\s*(?:(?:c'est|est|le|la|numero|porte|de|:|,|alors|donc|suivant|suivante|mon|client"
    rf"|attendez|commande|dossier|je vous la donne|je vous le donne|je l'ai|exact|la voila|oui)\b[\s,:]*)*"
)
NUMBERED = (
    "reference|references|ref|dossier|commande|contrat|facture|sinistre|devis|ticket|affaire|colis"
    "|reservation|bon|bordereau|note|recepisse"
)
"""What is often told by its number alone: "votre dossier ?", "la facture, la 4417"."""
LOOSE_CUE = re.compile(
    r"\b(?:(?<!mauvais )(?<!faux )(?:numero|num|n°)|bon(?: de (?:livraison|commande|transport|retour))?|bordereau|recepisse"
    r"|rapport|compte(?: [a-z]{4,})?|patiente?|abonnee?|adherente?|expedition|avoir|lettre)\b"
    r"(?:\s|,|:|c'est|le\b|la\b|numero\b)*"
)
"""May come before a number of another kind: the code itself must be beyond doubt."""
SHOWN_CUE = re.compile(rf"\b(?:{NUMBERED})\b[^.?!]{{0,60}}?(?:,|\bc'est|\bsous)\s*(?:le|la)\s+")
"""The thing, then its number with an article alone: "la facture des plaquettes, la GV 26 318"."""
CORRECTS = re.compile(r"\b(?:non|pardon)\b")
MENTIONED = re.compile(rf"\b(?:{NUMBERED})s?\b")
NOT_REFERENCE = re.compile(
    r"\b(?:siret|siren|secu|securite sociale|immatricul\w*|plaque|iban|rib|carte (?:bleue|vitale)"
    r"|code postal|digicode|tva|telephone|portable|carte d'identite)\b"
)
JOINERS = {"tiret": "-", "slash": "/", "barre": "/", "point": "", "underscore": "_", "espace": "",
           "sur": "/", "trait": "-"}  # fmt: skip
ORDINARY = frozenset(
    """le la les un une et de du des oui non est ah oh euh heu bah ben bon alors donc moi voila pour
    sur au aux en je on il elle ils vous nous ai as avec chez dans par que qui ca se sa son ses mon
    ma mes ce cet ces plus tous tout vers mai juin aout mars jour nuit rue quai box ou or ni car
    mais si ok deja hier mois ans soit sont fait dit vu eu pas rien bien tres peu sous code tel fax
    page bat apt num ref lot cest ici tre moins apres avant fin sans dont fois hein eh lui leur vos
    nos votre entre avez ont sera suis sais top date jeu lun mer ven sam dim nee ne
    bleu bleue vert gris noir rose""".split()  # noqa: SIM905
)
"""Small words that numbers follow anyway."""
SKIPPED = frozenset({"et", "puis", "ensuite", "alors", "majuscule", "plus", "oblique", "lettre"})
UNITS_AFTER = re.compile(
    r"\s*(?:euros?|€|litres?|kilos?|kg|tonnes?|grammes?|kilometres?|km|jours?|heures?|h\b|ans?|mois|semaines?|pour cent|%|personnes?|metres?|pieces?"
    r"|fois|cartons?|bouteilles?|articles?|palettes?|janvier|fevrier|mars|avril|mai|juin|juillet"
    r"|aout|septembre|octobre|novembre|decembre)\b"
)
_BEFORE_AN_ANSWER = 5
"""Words before a reference that was not asked for in so many words."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A file, order, invoice or contract number."""

    start: int
    end: int
    value: str
    noun: str
    """What it numbers, folded."""


def references(speech: Speech) -> list[Reference]:
    """References said in an utterance, introduced by what they number."""
    found: list[Reference] = []
    for match, loose in _cues(speech):
        value = _code(speech, match.end())
        if value is None or (loose and not firm(value[0])):
            continue
        if NOT_REFERENCE.search(speech.folded[max(0, match.start() - 25) : match.end()]):
            continue
        if any(item.start < value[1] and match.start() < item.end for item in found):
            continue
        noun = re.search(NOUNS, match.group())
        found.append(Reference(match.start(), value[1], value[0], noun.group() if noun else ""))
    return found


def _cues(speech: Speech) -> Iterator[tuple[re.Match[str], bool]]:
    """What introduces a reference, and whether it may introduce another number as well."""
    for match in CUE.finditer(speech.folded):
        # "vous m'avez facturé mille litres": a bill that is made, not one that has a number.
        made = speech.text[match.start() : match.end()].rstrip().endswith(("é", "ée", "és", "ées"))
        if not made:
            yield match, False
    for cue in (SHOWN_CUE, LOOSE_CUE):
        for match in cue.finditer(speech.folded):
            yield match, True


def firm(value: str) -> bool:
    """A code that can hardly be anything but a reference: no phone, year or day."""
    letters = any(character.isalpha() for character in value)
    digits = re.sub(r"\D", "", value)
    if letters:
        return len(digits) >= 2
    if not 4 <= len(digits) <= 8 or re.fullmatch(r"(?:19|20)\d\d|[2-5]008", digits):
        return False
    if re.fullmatch(r"[0-3]?\d[-/][01]?\d(?:[-/]\d{2,4})?", value):
        return False
    return not re.match(r"0[1-9]", digits)


def answered_reference(speech: Speech) -> Reference | None:
    """The reference a whole answer gives; the last, where the speaker goes back on one."""
    corrected = [match.end() for match in CORRECTS.finditer(speech.folded)]
    for start in [*reversed(corrected), 0]:
        found = _first_code(speech, start)
        if found and not NOT_REFERENCE.search(speech.folded[start : found.start]):
            return found
    return None


def _first_code(speech: Speech, start: int) -> Reference | None:
    said = [word for word in words(speech) if word.start >= start]
    for word, after in pairwise([*said, None]):
        if word and (_number(word) or _letter(word) or _initials(word, after)):
            found = _code(speech, word.start)
            if found:
                return Reference(word.start, found[1], found[0], "")
    return None


def _number(word: Word | None) -> bool:
    return word is not None and (word.norm.isdigit() or word.norm in NUMBER_WORDS)


def _initials(word: Word, after: Word | None) -> bool:
    """Letters that a recogniser wrote as one small word, the digits behind them: "gd 40 77"."""
    return (
        2 <= len(word.norm) <= 4
        and word.norm.isalpha()
        and word.norm not in ORDINARY
        and _number(after)
    )


def _letter(word: Word) -> str | None:
    norm = word.norm
    if norm.endswith("'"):
        return None
    if len(norm) == 1 and norm.isalpha() and not (norm in "ay" and word.text.islower()):
        return norm.upper()
    if word.text.isupper() and 2 <= len(norm) <= 5:
        return norm.upper()
    if norm in ("effe", "erre", "esse", "enne", "emme", "ixe", "zede", "ache"):
        return LETTER_NAMES[norm].upper()
    return None


def _code(speech: Speech, start: int) -> tuple[str, int] | None:
    """Letters and digits from `start`: (text, offset after)."""
    tokens = [word for word in words(speech) if word.start >= start]
    parts: list[str] = []
    groups: list[list[str]] = []
    end = start
    index = 0

    def flush() -> None:
        if groups:
            readings = digit_readings([group for group in groups if group])
            parts.append(readings[0] if readings else "")
            groups.clear()

    while index < len(tokens):
        word = tokens[index]
        follow = tokens[index + 1].norm if index + 1 < len(tokens) else ""
        if word.norm.isdigit() or word.norm in NUMBER_WORDS:
            if not groups:
                groups.append([])
            groups[-1].append(word.norm)
            if word.gap.strip(" -") or (word.gap.strip() and word.norm.isdigit()):
                groups.append([])
        elif word.norm in ("double", "triple") and follow in NUMBER_WORDS:
            if not groups:
                groups.append([])
            groups[-1].append(word.norm)
        elif _letter(word) and follow == "comme":
            flush()
            parts.append(_letter(word) or "")
            end = tokens[min(index + 2, len(tokens) - 1)].end
            index += 3
            continue
        elif _letter(word):
            flush()
            parts.append(_letter(word) or "")
        elif word.norm in ("a", "y") and parts and not groups and _goes_on(tokens[index + 1 :]):
            parts.append(word.norm.upper())
        elif word.norm in JOINERS and (parts or groups):
            flush()
            parts.append(JOINERS[word.norm])
            index += 1
            continue
        elif word.norm in SKIPPED and (parts or groups):
            index += 1
            continue
        elif not (parts or groups) and _initials(word, next(iter(tokens[index + 1 :]), None)):
            parts.append(word.norm.upper())
        else:
            break
        if "-" in word.gap and word.gap.strip() == "-" and word.norm not in NUMBER_WORDS:
            flush()
            parts.append("-")
        end = word.end
        if word.gap.strip(" ") in (".", "?", "!") and not follow.isdigit():
            break
        index += 1
    flush()
    value = re.sub(r"[-/_]+$", "", "".join(parts))
    digits = sum(character.isdigit() for character in value)
    if digits < 2 or (len(value) < 3 and digits < 2) or UNITS_AFTER.match(speech.folded[end:]):
        return None
    return value, end


def _goes_on(tokens: Sequence[Word]) -> bool:
    """A letter or a digit comes next: "g a l 5512"."""
    return bool(tokens) and (_number(tokens[0]) or len(tokens[0].norm) == 1)


def _opens(speech: Speech, answer: Reference) -> bool:
    """It comes at once, as answers do: "oui, la 31 02 55"."""
    return len(speech.folded[: answer.start].split()) <= _BEFORE_AN_ANSWER


def _within_phone(speech: Speech, answer: Reference) -> bool:
    """Digits of a telephone number, whole or not, that was given instead or as well."""
    return any(item.number and item.start < answer.end for item in dictated(speech))


class FileNumbers:
    """References given over the turns of a call; a correction replaces the one before."""

    def __init__(self) -> None:
        self._found: list[tuple[Reference, str]] = []
        self._spoken_of = False
        """The caller spoke last of something that has a number."""
        self._pointed_at = False
        """The operator spoke of it, or asked for "the number"."""

    def operator_says(self, speech: Speech) -> None:
        """A number may be the answer, asked for in so many words or not."""
        self._pointed_at = bool(MENTIONED.search(speech.folded)) or (
            self._spoken_of and "numero" in speech.folded
        )

    def caller_says(self, speech: Speech, utterance_id: str, *, asked: bool) -> None:
        """Take an utterance."""
        found = references(speech)
        answers = asked or self._pointed_at
        if not found and answers:
            answer = answered_reference(speech)
            sure = answer and (asked or (firm(answer.value) and _opens(speech, answer)))
            if answer and sure and not _within_phone(speech, answer):
                found = [answer]
        self._spoken_of = bool(MENTIONED.search(speech.folded))
        for reference in found:
            corrects = CORRECTS.search(speech.folded[: reference.start])
            if corrects and self._found:
                self._found.pop()
            self._found.append((reference, utterance_id))

    def forget(self) -> None:
        """The caller took it back."""
        self._found.clear()

    def field(self) -> FieldValue | None:
        """A file's own number before any other reference."""
        if not self._found:
            return None
        reference, utterance_id = min(self._found, key=lambda item: item[0].noun not in FILES)
        return FieldValue(
            value=reference.value, confidence=0.75, utterance_id=utterance_id, read_back=True
        )
