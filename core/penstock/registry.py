"""Which integrations are installed, and what they declare: entry points, loaded only when used."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from penstock.commandline import Commandline, ProjectFolder
from penstock.errors import ToolMissing, nearest_names
from penstock.system.installed import EntryPoint, entry_points

if TYPE_CHECKING:
    from penstock.integration import Integration

GROUP = "penstock.integrations"
COMMANDLINES = "penstock.commandline"


@cache
def _found(group: str = GROUP) -> dict[str, EntryPoint]:
    return entry_points(group)


def names() -> tuple[str, ...]:
    """The names of all installed integrations, sorted; none is imported."""
    return tuple(_found())


@cache
def _declared() -> dict[str, Commandline | str]:
    """A text says why a declaration cannot be read: it may be of any package, and no command ends for it."""
    found: dict[str, Commandline | str] = {}
    for name, point in _found(COMMANDLINES).items():
        try:
            declared: object = point.load()
        except Exception as error:
            declared = f"{point.value}: {type(error).__name__}: {error}"
        if not isinstance(declared, Commandline | str):
            declared = f"{point.value} is no penstock.commandline.Commandline"
        found[name] = declared
    return found


def declarations() -> dict[str, Commandline]:
    """What each integration declares of its tool before it is loaded. No integration is imported."""
    return {name: line for name, line in _declared().items() if isinstance(line, Commandline)}


def unread_declarations() -> dict[str, str]:
    """The integrations whose declaration cannot be read, and why."""
    return {name: line for name, line in _declared().items() if isinstance(line, str)}


def folders() -> dict[str, ProjectFolder]:
    """The integrations of which a folder alone can be a project."""
    return {name: line.folder for name, line in declarations().items() if line.folder is not None}


@cache
def integration(name: str) -> Integration:
    """The integration of that name. Raises ToolMissing when it is not installed or cannot be imported."""
    from penstock.integration import CONTRACT_VERSION, Integration

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
