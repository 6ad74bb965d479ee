"""The built-in drafter: one call's message, filled turn by turn, with no language model.

Each turn is read once by the readers of this package, which keep what they found and settle what
contradicts: corrections win, the operator's read-back confirms, what is taken back is gone.
"""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from copilot.drafting.behalf import OnBehalf
from copilot.drafting.births import date_of_birth
from copilot.drafting.blanking import blanked, likely_whole, without_names
from copilot.drafting.calleraddress import CallerAddress
from copilot.drafting.callercompany import CallerCompany
from copilot.drafting.calleremail import CallerEmail
from copilot.drafting.categories import is_sales
from copilot.drafting.clauses import without_orders
from copilot.drafting.draft import (
    ClientProfile,
    Draft,
    Drafter,
    FieldValue,
    OpenDrafter,
    Turn,
)
from copilot.drafting.emails import addresses
from copilot.drafting.houses.reader import HouseReader
from copilot.drafting.kept import Kept
from copilot.drafting.mistaken import Mistaken
from copilot.drafting.parties import CallerName
from copilot.drafting.people.features import Setting
from copilot.drafting.people.reader import Mention, PeopleReader
from copilot.drafting.phonebook import Phonebook
from copilot.drafting.plans import Plans
from copilot.drafting.questions import asked
from copilot.drafting.recipient import ContactBook, Recipients
from copilot.drafting.references import FileNumbers, references
from copilot.drafting.scheduling import NO, YES
from copilot.drafting.situations.meaning import SituationReader
from copilot.drafting.speech import Speech, fold, hear
from copilot.drafting.spelling import Spelled, respell
from copilot.drafting.sureness import weighed
from copilot.drafting.trail import Trail
from copilot.drafting.urgency import UrgencyReader, agreed
from copilot.drafting.wants import Wants
from copilot.drafting.whosename import named_at_all, of_another
from copilot.drafting.withdrawal import withdrawals
from models.entities import french_lexicon

ACKNOWLEDGES = re.compile(
    r"^(?:oui|d'accord|ok|okay|tres bien|je note|c'est note|parfait|merci|bien|entendu|allez-y|allez y|je vous ecoute|pardon|hum|mmh|voila|donc|et|ensuite|continuez|\d|zero|[a-z] )"
)
NAMING = frozenset({"name", "given_name", "spelling"})
LONG_ANSWER = 10
"""Words; a shorter answer to a question for the name holds nothing else."""


