"""Where a language model is, and how much is asked of it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


class BadEndpointError(ValueError):
    """An address that no model can be at."""

    code = "bad_endpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatEndpoint:
    """An OpenAI-compatible server, local or hosted."""

    url: str
    """Its base, to which `/chat/completions` is added: `http://127.0.0.1:8080/v1`."""
    model: str
    key: str = field(default="", repr=False)
    """Sent as a bearer token; empty: none."""
    timeout_s: float = 20.0
    """From the question to its whole answer, second try and waiting included."""
    concurrency: int = 2
    """Questions it is asked at once: a local model shares the cores with recognition."""
    waiting: int = 32
    """Questions that wait their turn; the next is turned away."""
    longest_answer: int = 262_144
    """Bytes of an answer, its envelope included; beyond it, it is let go."""

    def __post_init__(self) -> None:
        """Raises BadEndpointError."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadEndpointError("the address must be http://host/... or https://host/...")
        if parts.username or parts.password:
            raise BadEndpointError("the address must not hold a password: use the key")
        if not self.model:
            raise BadEndpointError("the model's name is missing")

    @property
    def completions(self) -> str:
        """Where questions are posted."""
        return self.url.rstrip("/") + "/chat/completions"

    @property
    def in_clear(self) -> bool:
        """What is said on calls would cross a network unencrypted."""
        parts = urlsplit(self.url)
        if parts.scheme == "https" or parts.hostname == "localhost":
            return False
        try:
            return not ipaddress.ip_address(parts.hostname or "").is_loopback
        except ValueError:
            return True
