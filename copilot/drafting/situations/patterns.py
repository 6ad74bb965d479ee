"""Situations by their words: how each is named in rules and said on the phone."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Situation:
    """Something that can happen, and how it is said in rules and on the phone."""

    name: str
    pattern: re.Pattern[str]
    danger: bool
    """A person or an animal in danger, or damage under way."""


def _situation(name: str, pattern: str, *, danger: bool) -> Situation:
    return Situation(name, re.compile(rf"(?<![a-z])(?:{pattern})"), danger)


_OFF = (
    r"(?:en panne|ne (?:\w+ )?(?:marche|fonctionne|demarre|repond|chauffe|s'allume|tourne|part)\w* ?(?:plus|pas)?"
    r"|(?:marche|fonctionne|demarre|repond|chauffe|s'allume|tourne|refroidit) (?:plus|pas)|hs\b|h\.s|coupe\w*|arrete\w*"
    r"|lache\w*|tombe\w* en panne|est mort\w*|plante\w*|a rendu l'ame|est down|(?:ne )?(?:fait|font) plus rien|a l'arret|ne va plus|foutue?s?|fichue?s?|grillee?s?|(?:plus|pas) (?:de signe|moyen)|s'est (?:eteint|arrete)\w*|deconne\w*|en rade|s'arrete tout le temps|inaccessible|bloque\w*|hors service)"
)
SITUATIONS: tuple[Situation, ...] = (
    _situation("fuite de gaz", r"(?:odeur|fuite|sen[st]\w*|emanation\w*|ca sent)\b.{0,25}\bgaz\b|monoxyde|oeufs? pourris?|\bgaz\b.{0,20}(?:fuite|odeur|echapp|sen[st])", danger=True),
    _situation("eau", r"fuites?(?!.{0,12}gaz)|fuit\b|inond\w*|degats? des eaux|degat d'eau|rupture de canalisation|canalisation (?:\w+ ){0,3}(?:pete|eclat|romp|cass|perc)\w*"
               r"|eau\b.{0,25}\b(?:coule|tombe|goutte|degouline|rentre|monte|gicle|ruisselle|traverse|infiltre|deborde|arrive|partout|jusqu|au plafond|par terre|sur le sol|plein)\w*"
               r"|(?:coule|goutte|degouline|pisse|ruisselle|pleut|dégouline|suinte)\w*\b.{0,25}\b(?:plafond|mur|chez|partout|lustre|dessous|eau|salon|cave|placard|compteur|ballon|parquet|a flots)"
               r"|plafond\b.{0,25}\b(?:goutte|coule|degouline|trempe|mouille|gondole|eau)|(?:ca|il) (?:pleut|coule|goutte|degouline|fuit)\b|pieds dans l'eau|tuyau\b.{0,20}\b(?:pet|eclat|cass|perc|lache|rompu)\w*|trempe\w*\b.{0,20}(?:plafond|moquette|parquet)"
               r"|robinet\b.{0,20}(?:ferme plus|coule|casse)|nage dans l'eau|flaque|patauge|chauffe-eau\b.{0,20}(?:perc|coul|fui|lach)\w*|ballon\b.{0,15}(?:perc|coul|lach)\w*|siphon.{0,15}lache|vide par le bas", danger=True),
    _situation("feu", r"incendie|\bfeu\b(?! rouge| vert| de signal)|fumee|flammes?|ca (?:brule|crame)|(?:sent|odeur)\w*.{0,12}\b(?:brule|cram|roussi)\w*|prend feu|ca fume|qui fume|explos\w*", danger=True),
    _situation("danger électrique", r"(?:tableau|armoire|compteur|disjoncteur|boitier|prise|interrupteur|multiprise|cable|rallonge|lampe|plafonnier)s?\b.{0,45}\b(?:brulant|bouillant|chauff|fum|brul|fond|noirci|gresill|etincel|crepit)\w*|sent\w* le (?:plastique|caoutchouc|cable|brule|chaud|roussi)|electris\w*|pris (?:le |un coup de |une )(?:courant|jus)|court[- ]circuit|electrocut\w*|decharge electrique|pris (?:une |le )?(?:decharge|jus|chataigne)|etincelles?|fils? (?:electriques? )?(?:denudes?|a nu)|prises?\b.{0,20}\b(?:fondu|brul|fume|noirci|gresille)\w*|tableau\b.{0,25}\b(?:fume|brul|gresille|chauffe|etincelle|fond)\w*|gresille", danger=True),
    _situation("coupure de courant", r"tout (?:vient de |a |est )?(?:saut|disjonct|coup)\w*|(?:plus|pas) une (?:seule )?(?:lumiere|lampe|prise)|(?:panne|coupure)s? (?:(?:totale|generale|complete|partielle|prolongee)s? )?(?:de |d')?(?:courant|electricite|electrique)|(?:plus|pas|sans) (?:aucune? |de |d')?(?:courant|electricite|jus|lumiere)|(?:tout|compteur|disjoncteur) a? ?(?:saute|disjonct)\w*|courant\b.{0,12}coupe|dans le noir|electricite\b.{0,20}(?:coupe|panne|saute)\w*|disjonct\w*", danger=False),
    _situation("sans chauffage", rf"(?:panne|plus|pas|sans|absence)\b.{{0,18}}\b(?:chauffage|chaudiere)|(?:chaudiere|chauffage|radiateurs?|poele|pompe a chaleur|pac)\b.{{0,25}}(?:{_OFF}|froids?|glaces?)|on gele|on se gele|il fait (?:\w+ )?(?:\d+ degres|tres froid|un froid)|\d+ degres (?:dans|chez|a l'interieur)", danger=False),
    _situation("sans eau chaude", r"(?:plus|pas|sans|panne|absence|manque)\b.{0,10}eau chaude|eau\b.{0,8}(?:froide|glacee)|chauffe-eau.{0,12}(?:panne|marche (?:pas|plus))", danger=False),
    _situation("sans eau", r"(?:plus|pas|sans|coupure|absence)\b.{0,8}\b(?:d'|une goutte d')eau(?! chaude)\b|robinets? a sec|eau coupee", danger=False),
    _situation("bloqué dans un ascenseur", r"(?:coince|bloque|enferme|prisonni)\w*\b.{0,70}\b(?:ascenseur|cabine|monte-charge)|(?:coince|bloque|arrete|immobilis)\w*\b.{0,15}\bentre (?:deux|2|le \w+ et le|les) (?:etages?|\w+)|(?:ascenseur|cabine)\b.{0,45}\b(?:coince|bloque|enferme|quelqu'un dedans|dedans|personne a l'interieur|gens dedans|prisonni|appelle a l'aide|crie)\w*", danger=True),
    _situation("ascenseur en panne", rf"(?:ascenseur|monte-charge|monte-personne|appareil|elevateur)s?\b.{{0,25}}{_OFF}|(?:panne|arret)s? (?:de |d'|de l'|d'un |des )*(?:ascenseur|appareil|elevateur|monte)", danger=False),
    _situation("porte", r"(?:poignee|verrou|loquet|cle)\b.{0,40}\b(?:dans la main|cass|tourne|bloqu|coinc|restee?)\w*|(?:peu\w*|arriv\w*|possible) (?:plus |pas |meme pas )(?:de |a )?(?:sortir|rentrer|entrer|ouvrir)(?! (?:avant|ce soir|demain|plus tot|du travail|du bureau))|enferme\w* (?:dans|dehors|dedans|a)|sans (?:mes |les )?cles?\b|porte\b.{0,25}\b(?:claqu|bloqu|coince|ferme pas|ferme plus|ouvre plus|s'est (?:re)?ferme)\w*|(?:enferme|coince|bloque)\w*\b.{0,15}\b(?:dehors|exterieur|pallier|palier|dedans|interieur|toilettes|salle de bain|chambre)|cles?\b.{0,25}\b(?:a l'interieur|dedans|perdu\w*|cassee|dans la serrure|vole\w*)|claque la porte|(?:perdu|oublie|vole|casse)\w*\b.{0,15}\bcles?|a la porte de chez|peux plus (?:rentrer|entrer)|rentrer chez (?:moi|nous)|serrure\b.{0,15}(?:bloqu|coinc|cass)\w*", danger=False),
    _situation("effraction", r"intrusion|(?:types?|individus?|mecs?|gars|hommes?|inconnus?|rodeurs?)\b.{0,50}\b(?:grillage|cloture|portail|fenetre|escalad|forc|rod|cagoul|dans (?:la|le|l'|mon|ma))\w*|cambriol\w*|effraction|(?:porte|serrure|vitrine?|fenetre|rideau)\b.{0,18}\b(?:forc|fractur|defonc|bris|enfonc)\w*|intrus\w*|squat\w*|vandalis\w*|\bvols?\b(?! a | de nuit)|\bvoleurs?|braquage", danger=True),
    _situation("refoulement", r"(?:toilettes?|wc|evacuation|canalisations?|egouts?|eviers?|douche|fosse)\b.{0,30}\b(?:bouch|debord|refoul|remont)\w*|(?:bouch|debord|refoul|remont)\w*\b.{0,25}\b(?:toilettes?|wc|egouts?|eaux usees|canalisations?)|eaux usees|refoulement|engorg\w*", danger=True),
    _situation("effondrement", r"(?:fils?|cables?|lignes?)\b.{0,25}\b(?:pend|tomb|arrach|par terre|au sol|en travers)\w*|(?:ne )?(?:tient|tiennent) plus\b.{0,12}\b(?:que|qu'|rien|du tout|bien)|(?:zinc|tole|plaque|panneau|branche|pierre|brique|corniche|volet|echafaudage|poteau|pylone|grue|lampadaire|antenne|cheminee|mur|balcon|muret)s?\b.{0,45}\b(?:(?:va|vont|risque\w*|menace\w*|pret\w*)(?: de| a)? ?(?:tomb|ceder|lach|bascul)|pend|penche|se balance|vacill|tient plus|tiennent plus|decroch|detach|descell)\w*|menac\w* de (?:tomber|ceder|chuter)|chutes? de (?:pierres?|tuiles?|branches?|materiaux)|effondr\w*|ecroul\w*|eboul\w*|menace de tomber|(?:plafond|mur|balcon|toit|toiture|cheminee|facade)\b.{0,25}\b(?:tomb|lach|descendu|arrach|envol|fissur|s'affaiss)\w*|arbre\b.{0,20}\b(?:tomb|couch|appuy)\w*|(?:tuiles?|ardoises?|gouttiere|enseigne|antenne)\b.{0,30}\b(?:tomb|envol|arrach|gliss|pend|decroch|boug)\w*|peril", danger=True),
    _situation("tempête", r"tempete|orage|grele|toiture arrachee|bache\w*|toit\b.{0,20}(?:envol|arrach|eau)\w*", danger=False),
        _situation(
        "vitre cassée",
        r"(?:vitres?|vitrines?|fenetres?|carreaux?|baies?(?: vitrees?)?|pare-brise|portes? vitrees?)\b.{0,25}\b(?:cass|bris|explos|fissur|eclat|fracass)\w*|(?:cass|bris|explos)\w*\b.{0,14}\b(?:vitres?|vitrines?|carreaux?)",
        danger=False,
    ),
    _situation(
        "maux de tête",
        r"maux de tete|mal (?:de|a la|au) (?:tete|crane)|cephalees?|migraines?",
        danger=False,
    ),
    _situation(
        "enfant à récupérer",
        r"(?:pas|jamais|retard|impossible|bloque\w*|coince\w*)\b.{0,70}\b(?:chercher|recuperer)|(?:chercher|recuperer)\b.{0,40}\b(?:pas|retard|impossible)\b",
        danger=False,
    ),
    _situation(
        "transport absent",
        r"(?:non|pas) (?:ete )?prise? en charge|(?:sans|pas de|aucun|toujours pas de|pas eu de) (?:vehicule|ambulance|transport|taxi|chauffeur)|(?:chauffeur|ambulance|taxi|vehicule|vsl)\b.{0,25}\b(?:pas (?:la|venue?|arrivee?|passee?)|absente?|toujours pas)|personne n'est venue? (?:le |la |me |nous |les )?chercher|(?:attend|attends|attendons) (?:toujours )?(?:son|mon|le|l'|un|une|votre) ?(?:ambulance|transport|taxi|vehicule|vsl|chauffeur)",
        danger=False,
    ),
_situation("poitrine", r"thoraci\w*|(?:douleurs?|mal|serre\w*|oppress\w*|pique|poids|brule|lance)\b.{0,25}\b(?:poitrine|thorax|coeur|poumon)|poitrine\b.{0,25}\b(?:serre|oppress|douleur|mal|comprim|etau|fait mal)\w*|infarctus|crise cardiaque|oppression|bras gauche", danger=True),
    _situation("respiration", r"encombr\w*\b.{0,25}\b(?:respirat|bronch|poumon|nourrisson|bebe)\w*|(?:bronches?|poumons?|gorge|nez)\b.{0,22}\b(?:plein|pris|encombr|charg)\w*|bronchiolite|glaires|(?:il|elle|bebe|petite?) (?:est|a l'air|semble) (?:tres|tout|toute|trop|super|bien) (?:pris|encombre)e?\b(?! par| de| en| dans| cette| ce| au)|respir\w*\b.{0,22}\b(?:mal|plus|difficil\w*|peine|vite|bizarre|pas bien|siffl\w*|bruit)|(?:mal|difficult\w*|peine|gene|gener|arrive (?:pas|plus)|peut (?:pas|plus)|detresse|arrive meme plus|peu)\b.{0,18}\brespir\w*|etouff\w*|suffoqu\w*|essouffl\w*|souffle court|a court de souffle|manque d'air|cherche (?:son|sa) (?:air|souffle|respiration)|(?:crise )?d'asthme|asphyx\w*|levres? (?:\w+ )?bleu\w*|dyspnee|gene respiratoire|trouve (?:pas|plus) (?:son|de) (?:air|souffle)", danger=True),
    _situation("saignement", r"saign\w*|hemorragi\w*|\bsang\b(?!.{0,6}(?:prise|analyse|bilan|test))(?<!prise de sang)(?<!analyse de sang)|ensanglant\w*", danger=True),
    _situation("inconscience", r"inconscien\w*|evanoui\w*|perdu connaissance|pertes? de connaissance|perte de conscience|malaise|dans les pommes|ne? ?(?:repond|reagit|bouge|se reveille|parle) (?:plus|pas)|syncope|convuls\w*|crise d'epilepsie|epilep\w*|a terre|fait une crise|(?:tremble|secousses)\b.{0,15}(?:partout|tout le corps|pattes)|arrive pas a (?:le|la) reveiller", danger=True),
    _situation("avc", r"\bavc\b|accident vasculaire|paralys\w*|bouche\b.{0,12}\b(?:travers|tordue|tombe|pend)\w*|visage\b.{0,15}\b(?:travers|affaiss|paralys|tombe|deform)\w*|(?:bras|jambe|cote)\b.{0,15}\b(?:engourdi|bouge plus|sent plus|repond plus)\w*|parle (?:mal|bizarre|plus)|n'arrive plus a parler|troubles? de la (?:parole|vue|vision)|voi[st] (?:presque |quasiment )?(?:plus|double|flou|rien|trouble)|perte? (?:brutale )?de (?:la )?(?:vue|vision)|perdu la vue|(?:voile|rideau|tache)s? (?:noire?s?|devant)", danger=True),
    _situation("fièvre", r"(?:est|monte\w*|grimpe\w*|a) a (?:38|39|40|41|trente[- ](?:huit|neuf)|quarante)\b(?! (?:ans|euros|minutes|heures?|kilometres))|fievre|febrile|(?:39|40|41|trente[- ]neuf|quarante)\b(?: \w+){0,2} (?:de temperature|de fievre|degres)|temperature\b.{0,15}\b(?:39|40|41|trente[- ]neuf|quarante)|brulante? (?:de|comme)|temperature elevee", danger=False),
    _situation("grossesse", r"ventre\b.{0,25}\b(?:durci|dur)\w*|enceinte|grossesse|contractions?|perdu les eaux|perte des eaux|accouch\w*|travail a commence", danger=False),
    _situation("allergie", r"joue\b.{0,25}\b(?:gonfl|enfl|doubl|enorme)\w*|(?:gonfl|enfl)\w*\b.{0,20}\bjoue|allergi\w*|(?:gonfl|enfl)\w*\b.{0,20}\b(?:visage|gorge|langue|levres?|figure)|(?:visage|gorge|langue|levres?|figure)\b.{0,20}\b(?:gonfl|enfl)\w*|oedeme|anaphyla\w*|pique par une? (?:guepe|abeille|frelon)", danger=True),
    _situation("intoxication", r"double dose|trop de (?:cachets|comprimes|medicaments|gouttes)|intoxi\w*|empoison\w*|(?:aval|inger|bu|boit|mang|ingur|croqu|bouff|lech|grignot|gob|devor|machouill|englouti)\w*\b.{0,45}\b(?:produit|javel|lessive|pile|medicament|comprime|cachet|pilule|poison|antigel|raticide|rats?|souris|limaces?|granules|engrais|desherbant|insecticide|detergent|detartrant|liquide vaisselle|lave-vaisselle|white spirit|essence|huile de vidange|muguet|laurier|champignons?|raisins?|paracetamol|doliprane|ibuprofene|cannabis|shit|chocolat|plante|bouchon|jouet|aiguille|os\b|chaussette|piece|aimant)s?\b|(?:vide|pris|avale) (?:toute? )?(?:la |une |sa )?(?:boite|plaquette)s? (?:entiere )?de|(?:lecher?|toxiques?)\b.{0,20}\bproduits?|produits? (?:\w+ )?toxiques?|ingestion|corps etranger|surdos\w*|overdose|mort[- ]aux[- ]rats", danger=True),
    _situation("produit dangereux", r"(?:odeur|vapeurs?|emanations?|fumees?)\b.{0,25}\b(?:chlore|javel|acide|ammoniac|solvant|chimique|produit)\w*|pique\w* (?:aux |les |la |a la )(?:yeux|gorge|nez)|prend a la gorge|irrespirable|(?:produits?|acide|javel|solvant|chimi\w*|toxique|ammoniac|soude|hydrocarbure|fioul|gasoil|bidon)\b.{0,30}\b(?:renvers|repand|fui|deverse|coul|dangereu|toxique)\w*|(?:renvers|repand|deverse)\w*\b.{0,25}\b(?:acide|produit|javel|solvant|bidon|soude)", danger=True),
    _situation("brûlure", r"brulures?|s'est brule\w*|ebouillant\w*|me suis brule\w*|projection.{0,12}(?:yeux|oeil)|produit dans (?:l'oeil|les yeux)", danger=True),
    _situation("traumatisme", r"(?:trouve|retrouve|decouvert)\w*\b.{0,30}\b(?:au sol|par terre|allonge\w*|etendue?|inanime\w*)|(?:arriv|peu|parvien|reuss)\w* (?:pas|plus) (?:a )?(?:se|me|le|la) (?:relever|lever|redresser|remettre debout|tenir debout|mettre debout)|(?:est|suis|git) (?:reste\w* )?(?:par terre|au sol)|traumati\w*|fractur\w*|(?:cass|broy|tordu|ouvert|coupe|entaill)\w*\b.{0,14}\b(?:bras|jambe|poignet|cheville|pied|main|doigt|patte|crane|tete|hanche|col du femur)|coup\b.{0,12}\b(?:tete|crane)|renvers\w*|percut\w*|accident\b(?! de paie)|chute\b|est tombe\w*|(?:s'est|suis) (?:fait )?(?:ecras|renvers)\w*|defenestr\w*|plaie\w*|bless\w*|morsure|mordu\w*", danger=True),
    _situation("suicide", r"suicid\w*|en finir|envie de mourir|mettre fin a|plus envie de vivre|idees? noires?|me (?:tuer|foutre en l'air)|faire du mal|se (?:tuer|faire du mal)|veut mourir|vais sauter|preferai\w* mourir|disparaitre", danger=True),
    _situation("violences", r"violences?|agress\w*|frapp\w*|menac\w*\b(?! de tomber)|me bat\b|tape dessus|a tape|coups? (?:et blessures|de couteau)|viol\b|harcel\w*|enlev\w*|disparu\w*|danger immediat|peur pour (?:ma|sa) vie", danger=True),
    _situation("douleur forte", r"(?:douleur|mal|souffr)\w*\b.{0,30}\b(?:insupportable|atroce|terrible|horrible|intense|violente?|vive|aigue?|forte?|a (?:pleurer|hurler|crever|mourir|me taper)|enorme|brutal|terriblement|martyre|chien)\w*|rage de dents?|souffre (?:beaucoup|enormement|trop|le martyre|terriblement)|(?:pas|plus) (?:dormi|ferme l'oeil)|n'en peux plus|tords? de douleur|tord de douleur|hurle|insupportable|douleurs? aigu\w*|paracetamol ne|dolipran\w*.{0,20}(?:rien|pas|plus)|atroce\w*|mal (?:a en )?(?:pleurer|crever)|lancinan\w*|ca lance", danger=False),
    _situation("dent expulsée", r"dents?\b.{0,25}\b(?:cass|tomb|arrach|expuls|sorti|bouge|fractur|perdu|pete|delog)\w*|(?:cass|perdu|pete|expuls|arrach|tomb)\w*\b.{0,15}\b(?:dents?|incisive|molaire|canine)|avulsion|traumatisme dentaire", danger=False),
    _situation("gonflement", r"abces|(?:joue|gencive|machoire|visage|mandibule)\b.{0,25}\b(?:gonfl|enfl|double|deform)\w*|(?:gonfl|enfl)\w*\b.{0,20}\b(?:joue|gencive|machoire|visage)|oedeme facial|cellulite|infection|pus\b|infecte\w*", danger=False),
    _situation("garde à vue", r"gardes? a vue|\bgav\b|en garde|commissariat|interpell\w*|arrete\w* par (?:la police|les gendarmes)|(?:police|gendarmes?|gendarmerie)\b.{0,30}\b(?:emmen|arret|embarqu|gard|pris|convoqu|auditionn|perquisition|venu|est chez|sont chez)\w*|menott\w*|perquisition\w*|defere\w*|mandat d'arret|place en retention|retention|incarcer\w*|ecrou\w*|detention", danger=True),
    _situation("audience", r"audiences?|comparu\w*|comparai\w*|convocation|convoqu\w*|tribunal|passe en jugement|au juge|devant le juge|correctionnelle|refere\b|plaid\w*", danger=False),
    _situation("expulsion", r"expuls\w*|huissier|commissaire de justice|saisies?\b|force publique|mise? (?:a la rue|dehors)|commandement de (?:payer|quitter)|change (?:la|les) serrures?", danger=False),
    _situation("échéance", r"delais?\b.{0,25}\b(?:expir|recours|appel|prescri|legal|court|jours?|heures?|termine)\w*|prescription (?:arriv|acqui|dans)\w*|forclusion|date limite|dernier (?:jour|delai)|expire\w*|echeance\w*|arrive a (?:echeance|expiration)|delai de", danger=False),
    _situation("signature", r"signatures?|sign(?:er|e|ons|ent)\b|compromis|acte (?:de vente|authentique)|vente", danger=False),
    _situation("décès", r"deces|decede\w*|\b(?:est|etait|soit|retrouve\w*|trouve\w*) mort\b(?! aux| de)|\bmort(?:e|s|es)?\b(?!.{0,3}aux)|vien\w* de (?:mourir|partir|s'eteindre|nous quitter|disparaitre|perdre (?:mon|ma|mes|notre|son|sa|un))|nous (?:a|ont|avait) quitte\w*|s'est eteinte?|(?:perdu|perdre) (?:mon|ma|notre|son|sa) (?:pere|mere|mari|femme|frere|soeur|fils|fille|epou\w*|grand\w*|papa|maman|conjoint\w*|compagn\w*|tante|oncle|ami\w*)|(?:pere|mere|mari|femme|papa|maman|frere|soeur|mamie|papi|oncle|tante|fils|fille|grand-\w+|epoux|epouse)\b.{0,12}\b(?:est|n'est|a) (?:plus (?:la|de ce monde)|parti\w* (?:cette nuit|ce matin|ce soir|dans (?:son|la)|paisible\w*)(?! (?:en|a|au|pour|chez|travailler))|cesse de (?:vivre|respirer))|obseques|enterrement|fin de vie|mourant\w*|defunt\w*", danger=False),
    _situation("animal", r"(?:chien|chat|chienne|chatte|lapin|cheval|jument|poulain|vache|animal|chiot|chaton|furet|perroquet)s?", danger=False),
    _situation("animal malade", r"(?:ne? ?(?:mange|boit|urine|marche|se leve) (?:plus|pas)|mange (?:plus|pas)|boit (?:plus|pas)|vomi\w*|abattu\w*|(?:ventre|bidon|abdomen|panse|estomac)\b.{0,25}\b(?:gonfl|dur|ballon|enorme|tendu|distend)\w*|(?:arrive|parvient) (?:pas|plus) a (?:uriner|faire pipi|se lever|mettre bas|respirer)|fait (?:pas|plus) pipi|uriner|litiere\b.{0,60}\b(?:rien|pleur\w*|miaul\w*|force)|rien (?:qui |ne )?sort\b|colique\w*|dilatation|torsion|coup de chaleur|arrive pas a pisser|occlusion|hypotherm\w*|prostr\w*)", danger=True),
    _situation("poste en panne", rf"(?:ordinateurs?|imprimantes?|poste|ecran|souris|clavier|pc|portable|scanner)\b.{{0,30}}{_OFF}|panne.{{0,12}}(?:ordinateur|imprimante|poste)", danger=False),
    _situation("panne informatique", rf"(?:site|serveurs?|reseau|systeme|application|logiciel|plateforme|internet|connexion|wifi|messagerie|informatique|telephonie|standard|base de donnees|erp|intranet)\b.{{0,45}}{_OFF}|(?:plus|pas) (?:du tout )?(?:acces|de reseau|de connexion|internet|d'internet|de mails?)|(?:perdu|perte).{{0,8}}(?:acces|donnees|connexion)|(?:site|serveur|page)\b.{{0,25}}\b(?:erreur|tombe|blanche|indisponible|repond)\w*|panne\b.{{0,12}}\b(?:serveur|reseau|informatique|generale|site|systeme|internet|logiciel)|arret de production|interruption de service|peu\w* plus (?:travailler|se connecter|rien faire)|bloque\w* (?:toute )?(?:l'entreprise|la production|tout le monde)|ecran (?:bleu|noir)|tout est (?:bloque|plante|arrete)", danger=False),
    _situation("cyberattaque", r"attaques?\b.{0,12}\binformatiques?|(?:fichiers?|dossiers?|documents?|donnees)\b.{0,40}\b(?:change de nom|changes|renomm\w*|illisibles?|inaccessibles?|disparu\w*|bloques?|extension)|(?:message|page|fenetre|ecran)\b.{0,40}\b(?:demande|reclame|exige)\w*\b.{0,20}\b(?:argent|payer|paiement|rancon|bitcoin\w*|somme)|(?:souris|curseur|ordinateur)\b.{0,20}\btoute? seule?|cyber\w*|pirat\w*|hack\w*|rancongiciel|ransomware|virus|phishing|hameconn\w*|(?:fichiers?|donnees|documents?)\b.{0,30}\b(?:crypt|chiffr|verrouill|vole)\w*|rancon|intrusion|fuite de donnees|compte\b.{0,12}(?:pirat|vid)\w*|demande.{0,15}bitcoin|extension bizarre", danger=True),
    _situation("caisse", rf"(?:caisses?|terminal|tpe|lecteur de carte|paiement|encaiss\w*)\b.{{0,30}}(?:{_OFF}|refus\w*|impossible)|(?:peu\w*|arrive|possible|impossible)\b.{{0,14}}\bencaisser|plus encaisser|panne.{{0,8}}caisse", danger=False),
    _situation("froid", rf"(?:chambres? froides?|frigos?|congelateurs?|vitrines?)\b.{{0,25}}\b(?:affiche\w*|indique\w*|est a|sont a) (?:plus |\+|\d|dix|douze|quinze|vingt|zero)|pertes? de froid|(?:plus|pas) (?:de )?froid dans|(?:chambres? froides?|frigos?|congelateurs?|groupe froid|vitrines? (?:refrigeree|froide)s?|refrigerat\w*|armoire (?:froide|refrigeree)|froid)\b.{{0,35}}(?:{_OFF}|remont\w*|monte\w*|degr\w*|degel\w*|chaud)|panne\b.{{0,15}}(?:froid|frigo|congelateur|chambre froide)|rupture de la chaine du froid|decongel\w*|tout (?:fond|decongele|va etre perdu)", danger=True),
    _situation("machine", rf"(?:machine|four|ligne|presse|production|chaine|robot|moteur|pompe|compresseur|chariot|pont|portail|rideau|volet|store|alarme|barriere|clim\w*|ventilation|vmc|hotte)s?\b.{{0,30}}{_OFF}|production\b.{{0,12}}(?:arret|stopp)\w*", danger=False),
    _situation("panne de véhicule", rf"bas-cote|accotement|moteur\b.{{0,15}}\b(?:cale|lache|coupe|mort|fume)\w*|(?:voiture|vehicule|camion|utilitaire|moto|fourgon|bus|auto|scooter|car|camionnette)s?\b.{{0,40}}(?:{_OFF}|immobilis\w*|bord de (?:la )?route|en rade|fume)|en panne (?:sur|au bord|au milieu|a )|bande d'arret|autoroute|depann\w*|remorqu\w*|bord de (?:la|l') ?(?:route|autoroute)|en rade|immobilis\w*|plus de freins?|freins?\b.{{0,15}}(?:lach|repond|marche)\w*|voyant rouge|crev\w*", danger=False),
    _situation("denrées", r"denrees?|perissables?|produits? frais|marchandises?\b.{0,20}\b(?:perdu|abim|pourr|chaud)\w*", danger=False),
    _situation("monoxyde", r"monoxyde|\bco\b(?= qui| s'| \w*(?:sonn|bip))|(?:detecteur|boitier|capteur|alarme|appareil)\b.{0,60}\b(?:bip|sonn|hurl|siffl|declench)\w*\b.{0,80}\b(?:mal (?:a la|de|au) (?:tete|crane)|nausees?|vertiges?|tete qui tourne|chaudiere|poele)|(?:mal (?:a la|de|au) (?:tete|crane)|nausees?|vertiges?|tete qui tourne)\b.{0,80}\b(?:chaudiere|poele|brasero|cheminee)", danger=True),
    _situation("perquisition", r"perquisition\w*|saisi(?:t|ssent|r)\b.{0,25}\b(?:ordinateur|document|dossier|materiel|compta)\w*|brigade\b|descente (?:de police|des douanes)|mandat de", danger=False),
    _situation("fraude", r"fraud\w*|carte\b.{0,25}\b(?:vole|perdu|pirat|copi|avale)\w*|(?:debit|prelev|achats?|paiements?|virements?|operations?|retraits?)\w*\b.{0,60}\b(?:jamais (?:fait|effectue|autorise)|pas (?:moi|fait|autorise|de moi)|connais pas|inconnu\w*)|escroqu\w*|arnaqu\w*|usurp\w*", danger=False),
    _situation("dent", r"(?:dents?|incisives?|molaires?|canines?|couronne)\b.{0,45}\b(?:cass|tomb|sorti|arrach|expuls|saut|parti|deboit|delog|bris)\w*|(?:cass|perdu|arrach|bris|pete)\w*\b.{0,15}\b(?:dents?|incisives?|molaire)", danger=False),
    _situation("erreur de médicament", r"erreurs? (?:de |dans |sur )(?:la |le |l'|une? )?(?:delivrance|dosage|dose|medicament|ordonnance|traitement|prescription|preparation)|mauvais\w* (?:dose|dosage|medicament|boite|traitement|produit)|(?:donne|delivre|vendu|mis|prepare|prescrit|pris)\w*\b.{0,40}\b(?:au lieu d|a la place d|pas le bon|trompe)\w*|trompe\w* de (?:medicament|boite|dose|dosage|traitement|flacon)", danger=False),
    _situation("sans logement", r"(?:sans|plus de|plus aucun|perdu (?:mon|notre|le)) (?:logement|toit|appartement|maison)|plus habitable|inhabitable|reloge\w*|a la rue\b|dor\w* (?:chez des|a l'hotel|dans la voiture|dehors)", danger=False),
    _situation("portail", rf"(?:portail|portes? (?:du |de |de la |des |d'acces )*(?:garages?|parkings?|sous-sol|residence|immeuble|hall)|barriere|borne|rideau metallique|grille)s?\b.{{0,50}}(?:{_OFF}|(?:reste|est) (?:ferme|ouvert|bloqu|coinc)\w*|(?:s')?(?:ouvre|ferme|leve|baisse) (?:plus|pas)|bloqu\w*|coinc\w*)|panne\b.{{0,12}}\b(?:portes?|portail|barriere)\b", danger=False),
    _situation("mise bas", r"mis\w* bas|mettre bas|\bmettent bas|(?:petits?|bebes?|chiots?|chatons?|poulains?|veaux?|agneaux?|chevreaux?)\b.{0,25}\b(?:coinc|sort|bloqu|vien|pass)\w*|(?:elle|chienne|chatte|jument|vache|brebis|truie) (?:\w+ ){0,2}pousse\b.{0,25}\b(?:depuis|rien|sans|pas)\b|contractions?\b.{0,25}\b(?:depuis|rien|sans)\b|poche des eaux", danger=True),
    _situation("livraison absente", r"(?:livraisons?|livreurs?|commandes?|colis|buffet|gateau|piece montee|repas|plateaux|traiteur|serveurs?|materiel|fleurs|cercueil|gerbe|chapiteau)\b.{0,40}\b(?:absente?s?|manqu\w*|pas (?:encore |toujours )?(?:arrive|venu|passe|la|livre|recu|effectue|faite)\w*|jamais (?:arrive|venu|livre|recu)\w*|introuvable)|(?:absence|pas|defaut|manque) de livraison|(?:toujours|encore|absolument|on a|n'a|j'ai|n'avons|n'ai)\b.{0,12}\b(?:rien|pas|aucun\w*) (?:ete )?(?:recu|livr|vu)\w*(?! (?:comme|par|de|votre|vos|confirmation|mail|courrier))|non livre\w*|personne (?:n'est|est|ne) (?:encore )?(?:la|livre|arrive)", danger=False),
    _situation("alarme", r"alarmes? (?:co\b|incendie|monoxyde)|alarme\b.{0,20}\b(?:sonn|declench|hurl|retenti)\w*|sirene\b|detecteur\b.{0,20}\b(?:sonn|declench|bip)\w*", danger=True),
    _situation("absence du jour", r"absen(?:te?|ce)s?\b|(?:ne )?s'est (?:pas|jamais) (?:presente|pointe)\w*|personne n'est (?:venue?|passee?|la)|(?:n'est|est) (?:pas|jamais) (?:venu|passe|arriv)\w*|pas vu (?:passer|arriver|venir)|devai(?:t|ent) (?:\w+ ){0,5}(?:venir|etre la|arriver|commencer|passer)\b.{0,40}\b(?:pas|personne|toujours|jamais)|(?:soignante?|infirmier\w*|auxiliaire|aide a domicile|intervenant\w*|nounou|chauffeur|livreur|prestataire|equipe|technicien\w*|serveu\w*|agent|vigile|gardien|medecin|personne|traiteur|photographe|dj)\b.{0,25}\b(?:pas venue?|pas passee?|n'est (?:pas|jamais) (?:venu|passe|la|arriv)\w*|absent\w*|pas la|toujours pas|pas encore (?:la|arriv|pass)\w*|introuvable|pas present\w*)", danger=False),
    _situation("perfusion", r"assistance respiratoire|(?:appareil|machine|masque)s? (?:pour|a|qui l'aide a|d'aide a) (?:respir\w*|oxygene)|appareil (?:respiratoire|a oxygene)|rein artificiel|seances? de (?:rein|dialyse)|perfusion|sonde|oxygene|concentrateur|respirateur|pompe a insuline|insuline|dialyse|catheter|pansement\b.{0,20}(?:deco|sang|arrach)\w*|gastrostomie|traitement vital|materiel medical|lit medicalise", danger=True),
    _situation("errance", r"(?:pas|plus) dans (?:sa|leur) (?:chambre|maison|niche|lit)|cherche\w* partout|(?:on|je) (?:ne )?(?:le|la|l'|les) ?(?:trouve|retrouve|voit)\w* (?:plus|pas)|(?:fugu|fugue|perdu|disparu|introuvable|errance|echapp|enfui|sorti)\w*\b.{0,25}\b(?:resident|mamie|papi|enfant|maison|mere|pere|chien|chat|patient)\w*|(?:resident|enfant|mere|pere|patient)\w*\b.{0,20}\b(?:fugu|disparu|introuvable|perdu)\w*", danger=True),
    _situation("enfants", r"(?:maman|papa|mere|pere) d(?:e |')[a-z]+|enfants?|bebes?|nourrissons?|nouveau[- ]nes?|bambins?|(?:mon|ma|son|sa|notre|le|la|un|une) (?:petite?|fils|fille|gamine?|loulou|puce|aine|cadet\w*)\b|\d+ mois\b|jumeaux", danger=False),
    _situation("personne fragile", r"mobilite reduite|\bpmr\b|en fauteuil\b|peu\w* pas (?:descendre|monter)|bequilles?|dependante?s?\b|(?:perte d')?autonomie|alitee?s?|grabataire|sous oxygene|(?:peu\w*|sait|arrive) (?:rien|pas|plus) (?:\w+ ){0,3}(?:tout |toute )?seule?\b|agee?s?\b|vulnerable\w*|fragiles?|handicap\w*|dialys\w*|(?:70|75|7\d|8\d|9\d|quatre[- ]vingt[- a-z]*|soixante[- ](?:dix|quinze|douze)\w*) ans|grand[- ](?:mere|pere)|mamie|papi\b|personnes? (?:seules?|malades?)|invalid\w*|fauteuil roulant|seniors?|ehpad|maison de retraite|foyer logement", danger=False),
    _situation("aujourd'hui", r"(?:le |du )?jour[- ]meme|aujourd'hui|dans la (?:journee|matinee|soiree)|(?:moins de |sous |dans les? )?(?:24|48|72|vingt[- ]quatre|quarante[- ]huit|soixante[- ]douze) ?h(?:eures)?|(?:le )?lendemain|demain|ce (?:matin|soir)|cet apres|dans (?:\w+ )?(?:une|1|2|deux|trois|3|quatre|4) heures?|tout a l'heure|veille|imminent\w*|ce jour|tout de suite|cette nuit|d'ici ce soir|pour ce soir", danger=False),
    _situation("annulation", r"annul\w*|decommand\w*|desist\w*|peu\w* pas venir|pourr\w* pas venir|empeche\w*", danger=False),
    _situation("retard", r"retards?|en retard|pas (?:encore )?(?:recu|livre|arrive)\w*|attend\w*|bloque\w* (?:a|au|en)", danger=False),
    _situation("résultat grave", r"resultats?\b.{0,20}\b(?:anormal|grave|alarm|positif|critique|inquiet)\w*|laboratoire\b.{0,30}\bresultats?", danger=False),
    _situation("presse", r"journalist\w*|presse\b|media\b|television|redaction|interview", danger=False),
    _situation("autorité", r"police\b|gendarm\w*|pompiers?|samu|prefecture|inspect\w*|controle (?:fiscal|urssaf|sanitaire)|urssaf|dgccrf|ars\b", danger=False),
)  # fmt: skip
# Administrative situations: urgent perhaps, but nobody has to come at once.
PAPERWORK = frozenset(
    {
        "annulation",
        "signature",
        "audience",
        "échéance",
        "expulsion",
        "décès",
        "retard",
        "presse",
        "résultat grave",
        "absence du jour",
        "denrées",
    }
)
WHERE = re.compile(
    r"\b(?:(?:dans|a|au|en|sur|chez|d'|de|du|des|par|pour|le|la|les|l'|un|une|notre|nos|tout|toute) ?)*"
    r"(?:logements?|appartements?|maisons?|domiciles?|immeubles?|residences?|batiments?|locaux|sites?|agences?|copropriete|geree?s?"
    r"|parties communes|evenements?|difficiles?|etablissements?|chantiers?|locataires?|clients?|occupants?|habitants?)\b"
)
KINDS_OF: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = tuple(
    (re.compile(pattern), frozenset(names))
    for pattern, names in (
        (r"sinistres?|degats? (?:materiels?|importants?|en cours)|dommages?|degradations?",
         ("eau", "feu", "effondrement", "effraction", "vitre cassée", "refoulement", "tempête", "danger électrique")),
        (r"intemperies|catastrophe naturelle", ("tempête", "effondrement", "eau")),
        (r"urgences? (?:vitale|medicale|absolue)s?|pronostic vital|detresse(?: vitale)?|etat (?:grave|critique|de choc)"
         r"|symptomes? (?:graves?|alarmants?|inquietants?)|vie (?:est )?en danger|danger (?:vital|de mort)|mise en danger",
         ("poitrine", "respiration", "inconscience", "avc", "saignement", "intoxication", "allergie", "traumatisme")),
        (r"danger (?:immediat|grave|imminent)|personnes? en danger|risque (?:immediat|vital|pour (?:les|la|des) \w+)"
         r"|securite des (?:personnes|biens|occupants|residents|salaries|clients)|mise en peril",
         ("feu", "fuite de gaz", "monoxyde", "danger électrique", "effondrement", "inconscience", "respiration",
          "saignement", "traumatisme", "bloqué dans un ascenseur")),
    )
)  # fmt: skip
"""Words of rules that name many situations at once."""
BY_NAME = {situation.name: situation for situation in SITUATIONS}
THREATS = frozenset({"feu", "fuite de gaz", "monoxyde", "poitrine", "respiration", "inconscience", "saignement", "avc"})  # fmt: skip
IMPLIED = frozenset({"animal", "denrées"})
"""Said by a breed, or by a cold room, as well as in so many words."""
BROAD = frozenset({"traumatisme", "animal malade", "intoxication", "errance", "effraction", "perfusion", "feu", "alarme"})  # fmt: skip
"""Dangers of so many kinds that the other words of a rule tell which one it means."""
MODIFIERS = frozenset({"enfants", "personne fragile", "aujourd'hui", "animal"})
