"""People's names: who is on the phone, and for whom.

Telephone text has no reliable case, so a name is what follows the words that introduce one, up to a
word that cannot be part of it. Weak introductions ("c'est", "je suis") also need a given name, a
capital, or a word that is not French vocabulary.
"""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501, SIM102

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from copilot.drafting.lexicon import GIVEN_NAMES, NAME_STOPS, PARTICLES, SURNAMES_TOO, TITLES
from copilot.drafting.speech import Speech, Word, fold, words
from copilot.drafting.spelling import titled
from models.entities import french_lexicon

STRONG = re.compile(
    r"\b(?:je m'appelle|je me nomme|mon nom(?: de famille)? (?:c'est|est)|mon nom|nom de famille"
    r"(?: c'est)?|je me presente|(?:c'est|je suis|ici) (?=(?:madame|monsieur|mademoiselle"
    r"|mme|mlle|docteur|maitre|professeur)\b)|mon prenom c'est|le nom c'est|prenom|a l'appareil (?=(?:madame|monsieur|mme)\b)|"
    r"(?:je veux dire|enfin|plutot|pardon),? (?=(?:madame|mademoiselle|mme|monsieur)\b)|"
    r"c'est au nom de|je suis le docteur|je suis maitre)\s*(?:c'est |:|,)?\s*"
)
WEAK = re.compile(
    r"\b(?:(?<!chez )(?<!pour )moi c'est|je suis|(?<!lui )(?<!elle )c'est|ici|de la part de|oui c'est)\s+"
)
IN_ROLE = re.compile(
    r"\b(?:je suis|c'est|ici|moi)\s+(?:la |le |l')(?!petite?\b|docteur\b|fille\b|fils\b|dossier\b|collegue\b)"
    r"[a-z-]{4,}\s+(?=[a-z-]{3,}\b)"
)
OPENING = re.compile(
    r"^(?:(?:oui|allo|ah|bonjour|bonsoir|re|rebonjour|madame|monsieur|alors|voila|et|a vous|bien"
    r"|mademoiselle|messieurs|dames|a tous|donc)\b[\s,.!]*)+"
)
AT_PHONE = re.compile(r"\s*,?\s*\b(?:a l'appareil|au telephone|au bout du fil)\b")
PREFACE = re.compile(
    r"^(?:(?:oui|alors|donc|bien sur|d'accord|ok|voila|tout a fait|c'est|moi|ce sera|moi c'est"
    r"|bonjour|ah|et bien|eh bien|pardon|je suis|je m'appelle|mon nom|c'est au nom de|absolument|famille|la famille|"
    r"certainement|avec plaisir|au nom de|le nom|nom|prenom|non)\b[\s,.:!]*)+"
)
RELATIONS = (
    "belle-mere|belle mere|beau-pere|beau pere|grand-mere|grand mere|grand-pere|grand pere"
    "|grands-parents|beau-frere|beau frere|belle-soeur|belle soeur|belle-fille|belle fille"
    "|beau-fils|beau fils|petite-fille|petite fille|petit-fils|petit fils|petit garcon|petite"
    "|petit|mere|maman|pere|papa|mari|femme|fils|fille|frere|soeur|voisine|voisin|amie|ami"
    "|patronne|patron|oncle|tante|epouse|epoux|compagne|compagnon|conjointe|conjoint|enfants"
    "|enfant|bebe|neveu|niece|cousine|cousin|parents|collegue|mamie|papi|papy|mamy|marraine"
    "|parrain|locataire|cliente|client|patiente|patient|chef|directrice|directeur|associee"
    "|associe|gendre|copine|copain|aine|ainee|cadet|cadette|filleul|filleule|fiance|fiancee"
    "|employeur|assistante|assistant|proprietaire|bailleur|protegee|protege|pupille|beau pere"
)


@dataclass(frozen=True, slots=True)
class NameFound:
    """A name and where it stands."""

    start: int
    end: int
    value: str
    strong: bool
    """Introduced in words that leave no doubt."""
    titled: bool = False
    """Preceded by "madame", "docteur"..."""


def is_given(norm: str) -> bool:
    """A French given name, compound ones included ("jean-pierre")."""
    parts = norm.replace("-", " ").split()
    return bool(parts) and all(part in GIVEN_NAMES for part in parts)


def ordinary(norm: str) -> bool:
    """A word of the French vocabulary."""
    return norm in french_lexicon()


