"""What speaks for and against a filled field: yes-or-no facts that `sureness` weighs.

Each fact is read from what was said and from what the field held turn by turn (`Trail`), whatever
reader had filled it; its weight is fitted on labelled calls (tests/drafting/fitsureness.py).
"""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Callable

from copilot.drafting.agreements import confirmed
from copilot.drafting.draft import Draft, FieldValue
from copilot.drafting.lexicon.houses import GENERIC, HOUSES, KINDS
from copilot.drafting.names import ordinary
from copilot.drafting.places import STREET
from copilot.drafting.scheduling import ASKED_BACK, CALL_CUE, PROMISE, action_in
from copilot.drafting.speech import fold
from copilot.drafting.trail import Trail
from copilot.drafting.wording import wording

Facts = set[str]

HYPOTHETICAL = re.compile(
    r"\b(?:si (?:jamais|un jour|besoin|possible)|peut-etre|eventuellement|au cas ou|je sais pas|je ne sais pas|sinon|ou bien|savoir (?:si|a partir)|plaisant\w*|par exemple)\b"
)
WHERE = re.compile(
    r"\b(?:quelle residence|quel immeuble|quel batiment|adresse|ou (?:etes|habitez|exactement)|c'est ou|vous etes ou|quel lieu|quelle rue)\b"
)
MEETS = re.compile(
    r"\b(?:rendez[- ]?vous|rdv|creneau|disponibilites?|consultation|reserv\w+|annul\w+|deplac\w+|decal\w+|report\w+)\b"
)
TAKEN_DOWN = re.compile(
    r"\b(?:c'est (?:note|reserve|bon|pris|inscrit|annule|supprime|deplace|modifie|fait)e?|je (?:vous )?(?:note|mets|inscris|reserve|bloque)|a (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|demain|tout a l'heure|ce soir)|entendu|d'accord)\b"
)
BIRTH = re.compile(r"\b(?:nee?|naissance)\b")
SCHOOL = re.compile(
    r"\b(?:en classe|a l'ecole|(?:petite|moyenne|grande) section|maternelle|en c[pem]\d?|cantine|garderie|creche)\b"
)
TAGGED = (0.5, 0.7, 0.85, 0.95)
"""Steps of what the reader of companies gives a value."""
PLATE = re.compile(r"[A-Z]{2}-?\d{3}-?[A-Z]{2}")


def facts(name: str, value: FieldValue, draft: Draft, trail: Trail) -> Facts:
    """The facts about a field as it stands; only fields of `READ` have any."""
    at = trail.source(value)
    if at is None:
        return {"no source"}
    return _of_any(name, value, trail, at) | READ[name](value, draft, trail, at)


def _of_any(name: str, value: FieldValue, trail: Trail, at: int) -> Facts:
    found, turn = set(), trail.turns[at]
    if trail.asked(name, at):
        found.add("asked")
    if trail.repeats(value.value, list(trail.after(at, "operator"))):
        found.add("repeated by the operator")
    if len(trail.values.get(name, ())) > 1:
        found.add("held something else")
    if turn.speaker == "operator":
        found.add("said by the operator")
    if HYPOTHETICAL.search(turn.folded):
        found.add("hypothetical")
    if at <= 1:
        found.add("at once")
    return found


def _company(value: FieldValue, draft: Draft, trail: Trail, at: int) -> Facts:
    said, found = trail.turns[at].folded, set()
    folded = fold(value.value)
    words = folded.split()
    place = said.find(folded)
    lead = said[max(0, place - 25) : place] if place > 0 else ""
    if re.search(rf"\b(?:{GENERIC})\b", lead):
        found.add("called a company")
    if re.search(r"\bchez (?:la |le |l')?$", lead):
        found.add("chez")
    if re.match(rf"(?:{KINDS}|{HOUSES})\b", folded):
        found.add("begins with a kind")
    if words[0] in ("residence", "immeuble", "maison", "club", "parking", "villa", "copropriete"):
        found.add("a place to live or to meet")
    if all(ordinary(word) for word in words):
        found.add("plain words")
    found |= {f"tagged {odds}" for odds in TAGGED if value.confidence >= odds}
    if len(words) > 5:
        found.add("long")
    if len(words) == 1:
        found.add("one word")
    if any(len(word) == 1 and word.isalpha() for word in words) or any(map(str.isdigit, words)):
        found.add("letters or digits")
    if re.search(r"\b(?:plante|bloque|coince|gare|arrete|livre|bruit|musique|dors|loge)\w*\b[^.?!]{0,30}\bchez\b", said):  # fmt: skip
        found.add("somewhere one is")
    if set(words[1:]) & {"le", "la", "au", "un", "une"} and len(words) > 2:
        found.add("an article inside")
    if WHERE.search(trail.question(at)) or STREET.search(said):
        found.add("where")
    caller = draft.value("caller_name")
    if caller and fold(caller).split()[-1] in folded.split():
        found.add("the caller's own name")
    elif caller and fold(caller).split()[-1] in said:
        found.add("beside the caller's name")
    return found


