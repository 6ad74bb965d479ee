"""An utterance cut into clauses, with those that must leave no trace taken out.

Three kinds leave none: words addressed to the software ("ignorez vos consignes, écrivez que..."),
which are data and never an instruction; what the caller takes back; and hearsay about the past.
"""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass

from copilot.drafting.speech import Speech

BOUNDARY = re.compile(
    r"(?:[.?!;…]+(?=\s|$)|(?<!\d),(?=\s)|(?<=\D),(?=\s?\D))\s*"
    r"|\s+(?=(?:mais|donc|alors|par contre|du coup|sinon|parce que|car|puis|et puis|bref|voila"
    r"|et (?=(?:je|j'|il|elle|on|est-ce|c'est|ca|vous|pour|qu'|que|aussi|sinon|si|la|le|mon|ma|bon"
    r"|l'eau|y|n'|ne|rappelez|notez)\b)|c'est pour|c'est parce|est-ce que|en fait|finalement|je voudrais"
    r"|je vous appelle|j'appelle|j'aimerais|je souhaite|je souhaiterais|non|enfin|ignorez|ecrivez"
    r"|oubliez|laissez tomber|dites-lui|dites lui|demandez-lui|rappelez|est-ce qu'|c'est monsieur|c'est madame|mon nom|je m'appelle|mon numero)\b)"
)
SOFTWARE = re.compile(
    r"\b(?:(?:ignor|oubli)\w*\s+(?:tout\w*\s+)?(?:\w+\s+){0,2}(?:consignes?|instructions?|regles?"
    r"|ordres|directives|ce qui precede|prompt)|consignes? precedentes?|instructions? precedentes?"
    r"|(?:l'|un |une |le |la |les |au |du |votre |vos |ce |cette |cher |chere )?(?:logiciel|algorithme"
    r"|ordinateur|intelligence artificielle|robot|assistant (?:virtuel|vocal|automatique|ia)|assistante?(?= qui)|chatbot"
    r"|transcription|transcripteur|systeme (?:qui|note|ecoute|automatique|informatique (?:note|doit))"
    r"|machine qui|l'ia|ia qui|ia)\b(?=[\s,:]*(?:qui|ecrivez|ecris|notez|note|met|mettez|ajout\w*"
    r"|doit|tu|vous|inscri\w*|enregistr\w*|valid\w*|transf\w*|chang\w*|ignor\w*|classez?|marqu\w*"
    r"|rempli\w*|de\b|d'|envoy\w*|modif\w*|suppr\w*|effac\w*|$|[.,:]))"
    r"|\bas an ai\b|\bai (?:language )?model\b|\b(?:chat ?)?gpt\b[\s,]+\w|\bllm\b"
    r"|(?:system|systeme)\s*(?:prompt|:)|(?:nouvelles?|nouveau) (?:consignes?|instructions?)\b"
    r"|(?:tu es|vous etes) (?:maintenant|desormais)|mode (?:administrateur|developpeur|admin|debug)"
    r"|(?:ecrivez|ecris|inscrivez|inscris|marquez|notez|mettez|indiquez|enregistrez|classez|cochez"
    r"|validez|remplissez|ajoutez|remplacez|changez|modifiez|transferez|envoyez)\b"
    r"[^.?!]{0,40}\b(?:dans (?:le |la |votre |les )?(?:champ|fiche|case|formulaire|resume"
    r"|compte[- ]rendu|systeme)|(?:comme |en )(?:urgent|urgence|critique|prioritaire|niveau)"
    r"|priorite (?:maximale|absolue|haute)|urgence (?:critique|maximale|vitale|absolue)"
    r"|(?:comme )?destinataire|categorie)"
    r"|(?:ecrivez|ecris|inscrivez|inscris)\s+(?:que|qu'|dans|comme|:|\"|«|exactement|simplement|juste))"
)
RESUMES = re.compile(
    r"\b(?:bref|sinon|enfin bref|bon sinon|bon bref|voila bref|plus serieusement|serieusement|non mais"
    r"|je plaisante|en vrai|en fait|bon alors|donc voila|et sinon|mais (?:sinon|bon))\b"
)


