"""Companies: their settings, forms, routes and contacts: what is refused, as people read it."""

from __future__ import annotations

from copilot.delivery.pushkey import BadSubscriptionError
from copilot.drafting.form import BadFormError
from copilot.inquiries.mailboxes import BadMailboxError
from copilot.oncall import BadOnCallError
from copilot.routing import BadRouteError
from copilot.timing import BadPolicyError

KINDS: tuple[type[Exception], ...] = (
    BadFormError,
    BadOnCallError,
    BadRouteError,
    BadPolicyError,
    BadSubscriptionError,
    BadMailboxError,
)
STATUS = {
    "number_taken": 409,
    "wrong_name": 409,
    "unknown_time_zone": 422,
    "bad_number": 422,
    "bad_form": 422,
    "bad_route": 422,
    "bad_delivery": 422,
    "bad_on_call": 422,
    "bad_push": 422,
    "bad_mailbox": 422,
    "no_inbox": 409,
}
SENTENCES: dict[str, tuple[str, str]] = {
    "number_taken": (
        "Un de ces numéros mène déjà à une autre société.",
        "One of these numbers already leads to another company.",
    ),
    "nobody_sought": (
        "Donnez un numéro de téléphone complet, une adresse ou un nom ; pour effacer, choisissez "
        "au moins un élément.",
        "Give a whole telephone number, an address or a name; to erase, choose at least one item.",
    ),
    "wrong_name": (
        "Saisissez le nom exact de la société pour confirmer.",
        "Type the company's exact name to confirm.",
    ),
    "unknown_time_zone": (
        "Fuseau horaire inconnu : {detail}. Par exemple Europe/Paris.",
        "Unknown time zone: {detail}. For instance Europe/Paris.",
    ),
    "bad_number": (
        "Un numéro de téléphone est incomplet : {detail}.",
        "A telephone number is incomplete: {detail}.",
    ),
    "bad_form": (
        "Ce formulaire ne peut pas servir ; rien n'a changé. Le détail dit quel champ corriger.",
        "This form cannot be used; nothing was changed. The detail says which field to mend.",
    ),
    "bad_route": (
        "Cet envoi ne mène nulle part ; rien n'a changé. À corriger : {detail}.",
        "This route leads nowhere; nothing was changed. To be mended: {detail}.",
    ),
    "bad_delivery": (
        "Ces réglages d'envoi ne vont pas ensemble ; rien n'a changé. À corriger : {detail}.",
        "These delivery settings do not fit; nothing was changed. To be mended: {detail}.",
    ),
    "bad_on_call": (
        "Cette liste d'astreinte ne peut pas servir ; rien n'a changé. À corriger : {detail}.",
        "This on-call list cannot be used; nothing was changed. To be mended: {detail}.",
    ),
    "bad_mailbox": (
        "Cette boîte ne peut pas être lue ainsi ; rien n'a changé. À corriger : {detail}.",
        "This mailbox cannot be read like this; nothing was changed. To be mended: {detail}.",
    ),
    "bad_push": (
        "Ce navigateur n'a pas pu être abonné aux notifications : {detail}. Réessayez, ou prenez "
        "un autre navigateur.",
        "This browser could not be subscribed to notifications: {detail}. Try again, or take "
        "another browser.",
    ),
    "code_not_sent": (
        "Le code n'a pas pu partir : {detail}. Réessayez, ou connectez-vous à votre espace.",
        "The code could not be sent: {detail}. Try again, or sign in to your pages.",
    ),
    "no_inbox": (
        "Aucun e-mail n'arrive ici : l'administrateur règle d'abord SOUFFLEUR_INBOX_PORT et "
        "SOUFFLEUR_INBOX_DOMAIN. Un formulaire web, lui, peut être créé.",
        "No e-mail comes in here: the administrator first sets SOUFFLEUR_INBOX_PORT and "
        "SOUFFLEUR_INBOX_DOMAIN. A web form can be made all the same.",
    ),
}
