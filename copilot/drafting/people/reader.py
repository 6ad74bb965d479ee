"""Reads who is named in an utterance: the caller, and other people."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from threading import Lock

import pycrfsuite  # type: ignore[import-untyped]

from copilot.drafting.lexicon import GIVEN_NAMES, NAME_STOPS, PARTICLES, TITLES
from copilot.drafting.people.dialogues import surnames, template_words
from copilot.drafting.people.features import Setting, features, kind, units
from copilot.drafting.questions import asked
from copilot.drafting.speech import Speech, Word
from copilot.drafting.spelling import titled

logger = logging.getLogger(__name__)

OWN = frozenset("PN")
SURE = 0.85
"""From this probability on, a name is as good as introduced in plain words."""
LEAST = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A person named in an utterance."""

    start: int
    end: int
    given: str
    """Given names as written, "" where only the surname is said."""
    surname: str
    own: bool
    """The caller's own name."""
    confidence: float
    """Probability of the least certain word."""

    @property
    def value(self) -> str:
        """Given name and surname."""
        return " ".join(part for part in (self.given, self.surname) if part)

    @property
    def strong(self) -> bool:
        """As good as introduced in plain words."""
        return self.confidence >= SURE


class PeopleReader:
    """One a process; `read` may be called from any thread."""

    def __init__(self, models: Sequence[Path]) -> None:
        """`models` are what `learning.learn` wrote, each from other draws; they are averaged."""
        self._taggers = [pycrfsuite.Tagger() for _ in models]
        for tagger, model in zip(self._taggers, models, strict=True):
            tagger.open(str(model))
        self._vocabulary = template_words()
        self._reading = Lock()  # a tagger holds the utterance it reads

    def read(self, speech: Speech, setting: Setting) -> list[Mention]:
        """The people named, in order."""
        tokens = units(speech)
        if not tokens:
            return []
        return self._tagged(tokens, setting) or _lone(tokens, setting)

    def _tagged(self, tokens: Sequence[Word], setting: Setting) -> list[Mention]:
        rows = features(tokens, setting, self._vocabulary)
        shares = self._shares(rows)
        chosen = [_chosen(share) for share in shares]
        tags, odds = [tag for tag, _ in chosen], [share for _, share in chosen]
        return [
            mention
            for first, after in _runs(tags)
            if (mention := _mention(tokens, tags, odds, first, after)) is not None
        ]

    def _shares(self, rows: list[list[str]]) -> list[dict[str, float]]:
        """Of each word, how probable each tag is, on average."""
        shares: list[dict[str, float]] = [{} for _ in rows]
        with self._reading:
            for tagger in self._taggers:
                tagger.set(rows)
                for at, share in enumerate(shares):
                    for tag in tagger.labels():
                        weight = tagger.marginal(tag, at) / len(self._taggers)
                        share[tag] = share.get(tag, 0.0) + weight
        return shares


def _chosen(share: Mapping[str, float]) -> tuple[str, float]:
    """The tag of a word, with the probability that it names that person at all.

    The caller, somebody else or nobody is settled first, and only then which part of a name it is.
    """
    sides = {side: sum(share.get(tag, 0.0) for tag in side) for side in ("PN", "pn", "O")}
    side = max(sides, key=sides.__getitem__)
    return max(side, key=lambda tag: share.get(tag, 0.0)), sides[side]


def _lone(tokens: Sequence[Word], setting: Setting) -> list[Mention]:
    """One word, asked for a name: "Fontaine." Common words are surnames too."""
    questions = asked(setting.operator.folded)
    words = [word for word in tokens if word.norm not in TITLES | ENDS_NO_NAME]
    if len(words) != 1 or len(tokens) > 2 or not questions & {"name", "given_name"}:
        return []
    word = words[0]
    if kind(word) in ("digit", "letter", "kin", "number") or len(word.norm) < 3:
        return []
    first = "given_name" in questions and "name" not in questions
    value = _written(words, [0])
    return [
        Mention(
            start=word.start, end=word.end, given=value if first else "",
            surname="" if first else value, own=True, confidence=LEAST,
        )
    ]  # fmt: skip


def _runs(tags: Sequence[str]) -> list[tuple[int, int]]:
    """Stretches of one person's names."""
    runs: list[tuple[int, int]] = []
    for at, tag in enumerate(tags):
        if tag == "O":
            continue
        joins = runs and runs[-1][1] == at and (tags[at - 1] in OWN) == (tag in OWN)
        if joins:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs


