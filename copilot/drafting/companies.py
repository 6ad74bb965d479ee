"""The company a caller speaks for."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.drafting.lexicon import GIVEN_NAMES, NAME_STOPS, TITLES
from copilot.drafting.lexicon.houses import HOUSES
from copilot.drafting.people.reader import Mention
from copilot.drafting.speech import Speech, Word, fold, words
from copilot.drafting.spelling import titled
from models.entities import french_lexicon

GENERIC = "societe|entreprise|boite|firme|compagnie|sarl|sas|eurl|start-up|startup|enseigne|marque"
KINDS = (
    "garage|cabinet|mairie|boulangerie|pharmacie|restaurant|hotel|agence|etude|clinique|hopital"
    "|laboratoire|labo|institut|atelier|ateliers|transports|menuiserie|plomberie|etablissements"
    "|ets|groupe|association|ecole|college|lycee|creche|ehpad|residence|syndic|banque|assurances"
    "|assurance|mutuelle|librairie|magasin|boutique|salon|imprimerie|domaine|chateau|ferme"
    "|fromagerie|boucherie|brasserie|bistrot|auberge|camping|centre|maison|office|federation"
    "|fondation|comite|conseil|tribunal|prefecture|caisse|service|editions|jardinerie|pepiniere"
    "|pepinieres|fleuriste|carrosserie|scierie|toitures|couverture|electricite|chauffage|batiments"
    "|batiment|construction|constructions|architecture|immobiliere|immobilier|theatre|musee"
    "|cooperative|coop|scierie|patisserie|traiteur|epicerie|optique|opticien|cave|caves|chocolaterie"
)
INTRO = (
    r"(?:(?:c'est|je suis|ici|bonjour|bonsoir|appareil|je vous appelle|j'appelle|je vous contacte"
    r"|je vous telephone|je travaille|je represente|je vous rappelle|je m'occupe|allo|je telephone"
    r"|je me permets|m'appelle|pour le compte|au nom|de la part|mon nom|nous sommes|on est|je gere"
    r"|responsable|directeur|directrice|gerant|gerante|comptable|assistante?|secretaire"
    r"|service \w+|commerciale?|moi c'est|technicienne?)\b[^.?!;]{0,70}?)"
)
PATTERNS = (
    re.compile(
        rf"(?:^|{INTRO})\b(?:(?:de|pour|chez|dans|a) (?:la |l'|le |les |une? )?|d'une? |, ?|(?:la|l'|une?) )?"
        rf"\b(?:{GENERIC})\b(?: de \w+age)?(?: qui s'appelle)? (?P<name>.+)$"
    ),
    re.compile(
        rf"(?:^|{INTRO})\b(?:de |pour |d')?chez (?!(?:madame|monsieur|mademoiselle|mme|mr|moi|nous|elle|lui|eux)\b)(?P<name>.+)$"
    ),
    re.compile(
        rf"(?:^|{INTRO})\b(?P<article>de la |de l'|du |des |de |d'un |d'une |la |le |l'|les |pour la "
        rf"|pour le |pour l'|au |a la |a l'|, ?)(?P<name>(?:{KINDS})\b.+)$"
    ),
    re.compile(
        rf"^(?:(?:oui|bonjour|bonsoir|allo|ouais|salut|madame|monsieur)[ ,.]+)*(?:ici |c'est |de )?(?:la |le |l'|les )?(?P<name>(?:{KINDS}|{HOUSES})\b.+)$"
    ),
)
PRIVATE = re.compile(
    r"\b(?:a titre (?:personnel|prive)|en tant que particulier|je suis (?:un |une )?particulier"
    r"|c'est (?:personnel|pour moi)|pas (?:de|pour une?) (?:societe|entreprise)|aucune societe"
    r"|pas au nom de la societe|a mon nom personnel)\b"
)
STOPS = NAME_STOPS - frozenset(
    ["de", "d'", "du", "des", "la", "le", "les", "l'", "et", "au", "aux", "maison", "cabinet", "societe", "sur", "un", "deux", "trois", "en", "fils", "plus", "meme", "entreprise", "freres", "frere", "soeurs", "avocat", "avocats"]
) | frozenset(["pourquoi", "suite", "besoin", "intervient", "rappelle", "auriez", "pouvez", "pourriez", "serait", "aurais", "cherche", "souhaite", "souhaiterais", "aimerais", "dois", "viens", "essaie", "essaye", "vos", "trouve", "propose", "proposons", "svp", "situe", "situee", "installe", "installee", "base", "basee", "travaille", "livre", "livree", "faut", "vends", "contacte", "telephone", "ouvre", "fournisseur", "prestataire"])  # fmt: skip
LINKS = frozenset(
    ["de", "d'", "du", "des", "la", "le", "les", "l'", "et", "au", "aux", "&", "en", "sur", "a"]
)
NOT_A_NAME = frozenset(
    [
        "vous",
        "moi",
        "nous",
        "elle",
        "lui",
        "eux",
        "de",
        "mon",
        "ma",
        "notre",
        "votre",
        "qui",
        "que",
        "il",
    ]
)


PERSONAL = re.compile(
    r"\b(?:je|j'|c'est|on|nous|vous|il|elle|suis|pour|votre|ici|appareil|merci|madame|monsieur|service)(?:\b|(?<='))"
)
AFTER_NAME = re.compile(
    rf"[\s,]*(?:de la |de l'|du |des |de |d'|pour |la |le |l')?\s*(?:(?:societe|entreprise|enseigne)\s+)?(?P<name>(?:(?<=societe )|(?<=entreprise )|(?<=enseigne )|(?:{KINDS}|{HOUSES})\b).*)$"
)


def words_from(speech: Speech, starts: Sequence[int]) -> set[str]:
    """The words up to the next pause, from each of the given offsets."""
    return {
        word
        for start in starts
        for word in re.findall(r"[a-z']+", re.split(r"[,.?!]", speech.folded[start:])[0])
    }


def company(
    speech: Speech, client: str, *, starts: Sequence[int] = (), after: Sequence[int] = ()
) -> str | None:
    """The company an utterance gives as the caller's own, or None.

    `starts` and `after` are the offsets where the caller's own name starts and ends: a company may
    stand right before or follow at once.
    """
    piece = re.match(
        r"(?:(?:oui|allo|bonjour|bonsoir|madame|monsieur)[\s,.!]+)*([^,.?!]{4,40}),\s",
        speech.folded,
    )
    if (
        piece
        and any(start == piece.end() for start in starts)
        and not re.search(PERSONAL, piece[1])
    ):
        name = extent(speech, piece.start(1))
        said = set(fold(name).split()) if name else set()
        if name and fold(name) not in GIVEN_NAMES and not said <= words_from(speech, starts):
            return name
    for offset in after:
        follows = AFTER_NAME.match(speech.folded, offset)
        if follows:
            name = extent(speech, follows.start("name"))
            if name and " " in name and not fold(name).startswith("service"):
                return name
    for pattern in PATTERNS:
        for match in pattern.finditer(speech.folded):
            name = extent(speech, match.start("name"))
            bare = name is not None and re.fullmatch(f"{KINDS}|{HOUSES}", fold(name))
            reached = re.search(r"\bsuis bien (?:au|a|chez)\b", speech.folded)
            if bare or reached:
                continue
            if _of_a_thing(speech.folded, match) or _subject(speech.folded, match):
                continue
            if name and fold(name) != fold(client) and not _of_others(speech.folded, match):
                if fold(name).startswith("service "):
                    inner = re.search(
                        rf"\b(?:{KINDS.replace('|service', '')})\b.*$",
                        speech.folded[match.start("name") + 8 :],
                    )
                    shift = match.start("name") + 8
                    name = extent(speech, shift + inner.start()) if inner else None
                if name:
                    return name
    return None


ROLES = frozenset(
    [
        "responsable",
        "directeur",
        "directrice",
        "gerant",
        "gerante",
        "comptable",
        "secretaire",
        "assistant",
        "assistante",
        "commercial",
        "commerciale",
        "technicien",
        "technicienne",
        "accueil",
        "gestionnaire",
        "president",
        "presidente",
        "avocat",
        "avocate",
        "notaire",
        "patron",
        "patronne",
        "chef",
        "part",
        "nom",
        "compte",
        "appareil",
        "telephone",
        "infirmier",
        "infirmiere",
        "medecin",
        "clerc",
        "employe",
        "employee",
        "charge",
        "chargee",
        "conseiller",
        "conseillere",
        "maire",
        "adjoint",
        "adjointe",
        "intendante",
        "intendant",
        "economat",
        "cuisinier",
        "professeur",
        "proprietaire",
        "bonjour",
        "bonsoir",
        "fleuriste",
        "livreur",
        "chauffeur",
    ]
)


INSIDE = frozenset(
    [
        "dans",
        "sur",
        "devant",
        "derriere",
        "sous",
        "vers",
        "pres",
        "contre",
        "toute",
        "tout",
        "entre",
        "jusqu",
    ]
)


def _of_a_thing(folded: str, match: re.Match[str]) -> bool:
    """ "Le portail du garage": what belongs to a place is not who calls from it."""
    groups = match.groupdict()
    article = (groups.get("article") or "").strip()
    preceding = (
        re.findall(r"[a-z]+", folded[: match.start("article")])[-1:] if "article" in groups else []
    )
    if preceding and preceding[0] in INSIDE:
        return True
    if article not in ("de la", "de l'", "du", "des", "de"):
        return False
    before = re.findall(r"[a-z]+", folded[: match.start("article")])
    if len(before) < 2 or before[-2] not in (
        "le",
        "la",
        "l",
        "les",
        "un",
        "une",
        "mon",
        "ma",
        "votre",
    ):
        return False
    return (
        before[-1] not in ROLES and before[-1] not in GIVEN_NAMES and before[-1] in french_lexicon()
    )


def _subject(folded: str, match: re.Match[str]) -> bool:
    """ "Et la clinique réclame": no preposition, and not right after what introduces a caller."""
    if (match.groupdict().get("article") or "").strip() not in ("la", "le", "l'", "les"):
        return False
    return not INTRODUCED.search(folded[: match.start("article")])


INTRODUCED = re.compile(
    r"(?:^\s*$|\b(?:c'est|suis|ici|bonjour|bonsoir|allo|oui|appareil|appelle|pour|represente|gere|occupe|madame|monsieur)[ ,.]*$)"
)


def _of_others(folded: str, match: re.Match[str]) -> bool:
    """ "une facture de la société X" names somebody else."""
    lead = folded[max(match.start(), match.start("name") - 60) : match.start("name")]
    inner = re.sub(
        r"^(?:c'est|je suis|ici|bonjour|bonsoir|je vous appelle|j'appelle|je vous contacte|je vous telephone|je travaille|je represente|moi c'est|je me permets|allo)\b",
        "",
        lead,
    )
    inner = re.sub(
        r"\b(?:c'est|je suis|j'appelle|je vous appelle|je vous contacte|je m'appelle|je travaille|a l'appareil|moi c'est|et|ici|je me permets|de la part|mon nom)\b",
        " ",
        inner,
    )
    if re.search(
        r"\b(?:j'|je|on|il|elle|ai|a|est|plus|pas|qui|que|n'|n|ma|mon|mes|sa|son|avez|l'achat|achat|vente|suis|sont|au sujet|sujet|vers|depuis)\b",
        inner,
    ):
        return True
    return bool(
        re.search(
            r"\b(?:facture|devis|colis|courrier|lettre|livraison|appel|recu|contre|avec|passe"
            r"|rendez-vous|locataire|commande\w*|travaux|parler|joindre|message|ancienne?"
            r"|vendu|achete|intervenu|envoye|adresse|rdv|voudrais|aimerais|souhaite\w*"
            r"|numero|probleme|fuite|habite|demande\w*)\b",
            lead,
        )
    )


def answered_company(speech: Speech) -> str | None:
    """The company a whole answer to "quelle société ?" gives."""
    preface = re.match(
        r"^(?:(?:oui|alors|donc|c'est|la|le|les|l'|societe|entreprise|je suis|de|du|des|chez|je"
        r"|travaille|pour|d'accord|bien sur|ah)\b[\s,:]*|')*",
        speech.folded,
    )
    start = preface.end() if preface else 0
    kind = re.search(rf"\b(?:{KINDS}|{HOUSES})\b", speech.folded)
    if kind and kind.start() < start:
        start = kind.start()
    return extent(speech, start)


def extent(speech: Speech, start: int) -> str | None:
    """The name from `start` to the first word that cannot belong to it."""
    tokens = [word for word in words(speech) if word.start >= start]
    taken: list[Word] = []
    for index, word in enumerate(tokens[:7]):
        if word.norm in STOPS or (word.norm in TITLES and index):
            break
        if index == 0 and word.norm in NOT_A_NAME:
            return None
        if word.norm in ("a", "en", "sur", "un", "une") and not taken:
            return None
        if _goes_on(word, taken):
            break
        if word.norm in ("a", "en"):
            break
        if word.norm == "service" and index >= 2:
            break
        follows = [token.norm in STOPS for token in tokens[index + 1 : index + 3]]
        if index >= 2 and word.norm in GIVEN_NAMES and follows == [False, True]:
            break
        taken.append(word)
        if word.breaks or (
            index and word.norm in ("fils", "associes", "freres", "cie", "associees")
        ):
            break
    while taken and taken[-1].norm in LINKS:
        taken.pop()
    while taken and taken[0].norm in ("la", "le", "les", "l'") and taken[0].text.islower():
        taken = taken[1:]
        if len(taken) == 1 and taken[0].text.islower() and taken[0].norm in french_lexicon():
            return None  # "chez le coiffeur"
    if not taken or (taken[0].norm.isdigit() and len(taken) == 1):
        return None
    return _shown(taken)


def _goes_on(word: Word, taken: Sequence[Word]) -> bool:
    """ "Fromagerie des Trois Vallées | le groupe a disjoncté": the sentence goes on."""
    begins = word.norm in ("le", "la", "les", "l'", "un", "une") and word.text.islower()
    if not begins or len(taken) < 2 or taken[-1].norm in LINKS:
        return False
    rare = any(part.norm not in french_lexicon() for part in taken[1:] if part.norm not in LINKS)
    return rare or len(taken) > 3 or word.norm in ("un", "une")


def _shown(taken: list[Word]) -> str:
    text = ""
    for index, word in enumerate(taken):
        shown = word.text
        if shown.islower() and word.norm not in LINKS:
            shown = titled(shown)
        text += shown
        if index + 1 < len(taken) and not word.norm.endswith("'"):
            gap = word.gap.strip(" ")
            text += gap if gap in ("-", "&") else (" & " if "&" in word.gap else " ")
    return text


def without_person(company: str | None, found: Sequence[Mention]) -> str | None:
    """ "Pharmacie des Remparts Stéphane Angot": a whole name at the end is its bearer's."""
    for name in found:
        if company and name.given and name.surname and name.strong:
            at = fold(company).rfind(fold(name.value))
            company = company[:at].rstrip(" ,") if at > 0 else company
    return company
