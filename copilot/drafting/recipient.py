"""Which of the client's people a message is for."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501, SIM102

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from copilot.drafting.draft import Contact
from copilot.drafting.lexicon import NAME_STOPS, TITLES
from copilot.drafting.names import is_given, ordinary
from copilot.drafting.speech import Speech, Word, fold, words
from copilot.drafting.spelling import sound
from copilot.drafting.stems import stems

ADDRESSING = re.compile(
    r"\b(?:parler|joindre|entretenir|voir|rencontrer|contacter|appeler|previens|transmets|avec|pour|rappelle|message|transmettre|demander|demande|chez|dire|a|au|de la part|vu par|suivie? par|rendez-vous|rdv)"
    r"\s+(?:a |au |avec |de |pour |le |la |l'|les |votre |mon |ma |du |un |une )*$"
)
DENIED = re.compile(
    r"\b(?:pas|plus|non|sauf|ni|pas avec|pas a|au lieu de|plutot que|autre que)\s*(?:a |avec |de |pour |le |la |monsieur |madame |docteur |maitre |du )*$"
)
FEMININE = frozenset({"madame", "mme", "mademoiselle", "mlle"})
MASCULINE = frozenset({"monsieur", "m", "mr"})
ROLE_WORDS = {
    "comptable": "compta", "comptabilite": "compta", "compta": "compta", "facturation": "compta",
    "directeur": "direct", "directrice": "direct", "direction": "direct", "patron": "direct",
    "patronne": "direct", "gerant": "gerant", "gerante": "gerant", "dirigeant": "direct",
    "secretaire": "secretar", "secretariat": "secretar", "assistante": "assist", "assistant": "assist",
    "maitre": "maitre", "medecin": "medecin", "docteur": "medecin", "generaliste": "generalist", "toubib": "medecin",
    "dentiste": "dentist", "chirurgien": "chirurg", "orthodontiste": "orthodont", "hygieniste": "hygien",
    "avocat": "avocat", "avocate": "avocat", "notaire": "notair", "clerc": "clerc", "technicien": "technic",
    "technicienne": "technic", "technique": "technic", "commercial": "commercial", "commerciale": "commercial",
    "vente": "commercial", "ventes": "commercial", "sav": "sav", "infirmier": "infirm", "infirmiere": "infirm",
    "kine": "kine", "kinesitherapeute": "kine", "sage": "sage", "veterinaire": "veto", "veto": "veto",
    "gestionnaire": "gestion", "gestion": "gestion", "logistique": "logist", "livraison": "logist", "livraisons": "logist",
    "rh": "rh", "ressources": "rh", "recrutement": "rh", "achats": "achat", "acheteur": "achat", "acheteuse": "achat",
    "informatique": "informat", "informaticien": "informat", "chantier": "chantier", "travaux": "travaux", "conducteur": "conduct",
    "atelier": "atelier", "mecanicien": "mecano", "mecano": "mecano", "chef": "chef", "cuisine": "cuisin", "cuisinier": "cuisin",
    "psychologue": "psy", "psy": "psy", "dermatologue": "dermat", "dermato": "dermat", "ophtalmologue": "ophtalm", "ophtalmo": "ophtalm",
    "gynecologue": "gyneco", "gyneco": "gyneco", "pediatre": "pediatr", "cardiologue": "cardio", "osteopathe": "osteo", "osteo": "osteo",
    "orthophoniste": "orthoph", "podologue": "podolog", "syndic": "syndic", "architecte": "architect", "electricien": "electric",
    "plombier": "plomb", "chauffagiste": "chauffag", "location": "locat", "locations": "locat", "locative": "locat", "copropriete": "copro",
    "transaction": "transac", "transactions": "transac", "planning": "planning", "exploitation": "exploit", "magasin": "magasin",
    "accueil": "accueil", "marketing": "market", "communication": "communic", "juridique": "jurid", "juriste": "jurid",
    "formation": "format", "sinistres": "sinistr", "sinistre": "sinistr", "ophtalmologiste": "ophtalm", "receptionniste": "accueil",
    "divorce": "famil", "famille": "famil", "penal": "penal", "penaliste": "penal", "immobilier": "immob", "successions": "success",
    "succession": "success", "associe": "associ", "associee": "associ", "paie": "paie", "paye": "paie", "clients": "client", "clientele": "client",
}  # fmt: skip
ROLE_FILLERS = frozenset(
    [
        "responsable",
        "service",
        "chef",
        "de",
        "du",
        "des",
        "la",
        "le",
        "l'",
        "charge",
        "chargee",
        "adjoint",
        "adjointe",
        "d'",
        "en",
        "et",
        "clients",
    ]
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A contact named in an utterance."""

    contact: Contact
    addressed: bool
    """Named as the one to reach."""
    denied: bool
    start: int


