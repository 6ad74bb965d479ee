"""What people read when a recording cannot be as they asked."""

from __future__ import annotations

from copilot.recording.errors import RecordingError

KINDS: tuple[type[Exception], ...] = (RecordingError,)
STATUS = {
    "bad_recording": 422,
    "not_recorded": 409,
    "not_announced": 409,
    "recording_over": 409,
    "recording_open": 409,
    "reason_needed": 403,
    "recording_lost": 410,
}
SENTENCES: dict[str, tuple[str, str]] = {
    "bad_recording": (
        "Ces réglages d'enregistrement ne vont pas ; rien n'a changé. À corriger : {detail}.",
        "These recording settings do not fit; nothing was changed. To be mended: {detail}.",
    ),
    "not_recorded": (
        "Cette société ne fait pas enregistrer cet appel. L'administrateur peut le changer dans "
        "sa fiche.",
        "This company does not have this call recorded. The administrator can change that in its "
        "settings.",
    ),
    "not_announced": (
        "L'appelant n'a pas entendu l'annonce qui prévient de l'enregistrement : cet appel ne "
        "peut pas être enregistré.",
        "The caller did not hear the announcement that calls are recorded: this call cannot be.",
    ),
    "recording_over": (
        "L'enregistrement de cet appel est terminé : il ne peut pas reprendre.",
        "The recording of this call has ended: it cannot go on.",
    ),
    "recording_open": (
        "Cet appel est encore en cours d'enregistrement : écoutez-le une fois terminé.",
        "This call is still being recorded: listen once it is over.",
    ),
    "reason_needed": (
        "Indiquez d'abord le motif de l'écoute : il entre au journal d'audit.",
        "First state why you listen: it enters the audit trail.",
    ),
    "recording_lost": (
        "Le fichier de cet enregistrement a disparu ou ne s'ouvre plus. Prévenez "
        "l'administrateur : une sauvegarde l'a peut-être.",
        "This recording's file is gone or no longer opens. Tell the administrator: a backup may "
        "have it.",
    ),
}
