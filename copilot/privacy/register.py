"""The register of processing (article 30) and the impact assessment (article 35), from settings.

Texts in French, for the provider's data-protection officer: what is certain comes from the
settings in force, what only people know is left in brackets. A template, not advice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from copilot.privacy.retention import CALL_DAYS_CAP, TRANSCRIPT_DAYS_CAP
from copilot.recording.policy import DAYS_CAP
from copilot.store.records.clients import Client, ClientSettings

TAKEN_OUT = {
    "card": "cartes bancaires", "nir": "numéros de sécurité sociale", "iban": "IBAN",
    "health": "termes de santé",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Installation:
    """What the register says of the service itself."""

    database: str
    """`sqlite` or `postgresql`."""
    audit_days: int
    tls: bool
    """Served through a TLS proxy, or on this machine only."""
    second_factor_roles: str
    mail_server: str


def register(clients: Sequence[Client], installation: Installation, *, today: date) -> str:
    """The register, in Markdown: one sheet a client, then what is common."""
    lines = [
        "# Registre des activités de traitement (sous-traitant, article 30.2 du RGPD)",
        "",
        f"Établi le {today:%d/%m/%Y} d'après les réglages en vigueur. "
        "[Nom et coordonnées du prestataire] · [Délégué à la protection des données]",
    ]
    for client in clients:
        lines += ["", f"## {client.name}", "", *_sheet(client)]
    return (
        "\n".join([*lines, "", "## Mesures de sécurité communes", "", *_measures(installation)])
        + "\n"
    )


def assessment(client: Client, installation: Installation, *, today: date) -> str:
    """The frame of an impact assessment for one client, in Markdown."""
    health = "health" in client.settings.redact
    return "\n".join([
        f"# Analyse d'impact (AIPD) · {client.name}",
        "",
        f"Trame établie le {today:%d/%m/%Y} d'après les réglages en vigueur ; à compléter et à "
        "valider par le responsable de traitement et son délégué.",
        "",
        "## 1. Description",
        "",
        *_sheet(client),
        "",
        "## 2. Nécessité et proportionnalité",
        "",
        "- La transcription aide l'opérateur humain qui traite l'appel ; rien n'est envoyé sans "
        "son accord. Aucune décision automatisée, aucune analyse d'émotion ni empreinte vocale, "
        "aucun classement des opérateurs.",
        f"- Son : {_recorded(client.settings)}.",
        "- Base légale : [intérêt légitime / exécution d'un contrat / consentement, à motiver].",
        "- Information des appelants : [annonce d'accueil, mention sur le site].",
        *(["- Données de santé (article 9) : [exception invoquée, secret professionnel]."]
          if health else ["- Données sensibles : [non prévues ; elles peuvent être dites]."]),
        "",
        "## 3. Risques",
        "",
        "| risque | mesures en place | gravité | vraisemblance |",
        "|---|---|---|---|",
        "| accès illégitime aux propos | clé de chiffrement par client hors base, séparation des "
        "clients, second facteur, journal chaîné | [ ] | [ ] |",
        "| modification non désirée | transactions, historique, journal chaîné vérifiable "
        "| [ ] | [ ] |",
        "| disparition | sauvegarde scellée, exercice de restauration (`souffleur drill`) "
        "| [ ] | [ ] |",
        "| conservation excessive | purge horaire prouvée, effacement rejoué après restauration "
        "| [ ] | [ ] |",
        "",
        "## 4. Mesures",
        "",
        *_measures(installation),
        "",
        "## 5. Avis",
        "",
        "- Délégué à la protection des données : [ ]",
        "- Personnes concernées ou leurs représentants : [ ]",
        "- Décision du responsable de traitement : [ ]",
        "",
    ])  # fmt: skip


def _sheet(client: Client) -> list[str]:
    settings = client.settings
    transcripts = min(settings.transcript_days, TRANSCRIPT_DAYS_CAP, settings.call_days)
    calls = min(settings.call_days, CALL_DAYS_CAP)
    taken_out = ", ".join(TAKEN_OUT[kind] for kind in settings.redact if kind in TAKEN_OUT)
    recipients = ", ".join(settings.recipients) or "[aucun destinataire réglé]"
    return [
        f"- Responsable de traitement : {client.name} ({client.sector or 'secteur à préciser'})",
        "- Finalité : répondre aux appels du client, prendre et transmettre les messages",
        "- Personnes : appelants, interlocuteurs chez le client, opérateurs",
        "- Données : numéro et nom de l'appelant, propos transcrits, message, horaires d'appel",
        f"- Masqué avant tout affichage et toute conservation : {taken_out or 'rien'}",
        f"- Durées : transcription {transcripts} j, appel et message {calls} j",
        f"- Enregistrement sonore : {_recorded(settings)}",
        f"- Destinataires : {recipients}"
        + (f" ; {len(settings.routes)} autre(s) envoi(s)" if settings.routes else ""),
        f"- Langues de transcription : {', '.join(settings.languages)}, sur les machines du "
        "prestataire",
        "- Transfert hors Union européenne : [aucun par le logiciel ; opérateurs, hébergement, "
        "messagerie à préciser]",
    ]


def _recorded(settings: ClientSettings) -> str:
    """What is kept of voices, for how long, and who hears it."""
    policy = settings.recording
    which = {
        "off": "",
        "all": "tous les appels",
        "sampled": f"{policy.share} % des appels, tirés au sort",
        "on_demand": "les appels que l'opérateur choisit",
    }[policy.mode]
    if not which:
        return "aucun, le son est écarté après la transcription"
    told = {
        "announcement": "seulement après l'annonce entendue en entier",
        "elsewhere": "[information des appelants hors du logiciel, à justifier]",
    }[policy.told]
    heard = "écoute par les superviseurs, sur motif inscrit au journal"
    if settings.supervision == "forbidden":
        heard = "aucune écoute par le prestataire"
    if policy.portal:
        heard += " ; par la société pour les appels de ses messages"
    days = min(policy.days, DAYS_CAP, settings.call_days)
    return f"{which}, {told} ; conservé {days} j, ce qui est masqué y est muet ; {heard}"


def _measures(installation: Installation) -> list[str]:
    roles = installation.second_factor_roles or "proposé à tous, exigé d'aucun rôle"
    return [
        "- Messages, brouillons, transcriptions et enregistrements chiffrés (AES-256-GCM), une clé "
        "par client, clé maîtresse hors base, rotation par commande",
        "- Séparation des clients vérifiée sur chaque route"
        + (" et par la base elle-même" if installation.database == "postgresql" else ""),
        f"- Second facteur : {roles}",
        "- Réseau : " + ("TLS" if installation.tls else "machine locale seulement, ou en clair "
                         "sur un réseau de test"),
        f"- Journal des accès chaîné, conservé {installation.audit_days} jours",
        f"- Messagerie : {installation.mail_server or '[aucun serveur réglé]'}",
        "- Journaux techniques sans numéro ni adresse",
    ]  # fmt: skip
