"""Reads who is named in an utterance: the caller, and other people."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Lock

import pycrfsuite  # type: ignore[import-untyped]

from copilot.drafting.lexicon import GIVEN_NAMES, NAME_STOPS, PARTICLES, TITLES
from copilot.drafting.names import HOUSES
from copilot.drafting.people.dialogues import surnames, template_words
from copilot.drafting.people.features import SHORT, Setting, features, kind, sentence_places, units
from copilot.drafting.people.parts import GIVEN, parted, written
from copilot.drafting.questions import THEIRS, asked
from copilot.drafting.speech import Speech, Word
from models.tagging import digest_of, learnt_once

OWN = frozenset("PN")
SURE = 0.85
"""From this probability on, a name is as good as introduced in plain words."""
LEAST = 0.4
FAINT = 0.12
"""Probability from which a name is weighed with the whole call, though nobody is likelier."""
JOINS = 0.3
"""Probability from which a word beside the caller's name is part of it."""


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
    shares: tuple[float, float] = (0.0, 0.0)
    """Mean probability of its words: the caller's, another person's."""
    sure: bool = True
    """Whether somebody is likelier named than nobody."""

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
        """The people named, in order; those named faintly too (not `sure`)."""
        tokens = units(speech)
        if not tokens:
            return []
        found = self._tagged(tokens, setting)
        return _with_lone(found, _lone(tokens, setting))

    def _tagged(self, tokens: Sequence[Word], setting: Setting) -> list[Mention]:
        rows = features(_ranked(tokens), setting, self._vocabulary)
        shares = self._shares(rows)
        chosen = [
            ("O", 1.0) if _no_name(tokens, at) else _chosen(share)
            for at, share in enumerate(shares)
        ]
        answers = bool(asked(setting.operator.folded) & {"name", "given_name"})
        chosen = _beside(tokens, chosen, shares, answers=answers)
        found = _mentions(tokens, _together(chosen, shares), shares)
        faint = [
            _faint(share) if tag == "O" and not _no_name(tokens, at) else ("O", 0.0)
            for at, ((tag, _), share) in enumerate(zip(chosen, shares, strict=True))
        ]
        found += [
            replace(mention, sure=False)
            for mention in _mentions(tokens, faint, shares, least=FAINT)
        ]
        return sorted(found, key=lambda mention: mention.start)

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


def _ranked(tokens: Sequence[Word]) -> list[Word]:
    """The words as they are read: a rank before a name is read like a title in common use.

    With its article ("l'adjudant Sorel") it is no title, and speaks of somebody else.
    """
    return [
        replace(word, norm="docteur")
        if word.norm in RANKS and not (at and tokens[at - 1].norm in ARTICLES)
        else word
        for at, word in enumerate(tokens)
    ]


def _chosen(share: Mapping[str, float]) -> tuple[str, float]:
    """The tag of a word, with the probability that it names that person at all.

    The caller, somebody else or nobody is settled first, and only then which part of a name it is.
    """
    sides = {side: sum(share.get(tag, 0.0) for tag in side) for side in ("PN", "pn", "O")}
    side = max(sides, key=sides.__getitem__)
    return max(side, key=lambda tag: share.get(tag, 0.0)), sides[side]


def _faint(share: Mapping[str, float]) -> tuple[str, float]:
    """The tag of a word that names nobody likelier than somebody, if it were somebody's name."""
    side = max(("PN", "pn"), key=lambda tags: sum(share.get(tag, 0.0) for tag in tags))
    odds = sum(share.get(tag, 0.0) for tag in side)
    if odds < FAINT:
        return "O", 1.0
    return max(side, key=lambda tag: share.get(tag, 0.0)), odds


def _together(
    chosen: Sequence[tuple[str, float]], shares: Sequence[Mapping[str, float]]
) -> list[tuple[str, float]]:
    """Words of one name are one person's, where it is not clear whose each is."""
    joined = list(chosen)
    for at in range(1, len(joined)):
        before, this = joined[at - 1][0], joined[at][0]
        if "O" in (before, this) or (before in OWN) == (this in OWN):
            continue
        pair = shares[at - 1], shares[at]
        leads = [
            sum(_side(share, OWN) for share in pair),
            sum(_side(share, "pn") for share in pair),
        ]
        if min(_side(share, tags) for share in pair for tags in (OWN, "pn")) < FAINT:
            continue
        side = "PN" if leads[0] >= leads[1] else "pn"
        for place in (at - 1, at):
            share = shares[place]
            joined[place] = max(side, key=lambda tag: share.get(tag, 0.0)), _side(share, side)
    return joined


