"""A real IMAP server (pymap) over a maildir that outlives it, on a free loopback port."""

from __future__ import annotations

import mailbox
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from passlib.hash import pbkdf2_sha256

from tests.servers import free_port, listens, wait_until

SILENT = """
import pymap.config as config
made = config.BackendCapability.__init__
config.BackendCapability.__init__ = lambda one, **given: made(one, **{**given, "idle": False})
"""
BEARS = """
import pymap.config as config
from pysasl import SASLAuth
from pysasl.creds.plain import PlainCredentials
from pysasl.mechanism import oauth
read = oauth.OAuth2Mechanism.server_attempt
def checked(one, responses):
    made, final = read(one, responses)
    return PlainCredentials(made.authzid, made._token), final
oauth.OAuth2Mechanism.server_attempt = checked
config.IMAPConfig.tls_auth = property(lambda _: SASLAuth.named([b"XOAUTH2"]))
"""
"""It takes XOAUTH2 alone: the token is looked up as a password is."""
USER, PASSWORD = "contact", "clé:é"


@dataclass
class MailServer:
    """One user's mailbox; stopped and started again at will."""

    folder: Path
    options: tuple[str, ...] = ("--no-tls",)
    tells: bool = True
    """Of what comes, by itself (IDLE)."""
    token: str = ""
    """The access token it takes, in the place of a password."""
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def maildir(self) -> mailbox.Maildir:
        return mailbox.Maildir(self.folder / "box", create=True)

    def deliver(self, made: EmailMessage | bytes) -> None:
        """As the provider's own server does."""
        raw = made if isinstance(made, bytes) else made.as_bytes()
        self.maildir.add(raw)

    def rebuild(self) -> None:
        """Forget the letters' identifiers, as a restored or moved mailbox does."""
        self.stop()
        for kept in (self.folder / "box").glob("dovecot-uidlist*"):
            kept.unlink()
        self.start()

    def start(self) -> None:
        hashed = pbkdf2_sha256.using(rounds=1000).hash(self.token or PASSWORD)
        (self.folder / "pymap-etc-passwd").write_text(f"{USER}:x::::box:\n")
        (self.folder / "pymap-etc-shadow").write_text(f"{USER}:{hashed}:::::::\n")
        self.maildir.close()
        patches = ("" if self.tells else SILENT) + (BEARS if self.token else "")
        run = f"{patches}from pymap.main import main; main()"
        command = [sys.executable, "-c", run, "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [*command, *self.options, "maildir", str(self.folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: listens(self.port), "pymap")

    def stop(self) -> None:
        """Idempotent."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None


@contextmanager
def mail_server(
    folder: Path, *options: str, tells: bool = True, token: str = ""
) -> Iterator[MailServer]:
    """Start one; its mail is below `folder`."""
    folder.mkdir(exist_ok=True)
    server = MailServer(folder, options or ("--no-tls",), tells, token)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def letter(number: int, text: str = "Bonjour, êtes-vous ouverts samedi ?", **headers: str) -> bytes:
    """A letter of somebody's, with its own Message-ID."""
    made = EmailMessage()
    made["From"] = "Zoé Martin <zoe@example.fr>"
    made["To"], made["Subject"] = "contact@delorme.example.fr", f"Question {number}"
    made["Message-ID"] = f"<{number}@x.example.fr>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()
