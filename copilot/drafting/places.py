"""Postal addresses as they are said."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass

from copilot.drafting.numbers import with_numerals
from copilot.drafting.speech import Speech, Word, hear, words
from copilot.drafting.spelling import titled

STREETS = (
    "rue|avenue|boulevard|allees?|chemin|place|impasse|route|quai|square|cours|passage|residence"
    "|lotissement|voie|sentier|faubourg|rond-point|rond point|esplanade|promenade|villa|cite"
    "|hameau|clos|montee|traverse|venelle|chaussee|ruelle|parvis|cour|mail|lieu-dit|lieu dit"
)
STREET = re.compile(
    rf"(?<![\d.,])\b(?P<number>\d{{1,4}})\s*(?:,\s*)?(?P<suffix>bis|ter|quater|[a-d](?=\s*,?\s+(?:{STREETS})\b))?"
    rf"\s*,?\s*(?:de (?:la |l')|dans la )?(?P<kind>{STREETS})\b"
)
UNNUMBERED = re.compile(
    rf"\b(?:j'habite|je suis|on est|nous sommes|adresse|situee?|c'est)\b[^.?!]{{0,25}}?"
    rf"\b(?P<kind>{STREETS})\b"
)
NUMBER_AFTER = re.compile(
    rf"\b(?P<street>(?:{STREETS}) (?:[a-z'-]+ ?){{1,6}}?),? ?\b(?:au )?(?:numero )?(?P<number>\d{{1,4}}(?: (?:bis|ter))?)(?=,|[.!?]|$| (?:a|au|aux) [a-z])"
)
"""As in Belgium and Switzerland, and often aloud: "chaussée d'Alsemberg 382, à Uccle"."""
OF_SOMETHING_ELSE = re.compile(
    r"\b(?:numero|dossier|commande|reference|facture|contrat|batiment|bat|etage|appartement|porte|escalier"
    r"|lot|kilometre|code|parking|stationnement|garage|cave|box|bus|ligne|departementale|nationale)\b"
)
"""In what stands before a number: it is that thing's."""
STREET_STOPS = frozenset(
    [
        "je",
        "j'",
        "c'",
        "ce",
        "ca",
        "il",
        "elle",
        "on",
        "nous",
        "vous",
        "et",
        "mais",
        "donc",
        "alors",
        "voila",
        "pour",
        "merci",
        "oui",
        "non",
        "est",
        "suis",
        "au",
        "premier",
        "deuxieme",
        "troisieme",
        "etage",
        "batiment",
        "appartement",
        "porte",
        "digicode",
        "code",
        "chez",
        "qui",
        "que",
        "parce",
        "avec",
        "car",
        "s'",
        "svp",
        "mon",
        "ma",
        "mes",
        "numero",
        "telephone",
        "portable",
        "depuis",
        "puis",
        "l'interphone",
        "interphone",
        "escalier",
        "y",
        "cette",
        "hier",
        "n'",
        "ne",
        "c'est",
        "juste",
        "cote",
        "devant",
        "derriere",
        "entre",
        "si",
        "quand",
        "bonjour",
        "fait",
        "pres",
        "face",
        "j'ai",
        "rappel",
        "rappelez",
        "aujourd'hui",
        "demain",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "samedi",
        "dimanche",
        "ai",
        "arrondissement",
        "voila",
    ]
)
TOWN_STOPS = STREET_STOPS | frozenset(["a", "dans", "rue", "avenue", "un", "une", "sur"])
JOINS = frozenset(
    [
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "l'",
        "d'",
        "sur",
        "en",
        "sous",
        "lez",
        "les",
        "saint",
        "sainte",
        "st",
        "ste",
        "aux",
    ]
)
ASIDE = re.compile(
    r"[ ,]*(?:sur (?:(?:le|la|les|un|une|mon|ma) |l')(?:grand |grande |petit |petite )?(?:bas|cote|parking|trottoir"
    r"|bord|place|droite|gauche|route|rond|aire|bande|voie|quai|chemin|terrain|chantier|toit|zone|hauteurs?)\b"
    r"|en (?:bas|haut|face|bordure|bout|sortant|sortie|allant|arrivant|venant|panne|urgence|ce)\b)"
)
"""After a town: where in it, "à Pacé sur le bas-côté", but not "L'Isle sur la Sorgue"."""
POSTCODE = re.compile(
    r"\s*,?\s*(?:a |au |code postal |c'est |le |dans le )*(?P<code>\d(?:[\d .]*\d)?)\b"
)

