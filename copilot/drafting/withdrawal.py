"""What a caller takes back: "finalement laissez tomber le rendez-vous"."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.drafting.speech import Speech

WITHDRAWN = re.compile(
    r"\b(?:laiss\w+ tomber|oubli(?:ez|e|ons)|ne (?:notez|mettez|gardez|ecrivez|marquez) pas|n'en parlons plus|effacez|supprimez|enlevez|retirez|je retire"
    r"|(?:finalement|tout compte fait|reflexion faite) non\b|(?:finalement|en fait|tout compte fait|reflexion faite|non) (?:pas la peine|c'est bon|ce n'est pas la peine|je (?:n'en )?(?:ai|veux) plus|on laisse|je prefere pas|j'en ai plus besoin)"
    r"|pas la peine finalement|c'est pas la peine finalement|annulez (?:ma demande|tout)|faites comme si|je prefere (?:ne )?pas (?:donner|laisser)|laissez finalement)\b"
)
OBJECTS = (
    ("phone", re.compile(r"\b(?:numero|telephone|portable|fixe)\b")),
    ("email", re.compile(r"\b(?:mail|e-mail|courriel|adresse mail|adresse electronique)\b")),
    ("address", re.compile(r"\b(?:adresse(?! mail| e-mail| electronique)|rue)\b")),
    (
        "appointment",
        re.compile(r"\b(?:rendez[- ]?vous|rdv|creneau|visite|consultation|date|reservation)\b"),
    ),
    ("callback", re.compile(r"\b(?:rappel\w*|me rappeler|appel|recontact\w*)\b")),
    ("company", re.compile(r"\b(?:societe|entreprise)\b")),
    ("file_number", re.compile(r"\b(?:dossier|reference|commande|facture)\b")),
    ("devis", re.compile(r"\bdevis\b")),
)


def withdrawals(speech: Speech) -> Iterator[list[str]]:
    """For each thing taken back, what it names: keys of `OBJECTS`; none when it does not say."""
    for match in WITHDRAWN.finditer(speech.folded):
        tail = re.split(r"[.?!;]|\bmais\b|\bet (?=je|rappel|c'est)", speech.folded[match.end() :])[
            0
        ]
        tail = re.split(r"\b(?:dites|demandez|rappelez|notez|dis|je|j'|c'est|on)\b", tail)[0]
        yield [name for name, pattern in OBJECTS if pattern.search(match.group() + tail)]
