"""What a site's form sends: lines of a label and what was filled in; what letters carry besides.

A letter is a form when two of its lines at least carry labels that say who writes. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from copilot.drafting.draft import FieldValue, Turn
from copilot.store.numbering import e164
from knowledge.wording import plain

SURE = 0.95
FEWEST = 2
"""Labels of who writes that make a form: one may be anybody's way to write."""
NAMES = {
    "caller_name": ("nom complet", "nom et prenom", "nom prenom", "prenom et nom", "votre nom",
                    "full name", "name", "your name", "nom", "last name", "nom de famille"),
    "first_name": ("prenom", "votre prenom", "first name"),
    "phone": ("telephone", "tel", "portable", "mobile", "votre telephone", "numero de telephone",
              "n de telephone", "phone", "phone number", "telephone portable"),
    "email": ("e mail", "email", "mail", "courriel", "adresse e mail", "adresse email",
              "votre e mail", "votre email", "adresse mail", "email address", "your email"),
    "company": ("societe", "entreprise", "raison sociale", "company"),
    "message": ("message", "votre message", "your message", "demande", "votre demande",
                "commentaire", "commentaires", "comments", "objet", "sujet", "subject"),
    "unsaid": ("j accepte", "rgpd", "consentement", "adresse ip", "ip", "url", "page",
               "navigateur", "user agent", "civilite", "date d envoi", "source"),
}  # fmt: skip
HEADING = frozenset({"de", "from", "envoye", "sent", "date", "a", "to", "cc", "objet", "subject"})
"""Of a letter that is passed on, from "De :" on, each on its line."""
WHO = frozenset({"caller_name", "first_name", "phone", "email"})
_BY_LABEL = {label: field for field, labels in NAMES.items() for label in labels}
_LABELLED = re.compile(r"^[\s*•>-]*([A-Za-zÀ-ÿ][^:\n]{1,39}?)\s?:\*?(?:\s+(.*)|)$", re.DOTALL)
_NOT_SAID = re.compile(
    r"^\W*(bien )?(cordialement|cdlt|cdt|respectueusement|sincères salutations|salutations|regards"
    r"|(kind|best) regards|best|sincerely|bonjour|bonsoir|hello|hi( there)?|madame, monsieur"
    r"|(merci|cordialement)[^.?!]{0,30}cordialement|bien à vous)\W*$"
    r"|^\W*(envoyé|sent) (de|depuis|from) (mon|my)\b.{0,40}$"
    r"|^\W*(ce|cet|this) (message|courriel|e-?mail)\b.{0,200}(confidenti|privileg|formulaire)"
    r"|^\W*(pensez à l['’]environnement|please consider the environment)"
    r"|^\W*(de|from)\s?: .{1,300}\b(objet|subject)\s?:",
    re.IGNORECASE | re.DOTALL,
)
_UNREAD_BOX = re.compile(
    r"^(do[-_.]?not|not?|ne[-_.]?pas|pas[-_.]?de)[-_.]?(reply|repondre|reponse)|^wordpress@"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A letter as it was filled in: who writes, and what is left to understand."""

    fields: dict[str, FieldValue]
    said: tuple[Turn, ...]


def is_labelled(line: str) -> bool:
    """Whether a line is a label and what goes with it."""
    return _LABELLED.match(line) is not None


def told(turns: Sequence[Turn]) -> Form:
    """Paragraphs without what nobody says (greetings, closings, notices) and, of a form, with who
    writes read by its labels."""
    labelled = [_labelled(turn.text) for turn in turns]
    form = len(WHO & {one[0] for one in labelled if one is not None and one[1]}) >= FEWEST
    found: dict[str, FieldValue] = {}
    said: list[Turn] = []
    passed_on = False
    for turn, one in zip(turns, labelled, strict=True):
        label = _label(turn.text)
        passed_on = label in ("de", "from") or (passed_on and label in HEADING)
        if passed_on and not form:
            continue
        if not form or one is None:
            if not _NOT_SAID.match(turn.text):
                said.append(turn)
            continue
        name, value = one
        if name == "message" and value:
            said.append(Turn(speaker="caller", text=value, utterance_id=turn.utterance_id))
        elif name not in ("unsaid", "message") and (read := _read(name, value)):
            given = FieldValue(value=read, confidence=SURE, utterance_id=turn.utterance_id)
            found.setdefault(name, given)
    first = found.pop("first_name", None)
    if first is not None:
        last = found.get("caller_name")
        whole = f"{first.value} {last.value}" if last is not None else first.value
        found["caller_name"] = FieldValue(
            value=whole, confidence=SURE, utterance_id=first.utterance_id
        )
    return Form(fields=found, said=tuple(said))


def _labelled(text: str) -> tuple[str, str] | None:
    """The field that a paragraph's label stands for, and what is filled in."""
    label = _label(text)
    field = _BY_LABEL.get(label) or ("unsaid" if label.startswith("j accepte") else None)
    return (field, text.partition(":")[2].strip(" *\n")) if field else None


def _label(text: str) -> str:
    match = _LABELLED.match(text)
    return re.sub(r"\W+", " ", plain(match[1])).strip() if match else ""


def _read(name: str, value: str) -> str:
    if name == "phone":
        return e164(value[:40]) or ""
    if name == "email":
        found = re.search(r"[^\s@<>,;\"():]{1,64}@[^\s@<>,;\"():]{1,189}", value)
        return found[0].lower() if found else ""
    return value[:200]


def answer_to(sender: str, paragraphs: Iterable[str]) -> tuple[str, str]:
    """Whom a form's letter is answered to where its sender reads nothing (noreply@): address and
    name as filled in; both empty otherwise."""
    if not _UNREAD_BOX.match(sender):
        return "", ""
    turns = [Turn(speaker="caller", text=one, utterance_id="") for one in paragraphs]
    fields = told(turns).fields
    if "email" not in fields:
        return "", ""
    name = fields.get("caller_name")
    return str(fields["email"].value), str(name.value) if name else ""