def _mention(
    tokens: Sequence[Word], tags: Sequence[str], odds: Sequence[float], first: int, after: int
) -> Mention | None:
    while after - first > 1 and tokens[after - 1].norm in ENDS_NO_NAME:
        after -= 1
    least = min(odds[first:after])
    if least < LEAST:
        return None
    # "Gauthier, Laurent Gauthier": what is said twice stands where it was said last.
    last = {tokens[at].norm: at for at in range(first, after)}
    kept = [at for at in range(first, after) if last[tokens[at].norm] == at]
    given, surname = _parted(tokens, tags, kept)
    return Mention(
        start=tokens[first].start,
        end=tokens[after - 1].end,
        given=_written(tokens, given),
        surname=_written(tokens, surname),
        own=tags[first] in OWN,
        confidence=least,
    )


ENDS_NO_NAME = (NAME_STOPS | PARTICLES) - GIVEN_NAMES - surnames()


def _parted(
    tokens: Sequence[Word], tags: Sequence[str], kept: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Which words are the given name and which the surname.

    The order tells little; a word that is only ever a given name, beside one that never is, tells.
    """
    apart = _apart(tokens, kept)
    if apart:
        return apart
    given = [at for at in kept if tags[at] in "Pp"]
    surname = [at for at in kept if tags[at] in "Nn"]
    kinds = {at: kind(tokens[at]) for at in kept}
    if len(kept) == 2 and tokens[kept[0]].norm in COMPOUNDING and kinds[kept[1]] == "given":
        return list(kept), []
    if len(kept) > 1 and not any(kinds[at] in GIVEN for at in given):
        for edge in (kept[0], kept[-1]):
            if kinds[edge] == "given" and edge in surname:
                return [edge], [at for at in kept if at != edge]
    return given, surname


def _apart(tokens: Sequence[Word], kept: Sequence[int]) -> tuple[list[int], list[int]] | None:
    """ "Diop, Cheikh": the surname, a pause, the given name."""
    pauses = [step for step, at in enumerate(kept[:-1]) if "," in tokens[at].gap]
    if len(pauses) != 1 or pauses[0] + 2 != len(kept):
        return None
    surname, given = list(kept[: pauses[0] + 1]), [kept[-1]]
    plainly = kind(tokens[surname[0]]) == "given" and kind(tokens[given[0]]) not in GIVEN
    return None if plainly else (given, surname)


GIVEN = frozenset(["given", "givenword", "either"])
COMPOUNDING = frozenset(["jean", "marie", "anne"])
"""What begins most given names of two words."""


def _written(tokens: Sequence[Word], kept: Sequence[int]) -> str:
    text = ""
    for step, at in enumerate(kept):
        word = tokens[at]
        mixed = word.text[:1].isupper() and any(letter.islower() for letter in word.text)
        text += word.text if mixed else word.text.lower()
        if step + 1 < len(kept) and not word.norm.endswith("'"):
            text += "-" if word.gap.strip() == "-" and kept[step + 1] == at + 1 else " "
    return titled(text)


def learn_people(cache: Path | None = None) -> PeopleReader:
    """The reader learnt from the written dialogues; takes seconds the first time.

    `cache` is a folder where what was learnt is kept from one start to the next.
    """
    from copilot.drafting.people.learning import MODELS, SEED, learn

    with tempfile.TemporaryDirectory() as folder:
        digest = _digest()
        paths = [(cache or Path(folder)) / f"people-{digest}-{n}.crfsuite" for n in range(MODELS)]
        for draw, path in enumerate(paths):
            if not path.is_file():
                path.parent.mkdir(parents=True, exist_ok=True)
                fresh = path.with_name(f"{path.name}.{os.getpid()}")  # two may learn at once
                learn(fresh, seed=SEED + draw)
                fresh.replace(path)
        return PeopleReader(paths)


def _digest() -> str:
    """Of everything the model is learnt from."""
    digest = hashlib.sha256()
    sources = {
        "copilot.drafting.people": (
            *("dialogues.fr.txt", "calls.fr.txt", "surnames.txt", "given_words.txt"),
            *("common_given.txt", "dialogues.py", "features.py", "learning.py"),
        ),
        "copilot.drafting.lexicon": ("given_names.txt", "__init__.py"),
        "copilot.drafting.situations": ("urgent.fr.txt", "calm.fr.txt"),
        "copilot.drafting": ("questions.py", "speech.py"),
        "knowledge.lexicon": ("intents.fr.txt",),
    }
    for package, names in sources.items():
        for name in names:
            digest.update(files(package).joinpath(name).read_bytes())
    return digest.hexdigest()[:16]
