"""The words of reports and statements as files, French and English."""

from __future__ import annotations

from typing import Final

from copilot.reporting.documents import Language

Pair = tuple[str, str]

WORDS: Final[dict[str, Pair]] = {
    "report": ("Rapport d'activité", "Activity report"),
    "all_clients": ("Tous les clients", "Every client"),
    "own": ("Mes appels", "My calls"),
    "period": ("Du {first} au {last}, heure de {zone}", "{first} to {last}, time of {zone}"),
    "totals": ("Ensemble", "Totals"),
    "measure": ("Mesure", "Measure"),
    "value": ("Valeur", "Value"),
    "calls": ("Appels reçus", "Incoming calls"),
    "answered": ("Répondus", "Answered"),
    "answered_within": ("Répondus dans le délai convenu", "Answered within the agreed time"),
    "abandoned": ("Abandonnés", "Abandoned"),
    "turned_away": ("Hors service ou fermé", "Closed or out of service"),
    "outgoing": ("Appels émis", "Outgoing calls"),
    "answer_rate": ("Taux de réponse", "Answer rate"),
    "service_level": ("Niveau de service", "Service level"),
    "wait_p50": ("Attente médiane", "Median wait"),
    "wait_p95": ("Attente, 95 % des appels", "Wait, 95% of calls"),
    "handling_p50": ("Durée médiane", "Median handling time"),
    "handling_p95": ("Durée, 95 % des appels", "Handling time, 95% of calls"),
    "talk": ("Temps de parole total", "Total talk time"),
    "messages": ("Messages", "Messages"),
    "edit_rate": ("Champs proposés puis modifiés", "Proposed fields changed"),
    "satisfaction": ("Bien servi, selon le client", "Well served, says the client"),
    "offered": ("Réponses proposées", "Answers offered"),
    "used": ("Réponses utilisées", "Answers used"),
    "by_day": ("Par jour", "By day"),
    "day": ("Jour", "Day"),
    "by_hour": ("Par jour de la semaine et heure", "By weekday and hour"),
    "weekday": ("Jour", "Weekday"),
    "by_category": ("Par catégorie", "By category"),
    "category": ("Catégorie", "Category"),
    "no_category": ("sans catégorie", "no category"),
    "rates": (
        "Les taux portent sur les appels auxquels on pouvait répondre : répondus ou abandonnés.",
        "Rates are of the calls that could be answered: answered or abandoned.",
    ),
    "transcripts": (
        "Réponses proposées et utilisées : sur {calls} appels dont la transcription est gardée.",
        "Answers offered and used: of {calls} calls whose transcript is kept.",
    ),
    "statement": ("Relevé mensuel", "Monthly statement"),
    "item": ("Acte", "Item"),
    "quantity": ("Quantité", "Quantity"),
    "included": ("Compris", "Included"),
    "billed": ("Facturé", "Billed"),
    "price": ("Prix unitaire", "Unit price"),
    "amount": ("Montant", "Amount"),
    "monthly": ("Forfait mensuel", "Monthly bundle"),
    "net": ("Total hors taxe", "Total without tax"),
    "tax": ("Taxe ({percent} %)", "Tax ({percent}%)"),
    "gross": ("Total", "Total"),
    "closed": ("Mois clos le {at} par {by}.", "Month closed on {at} by {by}."),
    "open": ("Mois non clos : il peut encore changer.", "Month not closed: it may still change."),
    "rounding": (
        "Chaque appel est arrondi à {step} secondes supérieures.",
        "Each call is rounded up to {step} seconds.",
    ),
    "call": ("Appel reçu", "Incoming call"),
    "outgoing_call": ("Appel émis", "Outgoing call"),
    "minute": ("Minute", "Minute"),
    "message": ("Message", "Message"),
    "appointment": ("Rendez-vous", "Appointment"),
    "transfer": ("Transfert", "Transfer"),
    "sms": ("SMS", "Text message"),
    "when": ("Date", "Date"),
    "caller": ("Appelant", "Caller"),
    "number": ("Numéro", "Number"),
    "company": ("Société", "Company"),
    "recipient": ("Pour", "For"),
    "reason": ("Motif", "Reason"),
    "urgency": ("Urgence", "Urgency"),
    "callback": ("Rappel", "Callback"),
    "note": ("Note", "Note"),
    "state": ("État", "State"),
    "duration": ("Durée", "Duration"),
    "operator": ("Opérateur", "Operator"),
    "unanswered": ("sans réponse", "unanswered"),
    "messages_of": ("Messages reçus", "Messages taken"),
    "calls_of": ("Appels", "Calls"),
    "searched": ("Recherche : {asked}", "Search: {asked}"),
    "cut": (
        "Les {most} plus récents seulement : réduisez la période.",
        "The newest {most} only: choose a shorter period.",
    ),
}
WEEKDAYS: Final[dict[Language, tuple[str, ...]]] = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def word(name: str, language: Language, **values: object) -> str:
    """A word of a file in the reader's language."""
    french, english = WORDS[name]
    return (french if language == "fr" else english).format(**values)
