"""Letters about accounts: invitations, new passwords. Sent at once, never kept: each has a link.

The link is also shown to the administrator who asked for it; a letter that cannot be handed over
is therefore said, not tried again.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from copilot.delivery.letter import Sender, one_line, recipient

if TYPE_CHECKING:
    from datetime import datetime

    from copilot.delivery.smtp import EmailChannel
    from copilot.store.records.accounts import Language, LinkKind, User

PARIS = ZoneInfo("Europe/Paris")

SUBJECTS: dict[tuple[LinkKind, Language], str] = {
    ("invitation", "fr"): "Votre accès à Souffleur",
    ("invitation", "en"): "Your access to Souffleur",
    ("reset", "fr"): "Choisir un nouveau mot de passe",
    ("reset", "en"): "Choose a new password",
}

TEXTS: dict[tuple[LinkKind, Language], str] = {
    ("invitation", "fr"): """Bonjour {name},

Un compte Souffleur est ouvert à votre adresse. Pour choisir votre mot de passe :

{link}

Ce lien sert une fois, jusqu'au {until}. Si vous n'attendiez pas ce message, ignorez-le.
""",
    ("invitation", "en"): """Hello {name},

A Souffleur account was opened for your address. To choose your password:

{link}

This link works once, until {until}. If you did not expect this message, ignore it.
""",
    ("reset", "fr"): """Bonjour {name},

Pour choisir un nouveau mot de passe :

{link}

Ce lien sert une fois, jusqu'au {until}. Si vous n'avez rien demandé, ignorez ce message : votre \
mot de passe reste le même.
""",
    ("reset", "en"): """Hello {name},

To choose a new password:

{link}

This link works once, until {until}. If you asked for nothing, ignore this message: your password \
stays the same.
""",
}


def write_account_letter(
    user: User, kind: LinkKind, link: str, *, until: datetime, sender: Sender, at: datetime
) -> EmailMessage:
    """The letter, as text. Raises `PermanentFailureError` when the address is none."""
    letter = EmailMessage(policy=SMTP)
    letter["Subject"] = SUBJECTS[kind, user.language]
    letter["From"] = Address(one_line(sender.name), addr_spec=sender.address)
    letter["To"] = recipient(user.email)
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = make_msgid(domain=sender.domain)
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(
        TEXTS[kind, user.language].format(
            name=one_line(user.name), link=link, until=f"{until.astimezone(PARIS):%d/%m/%Y %H:%M}"
        )
    )
    return letter


class AccountLetters:
    """Writes and hands over letters about accounts."""

    def __init__(self, channel: EmailChannel, sender: Sender) -> None:
        self._channel = channel
        self._sender = sender

    async def send(
        self, user: User, kind: LinkKind, link: str, *, until: datetime, at: datetime
    ) -> None:
        """Raises `TemporaryFailureError`, `PermanentFailureError`."""
        letter = write_account_letter(user, kind, link, until=until, sender=self._sender, at=at)
        await self._channel.post(letter)
