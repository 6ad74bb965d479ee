"""The built-in drafter: one call's message, filled turn by turn, with no language model.

Each turn is read once by the readers of this package; this module keeps what they found and settles
what contradicts: corrections win, the operator's read-back confirms, what is taken back is gone.
"""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from copilot.drafting.categories import is_sales, is_wrong_number, requests
from copilot.drafting.clauses import Clause, clauses, without_orders
from copilot.drafting.companies import PRIVATE, answered_company, company
from copilot.drafting.draft import (
    ClientProfile,
    Draft,
    Drafter,
    FieldValue,
    OpenDrafter,
    Turn,
)
from copilot.drafting.emails import Address, addresses, domain_correction
from copilot.drafting.names import RELATIONS, on_behalf
from copilot.drafting.parties import CallerName
from copilot.drafting.people.features import Setting
from copilot.drafting.people.reader import Mention, PeopleReader
from copilot.drafting.phonebook import Phonebook
from copilot.drafting.phones import dictated
from copilot.drafting.places import Place, locality, place
from copilot.drafting.plans import Plans
from copilot.drafting.questions import asked
from copilot.drafting.reason import Candidate, candidate, compose
from copilot.drafting.recipient import ContactBook
from copilot.drafting.references import Reference, answered_reference, date_of_birth, references
from copilot.drafting.scheduling import (
    NO,
    YES,
)
from copilot.drafting.situations.meaning import SituationReader
from copilot.drafting.speech import Speech, fold, hear
from copilot.drafting.spelling import Spelled, respell
from copilot.drafting.urgency import UrgencyReader
from models.entities import french_lexicon

WITHDRAWN = re.compile(
    r"\b(?:laiss\w+ tomber|oubli(?:ez|e|ons)|ne (?:notez|mettez|gardez|ecrivez|marquez) pas|n'en parlons plus|effacez|supprimez|enlevez|retirez|je retire"
    r"|(?:finalement|tout compte fait|reflexion faite) non\b|(?:finalement|en fait|tout compte fait|reflexion faite|non) (?:pas la peine|c'est bon|ce n'est pas la peine|je (?:n'en )?(?:ai|veux) plus|on laisse|je prefere pas|j'en ai plus besoin)"
    r"|pas la peine finalement|c'est pas la peine finalement|annulez (?:ma demande|tout)|faites comme si|je prefere (?:ne )?pas (?:donner|laisser)|laissez finalement)\b"
)
ASKS_WHETHER = re.compile(
    r"^(?:d'accord |alors |et |donc |oui )*(?:est-ce|y a-t-il|il y a|vous (?:avez|sentez|etes|voyez)|(?:il|elle|on|ca|c'est) (?:est|a|y|se|respire|saigne|bouge|sent|bien)?)\b"
)
CONFIRMS = re.compile(
    r"^(?:ah |ben |bah )*(?:oui (?:oui|voila|c'est|exactement|tout a fait|elle|il|un peu|beaucoup)|c'est (?:bien )?(?:ca|cela)|exact\w*|tout a fait|voila)\b"
)
ACKNOWLEDGES = re.compile(
    r"^(?:oui|d'accord|ok|okay|tres bien|je note|c'est note|parfait|merci|bien|entendu|allez-y|allez y|je vous ecoute|pardon|hum|mmh|voila|donc|et|ensuite|continuez|\d|zero|[a-z] )"
)
NAMING = frozenset({"name", "given_name", "spelling"})
LONG_ANSWER = 10
"""Words; a shorter answer to a question for the name holds nothing else."""
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


@dataclass(slots=True)
class Kept:
    """A value with where it came from."""

    value: str
    utterance_id: str
    confidence: float = 0.8
    read_back: bool = False


