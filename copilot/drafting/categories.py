"""What kind of request a call is: the first one expressed."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501, SIM102

from __future__ import annotations

import re
from dataclasses import dataclass

from copilot.drafting.clauses import Clause

CATEGORIES = (
    "rendez-vous", "annulation", "rappel", "réclamation", "information", "urgence", "devis",
    "facturation", "livraison", "démarchage", "erreur", "autre",
)  # fmt: skip
MEETING = (
    r"(?:rendez[- ]?vous|rdv|consultation|seance|visite|creneau|intervention|reservation|detartrage"
    r"|controle|entretien|place|bilan|vaccin\w*|examen|date|essayage|revision|vidange|cours|table"
    r"|soin|suivi|horaire|heure|passage|rencard|entrevue|lecon|conduite|maintenance|ramonage|piqure)"
)
WISH = (
    r"(?:voudrai\w*|voulai\w*|souhait\w*|aimerai\w*|faudrai\w*|besoin|prendre|avoir|obtenir|fixer"
    r"|caler|trouver|reserver|planifier|programmer|convenir|demander|demande|cherche\w*|reprendre"
    r"|mettre|poser|prenne|prends|placer|donner|possible|pouvoir|pourrai\w*|peux|peut|veux|veut)"
)
MOVE = r"(?:deplac(?!ement)|decal|report|repouss|avanc(?!ement)|chang|modifi|bouge[rz]|remettre|replanifi|reprogramm)\w*"
CANCEL = r"(?:annul|decommand|desist)\w*"

PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("annulation",
         rf"\b{CANCEL}|\b(?:resili\w*|retract\w*)\b"
         r"|\bne?\b ?(?:pourr|peu|vais|va|sera)\w* (?:\w+ )?pas (?:pouvoir )?(?:venir|me rendre|etre la"
         r"|etre present|honorer|assurer|me deplacer|y aller|me presenter|m'y rendre)"
         r"|\bje (?:peux|pourrai|pourrais|vais) (?:pas|plus) (?:pouvoir )?(?:venir|etre la|y aller|honorer)"
         r"|\b(?:empechement|plus besoin d[eu'] ?\w* ?(?:rendez|rdv|creneau|consult))"),
        ("rendez-vous",
         rf"\b{MOVE}\b.{{0,45}}\b{MEETING}\b|\b{MEETING}\b.{{0,45}}\b{MOVE}\b"
         rf"|\b{WISH}\b.{{0,45}}\b(?:rendez[- ]?vous|rdv|consultation|seance|creneau|place|visite|visiter|entretien|maintenance|ramonage|intervention)\b"
         r"|\b(?:un |de |nouveau |premier |autre )(?:rendez[- ]?vous|rdv|creneau)\b"
         r"|\b(?:pour|c'est pour) (?:un |une |prendre |le )?(?:rendez[- ]?vous|rdv|consultation)\b"
         rf"|\b{WISH}\b.{{0,30}}\b(?:vous voir|(?:voir|rencontrer) (?:le|la|monsieur|madame|docteur|maitre|votre)"
         r"|venir (?:vous voir|faire|au cabinet|en consult)|passer (?:vous voir|faire|un (?:examen|scanner|controle))"
         r"|etre recue?|nous recevoir|me recevoir|reserver (?:une|un|pour|deux|trois|quatre|\d))"
         r"|\b(?:dispo(?:nible|nibilite)?s?|libres?) (?:pour|cette|la semaine|en ce moment)\b.{0,20}(?:rdv|rendez|consult)"
         r"|\bquand (?:pouvez|pourriez|pourrait|peut|est-ce que)\b.{0,30}\b(?:recevoir|voir|venir|passer|intervenir)\b"
         r"|\breserver (?:une|un|pour|le|la)\b|\b(?:le|la|l') ?(?:deplacer|decaler|reporter|repousser|avancer)\b"
         r"|\b(?:qu'|que |faire )(?:quelqu'un|un technicien|le technicien|un plombier|vous) (?:passe|vienne|passer|veniez|passiez)"
         r"|\b(?:faire venir|envoyer) (?:quelqu'un|un technicien|un plombier|le technicien)"),
        ("devis",
         r"\bdevis\b|\bestimation\b|\bchiffrage\b|\bestimer\b|\bchiffrer\b|\bproposition (?:de prix|tarifaire|commerciale)"
         r"|\bcombien (?:ca |cela )?(?:me |nous )?(?:couter|reviendr)\w*|\bfaire (?:faire )?(?:refaire|poser|installer|"
         r"construire|renover)\b|\bofffre de prix|\b(?:avoir|faire|donner|connaitre) (?:un|le|vos|les) prix\b|\boffre de prix|\bprix pour (?:refaire|faire|poser|installer|changer)"),
        ("facturation",
         r"\bfactur\w*|\bpaye(?:r|e|es|s)?\b.{0,20}\bdeux fois|\bpreleve\w*|\bprelevement\w*|\bavoir sur\b"
         r"|\brembours\w*|\breglement\b|\bechean\w*|\bechelonn\w*|\bcharges?\b.{0,15}\b(?:elevees?|decompte|regul|montant)|\bdecompte de (?:mes |la |nos )?charges|\bappels? de (?:fonds|charges)"
         r"|\bregul\w* (?:de|des) charges|\bmontant\b.{0,20}\b(?:erreur|faux|debit|prelev)|\bdebit\w*|\brelance\b"
         r"|\bimpaye\w*|\bquittance\w*|\bvirement\b|\btrop[- ]percu|\bnote d'honoraires|\bacompte\b|\btiers payant"
         r"|\bfeuille de soins?\b|\bregler (?:(?:ma|la|une|mes|les|le|votre|cette|mon) )?(?:\w+ )?(?:factur|solde|note|loyer|somme|montant|acompte|cotisation|achat|commande|par |en )|\bpenalites?\b|\bloyer\b.{0,20}\b(?:pay|preleve|quittance)"
         r"|\b(?:payer|paiement)\b|\ben plusieurs fois\b|\bje vous (?:regle|paie|paye|dois)\b|\bmensualit\w*|\brecu (?:fiscal|de paiement)"),
        ("livraison",
         r"\blivr\w*|\bcolis\b|\bcoursier\b|\bexpedi\w*|\btransporteur\b|\bpoint relais\b|\bchronopost\b"
         r"|\bpas (?:encore |toujours )?recu (?:ma|mon|mes|la|le|notre|nos)\b.{0,20}\b(?:commande|paquet|colis|meuble|article)s?"
         r"|\b(?:commande|paquet)\b.{0,40}\b(?:arriv|recu|expedi|suivi|bloqu|perdu|retard)\w*|\bsuivi de (?:ma|la|mon) (?:commande|colis)"
         r"|\b(?:ou en est|ou est|quand arrive)\b.{0,15}\b(?:commande|colis|paquet)"),
        ("réclamation",
         r"\breclamation\b|\bplainte\b|\bme plaindre\b|\bmecontent\w*|\binadmissible|\bscandal\w*|\binacceptable"
         r"|\bpas contente?\b|\bpas (?:du tout )?satisfait\w*|\binsatisf\w*|\b(?:deuxieme|troisieme|quatrieme|3e|2e|\w+ieme) fois que"
         r"|\bmalfacon\w*|\bmal (?:fait|pose|monte|repare|installe|fini)\w*|\bdefectueu\w*|\bdefaut\b|\babime\w*"
         r"|\bendommag\w*|\bca (?:ne )?marche (?:toujours )?pas depuis|\bse moque\w*|\bde qui se\b|\bfoutage|\bhonteux|\bhonte\b"
         r"|\bcasse\w* (?:a l'arrivee|dans le colis|a la reception)|\bpersonne n'est (?:venu|passe)|\bne (?:sont|est) jamais (?:venu|passe)"
         r"|\bnuisances?\b|\btapage\b|\bfurieu\w*|\bau bout de (?:ma|la) patience|\bj'en ai (?:marre|assez|ras)"
         r"|\bgarantie\b|\bne correspond pas|\bpas conforme|\berreur (?:dans|sur|de) (?:ma|la|votre) commande|\bpose un lapin"
         r"|\btres decue?\b|\bdecue? (?:de|par)|\bretourner (?:un|le|la|mon|ma|cet|cette)|\bdeja (?:casse|en panne|abime|decolle|hs|fichu|troue)\w*|\bfort de cafe|\bpas normal\b|\bdegueulasse|\bras le bol|\bmal (?:faite|nettoye|range)\w*|\bbacle\w*|\btoujours pas (?:repare|regle|intervenu|venu|traite)"),
        ("information",
         r"\b(?:savoir|renseign\w*|information\w*|infos?|connaitre|question|demander si)\b"
         r"|\bhoraires?\b|\btarifs?\b|\bouverts?\b|\bouvrez\b|\bfermez\b|\bfermes? \b|\bcombien (?:coute|ca coute|c'est|prenez|vous prenez|est-ce)"
         r"|\best-ce que vous (?:\w+ )?(?:faites|avez|acceptez|prenez|etes|proposez|vendez|reparez|travaillez|intervenez|livrez|remboursez)"
         r"|\bvous (?:faites|acceptez|prenez|proposez|vendez|reparez|avez) (?:\w+ )?(?:les|la|le|des|du|de|une?|encore|toujours)\b"
         r"|\bc'est (?:a quelle|quoi|combien|ou|quel)|\bcomment (?:faire|on fait|ca se passe|je fais|se passe)"
         r"|\bquels? (?:sont|est|documents?|papiers?|pieces?)|\bquelles? (?:sont|est|pieces?|demarches?)|\bou (?:etes|vous trouvez|se trouve|se garer)"
         r"|\bfaut-il|\bqu'est-ce qu'il faut|\bpeut-on|\bdocumentation\b|\bplaquette\b|\bcatalogue\b|\bdisponible en\b|\ben stock\b"),
        ("rappel",
         r"\b(?:parler|joindre|entretenir|discuter|echanger)\b"
         r"|\b(?:me|m'|nous) (?:rappel|recontact)\w*|\brappelez[- ](?:moi|nous)|\betre (?:rappele|recontacte)\w*"
         r"|\b(?:vous|on|il|elle|monsieur \w+|madame \w+) (?:m'(?:a|avez|avait|aviez)|nous (?:a|avez)) (?:appele|laisse|contacte|telephone)\w*"
         r"|\bje (?:vous )?rappelle\b|\b(?:suite a|retour sur) (?:votre|son|l') ?(?:appel|message|mail|courrier)"
         r"|\b(?:au sujet|a propos|concernant|par rapport|rapport a|c'est (?:pour|au sujet)|suivi) .{0,12}\b(?:dossier|affaire|succession|divorce|vente|sinistre|travaux|chantier|resultats?|candidature)"
         r"|\bou en est\b|\bavancement\b|\bdes nouvelles\b|\blaisser un message\b|\btransmettre un message|\bpoint sur\b"),
    )
)  # fmt: skip
SELLER = re.compile(
    r"\b(?:nos (?:solutions?|offres?|services?|produits?)|notre (?:offre|solution|gamme|catalogue|logiciel|nouvelle)"
    r"|(?:je|nous|on) vous propos\w+|nous propos(?:ons|ions)|partenariat|prospect\w*|presenter (?:notre|nos)|audit gratuit|etude gratuite"
    r"|panneaux (?:solaires|photo)\w* .{0,40}(?:gratuit|aides|prime|eligible)|referencement|fournisseur d'(?:energie|electricite)"
    r"|demonstration|encart publicitaire|offres? (?:exceptionnelle|speciale|promotionnelle)s?|avons (?:actuellement |en ce moment )?une offre|faire decouvrir|commercialis\w+|reduire (?:vos|votre)|optimis\w+ (?:vos|votre)|essai gratuit"
    r"|mutuelle d'entreprise|vos contrats? d'|annuaire professionnel|visibilite sur internet|espace publicitaire|faire beneficier"
    r"|propos\w+ (?:des|nos|une|un) (?:\w+ )?(?:solutions?|offres?|services?|produits?|contrats?|formations?|logiciels?|tarifs?))\b"
)
WRONG_NUMBER = re.compile(
    r"\b(?:faux numero|mauvais numero|trompee? de numero|erreur de numero|numero errone|me suis trompee?(?=\s*(?:$|[,.!]|desole|excus|pardon|au revoir|je voulais|bonne))"
    r"|me tromper de numero|j'ai du me tromper(?=\s*(?:$|[,.!]|desole|excus|pardon|au revoir|bonne))|je croyais (?:appeler|etre (?:chez|a|au|aux)|tomber|que c'etait (?!que\b))|je pensais (?:appeler|etre|tomber)"
    r"|^(?:(?:ah|oh|euh|ben|bon|mince|pardon|excusez-moi|desolee?)[ ,.!]+)*j'ai du confondre(?!.*(?:\bc'est\b|\bplutot\b|\d))"
    r"|c'est pas (?:chez|le|la|les) .{0,30} la\b|c'est une erreur(?! d| sur| de)|pas (?:le bon|au bon) numero"
    r"|fait (?:un )?(?:mauvais|faux) numero|trompe de (?:poste|correspondant)|desole(?:e)?,? (?:c'est une )?erreur)\b"
)
PRIORITY = (
    "annulation", "devis", "facturation", "livraison", "réclamation", "rendez-vous", "information",
    "rappel",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """A clause that asks for something."""

    category: str
    clause: Clause


def requests(clause: Clause) -> list[str]:
    """Categories a clause expresses, the most telling first."""
    found = {name for name, pattern in PATTERNS if pattern.search(clause.folded)}
    if "annulation" in found and _keeps(clause.folded):
        found.discard("annulation")
    if "réclamation" in found and found & {"facturation", "livraison"}:
        if re.search(r"\b(?:reclamation|plainte|plaindre|mecontent|inadmissible|scandal|pas content)",
                     clause.folded):  # fmt: skip
            return ["réclamation"]
    if "devis" in found and re.search(r"\b(?:accept|sign|valid|retourn)\w*\b.{0,20}\bdevis|devis (?:que|recu|envoye|du|numero|n°)",
                                      clause.folded):  # fmt: skip
        found.discard("devis")
        found.add("rappel")
    return [name for name in PRIORITY if name in found]


def _keeps(folded: str) -> bool:
    """ "je ne veux pas annuler" asks for no cancellation."""
    return bool(re.search(r"\b(?:pas|sans|plutot que d'?|ni|plutot qu')\s*(?:l'|d')?annul", folded))


def is_sales(folded: str) -> bool:
    return bool(SELLER.search(folded))


def is_wrong_number(folded: str) -> bool:
    return bool(WRONG_NUMBER.search(folded))
