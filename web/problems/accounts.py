"""Accounts, sessions and programs' tokens: what is refused, as people read it."""

from __future__ import annotations

from copilot.accounts import AccountError
from copilot.passkeys import PasskeyError
from copilot.passwords import WeakPasswordError
from copilot.secondfactor import SecondFactorError
from web.access import AccessError

KINDS: tuple[type[Exception], ...] = (
    AccountError,
    PasskeyError,
    WeakPasswordError,
    SecondFactorError,
    AccessError,
)
STATUS = {
    "sign_in_refused": 401,
    "too_many_attempts": 429,
    "code_required": 401,
    "wrong_password": 422,
    "sign_in_again": 403,
    "wrong_code": 422,
    "weak_password": 422,
    "link_over": 410,
    "already_set_up": 409,
    "account_taken": 409,
    "last_administrator": 409,
    "bad_token": 401,
    "scope_needed": 403,
    "bad_scope": 422,
    "too_many_requests": 429,
}
SENTENCES: dict[str, tuple[str, str]] = {
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
    "sign_in_refused": (
        "Adresse ou mot de passe incorrect.",
        "Wrong address or password.",
    ),
    "too_many_attempts": (
        "Trop de tentatives. Patientez quelques instants avant de réessayer.",
        "Too many attempts. Wait a moment before trying again.",
    ),
    "code_required": (
        "Saisissez le code de votre application d'authentification.",
        "Enter the code of your authenticator application.",
    ),
    "wrong_password": (
        "Le mot de passe actuel n'est pas le bon.",
        "The present password is another.",
    ),
    "sign_in_again": (
        "Vous n'avez pas de mot de passe ici. Déconnectez-vous, reconnectez-vous par la connexion "
        "unique, puis recommencez dans les dix minutes.",
        "You have no password here. Sign out, sign in again by single sign-on, then try again "
        "within ten minutes.",
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
    "account_taken": (
        "Il y a déjà un compte à cette adresse, ou ce rôle ne va pas avec cette société.",
        "There is an account with this address already, or the role does not fit the company.",
    ),
    "last_administrator": (
        "C'est le dernier administrateur : nommez-en un autre d'abord.",
        "This is the last administrator: make another one first.",
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
}