class BuiltinDrafter:
    """Implements `Drafter`. Reads each turn once; every field is settled from what was kept."""

    def __init__(
        self,
        *,
        client: ClientProfile,
        at: datetime,
        situations: SituationReader,
        people: PeopleReader,
    ) -> None:
        self._client = client
        self._people = people
        self._others: set[str] = set()
        self._relative = ""
        """Surname of the person named last who is not the caller."""
        self._mentions: list[Mention] = []
        self._at = at
        self._kept: dict[str, Kept] = {}
        self._phones = Phonebook()
        self._name = CallerName()
        self._book = ContactBook(client.contacts)
        self._urgency = UrgencyReader(client.urgent_rules, situations)
        self._plans = Plans(at)
        self._candidates: list[Candidate] = []
        self._requests: list[tuple[str, str, int]] = []
        self._recipients: list[tuple[str, str, bool, bool]] = []
        self._place: Place | None = None
        self._references: list[tuple[Reference, str]] = []
        self._asked: frozenset[str] = frozenset()
        self._operator = hear("")
        self._operator_email: Address | None = None
        self._email_words = ""
        self._wrong_number = False
        self._sales = False
        self._order = 0
        self._caller_turns = 0
        self._expected: str | None = None
        self._relation: str | None = None
        self._relation_id = ""

    def hear(self, turn: Turn) -> Draft:
        """Take the next finished utterance; the draft as it now stands."""
        heard, _ = (
            without_orders(hear(turn.text))
            if turn.speaker == "caller"
            else (hear(turn.text), False)
        )
        if heard.folded.strip():
            if turn.speaker == "operator":
                self._hear_operator(heard, turn.utterance_id)
            else:
                self._hear_caller(heard, turn.utterance_id)
        return self._draft()

    # The operator's side: questions, read-backs, offers.

    def _hear_operator(self, speech: Speech, utterance_id: str) -> None:
        questions = asked(speech.folded)
        self._asked = questions or (
            self._asked if ACKNOWLEDGES.match(speech.folded) else frozenset()
        )
        self._operator = speech
        self._phones.operator_says(speech)
        self._name.operator_says(speech)
        found = addresses(speech)
        if found:
            self._operator_email = found[-1]
        self._plans.operator_says(speech)
        self._designate(speech)
        for mention in self._book.mentions(speech) if self._book else ():
            if _handed(speech, mention.start):
                self._recipients.append((mention.contact.name, utterance_id, False, False))

    def _designate(self, speech: Speech) -> None:
        """ "Le nom de votre père ?": the call is about the relative the caller spoke of."""
        relation = self._relation
        if relation is None:
            return
        kin = relation.split(" ", 1)[1]
        theirs = re.search(rf"\bvotre {re.escape(fold(kin))}\b", speech.folded)
        if theirs or re.search(
            r"\b(?:sa date de naissance|son (?:nom|prenom|age)|il est ne|elle est nee|(?:il|elle) s'appelle)\b",
            speech.folded,
        ):
            if "on_behalf_of" not in self._kept:
                self._keep("on_behalf_of", relation, self._relation_id)
            self._asked = (
                self._asked | {"on_behalf_of"}
                if re.search(r"\b(?:nom|s'appelle)\b", speech.folded)
                else self._asked
            )
            if "on_behalf_of" in self._asked:
                self._asked = self._asked - {"name", "given_name"}

    # The caller's side.

    def _hear_caller(self, speech: Speech, utterance_id: str) -> None:
        self._caller_turns += 1
        spelled, orphans, placed = respell(speech)
        yes = bool(YES.match(speech.folded))
        no = bool(NO.match(speech.folded))
        if (
            is_wrong_number(speech.folded)
            and not self._phones.dictating
            and self._caller_turns <= 4
        ):
            self._wrong_number = True
        if is_sales(speech.folded):
            self._sales = True
        emails = self._read_email(speech, utterance_id, yes=yes, no=no)
        self._read_references(speech, utterance_id)
        taken = self._phones.caller_says(
            speech, utterance_id, asked="phone" in self._asked, yes=yes, no=no,
            busy=self._busy(emails, speech),
        )  # fmt: skip
        if emails or ("email" in self._asked and not self._asked & NAMING):
            # Letters spelled there are the address's.
            orphans, placed = [], []
        quiet = _blanked(spelled, addresses(spelled), keep_digits=True)
        self._mentions = self._named(quiet)
        self._read_parties(quiet, orphans, placed, utterance_id, yes=yes, no=no)
        self._read_place(_blanked(speech, emails, keep_digits=True), utterance_id)
        self._read_birth(speech, utterance_id)
        self._read_recipient(quiet, utterance_id, yes=yes)
        matter = _without_names(
            _blanked(speech, emails, keep_digits=not taken, spans=taken),
            self._mentions if spelled.text == speech.text else self._named(speech),
        )
        if self._asked & NAMING and len(speech.folded.split()) < LONG_ANSWER:
            matter = speech.cut(0, 0)
        self._read_urgency(speech, matter, utterance_id, yes=yes)
        self._plans.caller_says(
            _blanked(speech, emails, keep_digits=not taken, spans=taken),
            utterance_id,
            yes=yes,
            no=no,
            numbered=bool(taken) or self._phones.dictating,
            asked=self._asked,
            sales=self._sales,
        )
        if self._plans.agreed_id and not self._requests:
            self._requests.append(("rendez-vous", self._plans.agreed_id, self._order))
        self._read_requests(_without_names(quiet, self._mentions), utterance_id)
        self._withdraw(speech)
        self._operator_email = None

    def _keep(
        self,
        name: str,
        value: str,
        utterance_id: str,
        *,
        confidence: float = 0.8,
        read_back: bool = False,
    ) -> None:
        current = self._kept.get(name)
        if current is not None and current.value == value:
            current.confidence = max(current.confidence, confidence)
            return
        self._kept[name] = Kept(value, utterance_id, confidence, read_back)

    def _busy(self, emails: list[Address], speech: Speech) -> list[tuple[int, int]]:
        """Stretches whose digits belong to something else than a phone."""
        spans = [(item.start, item.end) for item in emails]
        spans += [(item.start, item.end) for item in references(speech)]
        return spans

    def _read_email(
        self, speech: Speech, utterance_id: str, *, yes: bool, no: bool
    ) -> list[Address]:
        found = addresses(speech)
        if not found and "email" in self._asked:
            joined = hear(f"{self._email_words} {speech.text}".strip())
            self._email_words = joined.text if len(joined.text) < 200 else ""
            spread = addresses(joined)
            if spread:
                found_value = spread[-1].value
                self._keep("email", found_value, utterance_id, confidence=0.7, read_back=True)
                self._email_words = ""
                return []
        if found:
            self._email_words = ""
            current = found[-1]
            tail = speech.cut(current.end, len(speech.folded))
            domain = (
                domain_correction(tail)
                if re.search(r"\b(?:non|pardon|plutot|pas)\b", tail.folded)
                else None
            )
            if domain:
                current = replace(current, value=f"{current.value.split('@')[0]}@{domain}")
            if len(found) > 1 and re.search(r"\bpas\s*$", speech.folded[: current.start]):
                current = found[0]
            self._keep("email", current.value, utterance_id, confidence=0.75, read_back=True)
            return found
        readback = self._operator_email
        if readback and yes:
            self._keep("email", readback.value, utterance_id, confidence=0.95)
        elif no or re.search(r"\b(?:pas|plutot|pardon)\b", speech.folded):
            base = (
                readback.value
                if readback
                else self._kept["email"].value
                if "email" in self._kept
                else None
            )
            domain = domain_correction(speech)
            if base and domain:
                self._keep(
                    "email",
                    f"{base.split('@')[0]}@{domain}",
                    utterance_id,
                    confidence=0.8,
                    read_back=True,
                )
        return found

    def _read_references(self, speech: Speech, utterance_id: str) -> None:
        found = references(speech)
        if not found and "file_number" in self._asked:
            answer = answered_reference(speech)
            phone = any(item.number for item in dictated(speech))
            found = [answer] if answer and not phone else []
        for reference in found:
            if (
                re.search(r"\b(?:non|pardon)\b", speech.folded[: reference.start])
                and self._references
            ):
                self._references.pop()
            self._references.append((reference, utterance_id))

    def _read_parties(
        self,
        speech: Speech,
        orphans: list[Spelled],
        placed: list[Spelled],
        utterance_id: str,
        *,
        yes: bool,
        no: bool,
    ) -> None:
        behalf = on_behalf(speech)
        if behalf and set(fold(behalf).split()) & self._book.surnames:
            behalf = None
        relation = _relation(speech)
        if relation:
            self._relation, self._relation_id = relation, utterance_id
        if behalf:
            known = self._kept.get("on_behalf_of")
            if known is None or "," not in known.value:
                self._keep("on_behalf_of", behalf, utterance_id)
        elif "on_behalf_of" in self._asked and "on_behalf_of" in self._kept:
            name = next((m for m in self._mentions if not m.own), None)
            current = self._kept["on_behalf_of"].value
            if name and "," not in current and name.value.lower() not in current:
                self._keep("on_behalf_of", f"{current}, {name.value}", utterance_id)
        found = [mention for mention in self._mentions if mention.own]
        own = company(
            speech,
            self._client.name,
            starts=[name.start for name in found],
            after=[name.end for name in found],
        )
        if own is None and "company" in self._asked and not no:
            own = answered_company(speech)
        own = _without_person(own, found)
        if PRIVATE.search(speech.folded):
            self._kept.pop("company", None)
        elif own:
            self._keep("company", own, utterance_id)
        self._name.caller_says(
            speech,
            found,
            orphans,
            placed,
            utterance_id,
            asked=self._asked,
            yes=yes,
            no=no,
            behalf=behalf or "",
            company=own or "",
            contacts=self._book.surnames,
            relative=self._relative,
        )

    def _named(self, speech: Speech) -> list[Mention]:
        """The people named in an utterance of the caller's."""
        setting = Setting(
            operator=self._operator,
            contacts=self._book.words,
            caller=frozenset(fold(self._name.value).split()),
            others=frozenset(self._others),
            first=self._caller_turns == 1,
        )
        found = self._people.read(speech, setting)
        for mention in found:
            if not mention.own:
                self._others |= set(fold(mention.value).split())
                self._relative = mention.surname or self._relative
        return found

    def _read_place(self, speech: Speech, utterance_id: str) -> None:
        found = place(speech)
        if found:
            self._place = found
            self._keep("address", found.written, utterance_id, confidence=0.75)
        elif self._place and not self._place.postcode and self._asked & {"locality", "address"}:
            rest = locality(speech)
            if rest:
                self._place = Place(self._place.street, rest[0], rest[1] or self._place.town)
                self._keep("address", self._place.written, utterance_id, confidence=0.75)

    def _read_birth(self, speech: Speech, utterance_id: str) -> None:
        born = date_of_birth(speech, self._at.date(), asked="date_of_birth" in self._asked)
        if born:
            self._keep(
                "date_of_birth", born.isoformat(), utterance_id, confidence=0.85, read_back=True
            )

    def _read_recipient(self, speech: Speech, utterance_id: str, *, yes: bool) -> None:
        if not self._book:
            return
        for mention in self._book.mentions(speech):
            if self._is_caller(mention.contact.name, mention.addressed):
                continue
            self._recipients.append(
                (mention.contact.name, utterance_id, mention.addressed, mention.denied)
            )
        if self._operator.folded and not NO.match(speech.folded):
            for mention in self._book.mentions(self._operator):
                lead = self._operator.folded[: mention.start]
                if yes and (
                    mention.addressed
                    or re.search(r"\b(?:bien|souhaitez|voulez|c'est|previens|demande)\b", lead)
                ):
                    self._recipients.append(
                        (mention.contact.name, utterance_id, yes and mention.addressed, False)
                    )

    def _is_caller(self, contact: str, addressed: bool) -> bool:
        """The caller bears the contact's surname and was only introducing themselves."""
        name = self._name.value
        return bool(name and not addressed and fold(name).split()[-1] in fold(contact).split())

    def _read_urgency(
        self, speech: Speech, matter: Speech, utterance_id: str, *, yes: bool
    ) -> None:
        self._urgency.hear(speech, matter, utterance_id=utterance_id)
        said = self._operator
        asks = (
            "?" in said.folded or ASKS_WHETHER.search(said.folded) or CONFIRMS.match(speech.folded)
        )
        if yes and said.folded and asks:
            self._urgency.hear(said, utterance_id=utterance_id)

    def _read_requests(self, speech: Speech, utterance_id: str) -> None:
        heard = False
        for clause in clauses(speech):
            found = requests(clause)
            for name in found[:1]:
                self._requests.append((name, utterance_id, self._order))
                heard = True
            item = candidate(
                clause,
                self._order,
                utterance_id,
                asked=self._asked,
                categories=found,
                early=self._caller_turns <= 2,
            )
            if item:
                self._candidates.append(item)
            self._order += 1
        if not heard:
            for name in requests(Clause(speech, 0))[:1]:
                self._requests.append((name, utterance_id, self._order))

    def _withdraw(self, speech: Speech) -> None:
        """What the caller takes back no longer exists."""
        for match in WITHDRAWN.finditer(speech.folded):
            tail = re.split(
                r"[.?!;]|\bmais\b|\bet (?=je|rappel|c'est)", speech.folded[match.end() :]
            )[0]
            tail = re.split(r"\b(?:dites|demandez|rappelez|notez|dis|je|j'|c'est|on)\b", tail)[0]
            objects = [name for name, pattern in OBJECTS if pattern.search(match.group() + tail)]
            if not objects:
                objects = self._latest_request()
            for name in objects:
                self._forget(name)

    def _latest_request(self) -> list[str]:
        if self._plans.appointment.action:
            return ["appointment"]
        return ["callback"] if self._plans.callback else []

    def _forget(self, name: str) -> None:
        if name == "appointment":
            self._plans.forget_appointment()
            self._requests = [
                item for item in self._requests if item[0] not in ("rendez-vous", "annulation")
            ]
            self._drop_candidates(r"rendez[- ]?vous|rdv|annul|deplac|decal|creneau|laiss|oubli")
        elif name == "callback":
            self._plans.forget_callback()
        elif name == "phone":
            self._phones.forget()
        elif name == "devis":
            self._requests = [item for item in self._requests if item[0] != "devis"]
            self._drop_candidates(r"devis|laiss|oubli")
        elif name == "file_number":
            self._references.clear()
        else:
            self._kept.pop(name, None)

    def _drop_candidates(self, pattern: str) -> None:
        self._candidates = [
            item for item in self._candidates if not re.search(pattern, item.folded)
        ]

    # The draft.

    def _draft(self) -> Draft:
        fields: dict[str, FieldValue] = {}
        name = self._name.field()
        if name:
            fields["caller_name"] = name
        phone = self._phones.field()
        if phone:
            fields["phone"] = phone
        incomplete = self._phones.incomplete()
        doubts = {"phone": incomplete} if incomplete and not phone else {}
        if self._wrong_number:
            fields["category"] = FieldValue(value="erreur", confidence=0.9)
            fields["urgency"] = FieldValue(value="normal", confidence=0.9)
            fields["callback"] = FieldValue(value="false", confidence=0.9)
            return Draft(fields=fields, doubts=doubts)
        for key in ("company", "email", "address", "date_of_birth", "on_behalf_of"):
            kept = self._kept.get(key)
            if kept:
                fields[key] = _value(kept)
        self._add_urgency_and_category(fields)
        fields |= self._plans.fields()
        self._add_rest(fields)
        return Draft(fields=fields, doubts=doubts)

    def _add_urgency_and_category(self, fields: dict[str, FieldValue]) -> None:
        verdict = self._urgency.verdict()
        fields["urgency"] = FieldValue(
            value=verdict.level,
            confidence=0.8,
            utterance_id=verdict.utterance_id,
            evidence=verdict.evidence,
        )
        category, source = self._category(under_way=verdict.under_way and verdict.level != "normal")
        fields["category"] = FieldValue(value=category, confidence=0.7, utterance_id=source)

    def _category(self, *, under_way: bool) -> tuple[str, str | None]:
        if self._sales and not under_way:
            return "démarchage", None
        if under_way:
            return "urgence", None
        specific = [item for item in self._requests if item[0] not in ("rappel", "information")]
        if self._requests and self._requests[0][0] not in ("rappel", "information"):
            return self._requests[0][0], self._requests[0][1]
        for name, source, order in specific:
            if order - self._requests[0][2] <= 2:
                return name, source
        if self._requests:
            return self._requests[0][0], self._requests[0][1]
        if self._plans.callback:
            return "rappel", self._plans.callback_id
        return "autre", None

    def _add_rest(self, fields: dict[str, FieldValue]) -> None:
        recipient = self._recipient()
        if recipient:
            fields["recipient"] = FieldValue(
                value=recipient[0], confidence=0.8, utterance_id=recipient[1]
            )
        if self._references:
            ranked = sorted(
                self._references,
                key=lambda item: (
                    item[0].noun not in ("dossier", "", "reference", "references", "ref")
                ),
            )
            reference, source = ranked[0]
            fields["file_number"] = FieldValue(
                value=reference.value, confidence=0.75, utterance_id=source, read_back=True
            )
        composed = compose(self._candidates, name=self._name.value, withdrawn=self._plans.withdrawn)
        if composed:
            fields["reason"] = FieldValue(
                value=composed[0], confidence=0.7, utterance_id=composed[1]
            )

    def _recipient(self) -> tuple[str, str] | None:
        denied = {name for name, _, _, refused in self._recipients if refused}
        open_ = [item for item in self._recipients if item[0] not in denied]
        addressed = [item for item in open_ if item[2]]
        pool = addressed or open_
        if not pool:
            return None
        names = {item[0] for item in pool}
        if len(names) > 1 and not addressed:
            return None
        return pool[0][0], pool[0][1]


