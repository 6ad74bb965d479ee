"""The address to write to, over the turns of a call."""

from __future__ import annotations

import re
from dataclasses import replace

from copilot.drafting.draft import FieldValue
from copilot.drafting.emails import Address, addresses, domain_correction
from copilot.drafting.kept import Kept
from copilot.drafting.speech import Speech, hear

LONGEST = 200
"""Characters of an address dictated over several utterances."""


ASKS_WHERE = re.compile(
    r"\b(?:a|sur|oui mais a) quel(?:le)? (?:adresse|mail|e-mail|boite)\b"
    r"|\b(?:c'est quoi|quel(?:le)? est|donnez-moi|il me faut) (?:(?:son|votre|leur|le|la|une) |l')"
    r"(?:adresse|mail|e-mail|courriel)\b"
    r"|\bj'(?:envoie|ecris) (?:ca |tout |le dossier )?(?:a qui|ou)\b"
)
"""The caller asks for an address of the house."""
TO_WRITE_TO = re.compile(r"\b(?:envoyez|ecrivez|adressez)(?:[- ](?:nous|lui|le|la|les|moi ca))")
"""The operator gives an address to write to."""


class CallerEmail:
    """The address given, corrected by the caller, confirmed by the operator's read-back."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._read_back: Address | None = None
        self._caller = hear("")
        """What the caller said last."""
        self._words = ""
        """An address begun, not whole yet."""

    def operator_says(self, speech: Speech) -> None:
        """Remember the address the operator repeats."""
        found = addresses(speech)
        if found and not self._is_the_house_s(speech):
            self._read_back = found[-1]

    def _is_the_house_s(self, speech: Speech) -> bool:
        """An address that the caller has asked where to write to, or is told to write to."""
        if self._kept or self._words:
            return False
        return bool(ASKS_WHERE.search(self._caller.folded) or TO_WRITE_TO.search(speech.folded))

    def caller_says(
        self, speech: Speech, utterance_id: str, *, asked: bool, yes: bool, no: bool
    ) -> list[Address]:
        """Take an utterance; the addresses that stand in it, whole."""
        read_back, self._read_back = self._read_back, None
        self._caller = speech
        found = addresses(speech)
        if found:
            self._words = ""
            self._keep(_meant(found, speech), utterance_id, confidence=0.75)
        elif asked and self._continued(speech, utterance_id):
            pass
        elif read_back and yes:
            self._kept.keep(read_back.value, utterance_id, confidence=0.95)
        elif no or re.search(r"\b(?:pas|plutot|pardon)\b", speech.folded):
            known = read_back.value if read_back else self._kept.value
            domain = domain_correction(speech)
            if known and domain:
                self._keep(_at(known, domain), utterance_id, confidence=0.8)
        return found

    def _continued(self, speech: Speech, utterance_id: str) -> bool:
        """An address dictated over several utterances is whole now."""
        joined = hear(f"{self._words} {speech.text}".strip())
        spread = addresses(joined)
        self._words = joined.text if len(joined.text) < LONGEST and not spread else ""
        if spread:
            self._keep(spread[-1].value, utterance_id, confidence=0.7)
        return bool(spread)

    def _keep(self, value: str, utterance_id: str, *, confidence: float) -> None:
        self._kept.keep(value, utterance_id, confidence=confidence, read_back=True)

    def forget(self) -> None:
        """The caller took it back."""
        self._kept.forget()

    def field(self) -> FieldValue | None:
        """The address as a field."""
        return self._kept.field()


def _meant(found: list[Address], speech: Speech) -> str:
    """Of the addresses of one utterance, the one that stands once it is over."""
    current = found[-1]
    tail = speech.cut(current.end, len(speech.folded))
    domain = (
        domain_correction(tail)
        if re.search(r"\b(?:non|pardon|plutot|pas)\b", tail.folded)
        else None
    )
    if domain:
        current = replace(current, value=_at(current.value, domain))
    if len(found) > 1 and re.search(r"\bpas\s*$", speech.folded[: current.start]):
        current = found[0]
    return current.value


def _at(address: str, domain: str) -> str:
    return f"{address.split('@')[0]}@{domain}"