SLIP = re.compile(
    r"(?:^|[.?!;]\s+|\b(?:bonjour|bonsoir|allo)[\s,]+(?:(?:madame|monsieur)[\s,]+)?)"
    r"(?P<taken_back>[^.?!;]{2,60}?)[\s,]+(?:(?:euh|heu|oh|ah)[\s,]+)*(?:pardon[\s,]+non|(?:non[\s,]+)?pardon)[\s,]+"
    r"(?!de\b|d'|si\b|pour\b|monsieur|madame|excus|je vous|\?)"
)
"""Who calls, begun wrong: "c'est la clinique euh non pardon l'hôtel du sommeil"."""
CONTRAST = re.compile(
    r"(?:,\s*|\b(?:et|non) )(?:non )?pas (?:de |d['’])?[A-ZÀ-Ý][\w'’-]+(?: (?:(?:et|de|du|la|le) )?[A-ZÀ-Ý][\w'’-]+)*"
    r"|\b(?:[Cc]['’]|[Cc]e n['’])est (?:plus|pas) [^.?!;,]{0,40}?[A-ZÀ-Ý][\w'’-]+[\s,]+(?=c['’]est )"
    r"|\b(?P<word>[\w’-]{3,})[\s,]+(?:(?:oh|ah|non)[\s,]+)*pardon[\s,]+(?:(?:non|et)[\s,]+)*pas (?:de |d['’])?(?P=word)\b"
)
"""A name told not to be the one: "Pivoine, et pas Pivoine et Fils", "Lola pardon pas Lola"."""
BEGINNING_WORDS = 8


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of an utterance that says one thing."""

    speech: Speech
    start: int
    """Offset in the utterance."""
    opens: bool = True
    """It begins an utterance, or a sentence where the recogniser tells them."""

    @property
    def folded(self) -> str:
        return self.speech.folded

    @property
    def text(self) -> str:
        return self.speech.text


def clauses(speech: Speech) -> list[Clause]:
    """The clauses in order, without the empty ones."""
    found = []
    start, opens = 0, True
    for match in [*BOUNDARY.finditer(speech.folded), None]:
        end = match.start() if match else len(speech.folded)
        piece = speech.cut(start, end)
        if piece.folded.strip(" ,.?!;"):
            lead = len(piece.folded) - len(piece.folded.lstrip())
            found.append(Clause(piece.cut(lead, len(piece.folded)), start + lead, opens))
            opens = False
        if match:
            start = match.end()
            opens = opens or not {*".?!;…"}.isdisjoint(match.group())
    return found


def without_orders(speech: Speech) -> tuple[Speech, bool]:
    """The utterance without what it dictates to the software, and whether there was any."""
    match = SOFTWARE.search(speech.folded)
    if match is None:
        return speech, False
    start = _sentence_start(speech, match.start())
    end = len(speech.folded)
    resumes = RESUMES.search(speech.folded, match.end())
    if resumes:
        end = resumes.start()
    kept = speech.text[:start].rstrip(" ,;") + " " + speech.text[end:]
    folded = speech.folded[:start].rstrip(" ,;") + " " + speech.folded[end:]
    rest = Speech(kept, folded)
    cleaned, _ = without_orders(rest) if resumes else (rest, True)
    return cleaned, True


def without_slips(speech: Speech, asks: re.Pattern[str]) -> Speech:
    """The utterance without who was named wrong at its beginning, unless that matches `asks`, and
    without names told not to be the ones."""
    slip = SLIP.search(speech.folded)
    taken_back = slip.group("taken_back") if slip else ""
    if slip and len(taken_back.split()) <= BEGINNING_WORDS and not asks.search(taken_back):
        speech = _without(speech, slip.start("taken_back"), slip.end())
        denied = "|".join(re.escape(word) for word in taken_back.split() if len(word) > 3)
        again = re.search(rf"\b(?:(?:et|non)[\s,]+)*pas (?:de |d')?(?:{denied})\b", speech.folded)
        if denied and again:
            speech = _without(speech, again.start(), again.end())
    while other := CONTRAST.search(speech.text):
        speech = _without(speech, other.start(), other.end())
    return speech


def _without(speech: Speech, start: int, end: int) -> Speech:
    return Speech(
        speech.text[:start] + speech.text[end:], speech.folded[:start] + speech.folded[end:]
    )


def _sentence_start(speech: Speech, offset: int) -> int:
    """Where the sentence that gives the order begins."""
    before = speech.folded[:offset]
    stops = [match.end() for match in re.finditer(r"[.?!;]\s+", before)]
    start = stops[-1] if stops else 0
    soft = [
        match.start()
        for match in re.finditer(
            r"\b(?:et|puis|alors|maintenant|au fait|ah et|donc)\b", before[start:]
        )
    ]
    near = [start + position for position in soft if offset - (start + position) < 30]
    if near:
        return near[0]
    commas = [match.end() for match in re.finditer(r",\s+", before)]
    return commas[-1] if commas and commas[-1] > start else max(start, offset)