INTRODUCTION = re.compile(
    r"(?:\b(?:je m'appelle|je suis|c'est|ici|mon nom|moi|je me presente|au nom de|de la part de|prenom|est|madame|monsieur|mme|mr|docteur|maitre)\s+)+$"
)


def _without_names(speech: Speech, mentions: list[Mention]) -> Speech:
    """Who calls has its own field, and may still be spelled otherwise."""
    limit = len(speech.folded)
    own = [mention for mention in mentions if mention.own]
    for name in sorted(own, key=lambda found: (-found.start, -found.end)):
        if name.end > limit:
            continue
        limit = name.start
        lead = INTRODUCTION.search(speech.folded[: name.start])
        start = lead.start() if lead else name.start
        tail = re.match(r"[\s,]*(?:a l'appareil|au telephone)", speech.folded[name.end :])
        end = name.end + (tail.end() if tail else 0)
        gap = "," if start else ""
        speech = Speech(
            speech.text[:start].rstrip() + gap + " " + speech.text[end:].lstrip(" ,"),
            speech.folded[:start].rstrip() + gap + " " + speech.folded[end:].lstrip(" ,"),
        )
    return speech


def _handed(speech: Speech, start: int) -> bool:
    """The operator says who will deal with it: "Julien vous rappelle", "je préviens Julien"."""
    return bool(
        re.search(r"\b(?:rappel\w*|occup\w*|charge|suit|passera)\b", speech.folded[start:])
        or re.search(
            r"\b(?:previens|transmets|message|mot|prevenir|transmettre|transmettrai|dirai|demande)\s+(?:ca |cela )?(?:a |au |le |la )*$",
            speech.folded[:start],
        )
    )