def read_name(
    tokens: list[Word], start: int, *, limit: int = 4, whole: bool = False
) -> tuple[int, int, bool] | None:
    """Words from `start` that make a name: (first, after the last, had a title).

    `whole`: the words answer a question for the name, so that a name may be longer, and begin
    with a particle, than the words of a sentence allow.
    """
    index = start
    had_title = False
    while index < len(tokens) and tokens[index].norm in TITLES and not tokens[index].ends_sentence:
        if tokens[index].norm in ("m", "me", "pr") and not tokens[index].text[:1].isupper():
            break
        had_title = True
        index += 1
    first = index
    taken = 0
    given_only = True
    while index < len(tokens) and taken < limit:
        size = _acceptable(tokens, index, begins=index == first, titled=had_title)
        if not size and whole:
            size = _answers(tokens, index, begins=index == first)
        if not size:
            break
        if taken and word_repeats(tokens, index):
            index += 1
            continue
        last = tokens[index + size - 1]
        word = tokens[index]
        surname_known = taken > 0 and not given_only
        foreign = taken == 1 and not had_title and not ordinary(word.norm)
        if surname_known and not (
            tokens[index - 1].gap == "-"
            or is_given(word.norm)
            or foreign
            or (whole and (_rare(tokens, index, size) or (size == 1 and word.norm in SAINTS)))
            or (whole and size > 1 and _only_names(tokens, index))
            or (taken < 3 and _compound(tokens, index, size))
            or (tokens[index - 1].norm in SYLLABLES and _rare(tokens, index, size))
            or (word.text[:1].isupper() and tokens[index - 1].text[:1].isupper())
        ):
            break
        if not is_given(last.norm):
            given_only = False
        index += size
        taken += 1
        if last.breaks:
            break
    if index == first:
        return None
    return first, index, had_title


SAINTS = frozenset(["saint", "sainte"])
SYLLABLES = frozenset(["vu", "ma", "mai", "ba", "sy", "so", "do", "le", "ho", "an", "van", "thi"])
"""Short surnames of Asia and West Africa that are also French words."""


def _rare(tokens: list[Word], at: int, size: int) -> bool:
    """Words that are no French vocabulary, the particle apart."""
    last = tokens[at + size - 1]
    return not ordinary(last.norm) or last.norm in SURNAMES_TOO


def _compound(tokens: list[Word], at: int, size: int) -> bool:
    """ "Nguyen Thi Lan", "Pereira dos Santos": a further part that is no French word."""
    return size > 1 and tokens[at].norm not in SMALL_WORDS and _rare(tokens, at, size)


def _only_names(tokens: list[Word], at: int) -> bool:
    """Nothing but a name is left: "Bertrand de la Tour Saint-Igest"."""
    rest = tokens[at:]
    known = NAME_STOPS - PARTICLES
    return 1 < len(rest) <= 6 and not any(
        word.norm in known or word.norm in TITLES or word.norm.isdigit() or word.norm == "@"
        for word in rest
    )


SMALL_WORDS = frozenset(["de", "du", "des", "d'", "la", "l'", "a", "al", "saint", "sainte"])


HOUSES = frozenset(
    """residence agence societe entreprise cabinet mairie boulangerie pharmacie garage restaurant
    hotel ecole college lycee clinique hopital maison banque assurance etude copropriete immeuble
    boucherie poissonnerie epicerie librairie creche association federation prefecture tribunal
    caisse mutuelle menuiserie plomberie imprimerie transports compagnie service services
    syndicat office bureau atelier usine magasin boutique salon camping domaine chateau ferme
    institut laboratoire centre club conseil cooperative groupe brasserie bar""".split()  # noqa: SIM905
)
"""What people belong to: no part of their name."""


def _answers(tokens: list[Word], at: int, *, begins: bool) -> int:
    """In an answer, how many words from `at` make a part that a sentence would not allow."""
    word = tokens[at]
    rest = tokens[at + 1 : at + 3]
    if word.norm in PARTICLES and any(following.norm in HOUSES for following in rest):
        return 0
    if word.norm in ("le", "la") and at and len(rest) == 1 and len(rest[0].norm) > 2:
        known = rest[0].norm in NAME_STOPS or rest[0].norm in TITLES or rest[0].norm.isdigit()
        return 0 if known else 2
    if word.norm in ("de", "d'", "du", "des") and at and _only_names(tokens, at):
        articled = len(rest) > 1 and rest[0].norm in ("la", "l'", "le")
        return 3 if articled else min(2, 1 + len(rest))
    if word.norm in ("de", "d'", "du", "des") and rest and not word.breaks:
        articled = rest[0].norm in ("la", "l'", "le") and len(rest) > 1
        last = rest[1] if articled else rest[0]
        known = last.norm in NAME_STOPS or last.norm in TITLES or last.norm.isdigit()
        ends = last.breaks or last is tokens[-1] or not ordinary(last.norm)
        fits = not known and len(last.norm) > 2 and (ends or _only_names(tokens, at))
        return (3 if articled else 2) if fits and (begins or not ordinary(last.norm)) else 0
    if word.norm in SYLLABLES and at:
        beyond = rest[0] if rest else None
        if beyond is None or word.breaks:
            return 1 if not ordinary(tokens[at - 1].norm) else 0
        foreign = not ordinary(beyond.norm) and beyond.norm not in NAME_STOPS
        return 1 if foreign and not beyond.norm.isdigit() else 0
    return 0


