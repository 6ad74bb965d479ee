"""Who we are and whom we believe on encrypted connections (RFC 3261 section 26, RFC 5922)."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from telephony.errors import TlsUnusable


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsIdentity:
    """Files in PEM format; read again when they change, so that a renewal needs no restart."""

    certificate: Path
    """Our certificate, followed by those that lead to its authority."""
    key: Path
    """Its private key, without a passphrase."""
    client_authorities: Path | None = None
    """Peers must show a certificate signed by one of these. None: no certificate is asked for."""
    server_authorities: Path | None = None
    """Who signs the servers we connect to. None: the authorities of the system."""

    def changed_s(self) -> float:
        """When the newer of certificate and key was written; 0 while one of them is missing."""
        try:
            return max(self.certificate.stat().st_mtime, self.key.stat().st_mtime)
        except OSError:
            return 0.0


def server_context(identity: TlsIdentity) -> ssl.SSLContext:
    """For connections made to us: TLS 1.2 and later. Raises TlsUnusable, naming the file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    load_certificate(context, identity)
    if identity.client_authorities is not None:
        _believe(context, identity.client_authorities)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(identity: TlsIdentity) -> ssl.SSLContext:
    """For connections we make: the server's name and authority are checked, always."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if identity.server_authorities is not None:
        _believe(context, identity.server_authorities)
    load_certificate(context, identity)
    return context


def load_certificate(context: ssl.SSLContext, identity: TlsIdentity) -> None:
    """Show this certificate from the next handshake on. Raises TlsUnusable."""
    for path in (identity.certificate, identity.key):
        if not path.is_file():
            raise TlsUnusable(f"{path}: no such file; it is needed for SIP over TLS")
    try:
        context.load_cert_chain(identity.certificate, identity.key, password="")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise TlsUnusable(
            f"{identity.certificate} and {identity.key} are not a certificate and its private "
            f"key without a passphrase, in PEM format ({error})"
        ) from error


def _believe(context: ssl.SSLContext, authorities: Path) -> None:
    try:
        context.load_verify_locations(authorities)
    except (ssl.SSLError, OSError) as error:
        raise TlsUnusable(
            f"{authorities}: not a file of certificates in PEM format ({error})"
        ) from error