class BuiltinDrafter:
    """Implements `Drafter`. Reads each turn once; every field is settled by its reader."""

    def __init__(
        self,
        *,
        client: ClientProfile,
        at: datetime,
        situations: SituationReader,
        people: PeopleReader,
        houses: HouseReader,
    ) -> None:
        self._at = at
        self._people = people
        self._book = ContactBook(client.contacts)
        self._name = CallerName()
        self._behalf = OnBehalf()
        self._phones = Phonebook()
        self._email = CallerEmail()
        self._company = CallerCompany(houses, client.name)
        self._address = CallerAddress()
        self._born = Kept()
        self._file_numbers = FileNumbers()
        self._recipients = Recipients(self._book, client.name)
        self._urgency = UrgencyReader(client.urgent_rules, situations.cases)
        self._plans = Plans(at)
        self._wants = Wants(situations)
        self._foresee = situations.foresee
        self._others: set[str] = set()
        """Folded words of the names of people who are not the caller."""
        self._relative = ""
        """Surname of the person named last who is not the caller."""
        self._asked: frozenset[str] = frozenset()
        self._operator = hear("")
        self._caller_turns = 0
        self._mistaken = Mistaken()
        self._sales = False
        self.trail = Trail()

    def hear(self, turn: Turn) -> Draft:
        """Take the next finished utterance; the draft as it now stands."""
        return weighed(self.unweighed(turn), self.trail)

    def unweighed(self, turn: Turn) -> Draft:
        """As `hear`, with every value that was read, however unsure."""
        heard = hear(turn.text)
        if turn.speaker == "caller":
            heard, _ = without_orders(heard)
        self.trail.add(turn.speaker, heard.folded, turn.utterance_id)
        if heard.folded.strip():
            if turn.speaker == "operator":
                self._hear_operator(heard, turn.utterance_id)
            else:
                self._hear_caller(heard, turn.utterance_id)
        draft = self._draft()
        self.trail.note(draft)
        return draft

    # The operator's side: questions, read-backs, offers.

    def _hear_operator(self, speech: Speech, utterance_id: str) -> None:
        questions = asked(speech.folded)
        if not questions and ACKNOWLEDGES.match(speech.folded):
            questions = self._asked
        self._operator = speech
        self._phones.operator_says(speech)
        self._name.operator_says(speech)
        self._email.operator_says(speech)
        self._address.operator_says(speech)
        self._file_numbers.operator_says(speech)
        self._plans.operator_says(speech, utterance_id)
        self._asked = self._behalf.operator_says(speech, questions)
        self._recipients.operator_says(speech, utterance_id)
        self._mistaken.operator_says(speech)
        self._urgency.operator_says(speech)
        self._wants.operator_says(speech)

    # The caller's side.

    def _hear_caller(self, speech: Speech, utterance_id: str) -> None:
        self._caller_turns += 1
        yes, no = bool(YES.match(speech.folded)), bool(NO.match(speech.folded))
        question = self._operator if yes and agreed(self._operator, speech) else None
        if not self._asked & NAMING and likely_whole(speech):
            # What takes longest begins first.
            self._begin(speech, speech, question)
        self._read_nature(speech)
        self._name.hears(speech)
        emails = self._email.caller_says(
            speech, utterance_id, asked="email" in self._asked, yes=yes, no=no
        )
        self._file_numbers.caller_says(speech, utterance_id, asked="file_number" in self._asked)
        busy = [(item.start, item.end) for item in emails]
        busy += [(item.start, item.end) for item in references(speech)]
        numbers = self._phones.caller_says(
            speech, utterance_id, asked="phone" in self._asked, yes=yes, no=no, busy=busy
        )
        spelled, orphans, placed = respell(speech)
        if emails or ("email" in self._asked and not self._asked & NAMING):
            # Letters spelled there are the address's.
            orphans, placed = [], []
        quiet = blanked(spelled, addresses(spelled))
        setting = self._setting()
        everybody = self._named(quiet, setting)
        named = [mention for mention in everybody if mention.sure]
        self._read_parties(quiet, everybody, setting, orphans, placed, utterance_id, yes=yes, no=no)
        self._address.caller_says(
            blanked(speech, emails), utterance_id, asked=bool(self._asked & {"locality", "address"})
        )
        self._read_birth(speech, utterance_id)
        self._recipients.caller_says(quiet, utterance_id, caller=self._name.value, yes=yes)
        rest = blanked(speech, emails, numbers)
        if self._asked & NAMING and len(speech.folded.split()) < LONG_ANSWER:
            matter = speech.cut(0, 0)
        else:
            own = everybody if spelled.text == speech.text else self._named(speech, self._setting())
            matter = without_names(rest, [mention for mention in own if mention.sure])
        told = without_names(quiet, named)
        self._begin(matter, told, question)
        self._wants.heard(matter, utterance_id)
        self._plans.caller_says(
            rest,
            utterance_id,
            yes=yes,
            no=no,
            numbered=bool(numbers) or self._phones.dictating,
            asked=self._asked,
            sales=self._sales,
            whole=bool(numbers) and not self._phones.dictating,
        )
        if self._plans.agreed_id:
            self._wants.agreed_to_meet(self._plans.agreed_id)
        self._wants.caller_says(
            told, utterance_id, asked=self._asked, early=self._caller_turns <= 2
        )
        self._urgency.hear(speech, matter, utterance_id=utterance_id)
        if question:
            self._urgency.hear(question, utterance_id=utterance_id)
        for objects in withdrawals(speech):
            for name in objects or self._latest_request():
                self._forget(name)

    def _read_nature(self, speech: Speech) -> None:
        """A wrong number, a sale."""
        self._mistaken.caller_says(speech, dictating=self._phones.dictating)
        self._sales = self._sales or is_sales(speech.folded)

    def _setting(self) -> Setting:
        return Setting(
            operator=self._operator,
            contacts=self._book.words,
            caller=frozenset(fold(self._name.value).split()),
            others=frozenset(self._others),
            first=self._caller_turns == 1,
        )

    def _named(self, speech: Speech, setting: Setting) -> list[Mention]:
        """The people named in an utterance of the caller's, those named faintly too."""
        found = [each for each in self._people.read(speech, setting) if named_at_all(each)]
        for mention in found:
            if mention.sure and (not mention.own or of_another(mention, speech)):
                self._others |= set(fold(mention.value).split())
                self._relative = mention.surname or self._relative
        return found

    def _read_parties(
        self,
        speech: Speech,
        everybody: list[Mention],
        setting: Setting,
        orphans: list[Spelled],
        placed: list[Spelled],
        utterance_id: str,
        *,
        yes: bool,
        no: bool,
    ) -> None:
        """Who calls, for whom, from which company."""
        named = [mention for mention in everybody if mention.sure]
        behalf = self._behalf.caller_says(
            speech,
            named,
            utterance_id,
            asked="on_behalf_of" in self._asked,
            contacts=self._book.surnames,
        )
        own = [mention for mention in named if mention.own]
        house = self._company.caller_says(speech, own, setting, utterance_id, no=no)
        self._name.caller_says(
            speech,
            everybody,
            setting,
            orphans,
            placed,
            utterance_id,
            asked=self._asked,
            yes=yes,
            no=no,
            behalf=behalf or "",
            company=house,
            contacts=self._book.surnames,
            relative=self._relative,
        )

    def _read_birth(self, speech: Speech, utterance_id: str) -> None:
        born = date_of_birth(speech, self._at.date(), asked="date_of_birth" in self._asked)
        if born:
            self._born.keep(born.isoformat(), utterance_id, confidence=0.85, read_back=True)

    def _begin(self, matter: Speech, told: Speech, question: Speech | None) -> None:
        """Have what will be read by its meaning embedded beside all else: `matter` is the utterance
        without who calls and numbers, `told` without who is named, `question` what it says yes to."""
        self._foresee(
            self._urgency.next_reads(matter, question), self._wants.next_reads(matter, told)
        )

    # What is taken back.

    def _latest_request(self) -> list[str]:
        if self._plans.appointment.action:
            return ["appointment"]
        return ["callback"] if self._plans.callback else []

    def _forget(self, name: str) -> None:
        match name:
            case "appointment":
                self._plans.forget_appointment()
                self._wants.forget(
                    frozenset({"rendez-vous", "annulation"}),
                    r"rendez[- ]?vous|rdv|annul|deplac|decal|creneau|laiss|oubli",
                )
            case "callback":
                self._plans.forget_callback()
            case "devis":
                self._wants.forget(frozenset({"devis"}), r"devis|laiss|oubli")
            case "phone":
                self._phones.forget()
            case "email":
                self._email.forget()
            case "file_number":
                self._file_numbers.forget()
            case "company":
                self._company.forget()
            case "address":
                self._address.forget()

    # The draft.

    def _draft(self) -> Draft:
        phone, incomplete = self._phones.field(), self._phones.incomplete()
        doubts = {"phone": incomplete} if incomplete and not phone else {}
        found = {"caller_name": self._name.field(), "phone": phone}
        if self._mistaken.said:
            found |= {
                "category": FieldValue(value="erreur", confidence=0.9),
                "urgency": FieldValue(value="normal", confidence=0.9),
                "callback": FieldValue(value="false", confidence=0.9),
            }
        else:
            settled = self._urgency_and_category()
            found |= {
                "company": self._company.field(),
                "email": self._email.field(),
                "address": self._address.field(),
                "date_of_birth": self._born.field(),
                "on_behalf_of": self._behalf.field(self._name.value),
                **settled,
                **self._plans.fields(sales=settled["category"].value == "démarchage"),
                "recipient": self._recipients.field(),
                "file_number": self._file_numbers.field(),
                "reason": self._wants.reason(
                    name=self._name.value, withdrawn=self._plans.withdrawn
                ),
            }
        fields = {name: value for name, value in found.items() if value is not None}
        return Draft(fields=fields, doubts=doubts)

    def _urgency_and_category(self) -> dict[str, FieldValue]:
        verdict = self._urgency.verdict()
        urgency = FieldValue(
            value=verdict.level,
            confidence=0.8,
            utterance_id=verdict.utterance_id,
            evidence=verdict.evidence,
        )
        category, source = self._category(urgent=verdict.level != "normal")
        return {
            "urgency": urgency,
            "category": FieldValue(value=category, confidence=0.7, utterance_id=source),
        }

    def _category(self, *, urgent: bool) -> tuple[str, str | None]:
        if urgent:
            return "urgence", None
        if self._sales:
            return "démarchage", None
        wanted = self._wants.category()
        if wanted:
            return wanted
        if self._plans.callback and not self._wants.trouble:
            return "rappel", self._plans.callback_id
        return self._wants.likely() or ("autre", None)


def open_drafter(
    *,
    client: ClientProfile,
    at: datetime,
    situations: SituationReader,
    people: PeopleReader,
    houses: HouseReader,
) -> BuiltinDrafter:
    """A drafter for one call. `at` is the moment of the call, aware, in the client's time zone.

    Raises `LexiconMissingError` when the French model is not installed, and ValueError when `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("the moment of the call needs a time zone")
    french_lexicon()  # read once a process, and not in the middle of a turn
    return BuiltinDrafter(client=client, at=at, situations=situations, people=people, houses=houses)


def drafting_with(
    situations: Callable[[], SituationReader],
    people: Callable[[], PeopleReader],
    houses: Callable[[], HouseReader],
) -> OpenDrafter:
    """What opens drafters, once what they read with is learnt; the first call waits for it."""

    def opened(*, client: ClientProfile, at: datetime) -> Drafter:
        return open_drafter(
            client=client, at=at, situations=situations(), people=people(), houses=houses()
        )

    return opened
