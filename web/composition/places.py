"""Where the settings put things: the database, the files beside it, the secret, the address."""

from __future__ import annotations

from pathlib import Path

from copilot.privacy.register import Installation
from copilot.settings import Settings
from web.cookies import SessionCookie, house_secret


def database_url(settings: Settings) -> str:
    """Where the database is."""
    return settings.database_url or f"sqlite:///{settings.data_dir / 'souffleur.db'}"


def key_file(settings: Settings) -> Path:
    """Where the master keys are."""
    return Path(settings.key_file) if settings.key_file else settings.data_dir / "master.key"


def erasures_file(settings: Settings) -> Path:
    """Where what was erased is kept outside the database, for restored backups."""
    return settings.data_dir / "erasures.jsonl"


def recordings_folder(settings: Settings) -> Path:
    """Where the sealed recordings are; backups keep it."""
    return settings.data_dir / "recordings"


def public_url(settings: Settings) -> str:
    """Where browsers find the service."""
    url = settings.public_url or f"http://{settings.http_host}:{settings.http_port}"
    return url.rstrip("/")


def calibration_file(settings: Settings) -> Path | None:
    """The weights of the settings; null: the packaged ones."""
    return Path(settings.calibration) if settings.calibration else None


def signing_secret(settings: Settings) -> str:
    """The secret of the settings, else the one kept in the data folder."""
    return settings.secret or house_secret(settings.data_dir / "secret")


def installation(settings: Settings) -> Installation:
    """What papers about personal data say of this installation."""
    return Installation(
        database=database_url(settings).partition(":")[0],
        audit_days=settings.audit_days,
        tls=behind_tls(settings),
        second_factor_roles=settings.second_factor_roles,
        mail_server=settings.smtp_host,
    )


def behind_tls(settings: Settings) -> bool:
    """Whether browsers come by HTTPS."""
    return settings.secure_cookies or bool(settings.trusted_proxy)


def house_cookie(settings: Settings) -> SessionCookie:
    """Signs with the house's secret."""
    return SessionCookie(
        secret=signing_secret(settings),
        secure=behind_tls(settings),
    )