def word_repeats(tokens: list[Word], at: int) -> bool:
    """ "Enzo, Enzo Marchetti": said twice."""
    return tokens[at].norm == tokens[at - 1].norm and is_given(tokens[at].norm)


def _acceptable(tokens: list[Word], at: int, *, begins: bool, titled: bool) -> int:
    """How many words from `at` make one part of a name: 0, 1, or more with particles."""
    word = tokens[at]
    norm = word.norm
    if norm.isdigit() or norm == "@":
        return 0
    if norm in ("o'", "n'", "m'") and at + 1 < len(tokens) and not word.gap:
        following = tokens[at + 1].norm
        plain_word = ordinary(following) or following in NAME_STOPS or len(following) < 4
        return 0 if plain_word else 2
    if norm in PARTICLES:
        return _with_particle(tokens, at, begins=begins, titled=titled)
    if norm in NAME_STOPS or norm in TITLES or len(norm.rstrip("'")) < 2:
        return 0
    if norm.endswith("'"):
        return 0
    return 1


def _with_particle(tokens: list[Word], at: int, *, begins: bool, titled: bool) -> int:
    norm = tokens[at].norm
    if at + 1 >= len(tokens) or tokens[at].breaks:
        return 0
    following = tokens[at + 1]
    beyond_article = tokens[at + 2].norm if at + 2 < len(tokens) else ""
    if norm in ("de", "d'", "du", "des") and (
        following.norm in HOUSES
        or (following.norm in ("la", "l'", "le") and beyond_article in HOUSES)
    ):
        return 0
    if norm in ("van", "von") and following.norm in ("de", "den", "der") and at + 2 < len(tokens):
        return 3
    if following.norm in NAME_STOPS or following.norm.isdigit() or len(following.norm) < 3:
        if norm == "de" and following.norm == "la" and at + 2 < len(tokens):
            third = tokens[at + 2]
            return 3 if third.text[:1].isupper() and tokens[at].text[:1].isupper() else 0
        return 0
    cased = following.text[:1].isupper()
    if norm in ("le", "la"):
        own_case = tokens[at].text[:1].isupper()
        rare = not ordinary(following.norm) and following.norm not in GIVEN_NAMES
        return 2 if (cased and own_case) or (not cased and rare) else 0
    if norm == "l'":
        return 2 if cased and tokens[at].text[:1].isupper() else 0
    if norm in ("de", "d'", "du", "des"):
        if begins and titled:
            return 2
        if begins:
            return 2 if cased and tokens[at].text[:1].isupper() else 0
        if tokens[at].text[:1].isupper() and cased:
            return 2
        beyond: Word | None = tokens[at + 2] if at + 2 < len(tokens) else None
        lone = following.breaks or beyond is None or not beyond.text[:1].isupper()
        if norm in ("de", "d'") and cased and at and is_given(tokens[at - 1].norm) and lone:
            return 2 if not ordinary(following.norm) else 0
        return 2 if norm in ("de", "d'") and _noble(following) and not cased else 0
    return 2


def _noble(word: Word) -> bool:
    return word.norm in {
        "oliveira",
        "sousa",
        "almeida",
        "carvalho",
        "freitas",
        "araujo",
        "villiers",
    }


def written(tokens: list[Word], first: int, after: int, *, had_title: bool = False) -> str:
    """Words first to after as a name is written."""
    text = ""
    for index in range(first, after):
        word = tokens[index]
        if index > first and word_repeats(tokens, index):
            continue
        shown = word.text if _mixed_case(word.text) else word.text.lower()
        if word.text.isupper() and len(word.text) > 1:
            shown = word.text.lower()
        text += shown
        if index + 1 < after and not word.norm.endswith("'"):
            text += "-" if word.gap.strip() == "-" else " "
    return _swapped(_surname_first(titled(text.strip())), had_title=had_title)


