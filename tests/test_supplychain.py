"""What the installation is made of."""

from __future__ import annotations

import json
import re
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from copilot.advisories import SnapshotError, faults, semantic
from copilot.supplychain import (
    Component,
    Ecosystem,
    NotBuiltError,
    changed_files,
    components,
    normal,
    pages,
)
from web.commands.billofmaterials import bill
from web.pages import STATIC

LOCKED = {
    normal(each.partition("==")[0]): re.findall(r"--hash=sha256:[0-9a-f]{64}\b", each)
    for each in re.split(r"\n(?=\S)", Path("requirements.lock").read_text())
}
"""What is locked, with the digests of its builds."""


def part(version: str = "1.5", ecosystem: Ecosystem = "PyPI") -> Component:
    name = {"PyPI": "some-lib", "npm": "@acme/Some_Lib"}[ecosystem]
    return Component(ecosystem=ecosystem, name=name, version=version, licence="MIT", needs=())


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
    made = json.loads(bill([*components(), part("2.0.0", "npm"), part("2.0.0")]))
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    addresses = {one["purl"] for one in made["components"]}
    installed = {f"pkg:pypi/{one.name}@{quote(one.version)}" for one in components()}
    assert installed < addresses
    assert {"pkg:npm/%40acme/some_lib@2.0.0", "pkg:pypi/some-lib@2.0.0"} < addresses
    fastapi = next(one for one in made["dependencies"] if one["ref"].startswith("PyPI:fastapi@"))
    assert any(ref.startswith("PyPI:starlette@") for ref in fastapi["dependsOn"])


def test_what_is_in_the_pages_is_listed_as_it_is_locked() -> None:
    lock = json.loads(Path("web/ui/package-lock.json").read_text())["packages"]
    found = pages(STATIC)
    assert {"svelte", "uplot"} <= {one.name for one in found}
    for one in found:
        locked = lock[f"node_modules/{one.name}"]
        assert (one.version, one.licence) == (locked["version"], locked["license"])
    # What builds them is not in them.
    assert not {"vite", "typescript", "acorn"} & {one.name for one in found}


def test_pages_that_were_not_built_are_not_taken_for_none(tmp_path: Path) -> None:
    with pytest.raises(NotBuiltError, match=re.escape("bootstrap.sh")):
        pages(tmp_path)
    (tmp_path / "panel").mkdir()
    listed = [{"name": "a", "version": "1.0.0", "licence": "MIT"}]
    for folder in (tmp_path, tmp_path / "panel"):
        (folder / "packages.json").write_text(json.dumps(listed))
        listed[0]["name"] = "b"
    assert [one.name for one in pages(tmp_path)] == ["a", "b"]
    (tmp_path / "panel" / "packages.json").write_text("[")
    with pytest.raises(NotBuiltError):
        pages(tmp_path)


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


def test_a_known_fault_of_the_pages_is_found_by_semantic_versions(tmp_path: Path) -> None:
    snapshot = tmp_path / "a.json"
    span = {"type": "SEMVER", "events": [{"introduced": "2.0.0-beta.2"}, {"fixed": "2.1.0"}]}
    package = {"name": "@acme/Some_Lib", "ecosystem": "npm"}
    told = {"id": "OSV-2", "affected": [{"package": package, "ranges": [span]}]}
    snapshot.write_text(json.dumps([told]))
    hits = {
        "1.9.9": False, "2.0.0-beta.1": False, "2.0.0-beta.2": True, "2.0.0-beta.11": True,
        "2.0.0-rc.1": True, "2.0.0": True, "2.1.0-rc.1": True, "2.1.0": False, "2.1.0+b": False,
    }  # fmt: skip
    for version, hit in hits.items():
        found = faults([part(version, "npm"), part(version)], snapshot)
        assert [(one.package, one.fixed) for one in found] == (
            [("@acme/Some_Lib", "2.1.0")] if hit else []
        ), version


def test_semantic_versions_have_their_order() -> None:
    # The example of Semantic Versioning 2.0.0, section 11.
    before = ["alpha", "alpha.1", "alpha.beta", "beta", "beta.2", "beta.11", "rc.1"]
    versions = [*(f"1.0.0-{each}" for each in before), "1.0.0", "1.0.1", "1.10.0", "2.0.0"]
    ranks = [semantic(version) for version in versions]
    assert all(one < other for one, other in pairwise(ranks))


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
