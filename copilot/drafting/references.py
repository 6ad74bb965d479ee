"""References and dates of birth: numbers that are not phones."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from copilot.drafting.calendar import MONTHS
from copilot.drafting.draft import FieldValue
from copilot.drafting.numbers import NUMBER_WORDS, digit_readings, with_numerals
from copilot.drafting.phones import dictated, digit_runs
from copilot.drafting.speech import Speech, Word, words
from copilot.drafting.spelling import LETTER_NAMES

NOUNS = (
    "dossier|commande|contrat|facture|client|adherent|sinistre|ticket|suivi|colis|police|lot"
    "|reservation|devis|reference|references|ref|sociétaire|societaire|abonnement|abonne|patient"
    "|affaire|acte|mandat|bon|expedition|allocataire|intervention|serie|copropriete|rg|bail"
    "|inscription|avoir|appareil|chaudiere|retour|demande|incident|livraison|parcelle|assure"
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
NOT_REFERENCE = re.compile(
    r"\b(?:siret|siren|secu|securite sociale|immatricul\w*|plaque|iban|rib|carte (?:bleue|vitale)"
    r"|code postal|digicode|tva|telephone|portable|carte d'identite)\b"
)
JOINERS = {"tiret": "-", "slash": "/", "barre": "/", "point": "", "underscore": "_", "espace": "",
           "sur": "/", "trait": "-"}  # fmt: skip
SKIPPED = frozenset({"et", "puis", "ensuite", "alors", "majuscule", "plus", "oblique", "lettre"})
UNITS_AFTER = re.compile(
    r"\s*(?:euros?|€|jours?|heures?|h\b|ans?|mois|semaines?|pour cent|%|personnes?|metres?|pieces?"
    r"|fois|cartons?|bouteilles?|articles?|palettes?|janvier|fevrier|mars|avril|mai|juin|juillet"
    r"|aout|septembre|octobre|novembre|decembre)\b"
)


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
    for match in CUE.finditer(speech.folded):
        value = _code(speech, match.end())
        if value is None:
            continue
        if NOT_REFERENCE.search(speech.folded[max(0, match.start() - 25) : match.end()]):
            continue
        if any(item.start < value[1] and match.start() < item.end for item in found):
            continue
        noun = re.search(NOUNS, match.group())
        found.append(Reference(match.start(), value[1], value[0], noun.group() if noun else ""))
    return found


def answered_reference(speech: Speech) -> Reference | None:
    """The reference a whole answer gives."""
    for word in words(speech):
        if word.norm.isdigit() or word.norm in NUMBER_WORDS or _letter(word):
            found = _code(speech, word.start)
            if found:
                return Reference(word.start, found[1], found[0], "")
    return None


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
        elif word.norm in JOINERS and (parts or groups):
            flush()
            parts.append(JOINERS[word.norm])
            index += 1
            continue
        elif word.norm in SKIPPED and (parts or groups):
            index += 1
            continue
        elif (
            not parts
            and not groups
            and word.text.islower()
            and 2 <= len(word.norm) <= 4
            and (word.gap.strip(" ") == "-" and follow.isdigit())
        ):
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


BORN = re.compile(
    r"\b(?:nee?s?|naissance|naquit|nait)\b(?:\s*(?:c'est|est|le|du|:|,|en|alors|donc))*\s*"
)


def date_of_birth(speech: Speech, today: date, *, asked: bool = False) -> date | None:
    """A date of birth: after "né le" or "date de naissance", or anywhere when it was asked for."""
    spoken = with_numerals(speech)
    for match in BORN.finditer(spoken.folded):
        born = _birth(spoken, spoken.folded[match.start() : match.end() + 60], today)
        if born:
            return born
    return _birth(spoken, spoken.folded, today) if asked else None


def _birth(_spoken: Speech, text: str, today: date) -> date | None:
    months = "|".join(MONTHS)
    named = re.search(
        rf"\b(\d{{1,2}}|premier|1er)\s+({months})\s+(?:de l'an )?(\d{{4}}|\d{{2}})(?!\d)", text
    )
    if named:
        day = 1 if named[1] in ("premier", "1er") else int(named[1])
        return _valid(day, MONTHS[named[2]], named[3], today)
    for run in digit_runs(Speech(text, text)):
        digits = run.digits
        if len(digits) == 8 or len(digits) == 6:
            born = _valid(int(digits[:2]), int(digits[2:4]), digits[4:], today)
        else:
            born = None
        if born:
            return born
    loose = re.search(r"\b(\d{1,2})[ /.-]+(?:0\s+)?(\d{1,2})[ /.-]+(\d{4}|\d{2})(?!\d)", text)
    if loose:
        return _valid(int(loose[1]), int(loose[2]), loose[3], today)
    return None


def _valid(day: int, month: int, year: str, today: date) -> date | None:
    number = int(year)
    if len(year) == 2:
        number += 2000 if number <= today.year % 100 else 1900
    try:
        born = date(number, month, day)
    except ValueError:
        return None
    return born if date(today.year - 120, 1, 1) < born <= today else None


class FileNumbers:
    """References given over the turns of a call; a correction replaces the one before."""

    def __init__(self) -> None:
        self._found: list[tuple[Reference, str]] = []

    def caller_says(self, speech: Speech, utterance_id: str, *, asked: bool) -> None:
        """Take an utterance."""
        found = references(speech)
        if not found and asked and not any(item.number for item in dictated(speech)):
            answer = answered_reference(speech)
            found = [answer] if answer else []
        for reference in found:
            corrects = re.search(r"\b(?:non|pardon)\b", speech.folded[: reference.start])
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
