"""`souffleur supply`: what the installation is made of."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from web.commands.settings import fail, settings

if TYPE_CHECKING:
    from copilot.supplychain import Component, Ecosystem

supply = typer.Typer(no_args_is_help=True, help="What the installation is made of. No network.")
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]


LISTS: dict[Ecosystem, str] = {"PyPI": "advisories.zip", "npm": "advisories-npm.zip"}
"""Where the lists of known faults lie, in the data folder."""


def everything() -> tuple[Component, ...]:
    """Python's packages and those in the pages. Raises NotBuiltError."""
    from copilot.supplychain import components, pages
    from web.pages import STATIC

    return (*components(), *pages(STATIC))


@supply.command("licences")
def licences(as_json: AsJson = False) -> None:
    """Every package needed at run time or in the pages, with its licence as its maker says it."""
    parts = everything()
    if as_json:
        print(json.dumps([asdict(part) for part in parts]))
        return
    for part in parts:
        said = part.licence or "NOT SAID"
        print(f"{part.ecosystem:<5} {part.name:<34} {part.version:<14} {said}")


@supply.command("sbom")
def sbom(out: Annotated[Path, typer.Argument(help="File to write.")] = Path("sbom.json")) -> None:
    """A bill of materials in the CycloneDX format (1.6, JSON)."""
    try:
        from web.commands.billofmaterials import bill
    except ImportError:
        fail("the SBOM needs cyclonedx-python-lib: pip install '.[dev]'")
    out.write_text(bill(everything()), encoding="utf-8")
    print(out)


@supply.command("audit")
def audit(
    snapshot: Annotated[
        list[Path] | None,
        typer.Option(help="Known faults (OSV), several if need be; the data folder's if not said."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Known faults of what is installed and of what is in the pages. Exit status 1 when there are
    some, 3 when something could not be checked."""
    from datetime import UTC, datetime

    from copilot.advisories import faults

    parts = everything()
    folder = settings().data_dir
    known = snapshot or [folder / name for name in LISTS.values()]
    missing = [path for path in known if not path.is_file()]
    lists = {
        str(path): datetime.fromtimestamp(path.stat().st_mtime, UTC)
        for path in known
        if path not in missing
    }
    found = [fault for path in lists for fault in faults(parts, Path(path))]
    if as_json:
        print(json.dumps({
            "snapshots": {path: made.isoformat() for path, made in lists.items()},
            "missing": [str(path) for path in missing],
            "packages": len(parts),
            "faults": [asdict(fault) for fault in found],
        }))  # fmt: skip
    else:
        for fault in found:
            mend = f"mended in {fault.fixed}" if fault.fixed else "not mended yet"
            print(f"{fault.package} {fault.version}: {fault.id}, {mend}. {fault.summary}")
        for checked, made in lists.items():
            print(f"checked by {checked} of {made:%d/%m/%Y}")
        for path in missing:
            print(f"NOT CHECKED: {path} does not exist. Fetch osv.dev's list (all.zip) for PyPI, "
                  "and for npm, on a connected machine and put them there.")  # fmt: skip
        print(f"{len(found)} known faults in {len(parts)} packages")
    if found:
        raise SystemExit(1)
    if missing:
        raise SystemExit(3)


@supply.command("verify")
def verify() -> None:
    """Whether every installed file of Python's packages is as its package shipped it; exit status 1
    when one is not. The pages are built from theirs, not installed."""
    from copilot.supplychain import changed_files, components

    parts = components()
    wrong = changed_files(part.name for part in parts)
    for line in wrong:
        print(line)
    print(f"{len(wrong)} files changed or missing in {len(parts)} packages")
    if wrong:
        raise SystemExit(1)
