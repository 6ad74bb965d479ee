"""E-mail by SMTP (RFC 5321)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from copilot.delivery.channel import Dispatch, PermanentFailureError, TemporaryFailureError
from copilot.delivery.letter import Sender, one_line, write

if TYPE_CHECKING:
    from email.message import EmailMessage

Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where letters are handed over."""

    host: str
    port: int = 25
    username: str | None = None
    password: str | None = None
    security: Security = "none"
    authority: str | None = None
    """PEM file of who signed its certificate; null: the system's."""
    timeout_s: float = 20.0
    """For each step of the conversation; the worker's lease must be longer than a few."""


class EmailChannel:
    """Writes the letter of a message and hands it to an SMTP server."""

    def __init__(self, server: SmtpServer, sender: Sender) -> None:
        self._server = server
        self._sender = sender

    async def send(self, dispatch: Dispatch) -> None:
        """Raises as `post`."""
        await self.post(write(dispatch, self._sender))

    async def post(self, letter: EmailMessage) -> None:
        """Raises `TemporaryFailureError` (4xx, no connection, refused credentials) or
        `PermanentFailureError` (5xx about this letter or its recipient)."""
        import aiosmtplib

        try:
            await self._hand_over(letter)
        except aiosmtplib.SMTPRecipientsRefused as error:
            refused = error.recipients[0]
            raise _refusal(refused.code, refused.message) from error
        except aiosmtplib.SMTPAuthenticationError as error:
            # Ours to mend, not the letter's fault: it waits instead of being given up.
            raise TemporaryFailureError(
                f"le serveur d'envoi refuse nos identifiants ({error.code})"
            ) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error.code, error.message) from error
        except aiosmtplib.SMTPNotSupported as error:
            raise PermanentFailureError(f"refusé par le serveur d'envoi : {error}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TemporaryFailureError(
                f"serveur d'envoi injoignable ({self._server.host}:{self._server.port}) : "
                f"{one_line(str(error)) or type(error).__name__}"
            ) from error

    async def _hand_over(self, letter: EmailMessage) -> None:
        import aiosmtplib

        await aiosmtplib.send(
            letter,
            sender=self._sender.address,
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.username,
            password=self._server.password,
            use_tls=self._server.security == "tls",
            start_tls=self._server.security == "starttls",
            timeout=self._server.timeout_s,
            cert_bundle=self._server.authority,
        )


def _refusal(code: int, text: str) -> TemporaryFailureError | PermanentFailureError:
    """RFC 5321 section 4.2.1: 4yz may pass later, 5yz will not."""
    said = f"refusé par le serveur d'envoi ({code}) : {one_line(text)}"
    return PermanentFailureError(said) if 500 <= code < 600 else TemporaryFailureError(said)
