"""Passwords: what makes one acceptable, and how it is kept.

Rules (OWASP ASVS 5.0 chapter 6, NIST SP 800-63B): length, any characters, no composition rules, no
expiry, and nothing that is among the first to be tried: zxcvbn (Wheeler, USENIX Security 2016)
estimates the number of guesses from lists of leaked passwords, names, words, keyboards and dates,
all offline. Kept as argon2id hashes.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from copilot.store.people import normal_email

if TYPE_CHECKING:
    from argon2 import PasswordHasher

PASSWORD_LENGTH = (12, 1024)
"""Characters, least and most. The upper bound keeps hashing cheap."""

GUESSES_LOG10 = 9.0
"""A password found in fewer guesses than a thousand million is refused."""

LOOKED_AT = 72
"""Characters that the estimate looks at; its time grows with the square."""

FRENCH_WORDS = (
    "motdepasse", "mot de passe", "azertyuiop", "azerty", "qsdfghjklm", "wxcvbn", "bonjour",
    "soleil", "doudou", "chouchou", "loulou", "coucou", "jetaime", "je t'aime", "marseille",
    "paris", "france", "secret", "secretariat", "accueil", "standard", "telephone", "operateur",
    "administrateur", "entreprise", "cabinet", "souffleur", "bienvenue", "printemps", "automne",
    "janvier", "fevrier", "septembre", "octobre", "novembre", "decembre", "chocolat", "football",
)  # fmt: skip
"""Common in French passwords and absent from zxcvbn's lists."""


class WeakPasswordError(Exception):
    """A password too short, too long or too easily guessed. `why` is stable."""

    code = "weak_password"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def check_password(password: str, *, email: str, about: Iterable[str] = ()) -> None:
    """Raises `WeakPasswordError`. `about`: words that belong to the person (name, company)."""
    shortest, longest = PASSWORD_LENGTH
    if len(password) < shortest:
        raise WeakPasswordError("short")
    if len(password) > longest:
        raise WeakPasswordError("long")
    from zxcvbn import zxcvbn  # its lists take a moment: only when somebody chooses a password

    address = normal_email(email)
    known = [address, *address.replace("@", ".").split("."), *FRENCH_WORDS]
    known += [part for word in about for part in (word, *word.split())]
    estimate = zxcvbn(password[:LOOKED_AT], user_inputs=known)
    if float(estimate["guesses_log10"]) < GUESSES_LOG10:
        raise WeakPasswordError("guessable")


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # loads a native library: only when somebody signs in

    # 46 MiB, one pass, one lane: of the equally strong choices of OWASP's password storage
    # sheet, the one that takes least from the cores that are listening to calls.
    return PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)


@cache
def nobodys_hash() -> str:
    """What the password of an unknown address is compared with: no password has it."""
    return hash_password(secrets.token_urlsafe(32))


def hash_password(password: str) -> str:
    """Some 50 ms: in a worker thread."""
    return _hasher().hash(password)


def matches(password_hash: str, password: str) -> bool:
    """Some 50 ms, whatever the outcome."""
    from argon2.exceptions import VerificationError

    try:
        return _hasher().verify(password_hash, password)
    except VerificationError:
        return False


def is_outdated(password_hash: str) -> bool:
    """Kept with other parameters than today's."""
    return _hasher().check_needs_rehash(password_hash)
