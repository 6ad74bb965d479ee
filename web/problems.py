"""Refusals as people read them: a stable code and a sentence in their language, with the mend."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from copilot.accounts import AccountError, SignedIn, TooManyAttemptsError
from copilot.delivery.links import LinkOverError
from copilot.drafting.form import BadFormError
from copilot.languagemodel.errors import WritingTextsError
from copilot.messagedraft import UnknownFieldError
from copilot.oncall import BadOnCallError
from copilot.passkeys import PasskeyError
from copilot.passwords import WeakPasswordError
from copilot.reception import ReceptionError
from copilot.recording.errors import RecordingError
from copilot.routing import BadRouteError
from copilot.secondfactor import SecondFactorError
from copilot.store.errors import StoreError
from copilot.timing import BadPolicyError
from copilot.training.exercises import BadExerciseError
from copilot.waiting.hours import BadHoursError
from copilot.waiting.welcome import BadWelcomeError
from knowledge.importing import ImportingError
from telephony.errors import TelephonyError
from web import agenda_problems, panelrefusals, recordingproblems, trainingrefusals
from web.access import AccessError, note
from web.house import house_of
from web.problemsofsupervision import SUPERVISION_ERRORS, SUPERVISION_SENTENCES
from web.routes.floor import BadGroupsError

logger = logging.getLogger(__name__)

STATUS = {
    **recordingproblems.STATUS,
    "no_inbox": 409,
    "not_found": 404,
    "no_such_call": 404,
    "conflict": 409,
    "taken": 409,
    "caller_gone": 409,
    "not_carried": 409,
    "still_held": 409,
    "supervised": 409,
    "announcement_refused": 422,
    "sound_needed": 409,
    "supervision_forbidden": 409,
    "transferring": 409,
    "no_transfer": 409,
    "no_announcement": 409,
    "number_barred": 422,
    "lines_busy": 503,
    "toll_limit": 429,
    "call_failed": 502,
    "store_unavailable": 503,
    "bad_number": 422,
    "sign_in_refused": 401,
    "too_many_attempts": 429,
    "unknown_field": 422,
    "bad_form": 422,
    "bad_route": 422,
    "bad_delivery": 422,
    "bad_on_call": 422,
    "disk_full": 507,
    "offer_refused": 422,
    "call_over": 409,
    "weak_password": 422,
    "code_required": 401,
    "wrong_password": 422,
    "wrong_code": 422,
    "link_over": 410,
    "number_taken": 409,
    "account_taken": 409,
    "last_administrator": 409,
    "wrong_name": 409,
    "unknown_time_zone": 422,
    "already_set_up": 409,
    "unkeepable": 422,
    "bad_token": 401,
    "scope_needed": 403,
    "bad_scope": 422,
    "too_many_requests": 429,
    "import_too_large": 413,
    "import_stale": 409,
    "no_language_model": 409,
    "bad_period": 422,
    "bad_tariff": 422,
    "bad_grid": 422,
    "bad_alert_rules": 422,
    "month_open": 409,
    **panelrefusals.STATUS,
    **trainingrefusals.STATUS,
}
SENTENCES: dict[str, tuple[str, str]] = {
    **SUPERVISION_SENTENCES,
    "passkey_refused": (
        "Cette clé d'accès n'a pas été acceptée. Réessayez, ou connectez-vous avec le mot de "
        "passe.",
        "This passkey was not accepted. Try again, or sign in with the password.",
    ),
    "passkeys_unavailable": (
        "Les clés d'accès demandent une adresse en HTTPS. L'administrateur la donne par le réglage "
        "SOUFFLEUR_PUBLIC_URL.",
        "Passkeys need an address in HTTPS. The administrator gives it by the setting "
        "SOUFFLEUR_PUBLIC_URL.",
    ),
    **panelrefusals.SENTENCES,
    **recordingproblems.SENTENCES,
    "no_inbox": (
        "Aucun e-mail n'arrive ici : l'administrateur règle d'abord SOUFFLEUR_INBOX_PORT et "
        "SOUFFLEUR_INBOX_DOMAIN. Un formulaire web, lui, peut être créé.",
        "No e-mail comes in here: the administrator first sets SOUFFLEUR_INBOX_PORT and "
        "SOUFFLEUR_INBOX_DOMAIN. A web form can be made all the same.",
    ),
    **trainingrefusals.SENTENCES,
    "bad_hours": (
        "Ces horaires se contredisent ; rien n'a changé. Le détail dit lesquels corriger.",
        "These hours contradict each other; nothing was changed. The detail says which to mend.",
    ),
    "bad_welcome": (
        "Ajoutez d'abord le son que cet accueil doit faire entendre ; rien n'a changé.",
        "First add the sound that this welcome is to play; nothing was changed.",
    ),
    "bad_groups": (
        "Deux groupes portent le même nom, ou l'un déborde vers un groupe absent ; rien n'a "
        "changé.",
        "Two groups have one name, or one overflows to a group that is not there; nothing was "
        "changed.",
    ),
    "sound_needed": (
        "L'accueil en vigueur fait entendre ce son : choisissez d'abord autre chose.",
        "The welcome in force plays this sound: choose something else first.",
    ),
    "sound_not_wav": (
        "Ce fichier n'est pas un son WAV : exportez-le en WAV et recommencez.",
        "This file is no WAV sound: export it as WAV and try again.",
    ),
    "sound_coding": (
        "Ce WAV est codé d'une façon que le téléphone ne lit pas : exportez-le en PCM 16 bits.",
        "This WAV is coded in a way that cannot be played: export it as PCM, 16 bits.",
    ),
    "sound_rate": (
        "Fréquence d'échantillonnage hors limites : exportez ce son entre 8 et 48 kHz.",
        "Sampling rate out of bounds: export this sound at 8 to 48 kHz.",
    ),
    "sound_channels": (
        "Trop de canaux : exportez ce son en mono ou en stéréo.",
        "Too many channels: export this sound in mono or stereo.",
    ),
    "sound_too_long": (
        "Son trop long : une minute au plus, trois pour la musique d'attente.",
        "The sound is too long: one minute at most, three for the hold music.",
    ),
    "sound_empty": ("Ce fichier ne contient aucun son.", "There is nothing to hear in this file."),
    "sound_silent": (
        "Ce son est silencieux du début à la fin : vérifiez l'enregistrement.",
        "This sound is silent from beginning to end: check the recording.",
    ),
    "not_found": ("Introuvable.", "Not found."),
    "no_such_call": ("Cet appel n'est plus en cours.", "This call is no longer in progress."),
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
    "code_not_sent": (
        "Le code n'a pas pu partir : {detail}. Réessayez, ou connectez-vous à votre espace.",
        "The code could not be sent: {detail}. Try again, or sign in to your pages.",
    ),
    "disk_full": (
        "Le disque du serveur est plein : rien n'a été enregistré, votre texte reste ici. "
        "Prévenez l'administrateur, puis réessayez.",
        "The server's disk is full: nothing was kept, your text stays here. Tell the "
        "administrator, then try again.",
    ),
    "bad_form": (
        "Ce formulaire ne peut pas servir ; rien n'a changé. Le détail dit quel champ corriger.",
        "This form cannot be used; nothing was changed. The detail says which field to mend.",
    ),
    "conflict": (
        "Quelqu'un d'autre l'a modifié entre-temps : rechargez la page.",
        "Somebody else changed it meanwhile: reload the page.",
    ),
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
    "no_language_model": (
        "Aucun modèle de langue n'est configuré : la fiche se remplit sans lui.",
        "No language model is set up: the message fills in without one.",
    ),
    "call_over": ("L'appel est terminé.", "The call is over."),
    "store_unavailable": (
        "La base de données ne répond pas. Rien n'est perdu ; réessayez dans un instant.",
        "The database does not answer. Nothing is lost; try again in a moment.",
    ),
    "sign_in_refused": (
        "Adresse ou mot de passe incorrect.",
        "Wrong address or password.",
    ),
    "too_many_attempts": (
        "Trop de tentatives. Patientez quelques instants avant de réessayer.",
        "Too many attempts. Wait a moment before trying again.",
    ),
    "unkeepable": (
        "Une valeur ne peut pas être enregistrée : caractère nul, texte trop long ou nombre "
        "démesuré. Rien n'a changé.",
        "A value cannot be kept: a zero character, too long a text or an immense number. Nothing "
        "was changed.",
    ),
    "bad_token": (
        "Ce jeton n'est pas connu, est révoqué ou a expiré : demandez-en un autre à "
        "l'administrateur.",
        "This token is unknown, revoked or expired: ask the administrator for another.",
    ),
    "scope_needed": (
        "Ce jeton n'a pas la portée {detail}.",
        "This token does not have the scope {detail}.",
    ),
    "bad_scope": ("Portée impossible : {detail}.", "Scope not possible: {detail}."),
    "too_many_requests": (
        "Trop de requêtes pour ce jeton. Attendez le temps indiqué par Retry-After.",
        "Too many requests for this token. Wait for as long as Retry-After says.",
    ),
    "code_required": (
        "Saisissez le code de votre application d'authentification.",
        "Enter the code of your authenticator application.",
    ),
    "wrong_password": (
        "Le mot de passe actuel n'est pas le bon.",
        "The present password is another.",
    ),
    "wrong_code": (
        "Ce code n'est pas celui que l'application affiche maintenant. Vérifiez l'heure du "
        "téléphone et essayez le code suivant.",
        "This is not the code that the application shows now. Check the phone's clock and try "
        "the next code.",
    ),
    "weak_password": (
        "Choisissez un autre mot de passe : au moins 12 caractères, et difficile à deviner. "
        "Plusieurs mots sans rapport conviennent très bien.",
        "Choose another password: at least 12 characters, and hard to guess. Several unrelated "
        "words do very well.",
    ),
    "link_over": (
        "Ce lien ne sert plus : il a été utilisé, remplacé ou il est trop ancien. Demandez-en "
        "un autre.",
        "This link is of no use any more: used, replaced or too old. Ask for another.",
    ),
    "already_set_up": (
        "Il y a déjà un administrateur : il invite les autres.",
        "There is an administrator already: they invite the others.",
    ),
    "number_taken": (
        "Un de ces numéros mène déjà à une autre société.",
        "One of these numbers already leads to another company.",
    ),
    "account_taken": (
        "Il y a déjà un compte à cette adresse, ou ce rôle ne va pas avec cette société.",
        "There is an account with this address already, or the role does not fit the company.",
    ),
    "wrong_name": (
        "Saisissez le nom exact de la société pour confirmer.",
        "Type the company's exact name to confirm.",
    ),
    "last_administrator": (
        "C'est le dernier administrateur : nommez-en un autre d'abord.",
        "This is the last administrator: make another one first.",
    ),
    "unknown_time_zone": (
        "Fuseau horaire inconnu : {detail}. Par exemple Europe/Paris.",
        "Unknown time zone: {detail}. For instance Europe/Paris.",
    ),
    "bad_number": (
        "Un numéro de téléphone est incomplet : {detail}.",
        "A telephone number is incomplete: {detail}.",
    ),
    "second_factor_needed": (
        "Votre rôle demande un second facteur : activez-le d'abord dans votre compte.",
        "Your role needs a second factor: set it up first in your account.",
    ),
    "not_signed_in": ("Connectez-vous pour continuer.", "Sign in to continue."),
    "forged_request": (
        "La page n'est plus à jour : rechargez-la.",
        "The page is out of date: reload it.",
    ),
    "offer_refused": (
        "Le navigateur n'a proposé aucun format audio utilisable.",
        "The browser offered no usable audio format.",
    ),
    "unknown_field": ("Ce champ n'existe pas : {detail}.", "There is no such field: {detail}."),
    "bad_request": ("Demande incomplète ou mal formée : {detail}.", "Bad request: {detail}."),
    "unexpected": (
        "Une erreur inattendue s'est produite. Elle a été consignée ; réessayez.",
        "Something unexpected happened. It was logged; try again.",
    ),
}


def english(request: Request) -> bool:
    """Whether the reader prefers English over French."""
    accepted = request.headers.get("accept-language", "").lower()
    return accepted.startswith("en")


def problem(
    request: Request, code: str, *, status: int, detail: str = "", retry_after_s: float = 0
) -> JSONResponse:
    """The response for a refusal. A code without a sentence gives the detail itself."""
    sentences = SENTENCES.get(code) or agenda_problems.SENTENCES.get(code)
    message = sentences[english(request)].format(detail=detail) if sentences else detail
    headers = {"Retry-After": str(int(retry_after_s) + 1)} if retry_after_s else None
    return JSONResponse({"code": code, "message": message}, status_code=status, headers=headers)


async def _note_refusal(request: Request) -> None:
    """Say in the audit trail what a signed-in person asked for and does not exist for them."""
    person: SignedIn | None = getattr(request.state, "person", None)
    if person is None:
        return
    subject = f"{request.method} {request.url.path}"
    try:
        await note(house_of(request), person, "refused", subject=subject)
    except StoreError:
        logger.exception("a refusal could not enter the audit trail")


def install(app: FastAPI) -> None:
    """Translate every expected refusal at the edge."""

    async def refused(request: Request, error: Exception) -> JSONResponse:
        code = getattr(error, "code", "unexpected")
        status = getattr(error, "status", None) or STATUS.get(
            code, agenda_problems.STATUS.get(code, 422)
        )
        if status == 404:
            await _note_refusal(request)
        if isinstance(error, ImportingError):
            said = error.english if english(request) else error.french
            return JSONResponse({"code": code, "message": said}, status_code=status)
        retry_after_s = error.retry_after_s if isinstance(error, TooManyAttemptsError) else 0
        return problem(request, code, status=status, detail=str(error), retry_after_s=retry_after_s)

    for kind in (
        AccessError,
        AccountError,
        ImportingError,
        ReceptionError,
        RecordingError,
        PasskeyError,
        SecondFactorError,
        StoreError,
        TelephonyError,
        BadFormError,
        BadRouteError,
        BadPolicyError,
        BadOnCallError,
        LinkOverError,
        UnknownFieldError,
        WritingTextsError,
        WeakPasswordError,
        BadHoursError,
        BadWelcomeError,
        BadGroupsError,
        BadExerciseError,
        *SUPERVISION_ERRORS,
        *agenda_problems.KINDS,
    ):
        app.add_exception_handler(kind, refused)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return problem(request, "bad_request", status=422, detail=f"{where}: {first['msg']}")

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        code = "not_found" if error.status_code == 404 else "bad_request"
        return problem(request, code, status=error.status_code, detail=str(error.detail))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        logger.error("unexpected failure of %s", request.url.path, exc_info=error)
        return problem(request, "unexpected", status=500)
