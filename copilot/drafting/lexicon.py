"""Which words are names: given names of France, titles, and words that end or forbid a name."""

from __future__ import annotations

TITLES = frozenset("madame monsieur mademoiselle mme m mr mlle docteur dr maitre me professeur "
                   "pr messieurs mesdames".split())  # fmt: skip

GIVEN_NAMES = frozenset(
    """adam adele adeline adrien agathe agnes ahmed aicha alain albane albert alexandra alexandre
    alexia alexis alice alicia aline alix amandine ambre amelie amina amine amira anais andre andree
    ange angele angelique anissa anita anna annabelle anne annick annie anouk antoine antonin
    antonio apolline ariane armand armelle arnaud arthur astrid aude audrey auguste augustin aurelie
    aurelien aurore axel axelle aya aymeric baptiste barbara bastien beatrice benedicte benjamin
    benoit berenice bernadette bernard bertrand blanche boris brahim brice brigitte bruno camille
    capucine carine carla carole caroline catherine cecile cedric celeste celia celine chantal
    charlene charles charlie charline charlotte chloe christelle christian christiane christine
    christophe claire clara clarisse claude claudette claudine clea clemence clement cleo clotilde
    colette coline constance coralie corentin corinne cyril cyrille damien daniel daniele danielle
    danny david deborah delphine denis denise desire diane didier dimitri dominique dorian dorothee
    dylan edgar edith edmond edouard edwige eleonore elena eliane elias elie eliette elisa elisabeth
    elise ella elodie eloise elsa elvire emeline emile emilie emilien emma emmanuel emmanuelle enzo
    eric erica erwan estelle esteban esther ethan etienne eugene eugenie eva evelyne fabien fabienne
    fabrice fanny farid fatima fatiha fatou faustine felicie felix fernand fernande flavie flavien
    fleur flora florence florent florian francine francis franck francois francoise frank fred
    france frederic frederique gwenael gwen abdel garance ousmane anouck emeline maelys soizick gabin gabriel gabrielle gael gaelle gaetan gaspard gaston gauthier genevieve
    geoffrey georges georgette gerald geraldine gerard germain germaine ghislain ghislaine gilbert
    gilberte gildas gilles gina ginette gisele gladys gregoire gregory guilhem guillaume gustave guy
    gwenaelle gwendoline habib hakim hamid hanna hans hassan heidi helene helena henri henriette
    herve hocine honore hubert hugo hugues huguette ibrahim ida ilan iliana ilona imane ines ingrid
    irene iris isaac isabelle ismael ivan jacqueline jacques jade jamal james janine jean jeanine
    jeanne jeannine jennifer jeremie jeremy jerome jessica jessy joachim jocelyn jocelyne joel
    joelle johan johanna johnny jonas jonathan jordan jose joseph josephine josette josiane josselin
    joyce juan judith jules julia julian julie julien juliette justin justine karen karim karima
    karine kelly kenza kevin kilian killian laetitia laila lambert lana lara larbi laura laure
    laurence laurent laurie laurine layla lea leana leila lena leo leon leonard leonie leontine leopold
    leslie lila lilian liliane lilou lina lionel lisa lise livia loane loic lola loris lou louane
    louis louise loup luc luca lucas lucette lucie lucien lucienne lucile lucille ludivine ludovic
    lydia lydie lylou lyna mael maelle maelys magali magalie mahaut maia malik malika malo manon
    manuel marc marceau marcel marceline marcelle margaux margot marguerite maria mariam marianne marie
    marielle marine marion marius marjorie marlene marthe martial martin martine mateo mathias
    mathieu mathilde mathis mathurin matteo matthias matthieu maud maurice maxence maxime maya mehdi
    melanie melina melissa melodie mercedes michael michel michele micheline michelle mickael mila
    mireille modeste mohamed mohammed moise monique morgan morgane mourad muriel murielle mustapha
    myriam nabil nadege nadia nadine naima nathalie nathan nawel nelly nicolas nicole nina ninon noa
    noah noe noel noelle noemie nora norbert nordine nour nouria oceane octave odette odile olga
    oliver olivia olivier ophelie orane oscar oumar pascal pascale pascaline patrice patricia
    patrick paul paula paule paulette pauline perrine philippe philomene pierre pierrette pierrick
    priscilla prune quentin rachel rachid rachida raoul raphael raphaelle raymond raymonde rebecca
    regine regis remi remy renaud rene renee richard rita robert robin rodolphe rodrigue roger roland
    rolande romain romane romeo romuald ronan rosa rosalie rose roseline rosine roxane ruben sabine
    sabrina sacha said salima salome salvatore samia samira samuel samy sandra sandrine sara sarah
    saskia sebastien segolene selena selim selma seraphin serge severine sidonie simeon simon simone
    sofia sofiane soizic solange solene sonia sophie soraya souad soumia stanislas stella stephan
    stephane stephanie steve steven suzanne suzette sylvain sylvaine sylvette sylvia sylvie tanguy
    tania tatiana tess thais thea theo theodore theophile therese thibaud thibault thibaut thierry
    thomas tiffany timeo timothee tina tiphaine titouan tom toussaint tristan ugo ulysse urbain
    ursula valentin valentine valerie vanessa vera veronique vicky victoire victor victoria vincent
    violaine violette virgile virginie viviane vladimir walid wassim wendy wilfried william willy
    xavier yael yanis yann yannick yasmina yasmine yassine yohan yohann yolande youri youssef yoann
    yves yvette yvon yvonne zahra zelie zinedine zoe zohra aissata aminata amadou mamadou moussa
    fatoumata khadija khalid nassim naouel oussama rayan ryan sami slimane tarek toufik younes
    giulia luigi paolo marco ana joao pedro carlos miguel luis sergio tiago ines rui helder piotr
    pawel agnieszka anton sergei oleg natacha olena yulia irina linh minh thi wei li ming
    capucine honorine maxine odilon anatole eugenie ondine bastienne hortense alban albin amaury
    ambroise come gontran hippolyte isidore lazare marin melchior octavie perceval philibert
    sixtine solveig theodora tancrede victorine zacharie salma maissa ilyes imen hajar ghita
    """.split()
)

