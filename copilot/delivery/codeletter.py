"""The letter with the code that opens a message by its link."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from copilot.delivery.letter import Sender, one_line, recipient
from copilot.delivery.letterwords import Language

SUBJECTS: dict[Language, str] = {"fr": "Votre code de lecture", "en": "Your reading code"}

TEXTS: dict[Language, str] = {
    "fr": """Bonjour,

Votre code pour lire le message de {client} :

    {code}

Il sert une fois, pendant dix minutes. Si vous n'avez rien demandé, ignorez cette lettre et \
prévenez votre secrétariat : quelqu'un a le lien d'un message qui vous était adressé.
""",
    "en": """Hello,

Your code to read the message of {client}:

    {code}

It works once, for ten minutes. If you asked for nothing, ignore this letter and tell your \
reception service: somebody has the link of a message that was addressed to you.
""",
}


def write_code_letter(
    to: str, code: str, *, client: str, language: Language, sender: Sender, at: datetime
) -> EmailMessage:
    """Raises `PermanentFailureError` when the address is none."""
    letter = EmailMessage(policy=SMTP)
    letter["Subject"] = SUBJECTS[language]
    letter["From"] = Address(one_line(sender.name), addr_spec=sender.address)
    letter["To"] = recipient(to)
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = make_msgid(domain=sender.domain)
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(TEXTS[language].format(client=one_line(client), code=code))
    return letter