MEASURES = frozenset(
    "euro euros heure heures francs kilos kilo litres watts metres fois personnes grammes".split()  # noqa: SIM905
)
"""After four figures: an amount, and no town's code."""
FLAT = re.compile(
    r"\s*,?\s*(?:appartement|appart|apt)\s+(?:numero\s+)?(?P<flat>\d{1,4}(?: ?[a-d]\b)?|[a-h]\b)(?! ?\d)"
)

WHICH_NUMBER = re.compile(
    rf"\b(?P<street>(?:{STREETS}) [^.?!,]{{2,40}}?)[ ,]+(?:(?:a|au|c'est|c'etait|et) )+(?:quel numero|numero combien)\b"
)
NUMBER_ALONE = re.compile(
    r"(?:(?:oui|alors|euh|c'est|au|le|numero)[ ,]+)*(?P<number>\d{1,4}(?: (?:bis|ter))?)[ .!]*$"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A postal address, in parts."""

    street: str
    postcode: str = ""
    town: str = ""

    @property
    def written(self) -> str:
        town = " ".join(part for part in (self.postcode, self.town) if part)
        return ", ".join(part for part in (self.street, town) if part)


def place(speech: Speech) -> Place | None:
    """The address said in an utterance; not one it asks about ("vous êtes bien au 5 rue...")."""
    spoken = with_numerals(speech)
    chosen: Place | None = None
    for match in STREET.finditer(spoken.folded):
        lead = spoken.folded[max(0, match.start() - 40) : match.start()]
        if re.search(r"\b(?:vous etes|vos bureaux|votre (?:adresse|cabinet|agence|bureau)|pas)\b[^,.]*$",
                     lead):  # fmt: skip
            continue
        chosen = _from_street(spoken, match) or chosen
    return chosen or _number_after(spoken)


def _number_after(spoken: Speech) -> Place | None:
    for match in NUMBER_AFTER.finditer(spoken.folded):
        *_, last = re.findall(r"[a-z]+", match["street"])
        if last in JOINS or OF_SOMETHING_ELSE.search(match["street"]):
            continue  # "rue du 8 mai", "place de parking 12", "résidence les Cèdres bâtiment 3"
        street = spoken.text[slice(*match.span("street"))].strip(" ,")
        rest = spoken.text[match.end() :]
        return place(hear(f"{match['number']} {street}{rest}"))
    return None


def numbered(question: Speech, answer: Speech) -> Place | None:
    """ "La rue Mulsant, à quel numéro ? - Au quatre-vingt-un": the street of the question."""
    street = WHICH_NUMBER.search(question.folded)
    number = NUMBER_ALONE.match(with_numerals(answer).folded)
    if not (street and number):
        return None
    return place(hear(f"{number['number']} {question.text[slice(*street.span('street'))]}"))


def locality(speech: Speech) -> tuple[str, str] | None:
    """Postcode and town said alone, after an address without them."""
    spoken = with_numerals(speech)
    for match in re.finditer(r"\b\d", spoken.folded):
        code, end = _postcode(spoken, match.start())
        if code:
            town, _ = _extent(spoken, end, TOWN_STOPS, limit=4)
            return code, town
    return None


def _from_street(spoken: Speech, match: re.Match[str]) -> Place | None:
    name, end = _extent(spoken, match.end(), STREET_STOPS, limit=6)
    if not name:
        return None
    number = match.group("number") + (f" {match.group('suffix')}" if match.group("suffix") else "")
    kind = spoken.text[match.start("kind") : match.end("kind")].lower()
    changed = re.match(
        r"[\s,]*(?:non|pardon|enfin|ah non)[\s,]*(?:non|pardon)?[\s,]*(?:c'est )?(?:le |au )?(\d{1,4})"
        r"(?!\s*\d)(?: rue)?",
        spoken.folded[end:],
    )
    if changed:
        number = changed[1]
        end += changed.end()
    street = f"{number} {kind} {name}"
    flat = FLAT.match(spoken.folded, end)
    if flat:
        street, end = f"{street}, appartement {flat['flat'].upper()}", flat.end()
    code, after = _postcode(spoken, end)
    if code:
        town, _ = _extent(spoken, after, TOWN_STOPS, limit=4)
        return Place(street, code, town)
    town, after = _town(spoken, end)
    if town:
        late, _ = _postcode(spoken, after)
        return Place(street, late, town)
    return Place(street)


def _town(spoken: Speech, start: int) -> tuple[str, int]:
    lead = re.match(r"\s*,?\s*(?:a |au |aux |dans |sur )(?=(?!cote|l'angle|partir|droite|gauche)[a-z])",
                    spoken.folded[start:])  # fmt: skip
    comma = re.match(r"\s*,\s*(?=[A-Z])", spoken.text[start:])
    bridge = lead or comma
    if bridge is None:
        return "", start
    return _extent(spoken, start + bridge.end(), TOWN_STOPS, limit=4)


def _postcode(spoken: Speech, start: int) -> tuple[str, int]:
    match = POSTCODE.match(spoken.folded, start)
    if not match:
        return "", start
    pieces = re.findall(r"\d+", match.group("code"))
    for count in range(1, len(pieces) + 1):
        joined = "".join(pieces[:count])
        if len(joined) == 5 or (count == len(pieces) and _of_four(spoken, joined, match.end())):
            offset = match.start("code")
            for piece in pieces[:count]:
                offset = spoken.folded.index(piece, offset) + len(piece)
            return joined, offset
    return "", start


def _of_four(spoken: Speech, code: str, end: int) -> bool:
    """Four figures with a town right after, as in Belgium and Switzerland: "1400 Nivelles"."""
    town = re.match(r" (?:a )?(?P<first>[a-z-]{2,})", spoken.folded[end:])
    return len(code) == 4 and bool(
        town and code[0] != "0" and town["first"] not in MEASURES | TOWN_STOPS
    )


def _extent(spoken: Speech, start: int, stops: frozenset[str], *, limit: int) -> tuple[str, int]:
    taken: list[Word] = []
    for word in words(spoken):
        if word.start < start:
            continue
        if not taken and spoken.folded[start : word.start].strip(" -,"):
            break
        if word.norm in stops and word.norm not in JOINS:
            break
        if word.norm.isdigit():
            ordinal = taken and taken[-1].norm in ("du", "le")
            if not ordinal or len(word.norm) > 2:
                break
        if word.norm == "a" or len(taken) >= limit:
            break
        if taken and stops is TOWN_STOPS and ASIDE.match(spoken.folded, taken[-1].end):
            break
        taken.append(word)
        if word.breaks:
            break
    while taken and taken[-1].norm in JOINS:
        taken.pop()
    if not taken:
        return "", start
    text = ""
    for index, word in enumerate(taken):
        shown = word.text
        if shown.islower() and word.norm not in JOINS - {"saint", "sainte", "st", "ste"}:
            shown = titled(shown)
        joint = "" if word.norm.endswith("'") else "-" if word.gap.strip() == "-" else " "
        text += shown + (joint if index + 1 < len(taken) else "")
    return text, taken[-1].end
