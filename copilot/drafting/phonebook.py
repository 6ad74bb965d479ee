"""The number to call back, over the turns of a call."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from copilot.drafting.draft import FieldValue
from copilot.drafting.phones import (
    CORRECTION,
    Dictated,
    corrected,
    dictated,
    digit_runs,
    e164,
    national,
    spoken_change,
)
from copilot.drafting.speech import Speech

TARGET = re.compile(
    r"\b(?:rappel\w*|recontact\w*|joindre|contact\w*|appelez|appeler|joignable|m'avoir|telephonez|plutot|prenez)\b[^.?!]{0,45}$"
)
OWN = re.compile(
    r"\b(?:mon|mes|notre|le) (?:numero|portable|fixe|telephone|mobile|tel|bureau|cell\w*)\b[^.?!]{0,40}$|\b(?:au|c'est le|je suis au|sur le)\s*$"
)
NOT_PHONE = re.compile(
    r"\b(?:facture|dossier|commande|reference|ref|contrat|siret|siren|secu|securite sociale|immatriculation|plaque|adherent|police|suivi|colis|devis|ticket"
    r"|code postal|iban|rib|carte|compte|client|serie|sinistre|allocataire|tva|licence|numero de lot|montant|somme)\b[^.?!\d]{0,35}$"
)
OTHERS = re.compile(
    r"\b(?:(?:m'|nous )(?:a|avez|avait|aviez) (?:appele|contacte|laisse)\w*|(?:recu|eu) (?:un|des|votre) appels?|s'est affiche|s'affiche|ai compose|j'ai fait le|fait le|votre numero|numero de votre"
    r"|vous etes (?:bien )?au|suis bien au|tombe sur|ancien numero|avant c'etait|l'ancien|numero d[ue] (?!(?:telephone|portable|mobile|fixe|tel|bureau|rappel)\b)(?:la |l'|mon |ma |mes |son |notre |le )?\w+|son numero|leur numero|le sien|trouve le|vu le|affiche le|croyais (?:avoir )?appel\w*|voulais (?:faire|appeler|avoir|joindre) le)"
    r"\b[^.?!]{0,40}$"
)
NOT_ANY_MORE = re.compile(
    r"\b(?:pas (?:sur|au|a) (?:ce|le|mon)|plus (?:le|ce|au|sur)|pas le|ne (?:m')?appel\w* (?:pas|plus) (?:au|sur)|oubliez le|plus bon|plus valable|surtout pas (?:le|au|sur))\b[^.?!,]{0,20}$"
)
FALLBACK_BEFORE = re.compile(
    r"\b(?:si (?:jamais )?(?:je|ca|on) (?:n'y suis|(?:ne )?reponds?|(?:ne )?decroche) pas|sinon|ou alors|a defaut)\b[^.?!]{0,40}$"
)
FALLBACK_AFTER = re.compile(r"[\s,]*si (?:je|on) (?:n'y (?:suis|est)|(?:ne )?reponds?) pas\b")
"""For when the other number does not answer."""
DENIED = re.compile(r"[\s,]*(?:ce n'est|c'est|c'etait) pas (?:bien )?(?:le|la|l'|les|chez|vous)\b")
"""After the number of somebody else, whom the caller meant to reach."""
INSTEAD = re.compile(
    r"\b(?:plutot|finalement|mieux|de preference|preferez|prefere|surtout|remplac\w*|chang\w*|en fait|non|pardon|mais rappel\w*)\b"
)


@dataclass(slots=True)
class _Known:
    number: str
    utterance_id: str
    weight: int
    confirmed: bool = False


class Phonebook:
    """Numbers given so far; one is where to call back."""

    def __init__(self) -> None:
        self._known: list[_Known] = []
        self._pending = ""
        self._pending_id = ""
        self._pending_international = False
        self._read_back: str | None = None
        self._echo = ""

    @property
    def dictating(self) -> bool:
        """A number has been begun and is not whole yet."""
        return bool(self._pending)

    def operator_says(self, speech: Speech) -> None:
        """Remember what the operator repeats; a short acknowledgement changes nothing."""
        self._read_back = None
        self._echo = ""
        for item in dictated(speech):
            if item.number:
                self._read_back = item.number
            elif len(item.digits) >= 2:
                self._echo = item.digits

    def caller_says(
        self,
        speech: Speech,
        utterance_id: str,
        *,
        asked: bool,
        yes: bool,
        no: bool,
        busy: list[tuple[int, int]],
    ) -> list[tuple[int, int]]:
        """Take a caller's utterance; the stretches that were phone digits."""
        found = [
            item
            for item in dictated(speech)
            if not _within(item, busy) and not _article(item, speech)
        ]
        spans: list[tuple[int, int]] = []
        wholes = [item for item in found if item.number]
        since = 0
        for item in wholes:
            self._add(speech, item, utterance_id, asked=asked, since=since)
            since = item.end
            spans.append((item.start, item.end))
        if wholes:
            self._pending = ""
            return spans
        spans = self._partial(speech, found, utterance_id, asked=asked, no=no)
        if not spans and self._read_back and yes and not no:
            self._confirm(utterance_id)
        return spans

    def _partial(
        self,
        speech: Speech,
        found: list[Dictated],
        utterance_id: str,
        *,
        asked: bool,
        no: bool,
    ) -> list[tuple[int, int]]:
        current = self._read_back or (self._known[-1].number if self._known else None)
        correcting = no or bool(CORRECTION.search(speech.folded))
        if (
            current
            and correcting
            and found
            and (self._read_back or self._echo or _talks_digits(speech))
        ):
            return self._correct(speech, current, utterance_id)
        runs = [item for item in found if _fits(item, self._pending, speech, asked=asked)]
        if not runs:
            return []
        item = runs[0]
        if self._pending and correcting and CORRECTION.search(speech.folded[: item.start]):
            text = self._amended(item.digits)
        else:
            text = self._pending + item.digits
        for previous, later in pairwise(runs):
            between = speech.folded[previous.end : later.start]
            if CORRECTION.search(between):
                text = text[: -len(later.digits)] + later.digits
            elif len(text) < 10:
                text += later.digits
        international = item.international or self._pending_international
        number = e164(text, international=international)
        if number:
            self._known.append(_Known(number, utterance_id, 2))
            self._pending, self._pending_international = "", False
        elif len(text) < 10 or (international and len(text) < 13):
            self._pending, self._pending_id = text, utterance_id
            self._pending_international = international
        else:
            self._pending = item.digits if item.digits[:1] == "0" else ""
        return [(entry.start, entry.end) for entry in runs]

    def _amended(self, change: str) -> str:
        """ "non, quarante-deux" while the number is still being dictated."""
        if self._echo and self._pending.endswith(self._echo) and len(change) == len(self._echo):
            return self._pending[: -len(self._echo)] + change
        if len(change) <= len(self._pending):
            return self._pending[: -len(change)] + change
        return change

    def _correct(self, speech: Speech, current: str, utterance_id: str) -> list[tuple[int, int]]:
        change = spoken_change(speech)
        if change is None:
            return []
        new, wrong = change
        digits = national(current)
        if not self._read_back and self._echo and len(self._echo) == len(new):
            wrong = wrong or self._echo
        if not wrong and digits.endswith(new) and len(new) >= 2:
            return [(0, 0)]
        at_start = bool(re.search(r"\b(?:debut|commence)\b", speech.folded))
        amended = corrected(digits, new, wrong=wrong, at_start=at_start)
        number = e164(amended) if amended and current.startswith("+33") else None
        if number is None:
            return []
        self._replace(current, number, utterance_id)
        self._read_back = None
        runs = digit_runs(speech)
        return [(run.start, run.end) for run in runs]

    def _replace(self, old: str, new: str, utterance_id: str) -> None:
        for known in self._known:
            if known.number in (old, new) or known is self._known[-1]:
                known.number, known.utterance_id = new, utterance_id
                return
        self._known.append(_Known(new, utterance_id, 2))

    def _confirm(self, utterance_id: str) -> None:
        number = self._read_back
        if number is None:
            return
        for known in self._known:
            if known.number == number:
                known.confirmed = True
                return
        if self._known and _close(self._known[-1].number, number):
            self._known[-1].number = number
            self._known[-1].confirmed = True
        else:
            self._known.append(_Known(number, utterance_id, 3, True))
        self._pending = ""

    def _add(
        self, speech: Speech, item: Dictated, utterance_id: str, *, asked: bool, since: int
    ) -> None:
        if item.number is None:
            return
        lead = speech.folded[since : item.start]
        if NOT_ANY_MORE.search(lead):
            self._known = [known for known in self._known if known.number != item.number]
            return
        if NOT_PHONE.search(lead) and not TARGET.search(lead):
            return
        target = bool(TARGET.search(lead))
        after = speech.folded[item.end : item.end + 60]
        called = re.search(
            r"\b(?:rappel\w*|appelez|joignez|contactez)[- ](?:le|la|les|lui)\b", lead + " " + after
        )
        if (OTHERS.search(lead) and not target and not called) or DENIED.match(after):
            return
        weight = 4 if target or called else 3 if OWN.search(lead) else 2 if asked else 1
        if FALLBACK_BEFORE.search(lead) or FALLBACK_AFTER.match(after):
            self._known.append(_Known(item.number, utterance_id, 0))
            return
        if any(known.number == item.number for known in self._known):
            for known in self._known:
                if known.number == item.number:
                    known.weight = max(known.weight, weight)
            return
        previous = self._known[-1] if self._known else None
        instead = INSTEAD.search(lead[-60:]) or INSTEAD.search(after[:25])
        if previous and (_close(previous.number, item.number) or (self._read_back and instead)):
            self._known.remove(previous)
            weight = max(weight, previous.weight)
        elif instead and weight < 4:
            weight = 4
        if instead and weight >= 4 and previous:
            weight = max(weight, max(known.weight for known in self._known or [previous]) + 1)
        self._known.append(_Known(item.number, utterance_id, weight))

    def forget(self) -> None:
        """The caller took the number back."""
        self._known.clear()
        self._pending = ""

    def field(self) -> FieldValue | None:
        """The number to call back."""
        if not self._known:
            return None
        best = max(self._known, key=lambda known: known.weight)
        return FieldValue(
            value=best.number,
            confidence=0.97 if best.confirmed else 0.8,
            utterance_id=best.utterance_id,
            read_back=not best.confirmed,
        )

    def incomplete(self) -> FieldValue | None:
        """Digits of a number that is not whole: to be asked again, never guessed."""
        if len(self._pending) < 6:
            return None
        return FieldValue(
            value=self._pending,
            confidence=0.2,
            utterance_id=self._pending_id,
            read_back=True,
            whole=False,
        )


