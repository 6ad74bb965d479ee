"""How the identity provider knows the house, by the settings."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from copilot.settings import Settings
from copilot.singlesignon.fetching import is_safe
from copilot.singlesignon.roles import roles_by_claim
from copilot.singlesignon.signon import Registration
from web.composition.places import public_url
from web.cookies import SIGN_ON_PATH


class BadRegistrationError(ValueError):
    """The settings of single sign-on do not go together."""

    code = "bad_registration"


def registration(settings: Settings) -> Registration | None:
    """Null without a provider. Raises BadRegistrationError, BadRolesError."""
    issuer = settings.oidc_issuer
    if not issuer:
        return None
    if not is_safe(issuer) or urlsplit(issuer).query or len(issuer) > 300:
        raise BadRegistrationError(
            f"SOUFFLEUR_OIDC_ISSUER: {issuer!r} is not an https:// address of 300 characters at "
            "most"
        )
    if not settings.oidc_client_id:
        raise BadRegistrationError("SOUFFLEUR_OIDC_CLIENT_ID is missing: the provider gives it")
    return Registration(
        issuer=issuer,
        client_id=settings.oidc_client_id,
        client_secret=_secret(settings),
        name=settings.oidc_name or urlsplit(issuer).netloc,
        redirect_uri=f"{public_url(settings)}{SIGN_ON_PATH}/answer",
        roles=roles_by_claim(settings.oidc_roles),
    )


def _secret(settings: Settings) -> str:
    if not settings.oidc_client_secret_file:
        return settings.oidc_client_secret
    if settings.oidc_client_secret:
        raise BadRegistrationError(
            "SOUFFLEUR_OIDC_CLIENT_SECRET and SOUFFLEUR_OIDC_CLIENT_SECRET_FILE: one of them"
        )
    try:
        return Path(settings.oidc_client_secret_file).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadRegistrationError(f"SOUFFLEUR_OIDC_CLIENT_SECRET_FILE: {error}") from error
