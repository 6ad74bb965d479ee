"""E-mail addresses said aloud: "jean tiret dupont arobase laposte point net"."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501, SIM102

from __future__ import annotations

import re
from dataclasses import dataclass

from copilot.drafting.numbers import NUMBER_WORDS, digit_readings
from copilot.drafting.speech import Speech, Word, fold, words
from copilot.drafting.spelling import LETTER_NAMES

AT = frozenset({"arobase", "arobas", "arrobase", "arobaze", "arobace", "arobasse", "arrobas",
                "arobases", "@", "at", "aroba", "arobe"})  # fmt: skip
SEPARATORS = {
    ("tiret", "du", "bas"): "_", ("tiret", "bas"): "_", ("tiret", "du", "8"): "_",
    ("tiret", "du", "huit"): "_", ("tiret", "du", "six"): "-", ("tiret", "du", "6"): "-",
    ("tiret", "du", "milieu"): "-", ("trait", "d'", "union"): "-", ("under", "score"): "_",
    ("underscore",): "_", ("souligne",): "_", ("tiret",): "-", ("moins",): "-", ("dash",): "-",
    ("point",): ".", ("dot",): ".", ("plus",): "+", ("slash",): "/", ("tirets",): "-",
    ("poing",): ".", ("points",): ".",
}  # fmt: skip
TLDS = frozenset(["fr", "com", "net", "org", "eu", "be", "ch", "lu", "info", "io", "pro", "biz", "immo", "paris", "bzh", "corsica", "invalid", "example", "re", "gouv", "edu", "co", "uk", "de", "es", "it"])  # fmt: skip
SPOKEN_TLD = {
    ("f", "r"): "fr", ("effe", "erre"): "fr", ("b", "e"): "be", ("c", "h"): "ch",
    ("c", "o", "m"): "com", ("come",): "com", ("comme",): "com", ("net",): "net", ("nette",): "net",
    ("e", "u"): "eu", ("l", "u"): "lu", ("o", "r", "g"): "org", ("ferre",): "fr", ("frr",): "fr",
}  # fmt: skip
PROVIDERS = {
    ("g", "mail"): "gmail", ("j", "mail"): "gmail", ("jmail",): "gmail", ("gemail",): "gmail",
    ("gmel",): "gmail", ("g", "mel"): "gmail", ("hot", "mail"): "hotmail",
    ("otmail",): "hotmail", ("out", "look"): "outlook", ("aoutlook",): "outlook",
    ("la", "poste"): "laposte", ("ya", "hou"): "yahoo", ("yahou",): "yahoo", ("ya", "hoo"): "yahoo",
    ("wana", "doo"): "wanadoo", ("wanadou",): "wanadoo", ("oinadou",): "wanadoo",
    ("s", "f", "r"): "sfr", ("esse", "effe", "erre"): "sfr", ("i", "cloud"): "icloud",
    ("aicloud",): "icloud", ("a", "o", "l"): "aol", ("bouygues",): "bbox", ("b", "box"): "bbox",
    ("proton", "mail"): "protonmail", ("neuf",): "neuf", ("club", "internet"): "club-internet",
    ("numeri", "cable"): "numericable", ("live",): "live", ("m", "s", "n"): "msn",
    ("hotmel",): "hotmail", ("orange",): "orange", ("oranges",): "orange", ("free",): "free",
    ("fri",): "free", ("gmail",): "gmail", ("wanado",): "wanadoo",
}  # fmt: skip
NEVER_LOCAL = frozenset(
    [
        "mail",
        "accord",
        "d'accord",
        "ok",
        "ouais",
        "volontiers",
        "email",
        "mel",
        "e-mail",
        "adresse",
        "courriel",
        "est",
        "c'est",
        "c'",
        "sur",
        "a",
        "au",
        "aux",
        "pour",
        "par",
        "merci",
        "donc",
        "voila",
        "alors",
        "oui",
        "non",
        "bonjour",
        "ecrire",
        "ecrivez",
        "envoyer",
        "envoyez",
        "m'",
        "me",
        "moi",
        "vous",
        "mon",
        "ma",
        "votre",
        "son",
        "notre",
        "suis",
        "electronique",
        "internet",
        "alors",
        "dis",
        "vais",
        "donner",
        "donne",
        "notez",
        "note",
        "aussi",
        "sinon",
        "et",
        "ou",
        "je",
        "l'",
        "repondre",
        "repondez",
        "possible",
        "ecoutez",
        "arobase",
        "marque",
        "marquez",
        "mettez",
        "pareil",
        "suivante",
        "suivant",
        "plutot",
        "pardon",
        "finalement",
        "minuscule",
        "minuscules",
        "que",
        "qu'",
        "ecrit",
        "serait",
        "sera",
        "ce",
        "personnelle",
        "perso",
        "pro",
        "professionnelle",
        "joindre",
        "contacter",
        "ca",
        "il",
        "elle",
        "s'",
        "dire",
        "confirme",
        "confirmation",
        "devis",
        "document",
        "documents",
        "facture",
        "tapez",
        "enfin",
        "pas",
        "faut",
        "adresses",
        "prenez",
        "suffit",
        "suffira",
        "suffirait",
        "mieux",
        "simple",
    ]
)
GLUE = frozenset(["tout", "attache", "attachee", "attaches", "colle", "collee", "ensemble"])
SKIPPED = frozenset({"minuscule", "minuscules", "majuscule", "donc", "alors"})
HESITATIONS = frozenset({"euh", "heu"})
ASIDES = frozenset(
    {("tout", "court"), ("sans", "accent"), ("sans", "accents"), ("sans", "espace")}
    | {("sans", "espaces"), ("sans", "majuscule"), ("sans", "majuscules")}
)
"""How something is written, and no part of it."""
CREDIBLE = re.compile(r"^[a-z0-9][a-z0-9._+-]*@[a-z0-9-]+(\.[a-z0-9-]+)+$")


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address and where it was said."""

    start: int
    end: int
    value: str


