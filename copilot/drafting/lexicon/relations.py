"""Whom callers call for, by what these are to them: a pattern without its group."""

RELATIONS = (
    "belle-mere|belle mere|beau-pere|beau pere|grand-mere|grand mere|grand-pere|grand pere"
    "|grands-parents|beau-frere|beau frere|belle-soeur|belle soeur|belle-fille|belle fille"
    "|beau-fils|beau fils|petite-fille|petite fille|petit-fils|petit fils|petit garcon|petite"
    "|petit|mere|maman|pere|papa|mari|femme|fils|fille|frere|soeur|voisine|voisin|amie|ami"
    "|patronne|patron|oncle|tante|epouse|epoux|compagne|compagnon|conjointe|conjoint|enfants"
    "|enfant|bebe|neveu|niece|cousine|cousin|parents|collegue|mamie|papi|papy|mamy|marraine"
    "|parrain|locataire|cliente|client|patiente|patient|chef|directrice|directeur|associee"
    "|associe|gendre|copine|copain|aine|ainee|cadet|cadette|filleul|filleule|fiance|fiancee"
    "|employeur|assistante|assistant|proprietaire|bailleur|protegee|protege|pupille|beau pere"
)
