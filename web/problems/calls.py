"""Calls on the line: what is refused, as people read it."""

from __future__ import annotations

from copilot.reception import ReceptionError
from telephony.errors import TelephonyError

KINDS: tuple[type[Exception], ...] = (
    ReceptionError,
    TelephonyError,
)
STATUS = {
    "no_such_call": 404,
    "taken": 409,
    "caller_gone": 409,
    "not_carried": 409,
    "still_held": 409,
    "announcement_refused": 422,
    "supervised": 409,
    "supervision_forbidden": 409,
    "transferring": 409,
    "no_transfer": 409,
    "no_announcement": 409,
    "number_barred": 422,
    "toll_limit": 429,
    "lines_busy": 503,
    "call_failed": 502,
    "call_over": 409,
    "offer_refused": 422,
}
SENTENCES: dict[str, tuple[str, str]] = {
    "no_such_call": ("Cet appel n'est plus en cours.", "This call is no longer in progress."),
    "taken": ("Un autre opérateur a pris cet appel.", "Another operator took this call."),
    "caller_gone": ("L'appelant a raccroché.", "The caller hung up."),
    "not_carried": (
        "Le son de cet appel ne passe pas par ce poste : utilisez le téléphone qui l'a pris.",
        "The sound of this call does not pass through this desk: use the telephone that took it.",
    ),
    "still_held": (
        "Le téléphone de l'appelant n'a pas repris la communication, qui reste en attente : "
        "réessayez.",
        "The caller's telephone did not come back; the call is still on hold: try again.",
    ),
    "announcement_refused": (
        "Cet appel ne peut pas être annoncé : le détail dit pourquoi.",
        "This call cannot be announced: the detail says why.",
    ),
    "supervised": (
        "Un autre superviseur est déjà sur cet appel.",
        "Another supervisor is on this call already.",
    ),
    "supervision_forbidden": (
        "Ce client ne souhaite pas que ses appels soient écoutés. L'administrateur peut le "
        "changer dans la fiche du client.",
        "This client does not want its calls listened to. The administrator can change that "
        "in the client's settings.",
    ),
    "transferring": (
        "Cet appel est en cours de transfert, ou déjà transféré : reprenez-le d'abord.",
        "This call is being transferred, or was: take it back first.",
    ),
    "no_transfer": (
        "Aucun transfert à terminer : personne n'est appelé, ou l'appelant est déjà revenu.",
        "There is no transfer to end: nobody is being called, or the caller is back already.",
    ),
    "no_announcement": (
        "Aucune annonce n'est enregistrée pour cette société : consultez plutôt le destinataire "
        "avant de lui passer l'appel.",
        "No announcement is recorded for this company: talk to whom you call before you hand "
        "the call over.",
    ),
    "number_barred": (
        "Ce numéro ne peut pas être appelé d'ici (étranger, surtaxé, court ou incomplet). "
        "L'administrateur peut l'autoriser.",
        "This number may not be called from here (abroad, premium, short or incomplete). The "
        "administrator can allow it.",
    ),
    "toll_limit": (
        "La limite des appels sortants est atteinte (nombre par heure ou par jour, ou coût de la "
        "journée). Réessayez plus tard ; l'administrateur peut relever la limite.",
        "The limit of calls out is reached (number an hour or a day, or the day's cost). Try again "
        "later; the administrator can raise the limit.",
    ),
    "lines_busy": (
        "Toutes les lignes sortantes sont occupées : réessayez dans un instant.",
        "All outgoing lines are busy: try again in a moment.",
    ),
    "call_failed": (
        "L'appel n'a pas pu partir : aucun opérateur téléphonique ne répond. L'appelant n'est "
        "pas concerné ; prévenez l'administrateur.",
        "The call could not go out: no carrier answers. The caller is not affected; tell the "
        "administrator.",
    ),
    "keys_refused": (
        "L'autre côté ne reçoit pas les touches de téléphone : dites les chiffres à voix haute.",
        "The other side takes no telephone keys: say the digits aloud.",
    ),
    "call_over": ("L'appel est terminé.", "The call is over."),
    "offer_refused": (
        "Le navigateur n'a proposé aucun format audio utilisable.",
        "The browser offered no usable audio format.",
    ),
}