def _surname_first(name: str) -> str:
    """ "Pereira Joaquim Pereira": the surname, then the whole name."""
    parts = name.split(" ")
    for size in (1, 2, 3):
        folded = [fold(part) for part in parts]
        if len(parts) == 2 * size + 1 and folded[-size:] == folded[:size]:
            return " ".join(parts[size:])
    return name


def _mixed_case(text: str) -> bool:
    return text[:1].isupper() and any(c.islower() for c in text)


def _swapped(name: str, *, had_title: bool) -> str:
    """ "Garnier Sophie" is written "Sophie Garnier".

    After a title the surname comes first, even before a given name that may be one.
    """
    parts = name.split(" ")
    if len(parts) == 3 and fold(parts[0]) in PARTICLES and fold(parts[0]) not in SYLLABLES:
        # "Ben Salah Mourad": a surname in two words, then the given name.
        last = fold(parts[2])
        if is_given(last) and last not in SURNAMES_TOO:
            return f"{parts[2]} {parts[0]} {parts[1]}"
    if len(parts) != 2 or "-" in parts[0]:
        return name
    if fold(parts[1]) in SURNAMES_TOO and not had_title:
        return name
    if is_given(fold(parts[1])) and not is_given(fold(parts[0])):
        return f"{parts[1]} {parts[0]}"
    return name


def _named(
    tokens: list[Word], at_offset: int, *, strong: bool, whole: bool = False
) -> NameFound | None:
    start = next((i for i, word in enumerate(tokens) if word.start >= at_offset), None)
    if start is None:
        return None
    found = read_name(tokens, start, whole=whole)
    if found is None:
        return None
    first, after, had_title = found
    if not strong and not had_title and not _credible(tokens, first, after):
        return None
    return NameFound(
        tokens[first].start,
        tokens[after - 1].end,
        written(tokens, first, after, had_title=had_title),
        strong,
        had_title,
    )


def _credible(tokens: list[Word], first: int, after: int) -> bool:
    """After a weak introduction: does this look like a name?"""
    head = tokens[first]
    if is_given(head.norm):
        return True
    cased = head.text[:1].isupper() and head.start > 0
    if cased and ordinary(head.norm) and after - first > 1:
        return False
    if cased and not head.text.isupper():
        return not (
            after - first == 1 and head.norm in french_lexicon() and not _follows(tokens, after)
        )
    if after - first >= 2 and is_given(tokens[first + 1].norm):
        return True
    return not ordinary(head.norm)


def _presented(tokens: list[Word], offset: int) -> NameFound | None:
    """The name after "je m'appelle": up to a word that cannot be part of one, as in an answer."""
    start = next((i for i, word in enumerate(tokens) if word.start >= offset), None)
    if start is None:
        return None
    known = NAME_STOPS - PARTICLES
    end = start
    while end < len(tokens) and tokens[end].norm not in known and not tokens[end].norm.isdigit():
        end += 1
        if tokens[end - 1].breaks:
            break
    plain_name = _named(tokens, offset, strong=True)
    parts = tokens[start:end]
    particles = [word for word in parts if word.norm in PARTICLES]
    if not particles or not is_given(tokens[start].norm) or end - start > 5:
        return plain_name
    if parts[1].norm not in PARTICLES or parts[-1].norm in PARTICLES:
        return plain_name
    return _named(tokens[:end], offset, strong=True, whole=True) or plain_name


def _follows(tokens: list[Word], after: int) -> bool:
    """What may come after one's own name."""
    if after >= len(tokens) or tokens[after - 1].breaks:
        return True
    return tokens[after].norm in {"de", "du", "des", "je", "j'", "a", "et", "la", "le"}


