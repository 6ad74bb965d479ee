"""What the installation is made of."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from copilot.supplychain import (
    Component,
    SnapshotError,
    changed_files,
    components,
    faults,
    normal,
)
from web.commands.billofmaterials import bill

LOCKED = {
    normal(each.partition("==")[0]): re.findall(r"--hash=sha256:[0-9a-f]{64}\b", each)
    for each in re.split(r"\n(?=\S)", Path("requirements.lock").read_text())
}
"""What is locked, with the digests of its builds."""


def part(version: str = "1.5") -> Component:
    return Component(name="some-lib", version=version, licence="MIT", needs=())


def record(**affected: Any) -> dict[str, Any]:
    package = {"package": {"name": "Some_Lib", "ecosystem": "PyPI"}, **affected}
    return {"id": "OSV-1", "summary": "bad", "affected": [package]}


def between(*events: dict[str, str]) -> dict[str, Any]:
    return record(ranges=[{"type": "ECOSYSTEM", "events": list(events)}])


def test_what_is_needed_is_found_with_its_licence() -> None:
    parts = {one.name: one for one in components()}
    assert len(parts) > 60 and "souffleur" not in parts
    assert "starlette" in parts["fastapi"].needs and "MIT" in parts["fastapi"].licence
    assert "pytest" not in parts, "development is not shipped"
    # Torch has several builds, each right somewhere.
    assert {*parts} - {"torch"} <= {*LOCKED}


def test_everything_that_is_locked_has_its_digests() -> None:
    assert [name for name, digests in LOCKED.items() if not digests] == []


def test_the_bill_of_materials_names_everything() -> None:
    made = json.loads(bill())
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert {one["name"] for one in made["components"]} == {one.name for one in components()}
    assert all(one["purl"].startswith("pkg:pypi/") for one in made["components"])


@pytest.mark.parametrize(
    ("told", "versions"),
    [
        (between({"introduced": "0"}, {"fixed": "2.0"}), {"1.5": True, "2.0": False}),
        (between({"introduced": "1.0"}, {"last_affected": "1.5"}), {"0.9": False, "1.5": True,
                                                                    "1.6": False}),
        (between({"introduced": "1"}, {"fixed": "2"}, {"introduced": "3"}), {"2.5": False,
                                                                             "3.1": True}),
        (record(versions=["1.5"]), {"1.5": True, "1.6": False}),
    ],
)  # fmt: skip
def test_a_known_fault_is_found(
    told: dict[str, Any], versions: dict[str, bool], tmp_path: Path
) -> None:
    plain, lines, packed = (tmp_path / name for name in ("a.json", "a.jsonl", "a.zip"))
    plain.write_text(json.dumps([told]))
    lines.write_text(json.dumps(told) + "\n")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("OSV-1.json", json.dumps(told))
    for version, hit in versions.items():
        for snapshot in (plain, lines, packed):
            assert bool(faults([part(version)], snapshot)) is hit, (version, snapshot)


def test_other_packages_and_withdrawn_faults_are_not(tmp_path: Path) -> None:
    snapshot = tmp_path / "a.json"
    other = between({"introduced": "0"})
    other["affected"][0]["package"]["ecosystem"] = "npm"
    withdrawn = {**between({"introduced": "0"}), "withdrawn": "2026-01-01T00:00:00Z"}
    snapshot.write_text(json.dumps([other, withdrawn]))
    assert faults([part()], snapshot) == ()


@pytest.mark.parametrize("content", ["", "[", "<html>", "[1"])
def test_a_list_that_is_none_is_refused(content: str, tmp_path: Path) -> None:
    snapshot = tmp_path / "a.zip"
    snapshot.write_text(content)
    with pytest.raises(SnapshotError, match="OSV"):
        faults([part()], snapshot)


def test_installed_files_are_as_shipped() -> None:
    assert changed_files(["itsdangerous", "typer"]) == ()
