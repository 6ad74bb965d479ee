"""Whether a list of known faults names what Souffleur is made of. No network.

Faults are read in the OSV format (https://ossf.github.io/osv-schema/): a JSON list, JSON lines, or
the zip of an ecosystem as osv.dev gives it out, fetched elsewhere and carried here.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version

from copilot.supplychain import Component, Ecosystem, normal


class SnapshotError(Exception):
    """The list of known faults cannot be read."""

    code = "snapshot"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A known fault of a package in use."""

    package: str
    version: str
    id: str
    summary: str
    fixed: str
    """The first version without it; empty when there is none yet."""


def faults(parts: Iterable[Component], snapshot: Path) -> tuple[Fault, ...]:
    """Known faults of these packages. Raises SnapshotError."""
    installed = {(part.ecosystem, part.name): part for part in parts}
    found: dict[tuple[str, str], Fault] = {}
    for record in _records(snapshot):
        for affected in record.get("affected", ()):
            part = installed.get(_named(affected.get("package", {})))
            if part is None or record.get("withdrawn"):
                continue
            if _hits(part, affected):
                found[part.name, record["id"]] = Fault(
                    package=part.name,
                    version=part.version,
                    id=str(record["id"]),
                    summary=str(record.get("summary", ""))[:200],
                    fixed=_fixed(part, affected),
                )
    return tuple(found[key] for key in sorted(found))


def _records(snapshot: Path) -> Iterator[Mapping[str, Any]]:
    try:
        if snapshot.suffix == ".zip":
            with zipfile.ZipFile(snapshot) as archive:
                for name in archive.namelist():
                    yield json.loads(archive.read(name))
            return
        text = snapshot.read_text(encoding="utf-8")
        if text.lstrip().startswith("["):
            yield from json.loads(text)
        else:
            yield from (json.loads(line) for line in text.splitlines() if line.strip())
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise SnapshotError(f"{snapshot}: no list in the OSV format: {error}") from error


def _named(package: Mapping[str, Any]) -> tuple[Any, str]:
    name = str(package.get("name", ""))
    ecosystem = package.get("ecosystem")
    return ecosystem, normal(name) if ecosystem == "PyPI" else name


def _hits(part: Component, affected: Mapping[str, Any]) -> bool:
    if part.version in affected.get("versions", ()):
        return True
    order = ORDERS[part.ecosystem]
    return any(_within(order(part.version), events) for events in _events(part, affected))


def _events(part: Component, affected: Mapping[str, Any]) -> Iterator[list[tuple[str, Any, str]]]:
    """Each range's edges in order: what begins or ends there, its rank, and as it is written."""
    order = ORDERS[part.ecosystem]
    for span in affected.get("ranges", ()):
        if span.get("type") in ("ECOSYSTEM", "SEMVER"):
            try:
                yield sorted(
                    (
                        (kind, order(told), told)
                        for event in span.get("events", ())
                        for kind, told in event.items()
                    ),
                    key=lambda event: event[1],
                )
            except ValueError:  # of packaging's too
                continue


def _within(version: Any, events: Iterable[tuple[str, Any, str]]) -> bool:
    inside = False
    for kind, edge, _ in events:
        if kind == "introduced" and version >= edge:
            inside = True
        elif (kind == "fixed" and version >= edge) or (kind == "last_affected" and version > edge):
            inside = False
    return inside


def _fixed(part: Component, affected: Mapping[str, Any]) -> str:
    ours = ORDERS[part.ecosystem](part.version)
    later = [
        (edge, told)
        for events in _events(part, affected)
        for kind, edge, told in events
        if kind == "fixed" and edge > ours
    ]
    return min(later)[1] if later else ""


def semantic(version: str) -> tuple[Any, ...]:
    """A version's rank (Semantic Versioning 2.0.0, section 11). Raises ValueError."""
    core, _, before = version.partition("+")[0].partition("-")
    numbers = tuple(int(part) for part in core.split("."))
    if len(numbers) > 3:
        raise ValueError(f"no semantic version: {version!r}")
    # A number ranks below a word, and any of them below none at all.
    words = tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in (before.split(".") if before else ())
    )
    return (*numbers, *(0,) * (3 - len(numbers)), not words, words)


ORDERS: dict[Ecosystem, Callable[[str], Any]] = {"PyPI": Version, "npm": semantic}