class ContactBook:
    """The client's contacts, ready to be recognised by name or role."""

    def __init__(self, contacts: Sequence[Contact]) -> None:
        self._contacts = [contact for contact in contacts if contact.name.strip()]
        self._parts = {contact.name: _parts(contact.name) for contact in self._contacts}
        self._roles = {
            contact.name: role_keys(contact.role) | _title_keys(contact.name)
            for contact in self._contacts
        }

    @property
    def surnames(self) -> frozenset[str]:
        """Folded surnames of the contacts."""
        return frozenset(fold(parts[-1]) for parts in self._parts.values())

    @property
    def words(self) -> frozenset[str]:
        """Folded words of their names."""
        return frozenset(word for parts in self._parts.values() for word in map(fold, parts))

    def __bool__(self) -> bool:
        return bool(self._contacts)

    def mentions(self, speech: Speech) -> list[Mention]:
        """Contacts designated without doubt, in the order they are named."""
        tokens = words(speech)
        found = [*self._by_name(speech, tokens)]
        found += self._by_role(speech, tokens, {mention.contact.name for mention in found})
        return sorted(found, key=lambda mention: mention.start)

    def _by_name(self, speech: Speech, tokens: list[Word]) -> list[Mention]:
        found: list[Mention] = []
        used: set[int] = set()
        for index in range(len(tokens)):
            if index in used:
                continue
            for width in (3, 2, 1):
                chosen = tokens[index : index + width]
                if len(chosen) < width or any(word.breaks for word in chosen[:-1]):
                    continue
                matched = self._matching("".join(word.norm.rstrip("'") for word in chosen))
                if not matched:
                    continue
                contact = self._settled(matched, tokens, index, width)
                if contact is not None:
                    start = self._start(tokens, index)
                    found.append(_mention(speech, contact, start))
                    used |= set(range(index, index + width))
                    break
        return found

    def _start(self, tokens: list[Word], index: int) -> int:
        while index and tokens[index - 1].norm in TITLES | {"le", "la"} | frozenset(
            {} if not is_given(tokens[index - 1].norm) else {tokens[index - 1].norm}
        ):
            index -= 1
        return tokens[index].start

    def _matching(self, heard: str) -> list[Contact]:
        """Contacts whose surname, or whose given name, sounds like what was heard."""
        if len(heard) < 3:
            return []
        exact = [
            c
            for c in self._contacts
            if any(heard == fold(p).replace("-", "").replace(" ", "") for p in self._parts[c.name])
        ]
        if exact:
            return exact
        key = sound(heard)
        if len(key) < 3:
            return []
        alike = []
        for contact in self._contacts:
            surname = self._parts[contact.name][-1]
            other = sound(surname)
            near = key == other and heard[0] in (fold(surname)[0], "h")
            close = len(heard) > 5 and len(surname) > 5 and Levenshtein.distance(key, other) <= 1 \
                and heard[0] == fold(surname)[0] and Levenshtein.normalized_similarity(heard, _bare(surname)) > 0.8  # fmt: skip
            if near or close:
                alike.append(contact)
        return alike

    def _settled(
        self, matched: list[Contact], tokens: list[Word], index: int, width: int
    ) -> Contact | None:
        heard = "".join(word.norm for word in tokens[index : index + width])
        before = tokens[index - 1].norm if index else ""
        earlier = tokens[index - 2].norm if index > 1 else ""
        surname_only = [c for c in matched if not _is_given_of(heard, self._parts[c.name])]
        if not surname_only and len(matched) == 1:
            # A given name alone designates when nobody else has it and it is not part of another name.
            following = tokens[index + width] if index + width < len(tokens) else None
            parts = self._parts[matched[0].name]
            if (
                following
                and not tokens[index + width - 1].breaks
                and _could_be_surname(following, parts)
            ):
                return None
            return matched[0]
        if len(matched) == 1:
            contact = matched[0]
            given = fold(self._parts[contact.name][0])
            if (
                len(self._parts[contact.name]) > 1
                and is_given(before)
                and before != given
                and earlier not in TITLES
            ):
                if _bare(before) != _bare(given):
                    return None
            if not index and len(tokens) > 1 and heard in _ORDINARY:
                return None
            if heard in _ORDINARY and before not in TITLES and before != given:
                return None
            if _gender_clash(before, contact.name):
                return None
            return contact
        given_said = [c for c in matched if fold(self._parts[c.name][0]) in (before, earlier)]
        if len(given_said) == 1:
            return given_said[0]
        title = before
        if title in FEMININE | MASCULINE:
            of_gender = [c for c in matched if not _gender_clash(title, c.name)]
            sure = [c for c in of_gender if _gender(c.name)]
            if len(of_gender) == 1:
                return of_gender[0]
            if len(sure) == 1 and len(of_gender) == 1:
                return sure[0]
        if title in ("docteur", "dr", "maitre"):
            titled = [
                c
                for c in matched
                if re.search(
                    r"medec|docteur|dentist|chirurg|dr|avocat|notair|maitre|veterin",
                    fold(c.role + " " + c.name),
                )
            ]
            if len(titled) == 1:
                return titled[0]
        return None

    def _by_role(self, speech: Speech, tokens: list[Word], named: set[str]) -> list[Mention]:
        found = []
        for index, word in enumerate(tokens):
            key = ROLE_WORDS.get(word.norm)
            if key is None:
                continue
            before = [token.norm for token in tokens[max(0, index - 3) : index]]
            if word.norm in ("docteur", "chef", "sage", "gestion", "vente", "sinistre", "livraison", "formation",
                             "location", "travaux", "chantier", "cuisine", "divorce", "famille", "succession",
                             "immobilier", "magasin", "paye", "facturation", "informatique", "planning", "technique",
                             "ressources", "communication"):  # fmt: skip
                if not set(before) & {
                    "service",
                    "responsable",
                    "le",
                    "la",
                    "au",
                    "personne",
                    "charge",
                    "chef",
                    "directeur",
                    "directrice",
                }:
                    continue
                if word.norm not in ("docteur", "chef") and not set(before) & {
                    "service",
                    "responsable",
                    "charge",
                    "chef",
                    "directeur",
                    "directrice",
                }:
                    continue
            if not before or before[-1] not in {"le", "la", "l'", "votre", "au", "du", "service", "responsable", "de", "des",
                                                "en", "un", "une", "d'", "leur", "chef", "les", "mon", "ma"}:  # fmt: skip
                continue
            if (
                word.norm == "docteur"
                and index + 1 < len(tokens)
                and not word.breaks
                and tokens[index + 1].norm not in _AFTER_ROLE
            ):
                continue
            if before[-1] in ("mon", "ma", "un", "une") or re.search(
                r"\bje suis (?:le|la|l'|un|une)?\s*$", speech.folded[: word.start]
            ):
                continue
            matched = [c for c in self._contacts if key in self._roles[c.name]]
            qualified = [c for c in matched if self._qualified(c, tokens, index)]
            chosen = matched if len(matched) == 1 else qualified
            if len(chosen) == 1 and chosen[0].name not in named:
                mention = _mention(speech, chosen[0], tokens[max(0, index - 1)].start)
                if mention.addressed or mention.denied:
                    found.append(mention)
        if not found:
            found = self._by_words(speech, tokens, named)
        return found

    def _qualified(self, contact: Contact, tokens: list[Word], index: int) -> bool:
        around = {t.norm for t in tokens[max(0, index - 3) : index + 5]}
        extra = {
            w
            for w in re.findall(r"[a-z]+", fold(contact.role))
            if len(w) > 3 and w not in ROLE_FILLERS
        }
        return len(extra & around) >= 2

    def _by_words(self, speech: Speech, tokens: list[Word], named: set[str]) -> list[Mention]:
        """A role of words the table does not know ("sommelier")."""
        found = []
        for contact in self._contacts:
            wanted = stems(
                " ".join(
                    w
                    for w in re.findall(r"[a-z]+", fold(contact.role))
                    if w not in ROLE_FILLERS and w not in ROLE_WORDS
                )
            )
            if not wanted or contact.name in named:
                continue
            for index, word in enumerate(tokens):
                if len(word.norm) > 3 and stems(word.norm) & wanted and index:
                    others = [
                        c
                        for c in self._contacts
                        if c is not contact and stems(fold(c.role)) & stems(word.norm)
                    ]
                    mention = _mention(speech, contact, word.start)
                    reached = re.search(
                        r"\b(?:parler|joindre|voir|rencontrer|service|responsable|demander?|contacter)\b.{0,20}$",
                        speech.folded[: word.start],
                    )
                    if not others and reached:
                        found.append(mention)
                        break
        return found


