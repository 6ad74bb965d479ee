"""Words that companies are called by, as patterns without their group."""

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
HOUSES = "|".join(
    """abattoir|abattoirs|ambulances|ameublement|amicale|animalerie|antiquites|armurerie
    |aquarium|autocars|automobiles|auto-ecole|aviation|bar|bazar|beton|bergerie|bibliotheque|bijouterie
    |biscuiterie|biscuits|blanchisserie|bonneterie|boissons|bowling|briqueterie|brocante|cafe|carrelages
    |carriere|carrieres|cars|cartonnages|casino|caviste|cercle|chantiers|charcuterie|charpente
    |charpentes|chaudronnerie|chaussures|cidrerie|cinema|cimenterie|club|coiffure|collectif|communaute
    |compagnie|conciergerie|confection|confiserie|conserverie|consulat|coutellerie|creperie|crematorium
    |cuisines|decoration|demenagements|depannage|distillerie|droguerie|earl|ebenisterie|ecurie|ecuries
    |elevage|emballages|energies|entrepot|entrepots|equipements|etablissement|expertise
    |faiencerie|fermetures|ferronnerie|filature|fonderie|forge|forges|fournil|fourriere|foyer|fret|froid
    |fruitiere|gaec|galerie|gendarmerie|gite|gites|golf|graineterie|gymnase|halles|hammam|haras|horlogerie
    |horticulture|huilerie|internat|jardins|kiosque|laiterie|laverie|literie|lunetterie
    |maconnerie|manufacture|maraichage|maraichers|marbrerie|maroquinerie|maternelle|mecanique|mediatheque
    |menuiseries|mercerie|messagerie|messageries|metallerie|meubles|meunerie|minoterie|miroiterie|moulin
    |moulins|musique|negoce|notaires|orfevrerie|papeterie|parapharmacie|paroisse|parfumerie|parquets
    |patinoire|paysages|peintures|pension|photo|piscine|piscines|pizzeria|plastiques|plasturgie
    |platrerie|pneus|poissonnerie|pompes|porcelaines|poterie|presse|pressing|primeur|primeurs|production
    |productions|quincaillerie|radio|refuge|regie|relais|reprographie|residences|revetements|rotisserie
    |salaisons|savonnerie|sellerie|serres|serrurerie|soierie|spa|stade|stores|studio|studios|sucrerie
    |superette|supermarche|syndicat|tabac|tanneries|tannerie|tapisserie|taxi|taxis|teinturerie|terrassement
    |textiles|thermes|tissage|tissages|tolerie|tonnellerie|tourisme|traiteurs|transport|tuilerie|union
    |usine|vannerie|vergers|verrerie|vidange|vignobles|vins|vitrerie|viviers|voilerie|voyages|zoo""".replace(
        "\n", ""
    )
    .replace(" ", "")
    .split("|")
)
"""Kinds of houses that open what a caller says ("bonjour, fonderie Malard"): too common to be a
company's name in the middle of a sentence; as the first words, or right after the caller's own
name, they are."""
