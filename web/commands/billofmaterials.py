"""The bill of materials, by CycloneDX's own library (Apache-2.0)."""

from __future__ import annotations

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as Part
from cyclonedx.model.component import ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from copilot.supplychain import US, Component, components


def bill() -> str:
    """What Souffleur needs at run time, as CycloneDX 1.6 in JSON."""
    parts = {one.name: _part(one) for one in components()}
    root = Part(name=US, type=ComponentType.APPLICATION, bom_ref=US)
    made = Bom(components=parts.values())
    made.metadata.component = root
    made.register_dependency(root, parts.values())
    for one in components():
        made.register_dependency(parts[one.name], [parts[n] for n in one.needs if n in parts])
    told = make_outputter(made, OutputFormat.JSON, SchemaVersion.V1_6)
    return str(told.output_as_string(indent=1))


def _part(component: Component) -> Part:
    return Part(
        name=component.name,
        version=component.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{component.name}@{component.version}",
        purl=PackageURL("pypi", name=component.name, version=component.version),
        licenses=[LicenseFactory().make_from_string(component.licence)]
        if component.licence
        else [],
    )