def _side(share: Mapping[str, float], tags: Iterable[str]) -> float:
    return sum(share.get(tag, 0.0) for tag in tags)


def _beside(
    tokens: Sequence[Word],
    chosen: list[tuple[str, float]],
    shares: Sequence[Mapping[str, float]],
    *,
    answers: bool,
) -> list[tuple[str, float]]:
    """A word that may well be the caller's name, right beside one that surely is, is of it.

    It may in an answer, "Killian Petit." in a sentence of its own; elsewhere after a given name,
    if it is a common surname ("c'est Samuel Petit").
    """
    joined = list(chosen)
    sizes = [size for _, size in sentence_places(tokens)]
    for order in (range(1, len(chosen)), range(len(chosen) - 2, -1, -1)):
        for at in order:
            beside = at - order.step
            near, own = joined[beside], _side(shares[at], OWN)
            if tokens[at].norm in ENDS_NO_NAME | HOUSES or _no_name(tokens, at):
                continue
            if joined[at][0] != "O" or near[0] not in OWN or near[1] < SURE:
                continue
            alone = answers and sizes[at] < SHORT
            follows = near[0] == "P" and beside < at and not tokens[beside].breaks
            surname = follows and tokens[at].norm in surnames()
            if own >= (FAINT if alone and surname else JOINS if alone or surname else 1):
                tag = max(OWN, key=lambda tag: shares[at].get(tag, 0.0))
                joined[at] = (tag, max(own, JOINS))
    return joined


def _no_name(tokens: Sequence[Word], at: int) -> bool:
    """Of nobody's name: "née", "appelez-moi", and the adjective in "gros souci ce matin"."""
    norm = tokens[at].norm
    matter = at + 1 < len(tokens) and tokens[at + 1].norm in MATTERS
    return norm in NO_NAME or norm.endswith(BIDS) or (matter and norm in SIZES)


def _with_lone(found: list[Mention], lone: Mention | None) -> list[Mention]:
    """What was found with the word that answers, unless it is found or a whole name is."""
    sure = [mention for mention in found if mention.sure]
    if lone is None or any(
        mention.start < lone.end or (mention.own and mention.given and mention.surname)
        for mention in sure
    ):
        return found
    if any(mention.own and bool(mention.given) == bool(lone.given) for mention in sure):
        return found
    return [lone, *(mention for mention in found if mention.start >= lone.end)]


def _lone(tokens: Sequence[Word], setting: Setting) -> Mention | None:
    """One word that answers a question for a name: "Fontaine.", "Fofana, je suis en voiture".

    Common words are surnames too, but before anything else only those that are known to be.
    """
    questions = asked(setting.operator.folded)
    if not questions & {"name", "given_name"} or THEIRS.search(setting.operator.folded):
        return None
    first = "given_name" in questions and "name" not in questions
    pause = next((at for at, word in enumerate(tokens, 1) if word.breaks), len(tokens))
    words = [word for word in tokens[:pause] if word.norm not in TITLES | ENDS_NO_NAME]
    if len(words) != 1 or pause > 2:
        return None
    word, sort = words[0], kind(words[0])
    if sort in ("digit", "letter", "kin", "number") or len(word.norm) < 3:
        return None
    if pause < len(tokens) and sort == "ordinary" and word.norm not in surnames() and not first:
        return None
    value = written(words, [0])
    return Mention(
        start=word.start, end=word.end, given=value if first else "",
        surname="" if first else value, own=True, confidence=LEAST, shares=(LEAST, 0.0),
    )  # fmt: skip


def _runs(tokens: Sequence[Word], tags: Sequence[str]) -> list[tuple[int, int]]:
    """Stretches of one person's names."""
    runs: list[tuple[int, int]] = []
    for at, tag in enumerate(tags):
        if tag == "O":
            continue
        joins = runs and runs[-1][1] == at and (tags[at - 1] in OWN) == (tag in OWN)
        if joins and not _ends(tokens, tags, runs[-1][0], at):
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs


def _ends(tokens: Sequence[Word], tags: Sequence[str], first: int, at: int) -> bool:
    """A name ends before `at`: after a full stop, or a comma after a whole name or before one."""
    if tokens[at - 1].ends_sentence:
        return True
    if "," not in tokens[at - 1].gap:
        return False
    given = {tag in "Pp" for tag in tags[first:at]}
    # "La maman de Lison, Camille Oudin" names two.
    another = given == {True} and tags[at] in "Pp" and tags[at + 1 : at + 2] in (["N"], ["n"])
    return len(given) > 1 or another