def _within(item: Dictated, busy: list[tuple[int, int]]) -> bool:
    return any(start <= item.start < end for start, end in busy)


AFTER_DIGIT = "apres|au|c'est|donc|ensuite|et|euh|merci|oui|pas|plutot|pour|puis|voila"
"""What may follow the last digit of a number."""


def _article(item: Dictated, speech: Speech) -> bool:
    """ "Un SMS suffit" is no digit; "un voilà" is."""
    said, after = speech.folded[item.start : item.end], speech.folded[item.end :]
    return said in ("un", "une") and bool(re.match(rf" (?!(?:{AFTER_DIGIT})\b)[a-z]{{2}}", after))


def _talks_digits(speech: Speech) -> bool:
    return bool(
        re.search(
            r"\b(?:fin|debut|numero|chiffre|dernier\w*|derniers|pas|trompee?|pardon)\b",
            speech.folded,
        )
    )


def _fits(item: Dictated, pending: str, speech: Speech, *, asked: bool) -> bool:
    """Digits that start or carry on a phone number, and are not a date, an hour or an amount."""
    if re.match(r"\s*(?:euros?|heures?|h\b|ans?\b|jours?|personnes?|pour cent|janvier|fevrier|mars|avril|mai|juin|juillet"
                r"|aout|septembre|octobre|novembre|decembre|rue|avenue|minutes?|semaines?|mois|bis\b|enfants?|fois)", speech.folded[item.end :]):  # fmt: skip
        return False
    if NOT_PHONE.search(speech.folded[: item.start]):
        return False
    if pending:
        return len(item.digits) + len(pending) <= 13
    starts = item.digits.startswith("0") or item.international
    return starts and len(item.digits) >= 2 and (asked or len(item.digits) >= 6)


def _close(left: str, right: str) -> bool:
    """The same number but for a pair or two: a correction."""
    if len(left) != len(right):
        return False
    return sum(a != b for a, b in zip(left, right, strict=True)) <= 3