def introduced(speech: Speech) -> list[NameFound]:
    """Names the speaker gives as their own, strongest first."""
    tokens = words(speech)
    found: list[NameFound] = []
    for match in AT_PHONE.finditer(speech.folded):
        before = _ending_at(tokens, match.start())
        if before:
            found.append(before)
    for match in STRONG.finditer(speech.folded):
        name = _presented(tokens, match.end())
        if name and not _denied(speech.folded, match.start()):
            found.append(name)
    for match in WEAK.finditer(speech.folded):
        if _denied(speech.folded, match.start()) or "pas" in speech.folded[match.end() :][:4]:
            continue
        name = _named(tokens, match.end(), strong=False)
        if name and not _of_another(speech.folded, name):
            found.append(name)
    for match in KIN_OF.finditer(speech.folded):
        child = _named(tokens, match.end(), strong=True)
        own = child and re.match(
            r"\s*,?\s*(?=(?:madame|monsieur|mademoiselle|mme) )", speech.folded[child.end :]
        )
        if child and own:
            parent = _named(tokens, child.end + own.end(), strong=True)
            if parent:
                found.insert(0, parent)
    for match in IN_KIN.finditer(speech.folded):
        kin = _named(tokens, match.end(), strong=False)
        if kin and not _of_another(speech.folded, kin):
            found.insert(0, NameFound(kin.start, kin.end, kin.value, True, kin.titled))
    for match in IN_ROLE.finditer(speech.folded):
        role = _named(tokens, match.end(), strong=True)
        if role and is_given(fold(role.value).split()[0]) and not _of_another(speech.folded, role):
            found.insert(0, role)
    opening = OPENING.match(speech.folded)
    if opening:
        name = _opened(speech, tokens, opening)
        if name:
            found.append(name)
    if not found:
        found += _listed(speech, tokens)
    if not found:
        found += _titled_alone(speech, tokens)
    return found


SOMEBODY_ELSE = re.compile(
    r"\b(?:a|au|avec|de|du|pour|chez|par|et|que|qu'|voir|joindre|appeler|rappeler|prevenir|contacter"
    r"|demander|remercier|dire|dit|c'etait|sur|ou|si|comme|vous etes|notre|votre|mon|ma|son|sa|le|la|cher"
    r"|chere|bonjour|bonsoir|oui|non|merci|allo)\s*,?\s*$"
)


def _titled_alone(speech: Speech, tokens: list[Word]) -> list[NameFound]:
    """ "C'est le greffe du tribunal, madame Vidal": a title where nobody else can be meant."""
    for at, word in enumerate(tokens):
        if word.norm not in ("madame", "monsieur", "mademoiselle", "mme", "mlle"):
            continue
        if at and tokens[at - 1].norm in TITLES:
            continue
        if SOMEBODY_ELSE.search(speech.folded[: word.start]) or not at:
            continue
        name = _named(tokens, word.start, strong=True)
        if name and name.start > word.start and not _of_another(speech.folded, name):
            after = speech.folded[name.end :]
            if not re.match(
                r"\s*,?\s*(?:est|a|m'a|m'avait|doit|devait|devra|vous|nous|s'il)\b", after
            ):
                return [replace(name, strong=False)]
    return []


def _before_verb(tokens: list[Word]) -> NameFound | None:
    """ "Dumont électricité Gilles Dumont j'ai deux inspecteurs": given name, surname, then a verb."""
    for at in range(len(tokens) - 2):
        given, surname, verb = tokens[at : at + 3]
        if not is_given(given.norm) or verb.norm not in ("je", "j'", "on", "nous"):
            continue
        lead = tokens[at - 1].norm if at else ""
        if surname.norm in NAME_STOPS or lead in BOUND or lead in TITLES:
            continue
        return NameFound(given.start, surname.end, written(tokens, at, at + 2), False)
    return None


BOUND = frozenset(
    [
        "a",
        "de",
        "avec",
        "pour",
        "par",
        "et",
        "que",
        "qu'",
        "chez",
        "sur",
        "mon",
        "ma",
        "son",
        "sa",
        "le",
        "la",
        "d'",
    ]
)
BOOKED = re.compile(r"(?<!appelle )(?<!telephone )\bau nom de\s+")


def _listed(speech: Speech, tokens: list[Word]) -> list[NameFound]:
    """ "Société Vidal, Nadège Humbert." and "la réservation au nom de Castaing"."""
    for piece in re.finditer(r"(?:^|(?<=[,.]))\s*([^,.?!]{3,40})(?=[,.]|$)", speech.folded):
        name = _named(tokens, piece.start(1), strong=False)
        if name and (
            name.end == piece.end(1)
            or re.match(
                r" (?:au|du|a la|de la|des|aux) (?:service|compta|accueil|secretariat|achats|rh|direction|standard)\w*",
                speech.folded[name.end :],
            )
        ):
            if name.titled or (is_given(fold(name.value.split()[0])) and piece.start(1) > 0):
                return [name]
    before_verb = _before_verb(tokens)
    if before_verb:
        return [before_verb]
    booked = BOOKED.search(speech.folded)
    name = _named(tokens, booked.end(), strong=True) if booked else None
    return [NameFound(name.start, name.end, name.value, False, name.titled)] if name else []


