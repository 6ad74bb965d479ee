"""Call backs and appointments: whether, what to do, and when."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501, SIM102

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from copilot.drafting.categories import CANCEL, MEETING, MOVE, WISH
from copilot.drafting.dates import whens_in
from copilot.drafting.numbers import numerals
from copilot.drafting.when import When

Slot = Literal["callback", "appointment"]
Action = Literal["prendre", "déplacer", "annuler"]

CANCELLED = re.compile(
    rf"\b{CANCEL}\b.{{0,50}}\b{MEETING}\b|\b{MEETING}\b.{{0,50}}\b{CANCEL}\b"
    rf"|\bne (?:pourr|peu|vais|va|sera)\w* (?:\w+ )?(?:pas|plus) (?:pouvoir )?(?:venir|me rendre|etre la|etre present"
    rf"|honorer|assurer|y aller|me deplacer|m'y rendre|me presenter)"
    rf"|\bje (?:peux|pourrai|pourrais|vais) (?:pas|plus) (?:pouvoir )?(?:venir|etre la|y aller|honorer)"
    rf"|\b(?:ne viendr|viendr)\w* pas\b|\b{MEETING}\b.{{0,60}}\bl'annuler\b|\b(?:l'annuler|annulez[- ]le)\b|\bplus besoin d[eu] .{{0,12}}{MEETING}"
)
MOVED = re.compile(
    rf"\b{MOVE}\b.{{0,50}}\b{MEETING}\b|\b{MEETING}\b.{{0,60}}\b{MOVE}\b|\b(?:le|la|l'|les) ?(?!\w+(?:ements?|ations?)\b){MOVE}\b"
    rf"|\bmettre (?:mon|le|notre) {MEETING} (?:a|au|plutot|un autre)\b|\b(?:le|la|les) (?:re)?mettre (?:plutot )?(?:a |au |le )?(?=\d|lundi|mardi|mercredi|jeudi|vendredi|samedi|demain|un autre jour|\w+ (?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre))|\bmettre plutot (?=a |au |le |lundi|mardi|mercredi|jeudi|vendredi|samedi|demain)|\ba la place (?:de|du)\b.{{0,30}}\b{MEETING}"
    rf"|\b(?:changer|reporter|decaler|avancer|repousser) (?:la date|l'heure|le jour|a (?:un autre|plus tard))"
)
TAKEN = re.compile(
    rf"\b{WISH}\b.{{0,50}}\b(?:rendez[- ]?vous|rdv|consultation|seance|creneau|place|visite|entretien|maintenance|passage|intervention|ramonage|essai|cours|lecon|visiter)\b"
    r"|\binscri(?:re|vez)\b.{0,40}\b(?:stage|cours|atelier|seance|initiation)\b"
    rf"|\b(?:un|de|nouveau|premier|autre|en) (?:rendez[- ]?vous|rdv|creneau)\b"
    rf"|\b(?:pour|c'est pour) (?:un |une |prendre |le )?(?:rendez[- ]?vous|rdv|consultation)\b"
    rf"|\b{WISH}\b.{{0,30}}\b(?:vous voir|(?:voir|rencontrer) (?:le|la|monsieur|madame|docteur|maitre|votre)|venir (?:vous voir|faire|au cabinet)"
    rf"|passer (?:vous voir|faire|un (?:examen|scanner|controle))|etre recue?|me recevoir|nous recevoir)"
    rf"|\b(?:reserver|je reserve) (?:une|un|pour|le|deux|trois|quatre|cinq|six|\d|la)"
    rf"|\b(?:qu'|que |faire )(?:quelqu'un|un technicien|le technicien|un plombier|vous|il|elle) (?:passe|vienne|passer|veniez|passiez|intervienne)"
    rf"|\b(?:faire venir|envoyer) (?:quelqu'un|un technicien|un plombier|le technicien)"
    rf"|\b(?:quand|quel jour|a quelle heure) (?:pouvez|pourriez|pourrait|peut|est-ce que)\b.{{0,30}}\b(?:recevoir|voir|venir|passer|intervenir)"
    rf"|\b{WISH}\b.{{0,40}}\b(?:detartrage|vidange|revision|bilan|vaccin\w*|controle technique|entretien annuel|soin|essayage)\b"
)
KEPT = re.compile(
    r"\b(?:(?:pas|sans|ni|plutot que d'?|plutot qu')\s*(?:l'|d'|de le |de l')?(?:annul|deplac|decal|report)|(?:on|je|le|la|vous)? ?(?:garde|maintien|laisse)\w* "
    r"(?:(?:mon|le|notre|ce|finalement|donc|quand meme) )*(?:rendez|rdv|tel quel|comme|la date|l'heure|celui))"
)
OLD_DATE = re.compile(
    rf"(?:\b(?:mon|le|notre|son|ce|celui|leur|un) {MEETING}(?: \w+){{0,4}}? (?:de|du|d'|prevue?|qui est|est|pour|fixee?)\s*(?:le |a |pour )?"
    rf"|\b(?:j'ai|on a|nous avons|j'avais|on avait|il a|elle a|il avait|elle avait|avait|avais|ai|avions) (?:un |une |mon |notre |deja un |pris un )?{MEETING}"
    rf"(?: \w+){{0,4}}?\s*(?:le |a |pour |du |de )?|\b(?:prevue?|fixee?|programmee?|note|planifiee?|cale|celui)\s*(?:le |a |pour |au |de |du )?"
    rf"|\bau lieu (?:de|du)\s*(?:le )?|\ba la place (?:de|du)\s*(?:le )?|\binitialement\s*(?:prevu )?(?:le |a |pour )?|\bplutot que\s*(?:le )?"
    r"|\b(?:(?:on|nous) (?:avait|avions) dit|(?:on|je|il|elle|nous|vous|[a-z]+ gars|votre \w+|monsieur \w+|madame \w+) (?:deviez|devait|devais|devions|doit|devez) (?:[\w'-]+ ){1,7}?|(?:j'ai|j'avais|on a|nous avons|nous avions|on avait) (?:reserve|retenu|cale|bloque|programme)(?: [\w'-]+){0,6}?"
    r"|(?:est|suis|etait) inscrite?(?: [\w'-]+){0,5}?|convenu(?: [\w'-]+){0,7}?|(?:j'avais|on avait|nous avions) (?:le |la |l'|un |une |mon |ma |notre )[\w'-]+ (?=de |du |pour )|(?:j'ai|on a|nous avons) une? (?:irm|scanner|radio|echographie|echo|mammographie|couleur|coupe)(?: [\w'-]+){0,3}?)\s*(?:le |la |pour |du |de |d'|a )?)$"
)
FROM_TO = re.compile(r"\b(?:de|du)\s*(?:le )?$")
CALL_CUE = re.compile(
    r"\b(?:rappel\w*|recontact\w*|contact\w*|joindre|joignable\w*|telephon\w*|appel(?:er|le|ez|lera|lerez)"
    r"|un coup de fil|m'avoir|repondre|decroche\w*|dispo au telephone|disponible au telephone)\b"
)
OWN_CALL = re.compile(r"\b(?:j'appelle|je vous appelle|j'ai appele|je rappelle|je vous rappelle|je vous contacte"
                      r"|je rappellerai|je vous rappellerai|a l'appareil|m'avez appele|m'a appele|j'ai essaye)\b")  # fmt: skip
NO_CUE = re.compile(rf"{OWN_CALL.pattern}|\bmeme heure\b")
"""Tells nothing of what the date beside it is for."""
MEET_CUE = re.compile(
    rf"\b(?:{MEETING}|venir|vienne|viens|passer|passe|passiez|recevoir|voir|intervenir|intervienne|deplac(?!ement)\w*|decal\w*|report\w*"
    r"|repouss\w*|avanc\w*|annul\w*|reserv\w*|couverts|personnes|mettre|conviendrait|arrangerait|caler|rdv)\b"
)
REFUSED = re.compile(
    r"(?:\bpas(?: du tout)?(?: le| la| ce| cet| cette| pour| avant)?\s*$|\bsauf(?: que| si c'est)?(?: le| la| pour)?\s*$|(?<!\bnon )\bplus(?: le| la)?\s*$|\bni(?: le| la)?\s*$"
    r"|\bnon pas(?: le)?\s*$|\bsurtout pas(?: le)?\s*$|\b(?:peux|pourrai|pourrais|suis|serai|dispo\w*|libre|possible|travaille|va|vais|conge\w*) pas (?:\w+ ){0,3}$"
    r"|\bimpossible(?: le| pour)?\s*$|\babsente?(?: le)?\s*$|\boccupee?(?: le)?\s*$|\bau lieu (?:de|du)\s*$|\bplutot que(?: le)?\s*$|\bje travaille(?: le)?\s*$)"
)
REFUSED_AFTER = re.compile(
    r"^[\s,]*(?:non(?=[\s,]+(?:je|j'|c'est|ca|pas|on|il|elle|plutot|mais|apres|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b)|je (?:ne |n')?(?:peux|pourrai|suis|serai|pourrais|vais) (?:pas|plus)|c'est pas possible|ce n'est pas possible|impossible|je travaille(?! (?:le (?:matin|soir)|l'apres|jusqu'|avant|de nuit|la nuit))"
    r"|ca (?:ne )?va pas|ca m'arrange pas|je ne suis pas (?:la|disponible|libre)|non c'est|c'est (?:mort|ferie|les? (?:fetes?|v[oœ]e?ux|mariage|marche|rentree)\b)|je suis (?:pas la|absent|pris|occup)\w*|ca ne m'arrange pas)\b"
)
PREFERRED = re.compile(r"\b(?:plutot|de preference)\s*$")
"""Before a moment: what follows says why this one, and no other."""
BARE_NO = re.compile(r"\bnon[\s,]*(?:le)?\s*$")
"""Before a day: that one is taken instead, or refused where something keeps from it."""
BUSY = re.compile(
    r"^[\s,]*(?:je (?:garde|reprends|marie|pars|bosse|suis (?:chez|a|en|deja|de)\b)"
    r"|j'ai (?!rien|le temps|tout|rendez|rdv|un (?:rendez|rdv|creneau|trou)|une (?:seance|consultation|place|heure)|la (?:journee|matinee)|l'apres|besoin|pas|moyen)\w+"
    r"|(?:il|elle) a (?:cours|ecole|cirque|piscine|judo|danse)|(?:il )?y a\b|(?:son|sa|mon|ma|leur) \w+ (?:l'|les |la |le )?a\b"
    r"|c'est (?:mon|ma|mes|la|les|le|l')(?! ?(?:mieux|plus|seul|bon|top|jour|matin|journee|soir|ideal|apres|minimum)))"
)
"""After a day: what keeps from meeting on it, but not from answering the telephone."""
ASIDE = re.compile(
    r"\b(?:(?:je|on|il|elle|ils|elles|qui|y|ca|le \w+|la \w+|ma \w+|mon \w+|mes \w+|les \w+|l'\w+) (?:ne |n'|me |m'|se |s'|y |le |la |les |l')?"
    r"(?:pars|part|partons|partent|repars?|repart|decolle\w*|roule|conduis|travaille\w*|bosse|ferme\w*|ouvre\w*|finis|finit|finissent|termine\w*|commence\w*|reprends?|reprend|demarre|sors|sort|sortent"
    r"|rentre\w*|arrivent|dois (?!vous|etre rappel)|doit|embauche|mange\w*|dors|dort|couche|charge|opere|joue|tombe|expire|arrive a echeance|appelle (?:sa|son|ma|mon)|dure|demenage\w*)"
    r"|(?:j'ai|il a|elle a|on a|y a) (?:deja |aussi )?(?:un|une|mon|ma|mes|des|deux|cours|piscine|ecole|la|le|les|l')(?! ?(?:rendez|rdv|creneau|seance|place|consultation|intervention|reservation|visite|course|controle|table|irm|scanner|radio))[ \w'-]{2,40}"
    r"|(?:suis|est|sont|sommes|serai|sera) (?:en |au |aux |a la |a l'|chez |dans |ferme\w*|absent\w*|pris\w*|occup\w*))"
    r"(?:(?!\b(?:peux|peut|pouvez|pouvons|veux|voulez|prefer\w*|voudrai\w*|plutot)\b)[^,.;?!]){0,40}$"
)
"""Before a moment: what happens then is somebody's own business, no wish."""
CORRECTED = re.compile(
    r"\b(?:non|pardon|plutot|finalement|enfin|je me trompe|excusez|je veux dire|en fait|ou plutot|rectification)\b"
)