def _mentions(
    tokens: Sequence[Word],
    chosen: Sequence[tuple[str, float]],
    shares: Sequence[Mapping[str, float]],
    *,
    least: float = LEAST,
) -> list[Mention]:
    tags, odds = [tag for tag, _ in chosen], [share for _, share in chosen]
    return [
        mention
        for first, after in _runs(tokens, tags)
        if (mention := _mention(tokens, tags, odds, shares, first, after, least)) is not None
    ]


def _mention(
    tokens: Sequence[Word],
    tags: Sequence[str],
    odds: Sequence[float],
    shares: Sequence[Mapping[str, float]],
    first: int,
    after: int,
    least: float,
) -> Mention | None:
    while after - first > 1 and tokens[after - 1].norm in ENDS_NO_NAME:
        after -= 1
    if after - first == 1 and tokens[first].norm in ENDS_NO_NAME & PARTICLES:
        return None
    odd = min(odds[first:after])
    if odd < (JOINS if max(odds[first:after]) >= SURE else least):
        return None
    # "Gauthier, Laurent Gauthier": what is said twice stands where it was said last.
    last = {tokens[at].norm: at for at in range(first, after)}
    kept = [
        at
        for at in range(first, after)
        if last[tokens[at].norm] == at and not _within(tokens, first, at, after)
    ]
    given, surname = parted(tokens, tags, shares, kept)
    return Mention(
        start=tokens[first].start,
        end=tokens[after - 1].end,
        given=written(tokens, given),
        surname=written(tokens, surname),
        own=tags[first] in OWN,
        confidence=odd,
        shares=(
            sum(_side(shares[at], OWN) for at in kept) / len(kept),
            sum(_side(shares[at], "pn") for at in kept) / len(kept),
        ),
    )


def _within(tokens: Sequence[Word], first: int, at: int, after: int) -> bool:
    """ "Roussillon Couverture, Roussillon Alain": a common word of the house's name."""
    surname, *others = [word.norm for word in tokens[at + 1 : after]] or [""]
    amid = bool(others) and surname in [word.norm for word in tokens[first:at]]
    return amid and kind(tokens[at]) == "ordinary" and kind(tokens[after - 1]) in GIVEN


NO_NAME = (
    frozenset(
        "enfin ne nee epouse espace attention pardon nous maitresse".split()  # noqa: SIM905
    )
    - GIVEN_NAMES
)
"""Words in the midst of names that are of none, whatever stands around them."""
BIDS = ("-moi", "-nous", "-vous", "-toi")
"""How what is bid ends: "appelez-moi Ottavio"."""
SIZES = frozenset(["petit", "petite", "gros", "grosse", "grand", "grande"])
MATTERS = frozenset(["souci", "probleme", "question", "message", "rappel", "detail", "retard"])
"""What callers call about, large or small."""
RANKS = frozenset(
    """adjudant adjudante adjudant-chef brigadier brigadiere brigadier-chef caporal caporale
    caporal-chef commandant commandante commissaire gendarme inspecteur inspectrice lieutenant
    lieutenante lieutenant-colonel sergent sergente sergent-chef greffier greffiere""".split()  # noqa: SIM905
)
"""Ranks and offices that stand before a surname as a title does."""
ARTICLES = frozenset("le la l' les un une d' du de des au votre notre mon ma ce cet cette".split())  # noqa: SIM905
ENDS_NO_NAME = (NAME_STOPS | PARTICLES) - GIVEN_NAMES - surnames()


LEARNT_FROM = {
    "copilot.drafting.people": (
        *("dialogues.fr.txt", "calls.fr.txt", "surnames.txt", "given_words.txt"),
        *("common_given.txt", "dialogues.py", "features.py", "learning.py"),
    ),
    "copilot.drafting.lexicon": ("given_names.txt", "__init__.py", "relations.py"),
    "copilot.drafting.situations": ("urgent.fr.txt", "calm.fr.txt"),
    "copilot.drafting": ("questions.py", "speech.py"),
    "knowledge.lexicon": ("intents.fr.txt",),
    "models": ("entities.py",),
}
"""All that the model is learnt from, the code that does it included."""


def learn_people(cache: Path | None = None) -> PeopleReader:
    """The reader learnt from the written dialogues; takes a minute or two the first time.

    `cache` is a folder where what was learnt is kept from one start to the next. Raises
    OSError when it cannot be.
    """
    from copilot.drafting.people.learning import MODELS, SEED, learn

    with tempfile.TemporaryDirectory() as folder:
        digest = digest_of(LEARNT_FROM)
        paths = [(cache or Path(folder)) / f"people-{digest}-{n}.crfsuite" for n in range(MODELS)]
        for draw, path in enumerate(paths):
            learnt_once(path, partial(learn, seed=SEED + draw))
        return PeopleReader(paths)