def _denied(folded: str, start: int) -> bool:
    return bool(re.search(r"\b(?:si|que|quand|comme|pas|parce que|qui)\s*$", folded[:start]))


def _of_another(folded: str, name: NameFound) -> bool:
    """ "c'est Paul qui s'occupe de moi", "c'est Julien que je veux voir"."""
    return bool(re.match(r"\s*,?\s*(?:qui|que|qu'|dont)\b", folded[name.end :]))


def _opened(speech: Speech, tokens: list[Word], opening: re.Match[str]) -> NameFound | None:
    """ "Bonjour, Sophie Garnier, société Vidal": a name right after the greeting."""
    start = opening.end()
    first = next((i for i, word in enumerate(tokens) if word.start >= start), None)
    greeted = re.search(r"\b(?:madame|monsieur|mademoiselle)\s*$", opening.group())
    if first is None:
        return None
    particle = greeted and tokens[first].norm in ("le", "van", "de", "n'", "el", "ben", "da", "dos")
    if tokens[first].norm in NAME_STOPS and not particle:
        return None
    if particle:
        family = _named(tokens, greeted.start(), strong=True) if greeted else None
        said = family and not ordinary(fold(family.value).split()[-1])
        after = speech.folded[family.end :] if family else ""
        return family if said and re.match(r"\s*,?\s*(?:je|j'|$|c'est|a l'app)", after) else None
    name = _named(tokens, start, strong=False)
    if name is None or name.titled:
        return None
    head = tokens[first]
    presents = re.match(
        r"\s*,?\s*(?:de la societe|de chez|du cabinet|de l'entreprise|de l'agence)\b",
        speech.folded[name.end :],
    )
    if presents and len(name.value.split()) in (2, 3) and not ordinary(head.norm):
        return name
    if (
        greeted
        and not ordinary(head.norm)
        and re.match(
            r"\s*,?\s*(?:je|j'|c'est|a l'app|$|de\b|du\b|des\b|societe|depuis|pour|on\b|mon\b|ma\b|votre)",
            speech.folded[name.end :],
        )
    ):
        return name
    if not is_given(head.norm) and not (
        len(name.value.split()) > 1 and head.text[:1].isupper() and not ordinary(head.norm)
    ):
        return None
    tail = speech.folded[name.end :]
    if not re.match(
        r"\s*(?:$|[,.]|je\b|j'|de\b|du\b|des\b|d'|a l'appareil|c'est|pour|societe|et\b|au telephone|mon\b|ma\b|(?:la |le |l')?(?:garage|cabinet|agence|atelier|boulangerie|pharmacie|restaurant|mairie|etude|transports|etablissements|entreprise))",
        tail,
    ):
        return None
    return name


def _ending_at(tokens: list[Word], offset: int) -> NameFound | None:
    """The name that ends right before "à l'appareil"."""
    after = next((i for i, word in enumerate(tokens) if word.start >= offset), len(tokens))
    for first in range(max(0, after - 5), after):
        word = tokens[first]
        if word.norm in NAME_STOPS and word.norm not in PARTICLES:
            continue
        if (
            first
            and tokens[first - 1].norm not in NAME_STOPS | TITLES
            and not tokens[first - 1].breaks
        ):
            continue
        if word.norm in TITLES and first + 1 >= after:
            continue
        found = read_name(tokens, first) or read_name(tokens[:after], first, whole=True)
        if found and found[1] < after:
            found = read_name(tokens[:after], first, whole=True)
        if found and found[1] >= after and found[0] < after:
            begin, _, had_title = found
            return NameFound(
                tokens[begin].start,
                tokens[after - 1].end,
                written(tokens, begin, after, had_title=had_title),
                True,
                had_title,
            )
    return None


RESTART = re.compile(r"\b(?:pardon|je veux dire|enfin|plutot|non c'est)\b[\s,]*")


def answered(speech: Speech) -> NameFound | None:
    """The name that a whole answer to "votre nom ?" gives; said again, the second time wins."""
    for match in RESTART.finditer(speech.folded):
        again = _answer(speech.cut(match.end(), len(speech.folded))) if match.start() else None
        if again and _credible_whole(again):
            return replace(again, start=again.start + match.end(), end=again.end + match.end())
    return _answer(speech)


def _credible_whole(name: NameFound) -> bool:
    """A given name and more, or a word that is no French word."""
    parts = fold(name.value).split()
    return name.titled or (is_given(parts[0]) and len(parts) > 1)


