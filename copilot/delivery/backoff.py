"""When to try again. Pure: time is an argument."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Twice as long after each failure, up to `longest_s`, `tries` times in all.

    By default the first hour sees seven tries, and the last comes after about a day.
    """

    first_s: float = 30.0
    longest_s: float = 3600.0
    tries: int = 30

    def next_try(self, *, attempts: int, key: str, at: datetime) -> datetime | None:
        """After the failure of the last of `attempts` tries; null to give up.

        Up to a tenth is added, different for each `key` and the same each time: a server that
        comes back is not met by all letters at once.
        """
        if attempts >= self.tries:
            return None
        wait_s = min(self.first_s * 2.0 ** min(attempts - 1, 60), self.longest_s)
        spread = hashlib.sha256(f"{key} {attempts}".encode()).digest()[0] / 2550
        return at + timedelta(seconds=wait_s * (1 + spread))