def _callback_when(value: FieldValue, _draft: Draft, trail: Trail, at: int) -> Facts:
    said, question, found = trail.turns[at].folded, trail.question(at), set()
    if CALL_CUE.search(said):
        found.add("calls in the same words")
    if ASKED_BACK.search(said):
        found.add("a call back is asked for")
    if PROMISE.search(question) or CALL_CUE.search(question):
        found.add("the operator spoke of calling")
    if re.search(r"\b(?:je (?:re)?passe\w*|je (?:vous )?rappelle\w*|repasser|elle part|il part)\b", said):  # fmt: skip
        found.add("the caller moves")
    if "T" not in value.value:
        found.add("a day alone")
    if re.search(r"\b(?:a l'instant|tout de suite|immediatement|dans la minute|aussitot)\b", question + said):  # fmt: skip
        found.add("at this moment")
    if re.search(r"\b(?:non|pas)\b", said):
        found.add("a refusal in the same words")
    return found


def _appointment(value: FieldValue, draft: Draft, trail: Trail, at: int) -> Facts:
    found = {value.value}
    caller, operator = trail.said_by("caller"), trail.said_by("operator")
    said, question = trail.turns[at].folded, trail.question(at)
    when = draft.value("appointment_when")
    if when is None:
        found.add("no moment")
    elif "T" not in when:
        found.add("a day alone")
    if re.search(r"\b(?:rendez[- ]?vous|rdv)\b", caller + operator):
        found.add("the word is said")
    if MEETS.search(said):
        found.add("words of meeting")
    if action_in(said):
        found.add("asked for in words")
    if MEETS.search(operator):
        found.add("the operator says words of meeting")
    last = "\n".join(trail.after(at, "operator"))
    if TAKEN_DOWN.search(last):
        found.add("taken down")
    if confirmed(operator):
        found.add("confirmed")
    if re.search(r"\b(?:passe|passera|part|arrive|envoie|vient|viendra)\b", question):
        found.add("somebody is sent")
    if SCHOOL.search(caller):
        found.add("school")
    if BIRTH.search(question) or BIRTH.search(said):
        found.add("a birth")
    if draft.value("callback") == "true":
        found.add("a call back")
    call = draft.value("callback_when")
    if call:
        found.add("the moment of a call" if call == when else "another moment to call")
    if value.confidence > 0.8:
        found.add("in words and answered" if value.confidence > 0.9 else "in words")
    if value.confidence < 0.8:
        found.add(f"shared {value.confidence}")
    return found | wording(trail, at)


def _file_number(value: FieldValue, _draft: Draft, trail: Trail, at: int) -> Facts:
    said, question, found = trail.turns[at].folded, trail.question(at), set()
    if re.search(r"\b(?:dossier|commande|contrat|facture|sinistre|client|adherent|ticket|bon|reservation)\b", said):  # fmt: skip
        found.add("its kind is said")
    if re.search(
        r"\b(?:appareil|modele|plaque|immatriculation|etiquette|serie)\b", said + question
    ):
        found.add("of a thing")
    if PLATE.fullmatch(value.value):
        found.add("a number plate")
    if len(value.value) < 4:
        found.add("short")
    if re.match(r"(?:non|pas)\b", said):
        found.add("refused")
    return found


READ: dict[str, Callable[[FieldValue, Draft, Trail, int], Facts]] = {
    "company": _company,
    "callback_when": _callback_when,
    "appointment_action": _appointment,
    "file_number": _file_number,
}
"""Fields that may be offered as a doubt instead of filled."""
