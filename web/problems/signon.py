"""What single sign-on refuses, as people read it on the sign-in page."""

from __future__ import annotations

from copilot.singlesignon.errors import SingleSignOnError

KINDS: tuple[type[Exception], ...] = (SingleSignOnError,)
STATUS: dict[str, int] = {}
"""Each error has its own."""

SENTENCES: dict[str, tuple[str, str]] = {
    "sign_on_off": (
        "La connexion unique n'est pas configurée ici. Connectez-vous avec le mot de passe.",
        "Single sign-on is not set up here. Sign in with the password.",
    ),
    "sign_on_unreachable": (
        "Le fournisseur d'identité ne répond pas. Réessayez dans un instant, ou connectez-vous "
        "avec le mot de passe.",
        "The identity provider does not answer. Try again in a moment, or sign in with the "
        "password.",
    ),
    "sign_on_answer": (
        "Cette connexion a expiré, a déjà servi ou a commencé dans un autre navigateur. "
        "Recommencez depuis cette page.",
        "This sign-in is too old, was used already or began in another browser. Start again from "
        "this page.",
    ),
    "sign_on_declined": (
        "Le fournisseur d'identité a refusé ou la connexion a été annulée. Recommencez, ou "
        "connectez-vous avec le mot de passe.",
        "The identity provider refused, or the sign-in was cancelled. Start again, or sign in with "
        "the password.",
    ),
    "sign_on_token": (
        "La réponse du fournisseur d'identité n'a pas pu être vérifiée : rien n'a été ouvert. "
        "Recommencez ; si cela continue, l'administrateur vérifie les réglages SOUFFLEUR_OIDC.",
        "The identity provider's answer could not be verified: nothing was opened. Start again; if "
        "it goes on, the administrator checks the SOUFFLEUR_OIDC settings.",
    ),
    "sign_on_email": (
        "Le fournisseur d'identité ne garantit pas votre adresse e-mail. Faites-la vérifier chez "
        "lui, ou connectez-vous avec le mot de passe.",
        "The identity provider does not vouch for your e-mail address. Have it verified there, or "
        "sign in with the password.",
    ),
    "sign_on_no_account": (
        "Personne n'a été invité ici à votre adresse. Demandez une invitation à l'administrateur.",
        "Nobody was invited here at your address. Ask the administrator for an invitation.",
    ),
    "sign_on_closed": (
        "Ce compte est désactivé. Adressez-vous à l'administrateur.",
        "This account is disabled. Ask the administrator.",
    ),
    "sign_on_other_identity": (
        "Ce compte est lié à une autre identité chez le fournisseur. L'administrateur peut défaire "
        "ce lien ; en attendant, connectez-vous avec le mot de passe.",
        "This account is linked to another identity at the provider. The administrator can undo "
        "that link; meanwhile sign in with the password.",
    ),
    "sign_on_email_changed": (
        "Votre adresse chez le fournisseur d'identité n'est plus celle de votre compte. "
        "L'administrateur doit défaire l'ancien lien et vous inviter à la nouvelle adresse.",
        "Your address at the identity provider is no longer your account's. The administrator has "
        "to undo the old link and invite you at the new address.",
    ),
    "sign_on_factor": (
        "Votre compte a un second facteur, et le fournisseur d'identité n'en a prouvé qu'un. "
        "Connectez-vous avec le mot de passe et le code.",
        "Your account has a second factor, and the identity provider proved only one. Sign in with "
        "the password and the code.",
    ),
    "sign_on_logout": (
        "Cette fin de session n'a pas pu être vérifiée : rien n'a été fermé.",
        "This logout could not be verified: nothing was closed.",
    ),
    "sign_on_no_role": (
        "Le fournisseur d'identité ne vous donne aucun rôle ici. Adressez-vous à l'administrateur.",
        "The identity provider gives you no role here. Ask the administrator.",
    ),
}
