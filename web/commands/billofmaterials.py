"""The bill of materials, by CycloneDX's own library (Apache-2.0)."""

from __future__ import annotations

from collections.abc import Sequence

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as Part
from cyclonedx.model.component import ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from copilot.supplychain import US, Component


def bill(components: Sequence[Component]) -> str:
    """What Souffleur is made of, as CycloneDX 1.6 in JSON."""
    parts = {(one.ecosystem, one.name): _part(one) for one in components}
    root = Part(name=US, type=ComponentType.APPLICATION, bom_ref=US)
    made = Bom(components=parts.values())
    made.metadata.component = root
    made.register_dependency(root, parts.values())
    for one in components:
        needs = [(one.ecosystem, name) for name in one.needs]
        made.register_dependency(
            parts[one.ecosystem, one.name], [parts[need] for need in needs if need in parts]
        )
    told = make_outputter(made, OutputFormat.JSON, SchemaVersion.V1_6)
    return str(told.output_as_string(indent=1))


def _part(component: Component) -> Part:
    return Part(
        name=component.name,
        version=component.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{component.ecosystem}:{component.name}@{component.version}",
        purl=_address(component),
        licenses=[LicenseFactory().make_from_string(component.licence)]
        if component.licence
        else [],
    )


def _address(component: Component) -> PackageURL:
    """The package's URL: npm's scope is its namespace."""
    scope, _, name = component.name.rpartition("/")
    return PackageURL(
        component.ecosystem.lower(), namespace=scope or None, name=name, version=component.version
    )
