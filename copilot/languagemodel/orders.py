"""What somebody on a call dictates to the software: data at best, never an instruction. Pure.

Cut more widely than the drafter does: a sentence too many taken from a model costs a proposal, one
too few costs more. From an order on, the rest of what was said in one breath goes with it.
"""

# ruff: noqa: E501

from __future__ import annotations

import re

from copilot.drafting.clauses import without_orders
from copilot.drafting.speech import fold, hear
from knowledge.documents.suspicion import addresses_a_model

_SOFTWARE = (
    r"(?:logiciel|algorithme|ordinateur|intelligence artificielle|robot|chatbot|assistante?"
    r"|transcription|systeme|prompt|l'ia|\bia\b|chatgpt|\bgpt\b|language model|software|system"
    r"|ai (?:model|assistant)|\bmodel\b|mode (?:administrateur|developpeur|admin|debug))"
)
_WRITES = (
    r"(?:ecri(?:s|vez)|notez?|inscri(?:s|vez)|marquez?|mettez|mets|indiquez?|ajoutez?"
    r"|remplacez?|changez|classez?|validez?|remplis(?:sez)?|repetez?|repond(?:s|ez)|envoyez?"
    r"|transferez?|listez?|supprimez?|annulez|dict(?:e|ez)|modifiez?|recitez?|donne-moi|approuvez?|ecrire"
    r"|(?:doit|dois|devez) (?:\w+ )?(?:ecrire|noter|inscrire|marquer|mettre|indiquer|ajouter|changer"
    r"|remplacer|classer|valider|repeter|repondre|envoyer|transferer|lister|supprimer|garder"
    r"|l'\w+er|l'inscrire)"
    r"|write|print|output|say|set|reply|answer|reveal|mark|send|delete|forward|must|promise|replace"
    r"|confirm)"
)
_FORM = (
    r"(?:champ|fiche|case|formulaire|resume|compte[- ]rendu|en entier"
    r"|comme (?:urgent\w*|destinataire)|webhook|langue du)"
)
ORDER = re.compile(
    rf"\b{_SOFTWARE}\b[^.!?]*\b{_WRITES}\b|\b{_WRITES}\b[^.!?]*\b{_SOFTWARE}\b"
    rf"|\b(?:ecri(?:vez|s)|inscri(?:vez|s)|marquez|mettez|indiquez|ajoutez|remplacez|changez|notez"
    rf"|remplissez|classez|envoyez)\b[^.!?]*\b{_FORM}\b"
    r"|\b(?:ecri(?:vez|s)|inscri(?:vez|s))(?:[- ]le)?\b"
    r"|\b(?:ignor\w*|oubli(?:e|ez)|disregard|forget|override)\b[^.!?]*"
    r"\b(?:consignes?|instructions?|regles?|ordres|precede|rules?|prompts?|above|directives?)\b"
    r"|\b(?:consignes?|instructions?|instruction) (?:precedentes?|secretes?|systeme|void|are void)"
    r"|\b(?:previous|new|nouvelles?) instructions?\b"
    r"|\b(?:tu es|vous etes|you are)\b[^.!?]{0,20}\b(?:maintenant|desormais|now)\b"
    r"|\bmode (?:administrateur|developpeur|admin|debug)\b"
)
_SENTENCE = re.compile(r"[.!?…]+\s+")


def parted(text: str) -> tuple[str, str]:
    """What somebody says for themselves, and what they dictate to the software, if anything."""
    at = _first_order(text)
    kept = text if at is None else text[:at]
    speech, dictated = without_orders(hear(kept))
    if at is None and not dictated:
        return text, ""
    return (speech.text if dictated else kept).strip(" ,;:"), text


def _first_order(text: str) -> int | None:
    """Where the first sentence that gives an order begins."""
    start = 0
    for stop in [*(match.end() for match in _SENTENCE.finditer(text)), len(text)]:
        sentence = text[start:stop]
        if ORDER.search(fold(sentence)) or addresses_a_model(sentence):
            return start
        start = stop
    return None
