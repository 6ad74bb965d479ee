"""Refusals of the agenda, as people read them."""

from __future__ import annotations

from copilot.agenda.accounts import BadAccessError
from copilot.agenda.booking import BookingError
from copilot.agenda.consent import ConsentError
from copilot.agenda.rules import BadAgendaError

KINDS: tuple[type[Exception], ...] = (
    BadAccessError,
    BadAgendaError,
    BookingError,
    ConsentError,
)

STATUS = {
    "slot_taken": 409,
    "slot_not_free": 409,
    "calendar_silent": 409,
    "calendar_closed": 409,
    "hold_over": 409,
    "appointment_over": 409,
    "bad_agenda": 422,
    "bad_access": 422,
    "bad_notice": 422,
    "consent_off": 409,
}

SENTENCES: dict[str, tuple[str, str]] = {
    "slot_taken": (
        "Quelqu'un vient de prendre cet horaire : proposez-en un autre.",
        "Somebody has just taken that time: offer another.",
    ),
    "slot_not_free": (
        "Cet horaire n'est plus libre dans l'agenda : proposez-en un autre.",
        "That time is no longer free in the calendar: offer another.",
    ),
    "calendar_silent": (
        "L'agenda du praticien ne répond pas : rien n'est réservé, votre saisie est gardée. "
        "Réessayez dans un instant ; sinon, notez la demande dans le message : le client "
        "rappellera.",
        "The practitioner's calendar does not answer: nothing is booked, what you typed is kept. "
        "Try again in a moment; else note the request in the message, the client will call back.",
    ),
    "calendar_closed": (
        "L'agenda du praticien n'accepte plus l'accès (expiré, retiré, ou agenda déplacé) : rien "
        "n'est réservé, votre saisie est gardée. Notez la demande dans le message, le client "
        "rappellera ; il rétablit l'accès dans son portail, onglet Agenda.",
        "The practitioner's calendar no longer takes the access (expired, withdrawn, or calendar "
        "moved): nothing is booked, what you typed is kept. Note the request in the message, the "
        "client will call back; they mend the access in their portal, Appointments tab.",
    ),
    "hold_over": (
        "Cet horaire n'est plus retenu, le délai est passé : choisissez-le de nouveau.",
        "This time is no longer held, it took too long: choose it again.",
    ),
    "appointment_over": (
        "Ce rendez-vous n'est pas dans un état qui le permet : rechargez la page.",
        "This appointment is in no state that allows it: reload the page.",
    ),
    "bad_agenda": (
        "L'agenda ne peut pas servir ainsi ; rien n'a changé. À corriger : {detail}.",
        "The agenda cannot be used like this; nothing was changed. To be mended: {detail}.",
    ),
    "bad_access": (
        "Cet accès ne peut pas servir ; rien n'a changé. À corriger : {detail}.",
        "This access cannot be used; nothing was changed. To be mended: {detail}.",
    ),
    "consent_off": (
        "Ce serveur n'a pas d'application chez ce fournisseur. Donnez un accès vous-même, ou "
        "demandez à l'administrateur de l'accueil de la déclarer (SOUFFLEUR_GOOGLE_CLIENT_ID, "
        "SOUFFLEUR_MICROSOFT_CLIENT_ID).",
        "This server has no application at this provider. Give an access yourself, or ask the "
        "reception's administrator to register one (SOUFFLEUR_GOOGLE_CLIENT_ID, "
        "SOUFFLEUR_MICROSOFT_CLIENT_ID).",
    ),
    "bad_notice": (
        "La confirmation ne peut pas partir ainsi ; rien n'est réservé. À corriger : {detail}.",
        "The confirmation cannot go like this; nothing is booked. To be mended: {detail}.",
    ),
}
