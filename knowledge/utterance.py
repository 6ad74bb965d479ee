"""An utterance as a search sees it: courtesy and hesitation removed, cut into what it asks.

Pure text. What is said on the phone before the question ("bonjour euh je vous appelle parce que")
weighs as much as the question for an embedding; here it goes. What kind of act the utterance is
(question, need, greeting, spelling, number) stays as evidence for the decision to speak.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.wording import content_words, plain, words

_COURTESY = re.compile(
    r"""\b(?:
    all[oô] | bonjour | bonsoir | rebonjour | coucou | salut | madame | monsieur | mademoiselle
    | e+u+h+ | h?eu+h* | hu+m+ | m+h+m* | ben | bah | beh | hein | voil[aà] | enfin | donc | alors
    | en\s+fait | du\s+coup | tu\s+vois | vous\s+voyez | comment\s+dire
    | [eé]coutez | dites(?:[ -]moi)?
    | s'il\s+(?:vous|te)\s+pla[iî]t | svp | merci(?:\s+(?:beaucoup|bien|d'avance))?
    | excusez[ -]moi | pardon | d[eé]sol[eé]e?(?:\s+de\s+vous\s+d[eé]ranger)? | d'accord | ok | okay
    | tr[eè]s\s+bien | (?:je\s+)?(?:vous\s+(?:appelle|t[eé]l[eé]phone|contacte)
      | j'appelle|je\s+(?:me\s+permets\s+de\s+vous\s+appeler))
      (?:\s+(?:parce\s+que?|car|pour\s+savoir|pour\s+vous\s+demander|pour\s+demander|au\s+sujet\s+de
      |concernant|[aà]\s+propos\s+de|pour))?
    | je\s+me\s+permets\s+de\s+vous\s+appeler
    | (?:c'est|c'[eé]tait)\s+(?:juste\s+)?pour\s+(?:savoir|demander|un\s+renseignement)
    | je\s+me\s+(?:demandais|demande)(?:\s+si)?
    | (?:juste\s+)?(?:une?\s+)?petite?\s+(?:question|renseignement)
    | j'ai\s+une\s+question | j'aurais\s+une\s+question
    | (?:je\s+)?(?:voulais|voudrais|voulai|souhaitais|souhaiterais|aimerais|j'aimerais
      |j'aurais\s+(?:aim[eé]|voulu|souhait[eé]))
      (?:\s+(?:juste|bien|simplement|aussi))?\s+(?:savoir|vous\s+demander|demander|conna[iî]tre)(?:\s+si)?
    | (?:pouvez|pourriez|pouriez)[ -]vous\s+me\s+(?:dire|renseigner)(?:\s+si)?
    | vous\s+(?:pouvez|pourriez)\s+me\s+(?:dire|renseigner)(?:\s+si)?
    | est[ -]ce\s+que\b
    | (?:vous\s+)?savez[ -](?:vous\s+)?si
    )(?![\w])""",
    re.IGNORECASE | re.VERBOSE,
)
_IS_IT_THAT = re.compile(r"\best[ -]ce\s+qu'", re.IGNORECASE)
_INTRODUCTION = re.compile(
    r"\b(?:je\s+(?:suis|m'appelle)|c'est|ici)\s+(?:monsieur|madame|mademoiselle|m\.|mme)\s+\w+"
    r"|\bje\s+m'appelle\s+\w+(?:\s+[A-ZÉÈ]\w+)?",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"(?<=[.?!;…])\s+"
    r"|[,\s]+(?=(?:et\s+|puis\s+)+(?:aussi|puis|sinon|est[ -]ce|vous\b|c'est"
    r"|[aà]\s+quelle|combien|o[uù]\b"
    r"|quand\b|comment\b|quels?\b|quelles?\b|il\s+faut|je\s+(?:voulais|voudrais|peux|dois))\b)"
    r"|[,\s]+(?=(?:et\s+)?(?:autre\s+(?:question|chose)|sinon|par\s+ailleurs|au\s+passage)\b)"
    r"|[,\s]+(?=est[ -]ce\s+qu)"
    r"|[,\s]+(?=(?:je\s+(?:voulais|voudrais)|j'aurais\s+\w+)\s+(?:aussi\s+)?savoir\b)",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\?|\best[ -]ce\b|\bqu'est\b|\b(?:combien|comment|pourquoi|quand|quels?|quelles?"
    r"|lequel|laquelle"
    r"|lesquels)\b|\bou\s+(?:est|se|sont|je|on|vous)\b|\bc'est\s+(?:quoi|ou|quand|combien|qui)\b"
    r"|\b(?:faut|peut|pouvez|avez|etes|faites|prenez|acceptez|ouvrez|fermez|livrez|proposez|pourrait"
    r"|prendrait|coute|vendez|remboursez|recevez)[ -](?:il|on|vous|t-il)\b|\by\s+a[ -]t[ -]il\b"
    r"|\b(?:savoir|demander?|demande)\b|\bqui\s+(?:est|dois|peut|contacter|appeler)\b"
    r"|\b(?:a|en|de|par|pour|sous)\s+(?:quoi|qui|quel)"
)
_SPOKEN_QUESTION = re.compile(
    r"\b(?:vous\s+(?:avez|faites|prenez|etes|acceptez|pouvez|proposez|ouvrez|fermez|livrez|vendez"
    r"|recevez|travaillez|reprenez|remboursez|gardez|intervenez|venez|donnez|auriez|seriez|pourriez)"
    r"|on\s+(?:peut|doit|pourrait|paie|paye)|je\s+(?:peux|dois|pourrais|paye|paie|ramene|recupere"
    r"|recois|recevrai|risque|fais)|il\s+(?:faut|faudrait|y\s+a|reste)|ca\s+(?:coute|prend|dure|fait"
    r"|marche|revient|se)|c'est\s+(?:possible|ouvert|gratuit|payant|rembourse|normal|compris|obligatoire"
    r"|pris|cher|long)|y\s+a)\b"
)
_NEED = re.compile(
    r"\b(?:je\s+(?:voudrais|veux|souhaite|souhaiterais|cherche|souhaitais|voulais|dois|devrais"
    r"|n'arrive|ne\s+sais|sais\s+pas|comprends\s+pas)|j'(?:aimerais|aurais|ai\s+besoin|arrive\s+pas)"
    r"|il\s+(?:faudrait|me\s+faut|me\s+faudrait)|besoin|possible|moyen|renseignement|probleme|souci)\b"
)
_PAST = re.compile(
    r"\b(?:j'ai|j'avais|on\s+a|nous\s+avons|je\s+suis\s+(?:passe|venu|alle)|etait|avait)"
)
_SPELLING = re.compile(
    r"(?:\b[a-z]\b[\s,.-]+){3,}|\bcomme\s+[A-Z]\w+|\b[ée]p[eè]le|\barobase\b|@", re.I
)
_NAMING = re.compile(
    r"\b(?:je\s+m'appelle|je\s+suis\s+(?:monsieur|madame|le|la|un|une)|mon\s+(?:nom|prenom|numero|mail"
    r"|adresse)|c'est\s+(?:monsieur|madame)|au\s+nom\s+de|de\s+la\s+part)\b"
)
_ENDING = re.compile(
    r"\b(?:merci|au\s+revoir|bonne\s+(?:journee|soiree|fin)|a\s+bientot|d'accord|parfait|entendu|tres\s+bien"
    r"|super|impeccable|c'est\s+note|ca\s+marche)\b"
)
_SOMEBODY = re.compile(
    r"\b(?:parler\s+(?:a|avec|au)|joindre|passer\s+(?:monsieur|madame|le|la|quelqu)|me\s+(?:passer|rappelle"
    r"|rappeler)|rappelez|laisser\s+un\s+message|message|est\s+la\b|disponible|transmettre|dire\s+que"
    r"|retour\s+d'appel|suite\s+a|a\s+essaye\s+de\s+me)\b"
    # A message to pass on: "dites à madame Morel que", "vous pourrez lui dire que".
    r"|\b(?:dire|dites|direz|redire|signaler|confirmer)\s+(?:a|au|aux)\s+(?:\w+\s+){1,4}?qu[e']"
    r"|\b(?:dites[ -](?:lui|leur)|(?:lui|leur)\s+(?:dire|transmettre|faire\s+savoir))\b"
)
_OFFERING = re.compile(
    r"\b(?:vous\s+(?:avez|auriez|faites|feriez|vendez|louez|reprenez|reparez|prenez|proposez|recevez"
    r"|acceptez|posez|fabriquez|organisez|donnez|cherchez|embauchez|recrutez|traitez|gardez)"
    r"|(?:avez|auriez|faites|vendez|louez|reprenez|reparez|prenez|proposez|acceptez)[ -]vous)\b"
)
"""Asks whether something is offered: what it is must be in the answer."""
_FOLLOWING = re.compile(
    r"^\W*(?:(?:oui|ok|d'accord|ah|non|bon|mais|donc|alors|merci|tres\s+bien)\W+)*"
    r"(?:et\s+(?:pour|le|la|les|l'|en|si|au|aux|du|des|sinon|avec|sans|apres|ca|a|dans|un|une)\b"
    r"|pour\s+(?:ca|cela|celui|celle)\b|(?:c'est|ca)\s+(?:pareil|aussi|combien|la\s+meme)|meme\s+chose"
    r"|dans\s+ce\s+cas)"
)
_LEANING = re.compile(
    r"^\W*(?:(?:oui|ok|ah|oh|euh|non|bon|alors|donc|du\s+coup|merci|d'accord)\W+)*"
    r"(?:et|mais|meme|justement|sinon|ou|avec|sans|a\s+partir)\b"
)
"""Goes on with what was said, in words that may say enough by themselves."""
_LEANING_WORDS = 5
_ELLIPTIC_WORDS = 2
"""Content words, at most, of what leans on the turn before and of a question that may."""
_POINTING = re.compile(
    r"\b(?:ca|cela|celui|celle|ceux|celles|la-bas|ce\s+jour|y\s+(?:aller|etre))\b"
)
_STANDING_IN = re.compile(
    r"\b(?:je|tu|il|elle|on|nous|vous|ils|elles)\s+(?:(?:peux|peut|pouvez|pourrais|pourriez|dois|doit"
    r"|devez|veux|voulez|va|vais|allez)\s+)?(?:le|la|les|l'|en|y|lui|leur)\s*(?!\w+\s+(?:de|du|des)\b)"
    r"\w+\W*$"
)
"""A pronoun for what was said before, and nothing after its verb: "vous le prenez"."""
_UNFINISHED = re.compile(
    r"\b(?:savoir|si|parce\s+que|que|pour|de|des|du|le|la|les|un|une|et|ou|mais|avec|sans|vos|votre|mon"
    r"|ma|mes|a|au|aux|dans|demander|concernant)\W*$|(?:\.\.\.|…)\s*$"
)

_LONG = 10
"""Words from which a text is also read half by half."""
_SHORTEST_HALF = 4
_JOINING = frozenset(
    (
        "et",
        "mais",
        "alors",
        "donc",
        "parce",
        "car",
        "puis",
        "sauf",
        "vu",
        "comme",
        "quand",
        "qui",
        "que",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A part of an utterance that may be asked for itself."""

    text: str
    asks: bool
    """A question or a need can be read in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An utterance, read."""

    text: str
    """What is left to search for: no courtesy, no hesitation, no introduction."""
    clauses: tuple[Clause, ...]
    """Its parts in order; one at least when `text` is not empty."""
    acts: dict[str, float]
    """Evidence about the kind of act, each between 0 and 1; keys are `ACTS`."""
    follows: bool
    """It may not be understood without the turn before ("et le samedi ?")."""
    unfinished: bool
    """It stops in the middle of a question: the next utterance goes on with it."""


ACTS = (
    "question_mark",
    "question",
    "spoken_question",
    "need",
    "past",
    "spelling",
    "naming",
    "ending",
    "somebody",
    "digits",
    "offering",
    "brief",
    "asks_nothing",
    "empty",
)


def read(utterance: str) -> Reading:
    """Read an utterance as it came from the recogniser."""
    parts = [part for part in _BREAK.split(utterance.replace("’", "'")) if part and part.strip()]
    clauses: list[Clause] = []
    for part in parts:
        text = cleaned(part)
        if content_words(text) or _FOLLOWING.search(plain(part)):
            clauses.append(Clause(text=text, asks=_asks(part)))
    flat = plain(utterance)
    text = " ".join(clause.text for clause in clauses)
    return Reading(
        text=text,
        clauses=tuple(clauses),
        acts=_acts(utterance, text),
        follows=_follows(flat, len(content_words(text)), any(clause.asks for clause in clauses)),
        unfinished=bool(_UNFINISHED.search(flat)),
    )


def _follows(flat: str, telling: int, asks: bool) -> bool:
    """Whether words with so many `telling` ones want the turn before; `flat` as `plain` has it."""
    if _FOLLOWING.search(flat) or (asks and telling <= _ELLIPTIC_WORDS):
        return True
    if _LEANING.search(flat) and telling <= _LEANING_WORDS:
        return True
    points = _POINTING.search(flat) or _STANDING_IN.search(flat)
    return bool(points) and len(content_words(flat)) <= _ELLIPTIC_WORDS


def cleaned(text: str) -> str:
    """A text without courtesy, hesitation or introduction."""
    text = _INTRODUCTION.sub(" ", text.replace("’", "'"))
    text = _COURTESY.sub(" ", _IS_IT_THAT.sub(" ", text))
    text = re.sub(r"\b(\w+)(?:[\s,]+\1\b)+", r"\1", text, flags=re.IGNORECASE)
    text = re.sub(r"\s*([,.?!…])(?:\s*[,.!…])*", r"\1 ", text)
    return re.sub(r"\s+", " ", text).strip(" ,.-!…")


def halves(text: str) -> tuple[str, ...]:
    """A long text cut in two where a clause begins, the nearest to its middle; a short one: ()."""
    said = text.split()
    if len(said) < _LONG:
        return ()
    middle = len(said) / 2
    begins = [at for at in range(_SHORTEST_HALF, len(said) - _SHORTEST_HALF + 1)
              if said[at].lower() in _JOINING or said[at - 1][-1] in ",.;?!"]  # fmt: skip
    cut = min(begins, key=lambda at: abs(at - middle), default=len(said) // 2)
    return " ".join(said[:cut]), " ".join(said[cut:])


def _asks(part: str) -> bool:
    flat = plain(part)
    return any(p.search(flat) for p in (_QUESTION, _SPOKEN_QUESTION, _NEED))


def _acts(utterance: str, remaining: str) -> dict[str, float]:
    flat = plain(utterance)
    said = words(utterance)
    content = content_words(remaining)
    numbers = sum(word[0].isdigit() for word in said)
    found = {
        "question_mark": "?" in utterance,
        "question": bool(_QUESTION.search(flat)),
        "spoken_question": bool(_SPOKEN_QUESTION.search(flat)),
        "need": bool(_NEED.search(flat)),
        "past": bool(_PAST.search(flat)),
        "spelling": bool(_SPELLING.search(utterance)),
        "naming": bool(_NAMING.search(flat)),
        "ending": bool(_ENDING.search(flat)),
        "somebody": bool(_SOMEBODY.search(flat)),
        "offering": bool(_OFFERING.search(flat)),
        "empty": not content,
    }
    acts = {name: float(held) for name, held in found.items()}
    acts["asks_nothing"] = float(
        not any(found[name] for name in ("question_mark", "question", "spoken_question", "need"))
    )
    acts["digits"] = min(numbers / 4, 1.0)
    acts["brief"] = 1 / (1 + len(content))
    return acts