_ORDINARY = frozenset(
    [
        "petit",
        "petite",
        "blanc",
        "blanche",
        "roux",
        "grand",
        "legrand",
        "rose",
        "roche",
        "riviere",
        "fontaine",
        "bois",
        "dubois",
        "moulin",
        "noir",
        "vert",
        "brun",
        "marin",
        "simon",
        "martin",
        "garnier",
        "leger",
        "leroy",
        "roi",
        "roy",
        "boucher",
        "boulanger",
        "fournier",
        "meunier",
        "charpentier",
        "barbier",
        "marchand",
        "berger",
        "chevalier",
        "leblanc",
        "lebon",
        "bon",
        "lebrun",
        "legros",
        "gros",
        "noel",
        "pascal",
        "vincent",
        "lambert",
        "page",
        "perrin",
        "maison",
        "mercier",
        "masson",
        "carpentier",
        "tessier",
        "jour",
        "jolie",
        "joly",
        "clair",
        "claire",
        "colin",
        "marchal",
        "prevost",
        "picard",
        "lombard",
        "besson",
        "comte",
        "duc",
        "sauvage",
        "poulain",
        "mouton",
        "lelievre",
        "renard",
        "loup",
        "merle",
        "cordier",
        "besse",
        "bonnet",
        "chapelle",
        "forest",
        "vallet",
        "vidal",
        "rey",
        "chauvin",
        "gay",
        "valet",
        "pasteur",
        "pelletier",
        "tisserand",
        "faure",
        "levy",
        "benoit",
    ]
)
_AFTER_ROLE = frozenset(
    [
        "c'",
        "j'",
        "il",
        "elle",
        "mon",
        "ma",
        "si",
        "est",
        "l'",
        "vous",
        "on",
        "concernant",
        "au",
        "directement",
        "lui",
        "s'",
        "pour",
        "et",
        "a",
        "de",
        "je",
        "qui",
        "que",
        "mais",
        "parce",
        "est",
        "me",
        "m'",
        "pourrait",
        "peut",
        "car",
        "ou",
        "si",
        "svp",
        "demain",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "donc",
        "directement",
    ]
)


