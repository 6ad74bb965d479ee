"""Which column of a FAQ holds what, by the headers that companies write.

A header is read whole first ("réponse", "mots-clés"), then by its head noun, which comes first in
French ("réponse à donner", "note interne") and last in English ("suggested answer"). Where a
header could be two things, it is what is never said to a caller: "réponse interne" is a note.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.documents.reading import Problem
from knowledge.wording import plain

_HEADER_SHOWN = 40
_HEADERS_SHOWN = 12

_WHOLE = {
    "id": (
        "id", "identifiant", "identifiant unique", "identifier", "ref", "reference", "numero",
        "num", "no", "n", "nr", "code", "code faq", "key", "cle", "unique id", "external id",
        "row", "ligne",
    ),
    "question": (
        "question", "questions", "intitule", "libelle", "demande", "requete", "query", "enquiry",
        "inquiry", "sujet", "objet", "titre", "title", "subject", "q", "probleme", "issue",
        "le client demande", "l appelant demande", "ce que demande le client",
        "ce que demande l appelant", "ce qu on nous demande", "on vous demande", "si on demande",
        "si l on demande", "si le client demande", "si l appelant demande", "caller asks",
        "customer asks", "what callers ask", "what customers ask", "they ask", "motif",
        "motif d appel", "motif de l appel", "situation", "faq",
    ),
    "answer": (
        "answer", "answers", "reponse", "reponses", "response", "responses", "reply", "replies",
        "a repondre", "que repondre", "quoi repondre", "repondre", "vous repondez",
        "ce qu il faut repondre", "ce que vous repondez", "ce qu il faut dire", "a dire",
        "que dire", "quoi dire", "dire", "what to say", "what to answer", "say", "you say",
        "elements de reponse", "element de reponse", "elements de langage", "texte", "contenu",
        "content", "text", "body", "solution", "discours", "script", "r", "a", "description",
        "explication", "information", "informations",
    ),
    "tags": (
        "tags", "tag", "etiquettes", "etiquette", "mots cles", "mots clefs", "mot cle", "mot clef",
        "keywords", "keyword", "key words", "categorie", "categories", "sous categorie",
        "sous categories", "category", "subcategory", "sub category", "theme", "themes",
        "thematique", "thematiques", "rubrique", "rubriques", "topic", "topics", "famille",
        "section", "domaine", "label", "labels",
    ),
    "alternatives": (
        "alternatives", "alternative", "variantes", "variante", "variants", "variant",
        "variations", "formulations", "formulation", "reformulations", "reformulation",
        "synonymes", "synonyme", "synonyms", "wordings", "wording", "phrasings", "utterances",
        "paraphrases", "paraphrase", "autrement dit", "aussi demande", "also asked",
        "also asked as",
        "autres facons de demander", "autres facons de le dire",
        "autres facons de poser la question",
        "other ways to ask", "other ways of asking",
    ),
    "note": (
        "note", "notes", "consigne", "consignes", "remarque", "remarques", "remark", "remarks",
        "commentaire", "commentaires", "comment", "comments", "observation", "observations",
        "memo", "attention", "interne", "internal", "usage interne", "internal use",
        "for internal use", "internal only", "confidentiel", "confidential", "ne pas dire",
        "a ne pas dire", "ne pas communiquer", "a ne pas communiquer", "do not say",
        "not to be said", "pour l operateur", "pour l operatrice", "pour les operateurs",
        "pour vous", "for the operator", "for operators",
    ),
    "valid_from": (
        "valable du", "valable a partir du", "valable depuis", "valable des le", "valide du",
        "valide a partir du", "a partir du", "debut", "date debut", "date de debut",
        "debut de validite", "date de debut de validite", "validite debut", "date d effet",
        "en vigueur le", "du", "valid from", "valid since", "validity start", "from", "from date",
        "start", "start date", "starts", "starts on", "effective date", "effective from",
    ),
    "valid_until": (
        "valable jusqu au", "valable jusqu a", "valable au", "valide jusqu au", "valide au",
        "jusqu au", "fin", "date fin", "date de fin", "fin de validite",
        "date de fin de validite", "validite fin", "expiration", "date d expiration", "expire le",
        "date limite", "au", "valid until", "valid till", "valid through", "valid to",
        "validity end", "until", "to", "to date", "end", "end date", "ends", "ends on", "expires",
        "expires on", "expiry", "expiry date", "expiration date",
    ),
    "links": (
        "liens", "lien", "lien utile", "liens utiles", "lien web", "lien internet", "links",
        "link", "useful links", "url", "urls", "adresse web", "adresse internet",
        "adresse de la page",
        "page web", "web page", "webpage", "site", "site web", "website", "en savoir plus",
        "read more", "see also", "voir aussi",
    ),
}  # fmt: skip

_FIRST = {
    "alternatives": "variante variantes variant variants formulation formulations reformulation"
    " reformulations synonyme synonymes synonyms paraphrases",
    "note": "note notes remarque remarques commentaire commentaires comment comments memo consigne"
    " consignes",
    "answer": "reponse reponses answer answers response reply",
    "question": "question questions",
    "tags": "tag tags etiquette etiquettes categorie categories category theme themes thematique"
    " rubrique keywords mots",
    "links": "lien liens link links url",
}
_LAST = {
    "alternatives": "wordings wording phrasing phrasings formulation formulations variants",
    "note": "note notes comment comments remark remarks memo",
    "answer": "answer answers reponse reponses response reply",
    "question": "question questions",
    "tags": "tags keywords category categories topic",
    "links": "link links url",
}
_HEADS = {column: frozenset(nouns.split()) for column, nouns in _FIRST.items()}
_TAILS = {column: frozenset(nouns.split()) for column, nouns in _LAST.items()}
_OTHER = {
    "autre", "autres", "alternative", "alternatives", "similaire", "similaires", "equivalente",
    "equivalentes", "other", "similar", "related",
}  # fmt: skip
_INTERNAL = {"interne", "internes", "internal"}
_IDENTITY = {"id", "identifiant", "ref", "reference"}
_ABOUT = {
    "date", "dates", "auteur", "author", "par", "by", "statut", "status", "etat", "version",
    "nombre", "nb", "count", "number", "langue", "language", "maj", "modifie", "modifiee", "cree",
    "creee", "created", "updated", "modified", "score", "priorite", "priority", "rang", "ordre",
    "order", "vues", "views", "votes", "oui", "non",
}  # fmt: skip
"""Words of a header that speaks of a question or an answer, and does not hold it."""
_HEADER_CHARS = 200
_HEADER_WORDS = 7
"""A longer cell is a sentence: of data, not the name of a column."""

SEVERAL = ("tags", "alternatives", "note", "links")
"""What may be spread over several columns: `variante 1`, `variante 2`."""


def columns_of(header: Sequence[str]) -> dict[str, list[int]]:
    """The cells that hold each thing, in order; one each but for those of `SEVERAL`."""
    names = [_words(cell) for cell in header]
    columns = {column: _written_whole(column, names) for column in _WHOLE}
    taken = {at for found in columns.values() for at in found}
    for at, name in enumerate(names):
        column = None if at in taken else _by_head(name)
        if column and (column in SEVERAL or not columns[column]):
            columns[column].append(at)
    return {column: sorted(found) for column, found in columns.items() if found}


def unread_of(header: Sequence[str]) -> list[str]:
    """The headers that say nothing to us, as they are written."""
    read = {at for found in columns_of(header).values() for at in found}
    return [cell.strip() for at, cell in enumerate(header) if cell.strip() and at not in read]


def _words(cell: str) -> tuple[str, ...]:
    """The words of a header, without what stands in brackets: `Réponse (400 signes max.) *`."""
    said = plain(cell[:_HEADER_CHARS]).strip()
    if said == "#":
        return ("n",)
    bare = re.sub(r"\(.*?\)|\[.*?\]", " ", said)
    return tuple(re.findall(r"[^\W_]+", bare)) or tuple(re.findall(r"[^\W_]+", said))


def _written_whole(column: str, names: Sequence[tuple[str, ...]]) -> list[int]:
    """Where the column's own names stand: the surest, or all of what may be several."""
    known, several = _WHOLE[column], column in SEVERAL
    said = [" ".join(_unnumbered(name) if several else name) for name in names]
    found = sorted((known.index(name), at) for at, name in enumerate(said) if name in known)
    return [at for _, at in (found if several else found[:1])]