def addresses(speech: Speech) -> list[Address]:
    """E-mail addresses of an utterance, lower case without accents."""
    tokens = _dictated(words(speech))
    found = []
    for index, word in enumerate(tokens):
        if word.norm in AT and not (word.norm == "at" and index == 0):
            address = _around(tokens, index)
            if address is not None:
                found.append(address)
    return found


def domain_correction(speech: Speech) -> str | None:
    """A domain said alone: "non, free point fr"."""
    tokens = _dictated(words(speech))
    best = None
    for index in range(len(tokens)):
        domain, end = _domain(tokens, index)
        if domain is None or end <= index + 1:
            continue
        host = domain.split(".")[0]
        if host in PROVIDERS.values():
            negated = index and tokens[index - 1].norm == "pas"
            if not negated:
                best = domain
    return best


def _dictated(tokens: list[Word]) -> list[Word]:
    """The words without hesitations and asides: "vélo tout court, sans accent"."""
    kept: list[Word] = []
    index = 0
    while index < len(tokens):
        pair = tuple(word.norm for word in tokens[index : index + 2])
        if pair in ASIDES:
            index += 2
            continue
        if pair[0] not in HESITATIONS:
            kept.append(tokens[index])
        index += 1
    return kept


def _around(tokens: list[Word], at: int) -> Address | None:
    domain, end = _domain(tokens, at + 1)
    if domain is None:
        return None
    start, local = _local(tokens, at)
    if not local:
        return None
    value = f"{local}@{domain}"
    if not CREDIBLE.match(value):
        return None
    return Address(tokens[start].start, tokens[end - 1].end, value)


def _separator(tokens: list[Word], at: int) -> tuple[str, int] | None:
    norms = [token.norm for token in tokens[at : at + 3]]
    for size in (3, 2, 1):
        mark = SEPARATORS.get(tuple(norms[:size]))
        if mark is not None and len(norms) >= size:
            return mark, size
    return None


def _domain(tokens: list[Word], start: int) -> tuple[str | None, int]:
    """The domain from `start`: (text or None, index after it)."""
    labels: list[str] = []
    current = ""
    index = start
    while index < len(tokens):
        separator = _separator(tokens, index)
        if separator and current and separator[0] == ".":
            top, taken = _top_level(tokens, index + separator[1])
            labels.append(current)
            current = ""
            if top and not _goes_on(tokens, index + separator[1] + taken):
                domain = ".".join([*labels, top])
                return domain, index + separator[1] + taken
            index += separator[1]
            continue
        if separator and current and separator[0] in "-_":
            current += "-"
            index += separator[1]
            continue
        if "." in tokens[index - 1].gap and current and index > start and not labels:
            top, taken = _top_level(tokens, index)
            if top and tokens[index - 1].gap == ".":
                return f"{current}.{top}", index + taken
        provider = _provider(tokens, index)
        if provider:
            current += provider[0]
            index += provider[1]
            continue
        piece, taken = _piece(tokens, index)
        elsewhere = tokens[index].norm in NEVER_LOCAL - {"la"}
        if not piece or (elsewhere and not _separator(tokens, index + taken)):
            break
        if current and tokens[index - 1].breaks and tokens[index - 1].gap != ".":
            break
        current += piece
        index += taken
        if index - start > 12:
            break
    if not labels and current == "gmail":
        return "gmail.com", index
    return None, start


