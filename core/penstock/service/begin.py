"""`init`: a first penstock.yml from what lies here. Reads files; writes one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from penstock import registry
from penstock.errors import UsageError
from penstock.integration import Proposal, Proposing
from penstock.project.locate import DBT_FILE, FILE_NAMES
from penstock.project.positions import read_yaml
from penstock.system.safe_yaml import read_text

_DEEPEST = 3
_SKIPPED = frozenset({"dbt_packages", "dbt_modules", "node_modules", "target", "venv"})

_AIRBYTE = """\
# Airbyte connectors, run here: each in an environment of its own, made from PyPI.
# airbyte:
#   ingest:
#     type: local
#     connections:
#       shop:
#         source: {connector: airbyte-source-faker, version: 7.2.1, config: {count: 1000, seed: 42}}
#         destination: main
#         schema: raw
"""


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """The file that was written, the dbt project folders that it names, and those of them that have a history of their own."""

    file: Path
    projects: tuple[str, ...]
    messages: tuple[str, ...] = ()
    histories: tuple[str, ...] = ()


def begin(folder: Path, *, force: bool = False, environ: Mapping[str, str] | None = None) -> Begun:
    """Write penstock.yml in `folder`, with what the tools that `environ` tells of propose. Raises UsageError when there is one, or no dbt project here or below."""
    file = folder / FILE_NAMES[0]
    existing = [folder / name for name in FILE_NAMES if (folder / name).exists()]
    if existing and not force:
        raise UsageError(
            f"{existing[0].name} is already there", where=str(folder), hint="--force writes it anew"
        )
    projects = sorted(_projects(folder, folder, 0))
    if not projects:
        raise UsageError(
            f"no {DBT_FILE} in {folder} or below", hint="go to the folder that holds your dbt project"
        )
    proposals = _proposals(os.environ if environ is None else environ)
    file.write_text(_document(folder, projects, proposals), encoding="utf-8")
    messages = tuple(proposal.message for proposal in proposals.values())
    left = [one for one in projects if one != "." and (folder / one / ".penstock" / "penstock.db").is_file()]
    return Begun(file=file, projects=tuple(projects), messages=messages, histories=tuple(left))


def _proposals(environ: Mapping[str, str]) -> dict[str, Proposal]:
    """What the integrations find from the environment, by their key."""
    found = {}
    for name in registry.names():
        tool = registry.integration(name)
        proposal = tool.propose(environ) if isinstance(tool, Proposing) else None
        if proposal is not None:
            found[name] = proposal
    return found


def _projects(folder: Path, root: Path, depth: int) -> list[str]:
    if (folder / DBT_FILE).is_file():
        return [folder.relative_to(root).as_posix()]
    if depth == _DEEPEST:
        return []
    found = []
    for child in sorted(folder.iterdir()):
        if child.is_dir() and not child.name.startswith(".") and child.name not in _SKIPPED:
            found += _projects(child, root, depth + 1)
    return found


def _document(folder: Path, projects: list[str], proposals: Mapping[str, Proposal]) -> str:
    names = _names(folder, projects)
    first = next(iter(names))
    lines = [
        f"name: {folder.resolve().name}",
        "",
        "warehouses:",
        f"  main: {{dbt: {first}}}    # the connection of that dbt project's profile",
        "",
        "dbt:",
    ]
    lines += [f"  {name}: {{project: {_quoted(path)}}}" for name, path in names.items()]
    for name, proposal in proposals.items():
        lines += ["", f"{name}:", *(f"  {line}" if line else "" for line in proposal.lines)]
    return "\n".join(lines) + "\n" + ("" if proposals else "\n" + _AIRBYTE)


def _names(folder: Path, projects: list[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for path in projects:
        data = read_yaml(read_text(folder / path / DBT_FILE), f"{path}/{DBT_FILE}").data
        name = str(data.get("name") or Path(path).name) if isinstance(data, dict) else Path(path).name
        while name in names:
            name += "_2"
        names[name] = path
    return names


def _quoted(path: str) -> str:
    return (
        path
        if path.replace("/", "").replace("_", "").replace("-", "").replace(".", "").isalnum()
        else f'"{path}"'
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of penstock.yml, with the settings of every installed integration."""
    from penstock import registry
    from penstock.project.schema import document_schema

    return document_schema({name: registry.integration(name).config for name in registry.names()})
