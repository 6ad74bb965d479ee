"""The caller's name over the turns of a call: said, spelled, corrected, read back."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501, SIM102

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from copilot.drafting.agreeing import (
    ASKS_OF_KIN,
    GIVEN_IT_IS,
    SURNAME_IT_IS,
    agreeing,
    alike,
    begun,
)
from copilot.drafting.calledby import asked_by_name, called_by_operator
from copilot.drafting.draft import FieldValue
from copilot.drafting.names import is_given, read_name, split, written
from copilot.drafting.people.callers import Circumstances, chance, facts
from copilot.drafting.people.features import Setting
from copilot.drafting.people.reader import SURE, Mention
from copilot.drafting.remarks import remarked, remarks
from copilot.drafting.speech import Speech, fold, words
from copilot.drafting.spelling import (
    Spelled,
    likeness,
    respell,
    spellings,
    titled,
)
from copilot.drafting.whosename import (
    callers,
    nobodys,
    of_another,
    parts_told,
    read_back,
    refused,
    spelled_beside,
    surname_before,
    surname_spelled,
)

NAMING = frozenset(["name", "given_name", "spelling"])
OWN_FROM = 0.5
"""Probability from which somebody named is the caller."""


class CallerName:
    """Given name and surname, settled turn by turn."""

    def __init__(self) -> None:
        self._given = ""
        self._surname = ""
        self._spelled: set[str] = set()
        self._utterance_id = ""
        self._confidence = 0.0
        self._strong = False
        self._operator = Speech("", "")
        self._letters = ""
        self._said: set[str] = set()
        """Folded words the caller has said."""
        self._contacts: frozenset[str] = frozenset()
        self._relative = ""
        self._last_id = ""

    @property
    def value(self) -> str:
        given, surname = self._given, self._surname
        if surname and fold(f" {given}").endswith(f" {fold(surname)}"):
            given = given[: -len(surname)].strip()  # "Rémy Toussaint", then "monsieur Toussaint"
        return " ".join(part for part in (given, surname) if part)

    def field(self) -> FieldValue | None:
        """The name as it stands."""
        if not self.value:
            return None
        spelled = bool(self._spelled)
        return FieldValue(
            value=self.value,
            confidence=0.95 if spelled else self._confidence,
            utterance_id=self._utterance_id,
            read_back=not spelled,
        )

    def hears(self, speech: Speech) -> None:
        """Keep every word that the caller says, those of addresses too."""
        self._said |= {word.norm for word in words(speech)}

    def operator_says(self, speech: Speech) -> None:
        """Keep what the operator says; by what name the caller is called, where none is known."""
        self._operator = speech
        self._addressed()
        if self._last_id and not (self._surname and self._strong):
            self._asked_by(asked_by_name(speech, self._said))
        if self._last_id and not self._surname:
            self._called(self._last_id, self._contacts, yes=False)

    def caller_says(
        self,
        speech: Speech,
        found: list[Mention],
        setting: Setting,
        orphans: list[Spelled],
        placed: list[Spelled],
        utterance_id: str,
        *,
        asked: frozenset[str],
        yes: bool,
        no: bool,
        behalf: str,
        company: str,
        contacts: frozenset[str],
        relative: str = "",
    ) -> None:
        """Take what the readers found in a caller's utterance.

        `relative` is the surname of the person named last who is not the caller.
        """
        known = Circumstances(
            speech=speech,
            setting=setting,
            asked=asked,
            given=fold(self._given),
            surname=fold(self._surname),
            settled=self._strong,
            behalf=fold(behalf),
            company=fold(company),
        )
        weighed = [(name, chance(facts(name, found, known))) for name in found]
        told = callers(found, speech, asked=bool(asked & NAMING), first=setting.first)
        own = [
            _completed(
                replace(name, confidence=max(share, SURE) if name in told else share),
                speech,
                orphans,
                placed,
            )
            for name, share in weighed
            if (share >= OWN_FROM or name in told)
            and not of_another(name, speech)
            and (name in told or not nobodys(name, speech, self._operator))
        ]
        self._told_apart(speech)
        if no and own and fold(self._surname) == refused(self._operator, speech):
            self._surname = ""
        if "name" in asked and (apart := parts_told(speech)):
            own = [apart]
        for name in agreeing(own, speech):
            self._take(name, utterance_id, asked)
        self._contacts, self._relative, self._last_id = contacts, relative, utterance_id
        if not own and not self._surname:
            self._called(utterance_id, contacts, yes=yes)
        self.hears(speech)
        if not own and no and self._read_back_name():
            self._contradicted(speech, utterance_id)
        if self._given and not self._surname:
            self._share(speech, relative, utterance_id, yes=yes)
        self._complete(speech, utterance_id, asked)
        for spelled in placed:
            if (
                max(
                    likeness(spelled.letters, self._surname or "-"),
                    likeness(spelled.letters, self._given or "-"),
                )
                >= 0.6
            ):
                self._spell(spelled, utterance_id, asked)
        for spelled in orphans:
            self._spell(spelled, utterance_id, asked)
        if not orphans and "spelling" in asked:
            self._continue_spelling(speech, utterance_id)
        if yes:
            self._confirmed_spelling(utterance_id)
        if remarks(speech.folded) and (
            own
            or asked & {"name", "spelling", "given_name"}
            or (no and self._read_back_name())
            or self._utterance_id == utterance_id
            or self._named_in(speech)
        ):
            self._remark(speech.folded, utterance_id)

    def _told_apart(self, speech: Speech) -> None:
        """ "Armand, c'est le prénom ? - Le nom." What was taken for one part is the other."""
        if SURNAME_IT_IS.search(speech.folded) and self._given and not self._surname:
            if fold(self._given) in self._operator.folded or fold(self._given) in speech.folded:
                self._given, self._surname = "", self._given
        elif GIVEN_IT_IS.search(speech.folded) and self._surname and not self._given:
            if fold(self._surname) in self._operator.folded:
                self._given, self._surname = self._surname, ""

    def _addressed(self) -> None:
        """ "Votre prénom, monsieur Gauthier ?" What was taken for a given name is the surname."""
        asked = re.search(r"\b([a-z'-]+) comment\b", self._operator.folded)
        if asked and asked[1] == fold(self._surname) and not self._given:
            self._given, self._surname = self._surname, ""  # "Iñaki. - Iñaki comment ?"
        called = re.search(r"\b(?:monsieur|madame) ([a-z'-]+)", self._operator.folded)
        if called and called[1] == fold(self._given) and not self._surname:
            self._given, self._surname = "", self._given

    def _asked_by(self, surname: str) -> None:
        """Whoever is asked for a given name by a surname has that one, as it was known."""
        if surname and self._given and not self._surname and alike(surname, self._given):
            self._given, self._surname = "", self._given
        *_, last = self._surname.split(" ")
        if surname and not (last and alike(surname.split(" ")[-1], last)):
            self._surname = surname
            self._mark(self._last_id, False)

    def _called(self, utterance_id: str, contacts: frozenset[str], *, yes: bool) -> None:
        """The operator called the caller by a name that the caller had said."""
        found = called_by_operator(self._operator, said=self._said, contacts=contacts, agreed=yes)
        if found and fold(found[1]) not in (fold(self._relative), fold(self._given)):
            self._given = self._given or found[0]
            self._surname = found[1]
            self._mark(utterance_id, yes)

    def _share(self, speech: Speech, relative: str, utterance_id: str, *, yes: bool) -> None:
        """The surname is a relative's ("le même nom"), or the one the operator reads back."""
        back = re.search(
            rf"\b{re.escape(fold(self._given))}\s+([a-z'-]{{3,}}(?:\s+(?!donc|c'est|alors|voila)[a-z'-]{{3,}})?)\s*(?:donc|c'est|alors|\?|$)",
            self._operator.folded,
        )
        back_said = self._operator.text[back.start(1) : back.end(1)] if back else ""
        if SAME_NAME.search(speech.folded) or (yes and SAME_NAME.search(self._operator.folded)):
            self._surname = relative
        elif yes and (said := back_said or read_back(self._operator)):
            self._surname = titled(said.lower())
        if self._surname:
            self._mark(utterance_id, True)

    def _complete(self, speech: Speech, utterance_id: str, asked: frozenset[str]) -> None:
        """ "Lebihan", then later "titouan lebihan": the given name beside the surname."""
        if self._given or not self._surname:
            return
        surname = fold(self._surname).split(" ")
        tokens = words(speech)
        for at in range(1, len(tokens)):
            if [word.norm for word in tokens[at : at + len(surname)]] != surname:
                continue
            before, after = tokens[at - 1], tokens[at + len(surname) :]
            if is_given(before.norm) and not before.breaks:
                self._given = titled(before.text.lower())
                self._utterance_id = utterance_id
            elif len(after) == 1 and is_given(after[0].norm) and "name" in asked:
                self._given = titled(after[0].text.lower())  # "Gros, oui, Gros Bastien."
                self._utterance_id = utterance_id

    def _named_in(self, speech: Speech) -> bool:
        return any(part and fold(part) in speech.folded for part in (self._given, self._surname))

    def _take(self, found: Mention, utterance_id: str, asked: frozenset[str]) -> None:
        given, surname = found.given, found.surname
        if given and self._given and self._surname and not alike(given, self._given):
            if self._strong and ASKS_OF_KIN.search(self._operator.folded):
                return  # "Et votre mère ? - Odette Abadie."
        answers = bool(asked & {"name", "given_name", "spelling"})
        if "given_name" in asked and "name" not in asked and self._surname and surname:
            # Asked for a given name, an answer is one, whatever it looks like: "Jean Luc".
            if not alike(surname, self._surname):
                given, surname = f"{given} {surname}".strip(), ""
        if self.value and not answers:
            new = (given and not self._given) or (surname and not self._surname)
            again = surname and self._surname and alike(surname, self._surname)
            if not (new or again or (found.strong and given and surname)):
                return
        self._merge(given, surname, utterance_id, found.strong or answers)

    def _merge(self, given: str, surname: str, utterance_id: str, strong: bool) -> None:
        if not given and _is_half(surname, self._surname):
            surname = ""  # "Nguyen-Lambert, Clara. Nguyen, N G U Y E N."
        if surname and self._surname and fold(surname) != fold(self._surname):
            if fold(self._surname) in self._spelled and likeness(surname, self._surname) > 0.5:
                surname = self._surname
            elif not given and not alike(surname, self._surname) and self._strong and not strong:
                return
        if self._given and fold(surname).startswith(f"{fold(self._given)} "):
            given, surname = self._given, surname[len(self._given) + 1 :]
        if surname and fold(given or self._given) == fold(surname):
            surname = ""  # "Odile. - Odile comment ? - Odile tout court."
        if given:
            self._given = self._given if fold(self._given) == fold(given) else given
        if surname:
            self._surname = surname
        self._mark(utterance_id, strong)

    def _mark(self, utterance_id: str, strong: bool) -> None:
        self._utterance_id = utterance_id
        self._strong = self._strong or strong
        self._confidence = max(self._confidence, 0.85 if strong else 0.7)

    def _spell(self, spelled: Spelled, utterance_id: str, asked: frozenset[str]) -> None:
        """Letters given after the name: they replace the part they resemble."""
        word = spelled.word
        if begun(spelled, self._surname) or begun(spelled, self._given):
            self._letters = spelled.letters
            return
        ends = re.search(rf"[ -]{re.escape(fold(word))}$", fold(self._surname))
        if self._surname and (ends or _is_half(word, self._surname)):
            self._spelled.add(fold(self._surname))
            return
        surname_score = likeness(spelled.letters, self._surname) if self._surname else 0.0
        given_score = likeness(spelled.letters, self._given) if self._given else 0.0
        if max(surname_score, given_score) >= 0.5:
            if given_score > surname_score:
                self._given = word
            else:
                self._surname = self._beside_particles(spelled)
        elif asked & {"spelling", "name"}:
            if self._surname and len(spelled.letters) < len(self._surname) - 2:
                self._letters = spelled.letters
                return
            self._surname = word
        elif asked & {"given_name"}:
            self._given = word
        else:
            return
        self._spelled.add(fold(word))
        self._utterance_id = utterance_id

    def _beside_particles(self, spelled: Spelled) -> str:
        """Letters given for the last word of "Le Tallec" leave the particle where it is."""
        *lead, last = self._surname.split(" ")
        whole = likeness(spelled.letters, self._surname)
        if lead and likeness(spelled.letters, last) > whole:
            return " ".join([*lead, spelled.word])
        return spelled.word

    def _continue_spelling(self, speech: Speech, utterance_id: str) -> None:
        found = spellings(speech)
        if not found or not self._letters:
            return
        joined = self._letters + found[0].letters
        if likeness(joined, self._surname) >= 0.5:
            self._surname = titled(joined)
            self._spelled.add(fold(self._surname))
            self._utterance_id = utterance_id
            self._letters = ""

    def _confirmed_spelling(self, utterance_id: str) -> None:
        """The operator spelled it back, or said how it is written, and the caller agreed."""
        _, orphans, _ = respell(self._operator)
        letters = orphans or spellings(self._operator)
        for spelled in letters[:1]:
            if self._surname and likeness(spelled.letters, self._surname) >= 0.5:
                self._surname = self._beside_particles(spelled)
                self._spelled.add(fold(spelled.word))
                self._utterance_id = utterance_id
        if not letters and remarks(self._operator.folded) and self._surname:
            self._remark(self._operator.folded, utterance_id)

    def _read_back_name(self) -> bool:
        return any(
            part and fold(part) in self._operator.folded for part in (self._surname, self._given)
        ) or bool(re.search(r"\b(?:madame|monsieur)\s+\w+\s*\?", self._operator.folded))

    def _contradicted(self, speech: Speech, utterance_id: str) -> None:
        """ "Non, Marin": a name right after the refusal of the one read back."""
        match = re.match(
            r"(?:(?:ah|non|pardon|c'est|pas du tout|plutot|moi c'est|monsieur|madame|en fait)\b[\s,]*)+",
            speech.folded,
        )
        tokens = [word for word in words(speech) if match and word.start >= match.end()]
        if not tokens or len(tokens) > 6:
            return
        if tokens[0].norm == "pas" and len(tokens) > 2:
            tokens = tokens[2:]
        found = read_name(tokens, 0)
        if not found:
            return
        name = written(tokens, found[0], found[1])
        given, surname = split(name)
        target = surname or given
        if (
            not self.value
            or max(likeness(target, self._surname or "-"), likeness(target, self._given or "-"))
            >= 0.4
        ):
            if surname and self._surname:
                self._surname = surname
            elif given and self._given:
                self._given = given
            if given and surname:
                self._given = given
            self._mark(utterance_id, True)

    def _remark(self, folded: str, utterance_id: str) -> None:
        """How a part is written, as the utterance says."""
        before = self._given, self._surname
        spelled = fold(self._surname or self._given) in self._spelled
        self._given, self._surname = remarked(*before, folded, spelled=spelled)
        if before != (self._given, self._surname):
            self._utterance_id = utterance_id


SAME_NAME = re.compile(r"\b(?:meme nom|(?:le|la|du) meme|pareil\w*|aussi)\b")


def _is_half(word: str, surname: str) -> bool:
    """One of the words of a compound surname."""
    return "-" in surname and fold(word) in fold(surname).split("-")


def _completed(
    name: Mention, speech: Speech, orphans: Sequence[Spelled], placed: Sequence[Spelled]
) -> Mention:
    """With the surname that stands beside it, in letters or as a common word."""
    return surname_before(spelled_beside(surname_spelled(name, placed), orphans), speech)
