"""What the papers about personal data say, in French and in English.

In brackets: what only people know.
"""

from __future__ import annotations

from copilot.reporting.documents import Language

WORDS: dict[str, tuple[str, str]] = {
    "register": (
        "Registre des activités de traitement (sous-traitant, article 30.2 du RGPD)",
        "Record of processing activities (processor, article 30(2) GDPR)",
    ),
    "assessment": ("Analyse d'impact (AIPD) · {client}", "Impact assessment (DPIA) · {client}"),
    "made": (
        "Établi le {today} d'après les réglages en vigueur. [Nom et coordonnées du prestataire] · "
        "[Délégué à la protection des données]",
        "Made on {today} from the settings in force. [Name and address of the provider] · "
        "[Data protection officer]",
    ),
    "frame": (
        "Trame établie le {today} d'après les réglages en vigueur ; à compléter et à valider par "
        "le responsable de traitement et son délégué.",
        "Frame made on {today} from the settings in force; to be completed and approved by the "
        "controller and its officer.",
    ),
    "item": ("Rubrique", "Item"),
    "content": ("Contenu", "Content"),
    "description": ("1. Description", "1. Description"),
    "need": ("2. Nécessité et proportionnalité", "2. Necessity and proportionality"),
    "risks": ("3. Risques", "3. Risks"),
    "measures_of": ("4. Mesures", "4. Measures"),
    "opinions": ("5. Avis", "5. Opinions"),
    "measures": ("Mesures de sécurité communes", "Security measures common to all"),
    # A client's sheet
    "controller": ("Responsable de traitement", "Controller"),
    "no_sector": ("secteur à préciser", "trade to be said"),
    "purpose": ("Finalité", "Purpose"),
    "purpose_is": (
        "répondre aux appels et aux demandes écrites du client, prendre et transmettre les "
        "messages, prendre les rendez-vous",
        "answering the client's calls and written requests, taking and passing on messages, "
        "booking appointments",
    ),
    "people": ("Personnes", "Data subjects"),
    "people_are": (
        "appelants et auteurs de demandes, interlocuteurs chez le client, opérateurs",
        "callers and writers, people at the client, operators",
    ),
    "data": ("Données", "Data"),
    "data_are": (
        "numéro, adresse et nom de l'appelant, propos transcrits, message, rendez-vous, horaires "
        "d'appel, fiches des appelants connus du client",
        "number, address and name of the caller, transcribed words, message, appointments, times "
        "of calls, cards of callers whom the client knows",
    ),
    "masked": (
        "Masqué avant tout affichage et toute conservation",
        "Masked before anything is shown or kept",
    ),
    "nothing": ("rien", "nothing"),
    "card": ("cartes bancaires", "bank cards"),
    "nir": ("numéros de sécurité sociale", "social security numbers"),
    "iban": ("IBAN", "IBAN"),
    "health": ("termes de santé", "words about health"),
    "kept": ("Durées", "Retention"),
    "kept_for": (
        "transcription {transcripts} j, appel et message {calls} j",
        "transcript {transcripts} days, call and message {calls} days",
    ),
    "sound": ("Enregistrement sonore", "Sound recording"),
    "recipients": ("Destinataires", "Recipients"),
    "no_recipient": ("[aucun destinataire réglé]", "[no recipient set]"),
    "routes": ("{recipients} ; {count} autre(s) envoi(s)", "{recipients}; {count} other route(s)"),
    "languages": ("Langues de transcription", "Languages of transcription"),
    "languages_are": (
        "{languages}, sur les machines du prestataire",
        "{languages}, on the provider's machines",
    ),
    "abroad": ("Transfert hors Union européenne", "Transfer outside the European Union"),
    "abroad_is": (
        "[aucun par le logiciel ; opérateurs, hébergement, messagerie à préciser]",
        "[none by the software; operators, hosting, mail to be said]",
    ),
    # Recording
    "not_recorded": (
        "aucun, le son est écarté après la transcription",
        "none, the sound is dropped after transcription",
    ),
    "all": ("tous les appels", "every call"),
    "sampled": ("{share} % des appels, tirés au sort", "{share}% of the calls, drawn by lot"),
    "on_demand": ("les appels que l'opérateur choisit", "calls that the operator chooses"),
    "announcement": (
        "seulement après l'annonce entendue en entier",
        "only once the announcement was heard to its end",
    ),
    "elsewhere": (
        "[information des appelants hors du logiciel, à justifier]",
        "[callers told outside the software, to be shown]",
    ),
    "heard": (
        "écoute par les superviseurs, sur motif inscrit au journal",
        "heard by supervisors, for a reason kept in the audit trail",
    ),
    "unheard": ("aucune écoute par le prestataire", "never heard by the provider"),
    "portal": (
        "{heard} ; par la société pour les appels de ses messages",
        "{heard}; by the company for the calls of its messages",
    ),
    "recorded": (
        "{which}, {told} ; conservé {days} j, ce qui est masqué y est muet ; {heard}",
        "{which}, {told}; kept {days} days, what is masked is silent in it; {heard}",
    ),
    # Assessment
    "decisions": ("Décisions", "Decisions"),
    "decisions_are": (
        "La transcription aide l'opérateur humain qui traite l'appel ; rien n'est envoyé sans son "
        "accord. Aucune décision automatisée, aucune analyse d'émotion ni empreinte vocale, aucun "
        "classement des opérateurs.",
        "The transcript helps the human operator who handles the call; nothing is sent without "
        "their approval. No automated decision, no emotion analysis, no voiceprint, no ranking of "
        "operators.",
    ),
    "basis": ("Base légale", "Legal basis"),
    "basis_is": (
        "[intérêt légitime / exécution d'un contrat / consentement, à motiver]",
        "[legitimate interest / contract / consent, with reasons]",
    ),
    "told": ("Information des appelants", "What callers are told"),
    "told_by": ("[annonce d'accueil, mention sur le site]", "[announcement, notice on the site]"),
    "health_data": ("Données de santé (article 9)", "Health data (article 9)"),
    "health_by": (
        "[exception invoquée, secret professionnel]",
        "[exception relied on, professional secrecy]",
    ),
    "sensitive": ("Données sensibles", "Special categories"),
    "sensitive_are": ("[non prévues ; elles peuvent être dites]", "[not meant; they may be said]"),
    "risk": ("risque", "risk"),
    "in_place": ("mesures en place", "measures in place"),
    "gravity": ("gravité", "severity"),
    "likelihood": ("vraisemblance", "likelihood"),
    "access": ("accès illégitime aux propos", "illegitimate access to what was said"),
    "against_access": (
        "clé de chiffrement par client hors base, séparation des clients, second facteur, journal "
        "chaîné",
        "a key for each client outside the database, separation of clients, second factor, chained "
        "audit trail",
    ),
    "change": ("modification non désirée", "unwanted change"),
    "against_change": (
        "transactions, historique, journal chaîné vérifiable",
        "transactions, history, an audit trail that can be verified",
    ),
    "loss": ("disparition", "loss"),
    "against_loss": (
        "sauvegarde scellée, exercice de restauration (souffleur drill)",
        "sealed backup, restore drill (souffleur drill)",
    ),
    "too_long": ("conservation excessive", "kept too long"),
    "against_too_long": (
        "purge horaire prouvée, effacement rejoué après restauration",
        "hourly purge with its proof, erasures done again after a restore",
    ),
    "officer": ("Délégué à la protection des données", "Data protection officer"),
    "concerned": (
        "Personnes concernées ou leurs représentants",
        "Data subjects or those who speak for them",
    ),
    "decision": ("Décision du responsable de traitement", "The controller's decision"),
    # Measures
    "encryption": ("Chiffrement", "Encryption"),
    "encryption_is": (
        "messages, brouillons, transcriptions et enregistrements (AES-256-GCM), une clé par "
        "client, clé maîtresse hors base, rotation par commande",
        "messages, drafts, transcripts and recordings (AES-256-GCM), a key for each client, master "
        "key outside the database, rotated by command",
    ),
    "separation": ("Séparation des clients", "Separation of clients"),
    "separated": ("vérifiée sur chaque route", "checked on every route"),
    "separated_twice": (
        "vérifiée sur chaque route et par la base elle-même",
        "checked on every route and by the database itself",
    ),
    "factor": ("Second facteur", "Second factor"),
    "factor_offered": (
        "proposé à tous, exigé d'aucun rôle",
        "offered to all, required of no role",
    ),
    "network": ("Réseau", "Network"),
    "tls": ("TLS", "TLS"),
    "no_tls": (
        "machine locale seulement, ou en clair sur un réseau de test",
        "this machine only, or in clear on a test network",
    ),
    "trail": ("Journal des accès", "Audit trail"),
    "trail_is": ("chaîné, conservé {days} jours", "chained, kept {days} days"),
    "mail": ("Messagerie", "Mail"),
    "no_mail": ("[aucun serveur réglé]", "[no server set]"),
    "logs": ("Journaux techniques", "Technical logs"),
    "logs_are": ("sans numéro ni adresse", "without numbers or addresses"),
}


def word(name: str, language: Language, **values: object) -> str:
    """A text in a language, with its values."""
    return WORDS[name][language == "en"].format(**values)