def _goes_on(tokens: list[Word], at: int) -> bool:
    """What may be an ending is not the last part: "impots point gouv point fr"."""
    separator = _separator(tokens, at)
    return bool(separator and separator[0] == "." and _top_level(tokens, at + separator[1])[0])


def _top_level(tokens: list[Word], at: int) -> tuple[str, int]:
    norms = [token.norm.rstrip("'") for token in tokens[at : at + 3]]
    for size in (3, 2, 1):
        spoken = SPOKEN_TLD.get(tuple(norms[:size])) if len(norms) >= size else None
        if spoken:
            return spoken, size
    if norms and norms[0] in TLDS:
        return norms[0], 1
    return "", 0


def _provider(tokens: list[Word], at: int) -> tuple[str, int] | None:
    norms = [token.norm.rstrip("'") for token in tokens[at : at + 3]]
    for size in (3, 2, 1):
        name = PROVIDERS.get(tuple(norms[:size])) if len(norms) >= size else None
        if name:
            return name, size
    return None


def _piece(tokens: list[Word], at: int) -> tuple[str, int]:
    """One element of an address: digits, a spelled letter, a doubled letter, a word."""
    word = tokens[at]
    norm = word.norm.rstrip("'")
    follow = tokens[at + 1].norm if at + 1 < len(tokens) else ""
    if norm in ("deux", "double", "2") and len(follow) == 1 and follow.isalpha():
        if norm == "double" and follow == "v":
            return "w", 2
        return follow * 2, 2
    if norm.isdigit():
        return norm, 1
    if norm in NUMBER_WORDS:
        end = at
        group = []
        while end < len(tokens) and tokens[end].norm in NUMBER_WORDS | {"et"}:
            group.append(tokens[end].norm)
            end += 1
        if group[-1] == "et":
            group.pop()
            end -= 1
        readings = digit_readings([group])
        return (readings[0], len(group)) if readings else ("", 0)
    if norm == "i" and follow == "grec":
        return "y", 2
    if norm.isalpha() and follow == "comme" and at + 2 < len(tokens):
        if tokens[at + 2].norm.startswith(LETTER_NAMES.get(norm, norm)[0]):
            return LETTER_NAMES.get(norm, norm)[0], 3
    if norm in ("effe", "erre", "esse", "enne", "emme", "ixe", "zede", "ache"):
        return LETTER_NAMES[norm], 1
    return fold(norm), 1


def _local(tokens: list[Word], at: int) -> tuple[int, str]:
    """The part before the at sign: walk back to a word that cannot belong to it."""
    start = at
    while start > 0:
        word = tokens[start - 1]
        if word.norm in AT:
            break
        if word.norm in NEVER_LOCAL:
            # "à a point menager": no address begins with a mark, so the letter is its first.
            initial = len(word.norm) == 1 and not word.breaks and _separator(tokens, start)
            start -= bool(initial and start < at)
            break
        if start < at and re.search(r"[:;?!]", word.gap):
            break
        if word.ends_sentence and "." in word.gap and start < at and word.gap != ".":
            if not _separator(tokens, start):
                break
        if at - start > 24:
            break
        start -= 1
    pieces: list[str] = []
    index = start
    plain_words = 0
    while index < at:
        separator = _separator(tokens, index)
        word = tokens[index]
        if word.norm in SKIPPED or word.norm in GLUE:
            index += 1
            continue
        if separator:
            pieces.append(separator[0])
            index += separator[1]
            plain_words = 0
            continue
        piece, taken = _piece(tokens, index)
        if not taken:
            return at, ""
        pieces.append(piece)
        mark = tokens[index + taken - 1].gap
        if mark in (".", "_", "-", "+", "._") and index + taken < at:
            pieces.append(mark[0])
        if "_" in mark and mark != "_":
            pieces.append("_")
        index += taken
        plain_words += 1
    local = "".join(pieces).strip(".")
    return start, re.sub(r"^[-_+.]+", "", local)
