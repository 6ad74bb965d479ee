"""One public page, and never anything private: real servers on loopback, names answered by us."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from knowledge.documents.fetching import PageFetcher, is_public
from knowledge.documents.reading import ImportingError
from tests.telephony.authority import Authority
from tests.webserver import Handler, served

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
PAGE = "<html><h1>Été</h1></html>".encode()


class Site:
    """A web server whose answers a test chooses; it remembers what it was asked."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[tuple[str, str]] = []
        self.answers: dict[str, Callable[[Handler], None]] = {}

    def gives(self, path: str, content: bytes = PAGE, *, status: int = 200, **headers: str) -> None:
        def answer(request: Handler) -> None:
            request.send_response(status)
            for name, value in {"Content_Type": "text/html", **headers}.items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            request.wfile.write(content)

        self.answers[path] = answer


@contextmanager
def site_running(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    site = Site()

    class Pages(Handler):
        def do_GET(self) -> None:
            site.asked.append((self.headers["Host"], self.path))
            site.answers[self.path](self)

    with served(Pages, tls=tls) as site.port:
        yield site


@pytest.fixture
def site() -> Iterator[Site]:
    with site_running() as site:
        yield site


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.open(tmp_path / "authority")


@pytest.fixture
def secure_site(authority: Authority) -> Iterator[Site]:
    """The same over TLS, with a certificate for `localhost`."""
    identity = authority.identity("site")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(identity.certificate, identity.key)
    with site_running(tls) as site:
        yield site


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.path))


def names(**known: list[str]) -> Callable[[str, int], list[str]]:
    return lambda host, _: known[host.replace(".", "_").replace("-", "_")]


def fetcher(**options: object) -> PageFetcher:
    return PageFetcher(**{"allowed": LOOPBACK, **options})  # type: ignore[arg-type]


def refused_by(rules: PageFetcher, address: str) -> str:
    with pytest.raises(ImportingError) as refused:
        rules.fetch(address)
    assert refused.value.code == "import_address"
    assert refused.value.french != refused.value.english
    return refused.value.french


def test_a_page_is_fetched_under_its_own_name(site: Site) -> None:
    site.gives("/faq?a=1")
    rules = fetcher(resolver=names(exemple_fr=["127.0.0.1"]))
    page = rules.fetch(f"http://exemple.fr:{site.port}/faq?a=1#suite")
    assert (page.content, page.media_type) == (PAGE, "text/html")
    assert site.asked == [(f"exemple.fr:{site.port}", "/faq?a=1")]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.0.1", "198.18.0.1", "240.0.0.1",
        "::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1",
        "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::",
        "2001:0:7f00:1::", "fd00:ec2::254",
    ],
)  # fmt: skip
def test_private_addresses_are_no_part_of_the_internet(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    rules = PageFetcher(resolver=lambda *_: [address])
    assert "réseau privé" in refused_by(rules, "https://exemple.fr/")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822"])
def test_public_addresses_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_one_private_address_among_several_is_enough() -> None:
    rules = PageFetcher(resolver=lambda *_: ["93.184.216.34", "127.0.0.1"])
    assert "réseau privé" in refused_by(rules, "http://exemple.fr/")


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/",
     "http://[::ffff:127.0.0.1]/", "http://localhost/", "http://0/", "http://127.1/"],
)  # fmt: skip
def test_loopback_in_disguise_is_refused(address: str) -> None:
    assert "réseau" in refused_by(PageFetcher(), address)


@pytest.mark.parametrize(
    "address",
    ["", "exemple.fr", "ftp://exemple.fr/", "file:///etc/passwd", "gopher://x/", "http://",
     "http://u:p@exemple.fr/", "http://exemple.fr:99999/", "http://exemple.fr/ x",
     "http://exemple.fr/\r\nHost: x", "javascript:alert(1)", "http://[::1"],
)  # fmt: skip
def test_what_is_no_address_of_a_page_is_refused(address: str) -> None:
    assert "attendu : https" in refused_by(PageFetcher(), address)


def test_a_name_that_changes_its_address_is_resolved_once(site: Site) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    site.gives("/")
    page = fetcher(resolver=lambda *_: answers.pop(0)).fetch(f"http://exemple.fr:{site.port}/")
    assert page.content == PAGE
    assert len(answers) == 1


def test_every_redirect_is_checked_again(site: Site) -> None:
    site.gives("/", status=302, Location="http://interne.fr/secret")
    rules = fetcher(resolver=names(exemple_fr=["127.0.0.1"], interne_fr=["10.0.0.1"]))
    assert "réseau privé" in refused_by(rules, f"http://exemple.fr:{site.port}/")
    site.gives("/", status=302, Location="file:///etc/passwd")
    assert "attendu : https" in refused_by(rules, f"http://exemple.fr:{site.port}/")
    site.gives("/", status=301, Location="/ici")
    site.gives("/ici")
    page = rules.fetch(f"http://exemple.fr:{site.port}/")
    assert page.address.endswith("/ici")


