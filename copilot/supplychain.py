"""What Souffleur is made of: packages of Python and of the browser's pages, their licences, whether
they are as shipped. No network."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement

US = "souffleur"
SHIPPED = "packages.json"
"""What the build of the pages writes (web/ui/shipped.ts)."""

Ecosystem = Literal["PyPI", "npm"]


class NotBuiltError(Exception):
    """What the pages are made of is known once they are built."""

    code = "not_built"


@dataclass(frozen=True, kw_only=True)
class Component:
    """An installed package of Python, or one that is in the pages."""

    ecosystem: Ecosystem
    name: str
    """Python's in the normal form (PEP 503)."""
    version: str
    licence: str
    """As its maker says; empty when it does not."""
    needs: tuple[str, ...]


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
            ecosystem="PyPI",
            name=name,
            version=package.version,
            licence=_licence(package),
            needs=needs,
        )
        waiting += needs
    found.pop(US, None)
    return tuple(found[name] for name in sorted(found))


def pages(static: Path) -> tuple[Component, ...]:
    """Every package with code in the pages that were built into a folder, by name.

    Raises NotBuiltError.
    """
    found: dict[str, Component] = {}
    written = [static / SHIPPED, *sorted(static.glob(f"*/{SHIPPED}"))]
    for path in written:
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise NotBuiltError(
                f"{path}: build the browser app first (./bootstrap.sh run): {error}"
            ) from error
        for one in told:
            found[one["name"]] = Component(ecosystem="npm", needs=(), **one)
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