def _without_person(company: str | None, found: list[Mention]) -> str | None:
    """ "Pharmacie des Remparts Stéphane Angot": a whole name at the end is its bearer's."""
    for name in found:
        if company and name.given and name.surname and name.strong:
            at = fold(company).rfind(fold(name.value))
            company = company[:at].rstrip(" ,") if at > 0 else company
    return company


def _relation(speech: Speech) -> str | None:
    """A relative the caller speaks of."""
    match = re.search(rf"\b(mon|ma)\s+({RELATIONS})\b", speech.folded)
    return f"{match[1]} {speech.text[match.start(2) : match.end(2)].lower()}" if match else None


def _value(kept: Kept) -> FieldValue:
    return FieldValue(
        value=kept.value,
        confidence=kept.confidence,
        utterance_id=kept.utterance_id,
        read_back=kept.read_back,
    )


def _blanked(
    speech: Speech,
    found: list[Address],
    *,
    keep_digits: bool,
    spans: list[tuple[int, int]] | None = None,
) -> Speech:
    """The utterance with e-mail addresses (and phone numbers) replaced by pauses."""
    text, folded = speech.text, speech.folded
    ranges = [(item.start, item.end) for item in found]
    if not keep_digits:
        ranges += spans or []
    for start, end in ranges:
        gap = "," + " " * (end - start - 1)
        text = text[:start] + gap + text[end:]
        folded = folded[:start] + gap + folded[end:]
    return Speech(text, folded)


def open_drafter(
    *, client: ClientProfile, at: datetime, situations: SituationReader, people: PeopleReader
) -> Drafter:
    """A drafter for one call. `at` is the moment of the call, aware, in the client's time zone.

    Raises `LexiconMissingError` when the French model is not installed, and ValueError when `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("the moment of the call needs a time zone")
    french_lexicon()  # read once a process, and not in the middle of a turn
    return BuiltinDrafter(client=client, at=at, situations=situations, people=people)


def drafting_with(
    situations: Callable[[], SituationReader], people: Callable[[], PeopleReader]
) -> OpenDrafter:
    """What opens drafters, once what they read with is learnt; the first call waits for it."""

    def opened(*, client: ClientProfile, at: datetime) -> Drafter:
        return open_drafter(client=client, at=at, situations=situations(), people=people())

    return opened