def test_redirects_end(site: Site) -> None:
    site.gives("/", status=302, Location="/")
    assert "sans cesse" in refused_by(fetcher(), f"http://127.0.0.1:{site.port}/")
    assert len(site.asked) == 6


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream", "video/mp4", ""])
def test_only_pages_and_documents_are_taken(site: Site, kind: str) -> None:
    site.gives("/", Content_Type=kind)
    assert "document lisible" in refused_by(fetcher(), f"http://127.0.0.1:{site.port}/")


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_server_s_refusal_is_told(site: Site, status: int) -> None:
    site.gives("/", status=status)
    assert f"répond {status}" in refused_by(fetcher(), f"http://127.0.0.1:{site.port}/")


def test_a_page_that_is_too_large_is_left(site: Site) -> None:
    site.gives("/", bytes(200_000))
    rules = fetcher(max_bytes=100_000)
    assert "dépasse" in refused_by(rules, f"http://127.0.0.1:{site.port}/")


def test_a_folded_page_is_unfolded_within_the_limit(site: Site) -> None:
    site.gives("/", gzip.compress(PAGE), Content_Encoding="gzip")
    assert fetcher().fetch(f"http://127.0.0.1:{site.port}/").content == PAGE
    site.gives("/", gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")
    rules = fetcher(max_bytes=1_000_000)
    assert "dépasse" in refused_by(rules, f"http://127.0.0.1:{site.port}/")
    site.gives("/", b"not folded", Content_Encoding="gzip")
    assert "ne répond pas comme" in refused_by(rules, f"http://127.0.0.1:{site.port}/")


@pytest.mark.parametrize("stage", ["headers", "body"])
def test_a_server_that_drips_is_left_in_time(stage: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        left = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                if stage == "body":
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
                else:
                    connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not left.wait(0.05):
                    try:
                        connection.sendall(b"X: y\r\n" if stage == "headers" else b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        said = refused_by(fetcher(total_s=0.6), f"http://127.0.0.1:{port}/")
        left.set()
        thread.join()
    assert "n'est pas arrivée" in said
    assert time.monotonic() - began < 5


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "ne répond pas" in refused_by(fetcher(), f"http://127.0.0.1:{port}/")


def test_an_unknown_name_is_told() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    assert "introuvable" in refused_by(PageFetcher(resolver=unknown), "https://nulle.part/")


def test_a_page_is_fetched_over_tls_from_whom_it_should(
    secure_site: Site, authority: Authority
) -> None:
    secure_site.gives("/faq")
    rules = fetcher(resolver=names(localhost=["127.0.0.1"]), trust=trusting(authority))
    page = rules.fetch(f"https://localhost:{secure_site.port}/faq")
    assert page.content == PAGE
    assert secure_site.asked == [(f"localhost:{secure_site.port}", "/faq")]


def test_a_certificate_of_another_name_is_refused(secure_site: Site, authority: Authority) -> None:
    rules = fetcher(resolver=names(aide_example_fr=["127.0.0.1"]), trust=trusting(authority))
    said = refused_by(rules, f"https://aide.example.fr:{secure_site.port}/faq")
    assert "Hostname mismatch" in said
    assert secure_site.asked == []


def test_a_certificate_that_nobody_vouches_for_is_refused(
    secure_site: Site, tmp_path: Path
) -> None:
    address = f"https://localhost:{secure_site.port}/faq"
    stranger = trusting(Authority.open(tmp_path / "stranger", "stranger"))
    for trust in (stranger, None):
        rules = fetcher(resolver=names(localhost=["127.0.0.1"]), trust=trust)
        assert "certificate" in refused_by(rules, address)
    assert secure_site.asked == []


def test_a_good_certificate_opens_no_private_network(
    secure_site: Site, authority: Authority
) -> None:
    rules = PageFetcher(resolver=names(localhost=["127.0.0.1"]), trust=trusting(authority))
    said = refused_by(rules, f"https://localhost:{secure_site.port}/faq")
    assert "réseau privé" in said
    assert secure_site.asked == []


def test_a_redirect_to_tls_is_checked_like_any_other(
    site: Site, secure_site: Site, authority: Authority
) -> None:
    rules = fetcher(
        resolver=names(localhost=["127.0.0.1"], aide_example_fr=["127.0.0.1"]),
        trust=trusting(authority),
    )
    secure_site.gives("/faq")
    for host in ("localhost", "aide.example.fr"):
        site.gives(f"/{host}", b"", status=301, Location=f"https://{host}:{secure_site.port}/faq")
    assert rules.fetch(f"http://localhost:{site.port}/localhost").content == PAGE
    assert "Hostname mismatch" in refused_by(rules, f"http://localhost:{site.port}/aide.example.fr")
