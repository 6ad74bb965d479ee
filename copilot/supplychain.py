"""What Souffleur is made of: installed packages, their licences, whether they are as shipped, and
whether a list of known faults names them. No network.

Faults are read in the OSV format (https://ossf.github.io/osv-schema/): a JSON list, JSON lines, or
the zip of an ecosystem as osv.dev gives it out, fetched elsewhere and carried here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

US = "souffleur"


class SnapshotError(Exception):
    """The list of known faults cannot be read."""

    code = "snapshot"


@dataclass(frozen=True, kw_only=True)
class Component:
    """An installed package."""

    name: str
    """Normal form (PEP 503)."""
    version: str
    licence: str
    """As its maker says; empty when it does not."""
    needs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A known fault of an installed package."""

    package: str
    version: str
    id: str
    summary: str
    fixed: str
    """The first version without it; empty when there is none yet."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def components() -> tuple[Component, ...]:
    """Everything that Souffleur needs at run time, itself left out, by name."""
    found: dict[str, Component] = {}
    waiting = [US]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # for another system, or another version of Python
        needs = tuple(sorted(_needs(package)))
        found[name] = Component(
            name=name, version=package.version, licence=_licence(package), needs=needs
        )
        waiting += needs
    found.pop(US, None)
    return tuple(found[name] for name in sorted(found))


def _needs(package: metadata.Distribution) -> Iterator[str]:
    for line in package.requires or ():
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            continue
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            yield normal(wanted.name)


def _licence(package: metadata.Distribution) -> str:
    told = package.metadata
    if "License-Expression" in told:
        return told["License-Expression"]
    classified = [
        line.rsplit(" :: ", 1)[-1]
        for line in told.get_all("Classifier") or ()
        if line.startswith("License :: ") and not line.endswith(":: OSI Approved")
    ]
    said = "".join(told.get_all("License") or ())
    short = said.strip().splitlines()[:1]
    return ", ".join(classified) or (short[0][:80] if short else "")


def changed_files(names: Iterable[str]) -> tuple[str, ...]:
    """Files of installed packages that are not as their RECORD says; missing ones too."""
    wrong: list[str] = []
    for name in names:
        for file in metadata.distribution(name).files or ():
            if file.hash is None or file.suffix == ".pyc":
                continue
            path = Path(str(file.locate()))
            if not path.is_file() or _digest(path, file.hash.mode) != file.hash.value:
                wrong.append(f"{name}: {file}")
    return tuple(wrong)


def _digest(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, kind).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def faults(parts: Iterable[Component], snapshot: Path) -> tuple[Fault, ...]:
    """Known faults of these packages. Raises SnapshotError."""
    installed = {part.name: part for part in parts}
    found: dict[tuple[str, str], Fault] = {}
    for record in _records(snapshot):
        for affected in record.get("affected", ()):
            package = affected.get("package", {})
            part = installed.get(normal(str(package.get("name", ""))))
            if part is None or package.get("ecosystem") != "PyPI" or record.get("withdrawn"):
                continue
            if _hits(part.version, affected):
                found[part.name, record["id"]] = Fault(
                    package=part.name,
                    version=part.version,
                    id=str(record["id"]),
                    summary=str(record.get("summary", ""))[:200],
                    fixed=_fixed(part.version, affected),
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


def _hits(version: str, affected: Mapping[str, Any]) -> bool:
    if version in affected.get("versions", ()):
        return True
    return any(_within(Version(version), events) for events in _events(affected))


def _events(affected: Mapping[str, Any]) -> Iterator[list[tuple[str, Version]]]:
    for span in affected.get("ranges", ()):
        if span.get("type") == "ECOSYSTEM":
            try:
                yield sorted(
                    (
                        (kind, Version("0" if told == "0" else told))
                        for event in span.get("events", ())
                        for kind, told in event.items()
                    ),
                    key=lambda event: event[1],
                )
            except InvalidVersion:
                continue


def _within(version: Version, events: Iterable[tuple[str, Version]]) -> bool:
    inside = False
    for kind, edge in events:
        if kind == "introduced" and version >= edge:
            inside = True
        elif (kind == "fixed" and version >= edge) or (kind == "last_affected" and version > edge):
            inside = False
    return inside


def _fixed(version: str, affected: Mapping[str, Any]) -> str:
    later = [
        edge
        for events in _events(affected)
        for kind, edge in events
        if kind == "fixed" and edge > Version(version)
    ]
    return str(min(later)) if later else ""
