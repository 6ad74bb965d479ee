"""`souffleur supply`: what the installation is made of."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from web.commands.settings import fail, settings

supply = typer.Typer(no_args_is_help=True, help="What the installation is made of. No network.")
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]


@supply.command("licences")
def licences(as_json: AsJson = False) -> None:
    """Every package needed at run time, with its licence as its maker says it."""
    from copilot.supplychain import components

    parts = components()
    if as_json:
        print(json.dumps([asdict(part) for part in parts]))
        return
    for part in parts:
        print(f"{part.name:<34} {part.version:<14} {part.licence or 'NOT SAID'}")


@supply.command("sbom")
def sbom(out: Annotated[Path, typer.Argument(help="File to write.")] = Path("sbom.json")) -> None:
    """A bill of materials in the CycloneDX format (1.6, JSON)."""
    try:
        from web.commands.billofmaterials import bill
    except ImportError:
        fail("the SBOM needs cyclonedx-python-lib: pip install '.[dev]'")
    out.write_text(bill(), encoding="utf-8")
    print(out)


@supply.command("audit")
def audit(
    snapshot: Annotated[
        Path | None, typer.Option(help="Known faults (OSV); the data folder's if not said.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Known faults of what is installed. Exit status 1 when there are some, 3 when it could not
    be checked."""
    from datetime import UTC, datetime

    from copilot.supplychain import components, faults

    parts = components()
    known = snapshot or settings().data_dir / "advisories.zip"
    if not known.is_file():
        print(f"NOT CHECKED: {known} does not exist. Fetch osv.dev's list for PyPI (all.zip) on a "
              "connected machine and put it there.")  # fmt: skip
        raise SystemExit(3)
    made = datetime.fromtimestamp(known.stat().st_mtime, UTC)
    found = faults(parts, known)
    if as_json:
        print(json.dumps({"snapshot": made.isoformat(), "packages": len(parts),
                          "faults": [asdict(fault) for fault in found]}))  # fmt: skip
    else:
        for fault in found:
            mend = f"mended in {fault.fixed}" if fault.fixed else "not mended yet"
            print(f"{fault.package} {fault.version}: {fault.id}, {mend}. {fault.summary}")
        print(f"{len(found)} known faults in {len(parts)} packages, by the list of {made:%d/%m/%Y}")
    if found:
        raise SystemExit(1)


@supply.command("verify")
def verify() -> None:
    """Whether every installed file is as its package shipped it; exit status 1 when one is not."""
    from copilot.supplychain import changed_files, components

    parts = components()
    wrong = changed_files(part.name for part in parts)
    for line in wrong:
        print(line)
    print(f"{len(wrong)} files changed or missing in {len(parts)} packages")
    if wrong:
        raise SystemExit(1)