def _answer(speech: Speech) -> NameFound | None:
    tokens = words(speech)
    preface = PREFACE.match(speech.folded)
    offset = preface.end() if preface else 0
    kin = re.match(
        rf"(?:sa|son|leur|ma|mon|la|le|l')\s*(?:{RELATIONS})\b[\s,]*(?:moi c'est\s*)?",
        speech.folded[offset:],
    )
    if kin:
        offset += kin.end()
    trade = re.match(r"(?:le|la|l')\s*[a-z]{4,}\s+(?=[a-z])", speech.folded[offset:])
    if trade and tokens and ordinary(trade.group().split()[-1].removeprefix("l'")):
        offset += trade.end()
    name = _named(tokens, offset, strong=True, whole=True)
    if name is None:
        return None
    name = _with_given(tokens, name)
    name = _with_noun(tokens, name)
    first = next(i for i, word in enumerate(tokens) if word.start >= name.start)
    lone = len(name.value.split()) == 1
    if (
        lone
        and tokens[first].text.islower()
        and not name.titled
        and not is_given(tokens[first].norm)
    ):
        longer = len(tokens) - first > 4
        if longer and ordinary(tokens[first].norm):
            return None
    return name


NO_SURNAME = frozenset(
    """oui non merci bonjour bonsoir voila euh alors avec dans pour chez comme toujours exactement
    enfin bien tout tous sinon bref pardon attendez disons justement demain hier deux trois quatre
    cinq sept huit neuf zero effectivement absolument exact aussi encore parle toi""".split()  # noqa: SIM905
)


def _with_noun(tokens: list[Word], name: NameFound) -> NameFound:
    """ "Claire Voisin": in an answer of two words, the second is the surname, whatever it means."""
    rest = [word for word in tokens if word.start >= name.end]
    if len(rest) != 1 or " " in name.value or not is_given(fold(name.value)):
        return name
    noun = rest[0]
    nounlike = len(noun.norm) > 3 and ordinary(noun.norm) and noun.norm not in NO_SURNAME
    if not nounlike or noun.norm.isdigit():
        return name
    return replace(name, end=noun.end, value=f"{name.value} {titled(noun.text.lower())}")


def _with_given(tokens: list[Word], name: NameFound) -> NameFound:
    """ "Lefebvre avec un b, Guillaume Lefebvre": the given name said with the surname later on."""
    surname = fold(name.value)
    if " " in surname:
        return name
    following = next((i for i, word in enumerate(tokens) if word.start >= name.end), None)
    if following is not None and following == len(tokens) - 1 and not is_given(surname):
        last = tokens[following]
        paused = following > 0 and "," in tokens[following - 1].gap
        stops = last.norm in NAME_STOPS or last.norm in TITLES or last.norm.isdigit()
        if paused and not stops and (is_given(last.norm) or not ordinary(last.norm)):
            # "Madame Traoré, Aminata."
            value = f"{titled(last.text.lower())} {name.value}"
            return NameFound(name.start, last.end, value, True, name.titled)
    if is_given(surname):
        for at in range(1, len(tokens) - 1):
            word, after = tokens[at], tokens[at + 1]
            stops = after.norm in NAME_STOPS or after.norm in TITLES or len(after.norm) < 3
            if word.norm == surname and word.start >= name.end and not word.breaks and not stops:
                return NameFound(
                    name.start,
                    name.end,
                    f"{name.value} {titled(after.text.lower())}",
                    True,
                    name.titled,
                )
        return name
    for at in range(1, len(tokens)):
        before, word = tokens[at - 1], tokens[at]
        if word.norm != surname or word.start < name.end or before.breaks:
            continue
        if is_given(before.norm):
            return NameFound(
                name.start,
                name.end,
                f"{titled(before.text.lower())} {name.value}",
                True,
                name.titled,
            )
    return name