# Ends a name that was being given; also what never starts one after "je suis" or "c'est".
NAME_STOPS = frozenset(
    """je j' tu il elle on nous vous ils elles c' ce ca cela cet cette ces qui que qu' quoi dont ou
    et mais car donc or ni puis alors voila bonjour bonsoir merci oui non si euh allo a au aux en
    dans sur sous pour par avec sans chez vers depuis pendant avant apres entre est suis sommes
    etes sont etais etait sera serai ai as avons avez ont avais avait aurai voudrais voulais veux
    appelle appelles appelez appelais l'appareil appareil telephone l' m' s' t' n' y ne pas plus
    moins tres bien trop aussi encore toujours jamais mon ma mes ton ta tes son sa ses notre nos
    votre vos leur leurs le la les un une des du de d' s'il plait rappelle ici cote numero nom
    prenom joindre societe entreprise cabinet maison locataire proprietaire client cliente patient
    patiente voisin voisine gardien gardienne maman papa mere pere mari femme fils fille frere soeur
    epouse epoux compagne compagnon parle parler vient viens comme quand parce ecrit epelle epeler
    s'ecrit s'epelle toujours effectivement exactement exact absolument enfin bon bah tout toute
    tous toutes rien personne quelqu'un quelque chose autre meme possible urgent sinon bref pardon
    attendez ecoutez dites voyez disons desole desolee justement heureusement rapport sujet propos
    concernant habite dossier commande facture rendez rendez-vous devis message rappel demain
    aujourd'hui hier lundi mardi mercredi jeudi vendredi samedi dimanche matin soir midi avocat
    avocate responsable directeur directrice gerant gerante comptable secretaire assistant
    assistante infirmier infirmiere medecin pharmacien pharmacienne technicien technicienne
    commercial commerciale livreur facteur syndic locataires absent absente disponible joignable
    toujours deja juste exactement deux trois quatre cinq six sept huit neuf dix zero malade enceinte
    prenom famille orthographe lettre lettres majuscule moi toi lui eux elles prevu recu vu venu venue eu pris mis fait dit ouvert perdu perdue rendu
    vendu connu voulu tenu revenu parti partie fini passe passee ete cela pire mieux top super non nan ok ouais
    """.split()
)

PARTICLES = frozenset("de du des le la d' l' van von der den el al ben ould da dos di del san".split())
