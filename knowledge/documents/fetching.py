"""Fetching a public web page, and nothing else: never a private address.

Each name is resolved once; every address it has must be public; the connection goes to an address
that was checked, under the page's own name (Host, TLS). Each redirect goes through the same.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from knowledge.documents.reading import ImportingError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[str]]

MAX_PAGE_BYTES = 10 * 1024 * 1024
MAX_REDIRECTS = 5
TOTAL_S = 30.0
AGENT = "Souffleur (import of one page asked for by a person)"

MEDIA_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}

# Translations of IPv4 into IPv6, where a private address may hide (RFC 6052, 3056, 4380).
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was fetched."""

    content: bytes
    media_type: str
    address: str
    """Where it was in the end, redirects followed."""


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, by the system. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFetcher:
    """Fetches pages under fixed rules."""

    allowed: tuple[Network, ...] = ()
    """Private networks that may be reached: an intranet, a test. None by default."""
    resolver: Resolver = resolve
    max_bytes: int = MAX_PAGE_BYTES
    total_s: float = TOTAL_S
    trust: ssl.SSLContext | None = None
    """Certificates believed; default: the system's."""

    def fetch(self, address: str) -> Page:
        """Get one page. Blocks, at most `total_s`. Raises ImportingError (`import_address`)."""
        shown = address.strip()[:200]
        deadline = time.monotonic() + self.total_s
        visited = 0
        target = address.strip()
        while visited <= MAX_REDIRECTS:
            answer = self._get(target, shown, deadline)
            if isinstance(answer, Page):
                return answer
            target = urljoin(target, answer)
            visited += 1
        raise refused(
            shown,
            "la page renvoie sans cesse ailleurs. Donnez son adresse finale.",
            "the page keeps sending elsewhere. Give its final address.",
        )

    def _get(self, target: str, shown: str, deadline: float) -> Page | str:
        """A page, or where it sends."""
        host, port, secure, path = _parts(target, shown)
        checked = self._checked(host, port, shown)
        connection = _Connection(
            host, port, checked, secure=secure, trust=self.trust, deadline=deadline
        )
        try:
            with connection.ended_at(deadline):
                answer = self._ask(connection, target, path)
            if time.monotonic() >= deadline:  # what looks like its end may be ours
                raise TimeoutError
            return answer
        except _NotTakenError as error:
            if time.monotonic() >= deadline:
                raise self._late(shown) from error
            raise refused(shown, error.french, error.english) from error
        except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:
            if time.monotonic() >= deadline:
                raise self._late(shown) from error
            why = getattr(error, "verify_message", "") or type(error).__name__
            raise refused(
                shown,
                f"le serveur ne répond pas comme il faut ({why}). Vérifiez l'adresse.",
                f"the server does not answer properly ({why}). Check the address.",
            ) from error
        finally:
            connection.close()

    def _late(self, shown: str) -> ImportingError:
        return refused(
            shown,
            f"la page n'est pas arrivée en {self.total_s:.0f} s. Réessayez plus tard.",
            f"the page did not arrive within {self.total_s:.0f} s. Try again later.",
        )

    def _ask(self, connection: _Connection, target: str, path: str) -> Page | str:
        headers = {
            "User-Agent": AGENT,
            "Accept": ", ".join(MEDIA_TYPES),
            "Accept-Encoding": "gzip, identity",
            "Accept-Language": "fr, en;q=0.5",
            "Connection": "close",
        }
        connection.request("GET", path, headers=headers)
        with connection.getresponse() as response:
            return self._taken(response, target)

    def _taken(self, response: http.client.HTTPResponse, target: str) -> Page | str:
        if response.status in (301, 302, 303, 307, 308) and (to := response.getheader("Location")):
            return to
        if response.status != 200:
            raise _NotTakenError(
                f"le serveur répond {response.status}. Vérifiez que la page est publique.",
                f"the server answers {response.status}. Check that the page is public.",
            )
        media_type = (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
        if media_type not in MEDIA_TYPES:
            raise _NotTakenError(
                f"ce n'est pas une page ni un document lisible ({media_type[:60] or 'sans type'}).",
                f"this is no page or document that can be read ({media_type[:60] or 'no type'}).",
            )
        content = self._body(response)
        return Page(content=content, media_type=media_type, address=target)

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        encoding = (response.getheader("Content-Encoding") or "identity").strip().lower()
        if encoding not in ("identity", "gzip", "x-gzip"):
            raise _NotTakenError(
                f"la page arrive sous une forme non lue ({encoding[:20]}).",
                f"the page comes in a form that is not read ({encoding[:20]}).",
            )
        unfold = zlib.decompressobj(wbits=31) if encoding != "identity" else None
        content = bytearray()
        while piece := response.read1(65_536):
            if unfold is not None:
                piece = unfold.decompress(piece, self.max_bytes + 1 - len(content))
            content += piece
            if len(content) > self.max_bytes or (unfold and unfold.unconsumed_tail):
                limit_mb = self.max_bytes / (1024 * 1024)
                raise _NotTakenError(
                    f"la page dépasse {limit_mb:g} Mo. Donnez une page plus petite.",
                    f"the page is larger than {limit_mb:g} MB. Give a smaller page.",
                )
        if response.length or (unfold is not None and not unfold.eof):
            raise http.client.IncompleteRead(b"")
        return bytes(content)

    def _checked(self, host: str, port: int, shown: str) -> Address:
        """The address to connect to: every address of the name must be allowed."""
        try:
            found = [ipaddress.ip_address(text.partition("%")[0]) for text in
                     self.resolver(host, port)]  # fmt: skip
        except (OSError, ValueError, UnicodeError) as error:
            raise refused(
                shown,
                f"le nom « {host[:100]} » est introuvable. Vérifiez l'adresse.",
                f'the name "{host[:100]}" cannot be found. Check the address.',
            ) from error
        if not found or not all(self._is_allowed(address) for address in found):
            raise refused(
                shown,
                "cette adresse mène à un réseau privé ou réservé. Donnez une page publique.",
                "this address leads to a private or reserved network. Give a public page.",
            )
        return found[0]

    def _is_allowed(self, address: Address) -> bool:
        if any(address.version == net.version and address in net for net in self.allowed):
            return True
        return is_public(address)


def is_public(address: Address) -> bool:
    """Whether an address is of the open Internet, what it carries inside included."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64_LOCAL or address.is_site_local:
            return False
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if any(carried is not None and not is_public(carried) for carried in inside):
            return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
        and not address.is_loopback
        and not address.is_link_local
    )


def refused(address: str, french: str, english: str) -> ImportingError:
    return ImportingError(
        "import_address", french=f"{address} : {french}", english=f"{address}: {english}"
    )


class _NotTakenError(Exception):
    """What came is not taken; said of the address by whoever asked for it."""

    def __init__(self, french: str, english: str) -> None:
        super().__init__(french)
        self.french = french
        self.english = english


class _Connection(http.client.HTTPConnection):
    """A connection to an address already checked, under the name of the page."""

    def __init__(
        self,
        host: str,
        port: int,
        checked: Address,
        *,
        secure: bool,
        trust: ssl.SSLContext | None,
        deadline: float,
    ) -> None:
        super().__init__(host, port, timeout=max(0.1, deadline - time.monotonic()))
        self.default_port = 443 if secure else 80
        self._checked = checked
        self._raw: socket.socket | None = None
        self._secure = secure
        self._trust = trust

    def connect(self) -> None:
        """Never resolves anything again."""
        assert self.timeout is not None  # noqa: S101 - given above
        plain = socket.create_connection((str(self._checked), self.port), self.timeout)
        self._raw = plain
        if self._secure:
            context = self._trust or ssl.create_default_context()
            try:
                plain = self._raw = context.wrap_socket(plain, server_hostname=self.host)
            except BaseException:
                plain.close()
                raise
        self.sock = plain

    def ended_at(self, deadline: float) -> _Ending:
        """Shuts the connection down then, whatever the other side is doing."""
        return _Ending(self, deadline)

    def shut_down(self) -> None:
        """From any thread: whoever waits for the other side is let go."""
        # `sock` is gone once the answer's head has come: its body reads on from a copy.
        if self._raw is not None:
            try:
                socket.socket.shutdown(self._raw, socket.SHUT_RDWR)
            except OSError:
                return


class _Ending:
    def __init__(self, connection: _Connection, deadline: float) -> None:
        left_s = max(0.0, deadline - time.monotonic())
        self._timer = threading.Timer(left_s, connection.shut_down)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def _parts(target: str, shown: str) -> tuple[str, int, bool, str]:
    """Host, port, whether TLS, path and query. Raises ImportingError."""
    try:
        parts = urlsplit(target)
        port = parts.port
        host = parts.hostname or ""
        host = host if ":" in host else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        parts, port, host = urlsplit(""), None, ""
    strange = any(sign <= " " or sign == "\x7f" for sign in target)
    if parts.scheme not in ("http", "https") or not host or parts.username or strange:
        raise refused(
            shown,
            "ce n'est pas l'adresse d'une page (attendu : https://…).",
            "this is not the address of a page (expected: https://…).",
        )
    secure = parts.scheme == "https"
    path = urlunsplit(("", "", quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._"),
                       quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]"), ""))  # fmt: skip
    return host, port or (443 if secure else 80), secure, path