def _mention(speech: Speech, contact: Contact, start: int) -> Mention:
    lead = speech.folded[:start]
    return Mention(contact, bool(ADDRESSING.search(lead)), bool(DENIED.search(lead)), start)


def _bare(text: str) -> str:
    return re.sub(r"[^a-z]", "", fold(text))


def _parts(name: str) -> tuple[str, ...]:
    """Given name and surname, titles dropped: "Dr Anne Le Goff" gives ("Anne", "Le Goff")."""
    pieces = [piece for piece in name.split() if fold(piece).strip(".") not in TITLES]
    if not pieces:
        pieces = name.split()
    if len(pieces) == 1:
        return (pieces[0],)
    if not is_given(fold(pieces[0])) and is_given(fold(pieces[-1])):
        return (pieces[-1], " ".join(pieces[:-1]))
    if (
        not is_given(fold(pieces[0]))
        and len(pieces) == 2
        and fold(pieces[0]) in ("le", "la", "de", "du")
    ):
        return (" ".join(pieces),)
    return (pieces[0], " ".join(pieces[1:]))


def _is_given_of(heard: str, parts: tuple[str, ...]) -> bool:
    return len(parts) > 1 and _bare(heard) == _bare(parts[0]) and _bare(heard) != _bare(parts[-1])


def _could_be_surname(word: Word, parts: tuple[str, ...]) -> bool:
    """Another surname follows the given name: it is somebody else."""
    if _bare(word.norm) == _bare(parts[-1]).removeprefix("") or sound(word.norm) == sound(
        parts[-1]
    ):
        return False
    return word.norm not in NAME_STOPS and (word.text[:1].isupper() or not ordinary(word.norm))


