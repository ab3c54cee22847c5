"""Which integrations are installed: the entry points of group `penstock.integrations`, loaded only when used."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from penstock.errors import ToolMissing, nearest_names
from penstock.integration import CONTRACT_VERSION, Integration

GROUP = "penstock.integrations"


@cache
def _found() -> dict[str, EntryPoint]:
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def names() -> tuple[str, ...]:
    """The names of all installed integrations, sorted; none is imported."""
    return tuple(_found())


@cache
def integration(name: str) -> Integration:
    """The integration of that name. Raises ToolMissing when it is not installed or cannot be imported."""
    point = _found().get(name)
    if point is None:
        near = nearest_names(name, names())
        raise ToolMissing(
            f"no integration '{name}' is installed" + (f"; did you mean '{near[0]}'?" if near else ""),
            hint="installed: " + (", ".join(names()) or "none"),
        )
    try:
        found = point.load()
    except (ImportError, AttributeError) as error:
        raise ToolMissing(
            f"the integration '{name}' cannot be imported: {error}", hint=f"pip install 'penstock[{name}]'"
        ) from None
    version = getattr(found, "contract_version", None)
    if version is not None and version != CONTRACT_VERSION:
        raise ToolMissing(
            f"the integration '{name}' ({point.value}) is written for contract {version} of penstock; this one has {CONTRACT_VERSION}",
            hint="install versions of both that fit",
        )
    if not isinstance(found, Integration):
        raise ToolMissing(
            f"the integration '{name}' ({point.value}) does not keep the contract of penstock.integration"
        )
    return found