IN_KIN = re.compile(
    rf"\b(?:je suis|c'est|moi|enfin|non|oui|ici)\s+(?:sa |son |leur )(?:{RELATIONS})\s+(?=[a-z]{{3,}})"
)
BEHALF = re.compile(
    rf"\b(?P<lead>(?:(?:j'|je vous |je )(?:appelle|telephone|contacte|rappelle)(?: en fait| surtout)?"
    rf"|c'est|ce serait|ce sera|rendez-vous|rdv|rendez vous|consultation|appelle|visite|c'etait"
    rf"|creneau|renseignement|soin|soins|et|mais|non|euh|appeler)\s+)?"
    rf"(?P<prep>pour|de la part de|au nom de|a la place de|pour le compte de)\s+"
    rf"(?P<poss>ma|mon|mes|notre|nos|un|une|le|la|l')\s*"
    rf"(?P<relation>{RELATIONS})\b(?:\s+de\s+(?P<age>\d+|[a-z]+)\s+(?:ans?|mois))?"
)
KIN_OF = re.compile(
    rf"\b(?:je suis|c'est|ici) (?:la |le |l'|sa |son )(?P<relation>{RELATIONS}|tutrice|tuteur|curatrice|curateur"
    rf"|infirmiere|infirmier|secretaire|aide[- ]menagere|femme de menage|aide a domicile|aide soignante|auxiliaire de vie"
    rf"|gardienne|gardien|avocate|avocat|mandataire)\s+(?:de |d'|du |a )"
)
FOR_NAMED = re.compile(
    r"\b(?:j'appelle|je vous appelle|je telephone|c'est)\s+"
    r"(?:pour|au nom de|pour le compte de)\s+(?=(?:madame|monsieur|mademoiselle|mme|docteur|maitre)\b)"
)


def on_behalf(speech: Speech) -> str | None:
    """Whom the caller calls for: the relation as said, with the name when it is given."""
    tokens = words(speech)
    kin = KIN_OF.search(speech.folded)
    if kin:
        name = _named(tokens, kin.end(), strong=True)
        taken_back = name and re.match(
            r"[\s,]*(?:enfin|non|pardon|je veux dire)\b", speech.folded[name.end :]
        )
        if name and taken_back:
            return None
        if name:
            return name.value
        own = re.match(
            rf"(?:ma|mon|notre|la|le|l')\s*(?:{RELATIONS})\b", speech.folded[kin.end() :]
        )
        if own is None:
            return None
    match = BEHALF.search(speech.folded)
    if match and _is_behalf(match, speech.folded):
        relation = speech.text[match.start("poss") : match.end("relation")].lower()
        who = _after_relation(speech, tokens, match.end())
        return f"{relation}, {who}" if who else relation
    named = FOR_NAMED.search(speech.folded)
    if named:
        name = _named(tokens, named.end(), strong=True)
        own = re.search(r"\b(?:parler|joindre|message|voir)\b", speech.folded[: named.end()])
        return name.value if name and not own else None
    return None


def _is_behalf(match: re.Match[str], folded: str) -> bool:
    """ "pour mon mari" after a verb of its own is a detail, not a mandate."""
    if match.group("poss") in ("le", "la", "l'", "un", "une"):
        strong = match.group("lead") and re.search(r"appelle|telephone", match.group("lead"))
        personal = match.group("relation") in {
            "ami",
            "amie",
            "collegue",
            "voisin",
            "voisine",
            "patron",
            "patronne",
            "cliente",
            "client",
            "petit",
            "petite",
            "patient",
            "patiente",
            "locataire",
            "copine",
            "copain",
            "enfant",
        }
        child = match.group("relation") in {"petit", "petite"}
        named = child and re.match(r"\s+([a-z]+)", folded[match.end() :])
        if named and is_given(named[1]):
            return True
        return bool(strong and personal)
    lead = match.group("lead")
    before = folded[: match.start()]
    if re.search(r"\b(?:pas|plus|cadeau|laisser?|laissez)\s*(?:un message\s*)?$", before):
        return False
    if match.group("prep") != "pour":
        return True
    if lead:
        return True
    return bool(
        re.search(
            r"\b(?:rendez[- ]vous|rdv|consultation|place|prendre|appel\w*|renouvel\w*|ordonnance"
            r"|seance|examen|certificat|inscription|inscrire|dossier|annul\w*|deplac\w*|infos?"
            r"|renseign\w*|vous voir|resultats?|analyses?|besoin|demande|question|papier)\b",
            before,
        )
        or not before.strip(" ,")
    )


def _after_relation(speech: Speech, tokens: list[Word], offset: int) -> str | None:
    tail = speech.folded[offset:]
    bridge = re.match(
        r"\s*,?\s*(?:(?:qui s'appelle|elle s'appelle|il s'appelle|s'appelle|c'est|son nom c'est"
        r"|de son nom)\s+)?", tail
    )  # fmt: skip
    start = offset + (bridge.end() if bridge else 0)
    sure = bool(bridge and bridge.group().strip(" ,"))
    name = _named(tokens, start, strong=sure)
    if name is None or name.start > start + 12:
        return None
    return name.value