MALE_GIVEN = frozenset(
    [
        "adrien",
        "alain",
        "albert",
        "alexandre",
        "alexis",
        "andre",
        "antoine",
        "arnaud",
        "arthur",
        "aurelien",
        "baptiste",
        "bastien",
        "benjamin",
        "benoit",
        "bernard",
        "bertrand",
        "bruno",
        "cedric",
        "charles",
        "christian",
        "christophe",
        "clement",
        "cyril",
        "damien",
        "daniel",
        "david",
        "denis",
        "didier",
        "dimitri",
        "dominique",
        "edouard",
        "emile",
        "emmanuel",
        "enzo",
        "eric",
        "etienne",
        "fabien",
        "fabrice",
        "farid",
        "florent",
        "florian",
        "francis",
        "franck",
        "francois",
        "frederic",
        "gabriel",
        "gael",
        "gauthier",
        "georges",
        "gerard",
        "gilbert",
        "gilles",
        "gregory",
        "guillaume",
        "gustave",
        "guy",
        "hakim",
        "henri",
        "herve",
        "hugo",
        "hugues",
        "ibrahim",
        "jacques",
        "jean",
        "jeremy",
        "jerome",
        "joel",
        "jonathan",
        "jordan",
        "joseph",
        "julien",
        "justin",
        "karim",
        "kevin",
        "laurent",
        "leo",
        "leon",
        "lionel",
        "loic",
        "louis",
        "luc",
        "lucas",
        "ludovic",
        "malik",
        "manuel",
        "marc",
        "marcel",
        "martin",
        "mathieu",
        "mathis",
        "matthieu",
        "maurice",
        "maxime",
        "mehdi",
        "michael",
        "michel",
        "mickael",
        "mohamed",
        "nabil",
        "nathan",
        "nicolas",
        "noel",
        "norbert",
        "olivier",
        "oscar",
        "pascal",
        "patrice",
        "patrick",
        "paul",
        "philippe",
        "pierre",
        "quentin",
        "rachid",
        "raphael",
        "raymond",
        "regis",
        "remi",
        "remy",
        "rene",
        "richard",
        "robert",
        "robin",
        "roger",
        "roland",
        "romain",
        "samir",
        "samuel",
        "sebastien",
        "serge",
        "simon",
        "stephane",
        "steve",
        "sylvain",
        "theo",
        "theophile",
        "thibault",
        "thierry",
        "thomas",
        "tristan",
        "valentin",
        "victor",
        "vincent",
        "xavier",
        "yann",
        "yannick",
        "yassine",
        "yves",
        "hassan",
        "said",
        "youssef",
        "moussa",
        "mamadou",
        "gaspard",
        "leonard",
        "anatole",
    ]
)
NEUTRAL_GIVEN = frozenset(
    [
        "camille",
        "dominique",
        "claude",
        "maxime",
        "alix",
        "sacha",
        "charlie",
        "ange",
        "andrea",
        "morgan",
        "lou",
        "noa",
        "eden",
    ]
)


FEMININE_ENDING = re.compile(
    r"(?:ine|ette|elle|ie|a|nne|ise|ice|ene|ane|aine|ille|ee|rthe|oe|ude|ence|ance|ande|aure|ire)$"
)


def _gender(name: str) -> str | None:
    tokens = [fold(piece).strip(".") for piece in name.split()]
    if any(token in FEMININE for token in tokens):
        return "f"
    if any(token in MASCULINE for token in tokens):
        return "m"
    given = next((token.split("-")[0] for token in tokens if is_given(token.split("-")[0])), None)
    if given is None or given in NEUTRAL_GIVEN:
        return None
    if given in MALE_GIVEN:
        return "m"
    return "f" if FEMININE_ENDING.search(given) else None


def _gender_clash(title: str, name: str) -> bool:
    gender = _gender(name)
    return bool(gender) and (
        (title in FEMININE and gender == "m") or (title in MASCULINE and gender == "f")
    )


def _title_keys(name: str) -> frozenset[str]:
    """ "le docteur", "maître" said alone."""
    head = fold(name).split()[0].strip(".")
    return frozenset(
        {"dr": {"medecin"}, "docteur": {"medecin"}, "maitre": {"maitre"}}.get(head, set())
    )


def role_keys(role: str) -> frozenset[str]:
    """What a role answers to."""
    return frozenset(ROLE_WORDS[w] for w in re.findall(r"[a-z]+", fold(role)) if w in ROLE_WORDS)