def _unnumbered(name: tuple[str, ...]) -> tuple[str, ...]:
    return name[:-1] if len(name) > 1 and name[-1].isdigit() else name


def _by_head(name: tuple[str, ...]) -> str | None:
    """What a header of several words names, or None."""
    words = _unnumbered(name)
    said = set(words)
    if not 1 < len(words) <= _HEADER_WORDS or any(word.isdigit() for word in words):
        return None
    if said & _IDENTITY and len(words) <= 3:
        return "id"
    if words[:2] in (("ne", "pas"), ("do", "not")) or said & _INTERNAL:
        return "note"
    if said & _ABOUT or words[0] == "type":
        return None
    if said & _OTHER:
        asks = said & (_HEADS["question"] | _HEADS["alternatives"] | _TAILS["alternatives"])
        return "alternatives" if asks else None
    first = (column for column, nouns in _HEADS.items() if words[0] in nouns)
    last = (column for column, nouns in _TAILS.items() if words[-1] in nouns)
    return next(first, None) or next(last, None)


def unread_told(unread: Sequence[str], line: int, place: str) -> Problem:
    """That columns are left out, and what could be taken."""
    shown = [cell[:_HEADER_SHOWN] for cell in unread[:_HEADERS_SHOWN]]
    more = "…" if len(unread) > _HEADERS_SHOWN else ""
    several = len(unread) > 1
    return Problem(
        code="unread_columns",
        left_out=True,
        line=line,
        place=place,
        french=f"{'Colonnes laissées' if several else 'Colonne laissée'} de côté : "
        + ", ".join(f"« {cell} »" for cell in shown)
        + f"{more}. Renommez ce qui doit être repris : question, réponse, mots-clés, variantes,"
        " note, valable du, valable jusqu'au, liens.",
        english=f"{'Columns' if several else 'Column'} left out: "
        + ", ".join(f'"{cell}"' for cell in shown)
        + f"{more}. Rename what is to be taken: question, answer, tags, alternatives, note,"
        " valid from, valid until, links.",
    )