OTHERWISE = re.compile(
    r"^[\s,]*(?:ou|et) (?:bien |alors )?(?:sinon|a defaut|encore)\b|^[\s,]*(?:alors |bien )?sinon\b"
)
ASKED_BACK = re.compile(
    r"(?<!je )\b(?:me |m'|nous |le |la |lui |les )(?:re)?(?:rappel|contact|recontact|telephon|appel)(?:er|e|le|iez|ez|era|erez|erait|lle|lera|lerait|ent|eront|eriez|lez|liez)\b"
    r"|\b(?:pouvez|pourrez|faut|faudrait) l'appeler\b"
    r"|\b(?:rappel|recontact|appel|contact|telephon)(?:ez|lez|e|le)[- ](?:moi|nous|meme|quand|des|apres|avant|vers|le|la|les|ma|mon|son|plutot|donc|sur|au|mes|chez|directement)\b"
    r"|\b(?:etre|sois|soit|serai|serais) (?:rappele|recontacte|contacte|appele|joint)\w*\b"
    r"|\b(?:un|le|son|votre|vos|mon|ce) (?:rappel|coup de fil|coup de telephone|retour (?:d'appel|telephonique|par telephone))\b"
    r"|\b(?:attends?|attendrai|attendons|attendre|espere) (?:\w+ )?(?:votre|son|un|leur|l') ?(?:appel|rappel|coup de fil|retour)\b"
    r"|\b(?:passer|passe|donner|passez|passera) (?:moi |m' )?un (?:petit )?coup de (?:fil|telephone)|\bje (?:suis|serai|reste|serais) joignable"
    r"|\bfai(?:tes|re)[- ](?:moi|nous|me)? ?(?:rappel|recontact|contact)er\b|\b(?:me|m'|nous) joindre\b|\bm'avoir au (?:telephone|bout)|\bme passer un (?:coup|appel)|\brappelle\b(?= (?:ma|mon|mes|moi|chez)\b)"
    r"|\b(?:qu'il|qu'elle|qu'on|quelqu'un|que quelqu'un|que \w+ \w+|que le docteur|que maitre \w+) (?:me |m'|nous |le |la )?(?:rappelle|contacte|recontacte|telephone)\b"
    r"|\bdemande\w* (?:a \w+(?: \w+)? )?(?:de )?(?:me|m'|nous) (?:rappel|contact)\w*"
)
NOT_BACK = re.compile(
    r"\b(?:(?:pas|plus|inutile|sans|evit\w*|ni)(?: la peine| besoin| necessaire| utile| forcement| obligee?s?| vraiment| surtout| embetez pas)?(?: de| d'| que| qu'| pas| a)*(?: vous| on| il| elle)?"
    r"(?: me| m'| nous| le| la| etre)? ?(?:rappel|recontact|telephon|contact|appel)\w*"
    r"|(?:ne|n') ?(?:me|m'|nous) (?:rappel|recontact|telephon|contact|appel)\w* (?:pas|plus)|pas (?:la peine|besoin|necessaire) (?:de|d'|que|qu').{0,25}(?:rappel|appel|contact|telephon)\w*"
    r"|(?:je|j'|c'est moi qui|nous|on) (?:vous |le |la |me |re)?(?:rappellerai|rappelerai|rappellerons|rappelle(?:rai)? (?:moi[- ]meme|plus tard|demain|lundi|dans|si)|retenterai|reessaierai|reessayerai)"
    r"|je (?:vais )?(?:vous |le |la )?rappeler(?:ai)?\b(?! au)|c'est moi qui (?:vous |le |la )?rappel\w*|pas de (?:rappel|retour (?:d'appel|telephonique)|coup de fil)"
    r"|(?:seulement|uniquement|que|juste|simplement|sinon pas) (?:si|s'il|en cas|qu'en cas)\b|(?:en cas de|si|s'il y a|si jamais) (?:un |le moindre |y a |vous avez |il y a )*(?:un |de )?(?:probleme|souci|pepin|empechement|besoin|question|changement))"
)
BY_MAIL = re.compile(
    r"\b(?:repond\w*|reponse|retour|confirm\w*|envoy\w*|ecri\w*|contact\w*|prefere|plutot|tenir au courant)\b.{0,40}\b(?:par|un|le|en) (?:e-?mail|mail|courriel|ecrit|message|sms|texto|courrier)"
    r"|\bqu'(?:il|elle|on) (?:me |m')(?:l'|le |la )?ecri\w+|\bque \w+ \w+ m'ecri\w+|\b(?:peut|peuvent|faut|veux qu'\w+) m'ecri\w+|\becrivez[- ]moi\b"
    r"|\bpar (?:e-?mail|mail|courriel|ecrit|sms|texto)\b.{0,25}\b(?:plutot|suffi\w*|uniquement|seulement|c'est mieux|de preference|me va|(?:ca )?ira)|\bpas (?:par )?(?:de )?telephone\b|\bpas par telephone"
    r"|^(?:ah )?non[ ,]+(?:qu'(?:il|elle|on) |juste |plutot |simplement )?(?:me |m'|nous )?(?:l'|le |la |les )?(?:envoi|ecri)\w*"
    r"|^(?!.*\b(?:r?appel|contact|joindre|telephon)).*\bun (?:sms|texto|mail)\b(?: \w+)? (?:si (?:elle|il|vous|on) (?:veu|voul|peu|pouv|prefer)\w*|suffi\w*|plutot)\b"
)
OFFER_BACK = re.compile(
    r"\b(?:(?:vous|te) (?:(?:fais|ferai|fera|fait|faire) )?(?:rappel\w*|recontact\w*|contact\w*|appel(?:le|lera|lent|leront|er)\b)|peu(?:t|x|vent)(?:-(?:il|elle|on|ils))? vous joindre|(?:confirm|repon)\w* par telephone|(?:etre|sera|serez) (?:rappele|recontacte)\w*|vous (?:re)?telephone\w*|rappelle demain"
    r"|vous (?:passe|donne)\w* un coup de fil|un rappel|vous rappeler|vous recontacter|qu'il vous appelle|qu'elle vous appelle|qu'on vous appelle)\b(?!.{0,25}\b(?:si (?:besoin|jamais|on|c'est|quelque)|s'il y a|en cas de)\b)"
)
PROMISE = re.compile(
    r"\b(?:va |vais |vont |allons )?(?:vous|te) (?:(?:fais|ferai|fera|fait) )?(?:(?:re)?(?:appel|contact)|rappel)(?:le|lera|lerai|lent|leront|e|era|erai|ons|erons|er)\b|(?:confirm|repon)\w* par telephone"
)
"""A call back told as a fact: "madame Roux vous rappelle"."""
ASKS = re.compile(
    r"\?|\b(?:peu[xt]|peuvent|puis|pourra(?:it)?|voul\w+|voudr\w+|souhait\w+|prefer\w+|faut|dois|doit|est-ce|si|sinon|qu'(?:on|il|elle)|ou (?:il|elle|un|vous))\b"
)
ONLY_IF = re.compile(
    r"\b(?:vous |te )(?:re)?(?:r?appel|contact)\w*\b.{0,25}\b(?:si (?:besoin|jamais|on|c'est|quelque)|s'il y a|en cas de)\b"
)
"""A call back that depends on something."""
NUMBER_FOR_BACK = re.compile(
    r"\b(?:quel|votre|un|le|ce|meme|bon) (?:\w+ )?numero\b.{0,40}\b(?:rappel|recontact|contact|appel)\w*|\b(?:rappel|recontact)\w*\b.{0,40}\bnumero"
    r"|\bou (?:peut|puis|peux|pourrait|pouvons)[- ].{0,20}\b(?:rappeler)"
)
YES = re.compile(
    r"^(?:(?:ah|ben|bah|euh|alors|oh)\s+)?(?:oui|ouais|d'accord|ok|okay|tres bien|parfait|exact\w*|c'est (?:ca|bien ca|exact|bon|parfait|note|correct|juste|cela)|tout a fait|absolument|volontiers|avec plaisir"
    r"|entendu|ca marche|ca me va|ca ira|ca m'irait|merci|super|impeccable|bien sur|je veux bien|s'il vous plait|nickel|voila|affirmatif|effectivement|si|bonne idee|va pour|je prends|pourquoi pas|ce serait bien|genial|top)\b"
)
NO = re.compile(
    r"^(?:(?:ah|ben|bah|euh|alors|oh)\s+)?(?:non|nan|pas (?:du tout|vraiment|la peine|besoin)|surtout pas|ca va pas|c'est pas (?:ca|la peine))\b"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A date or time said for something."""

    slot: Slot | None
    when: When
    old: bool
    """The date of an existing appointment, not the wanted one."""
    refused: bool
    text: str
    """The words, folded, numbers in digits."""
    busy: bool
    """The caller is taken up with something else then."""
    aside: bool
    """What happens then is somebody's own business."""
    correction: bool
    """It takes the place of the date said before it in the same utterance."""


def action_in(folded: str) -> Action | None:
    """What a caller's clause asks of an appointment."""
    folded = numerals(folded)
    if KEPT.search(folded):
        return None
    cancelled, moved, taken = (p.search(folded) for p in (CANCELLED, MOVED, TAKEN))
    if moved and re.match(r"(?:modifi|chang)", moved.group()) and "reservation" in moved.group():
        # More guests is a change of the booking, not another date.
        moved = re.search(
            r"\b(?:date|heure|jour|plutot le|au lieu d[ue] (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche))\b",
            folded,
        )
    if cancelled and re.search(
        r"\b(?:reprendre|un autre (?:rendez|rdv|creneau)|en (?:reprendre|prendre|refixer)|nouveau (?:rendez|rdv|creneau)|reporter|une autre date)",
        folded,
    ):
        return "déplacer"
    if cancelled:
        return "annuler"
    if moved:
        return "déplacer"
    return "prendre" if taken else None


def dates_in(folded: str, at: datetime, default: Slot | None) -> Iterator[Said]:
    """Dates of a caller's utterance with what each is for.

    `default` is what the operator's question was about.
    """
    text = numerals(folded)
    last_end = 0
    slot = default
    previous: When | None = None
    for when in whens_in(text, at):
        between = text[last_end : when.start]
        lead = text[: when.start]
        found = _slot(between, text[when.end :], slot)
        slot = found or slot
        if previous is not None and found is None and OTHERWISE.search(between):
            last_end = when.end
            continue
        sentence = re.split(r"[.?!;]", lead)[-1]
        busy = bool(BUSY.match(text[when.end :]))
        refused = bool(
            REFUSED.search(sentence)
            or (REFUSED_AFTER.match(text[when.end :]) and not PREFERRED.search(sentence))
            or (busy and BARE_NO.search(sentence))
        )
        old = bool(OLD_DATE.search(sentence)) or _moves_from(sentence, text[when.end :])
        clause = _clause(sentence)
        # "Mardi je suis en formation mercredi": its business is the day before's.
        alone = last_end == 0 or last_end <= when.start - len(clause)
        aside = not old and alone and bool(ASIDE.search(clause))
        correction = previous is not None and bool(CORRECTED.search(between))
        completed = (
            replace(when) if previous is None or not correction else _corrected(when, previous)
        )
        yield Said(
            slot, completed, old, refused, text[when.start : when.end], busy, aside, correction
        )
        last_end = when.end
        previous = when


def _clause(lead: str) -> str:
    """The end of what stands before a moment, from where its clause begins."""
    return re.split(r",|\b(?:mais|donc|alors|plutot|sinon|sauf|bon|oui|non|voila)\b", lead)[-1]


def _corrected(when: When, previous: When) -> When:
    """ "mardi à 14 heures, non pardon, mercredi": the hour stays."""
    if when.days and not when.has_hours and previous.has_hours:
        return replace(when, hours=previous.hours, part=previous.part)
    return when.over(previous)


def _moves_from(lead: str, tail: str) -> bool:
    """ "déplacer mon rendez-vous de mardi à jeudi": the first date is the old one."""
    if not FROM_TO.search(lead):
        # The day may be swallowed with its preposition: "du 12 au 15".
        if not re.match(r"(?:du|de)\b", lead[-3:].strip() or "-"):
            return False
    moving = re.search(rf"\b{MOVE}\b|\bpasse\w*\b|\bmettre\b", lead)
    return bool(moving and re.match(r"\s*(?:a|au|pour|vers|sur|en|et)\b", tail))


def _slot(between: str, tail: str, current: Slot | None) -> Slot | None:
    """The nearest cue before the date, else right after it."""
    cleaned = NO_CUE.sub(lambda match: " " * len(match.group()), between)
    call = [match.start() for match in CALL_CUE.finditer(cleaned)]
    meet = [match.start() for match in MEET_CUE.finditer(cleaned)]
    if call or meet:
        return "callback" if max(call, default=-1) > max(meet, default=-1) else "appointment"
    after = re.split(r"[.?!;]|\bmais\b|\bet\b", tail)[0]
    after = NO_CUE.sub(" ", after)
    if current is None or CALL_CUE.search(after[:40]):
        if CALL_CUE.search(after[:40]):
            return "callback"
        if MEET_CUE.search(after[:40]):
            return "appointment"
    return None


def promises_back(folded: str) -> bool:
    """Whether an operator's utterance says, without asking, that somebody will call."""
    return any(
        PROMISE.search(sentence)
        and not ASKS.search(sentence)
        and not NOT_BACK.search(sentence)
        and not ONLY_IF.search(sentence)
        for sentence in re.findall(r"[^.?!;]+[.?!;]?", folded)
    )


def wants_back(folded: str) -> bool | None:
    """True when a call back is asked, False when it is declined, None when neither."""
    if NOT_BACK.search(folded) or BY_MAIL.search(folded):
        asked = ASKED_BACK.search(NOT_BACK.sub(" ", folded))
        mail = BY_MAIL.search(folded)
        if asked and not mail and re.search(r"\b(?:mais|sinon|par contre|plutot)\b", folded):
            last_no = max(match.end() for match in NOT_BACK.finditer(folded))
            return bool(ASKED_BACK.search(folded, last_no - 5)) and last_no < len(folded) - 8
        return False
    text = OWN_CALL.sub(" ", folded)
    return True if ASKED_BACK.search(text) else None
