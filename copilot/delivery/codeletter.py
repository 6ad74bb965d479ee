"""The letter with the code that opens a message by its link."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from copilot.delivery.letter import Sender, one_line, recipient

TEXT = """Bonjour,

Votre code pour lire le message de {client} :

    {code}

Il sert une fois, pendant dix minutes. Si vous n'avez rien demandé, ignorez cette lettre et \
prévenez votre secrétariat : quelqu'un a le lien d'un message qui vous était adressé.
"""


def write_code_letter(
    to: str, code: str, *, client: str, sender: Sender, at: datetime
) -> EmailMessage:
    """Raises `PermanentFailureError` when the address is none."""
    letter = EmailMessage(policy=SMTP)
    letter["Subject"] = "Votre code de lecture"
    letter["From"] = Address(one_line(sender.name), addr_spec=sender.address)
    letter["To"] = recipient(to)
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = make_msgid(domain=sender.domain)
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(TEXT.format(client=one_line(client), code=code))
    return letter
