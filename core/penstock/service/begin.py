"""`init`: a first penstock.yml from what lies here. Reads files; writes one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from penstock import registry
from penstock.commandline import ProjectFolder
from penstock.errors import UsageError
from penstock.integration import Proposal, Proposing
from penstock.project.locate import FILE_NAMES
from penstock.project.positions import read_yaml
from penstock.system.safe_yaml import read_text

_DEEPEST = 3
_NOT_IN_A_NAME = re.compile(r"[^\w.-]+")
_SKIPPED = frozenset({"node_modules", "target", "venv"})


class Found(msgspec.Struct, frozen=True):
    """A folder that is a project of that tool, relative to the one that is searched."""

    tool: str
    path: str


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """The file that was written, the projects that it names, and the folders of those that have a history of their own."""

    file: Path
    projects: tuple[Found, ...]
    messages: tuple[str, ...] = ()
    histories: tuple[str, ...] = ()


def begin(folder: Path, *, force: bool = False, environ: Mapping[str, str] | None = None) -> Begun:
    """Write penstock.yml in `folder`, with the projects here and below, and what the tools that `environ` tells of propose.

    Raises UsageError when there is one already, or no project."""
    file = folder / FILE_NAMES[0]
    existing = [folder / name for name in FILE_NAMES if (folder / name).exists()]
    if existing and not force:
        raise UsageError(
            f"{existing[0].name} is already there", where=str(folder), hint="--force writes it anew"
        )
    known = registry.folders()
    projects = sorted(_projects(folder, folder, known, 0), key=lambda one: (one.tool, one.path))
    if not projects:
        raise UsageError(
            f"no {' and no '.join(one.file for one in known.values())} in {folder} or below",
            hint=f"go to the folder that holds your {' or '.join(known)} project",
        )
    proposals = _proposals(os.environ if environ is None else environ)
    file.write_text(_document(folder, projects, proposals), encoding="utf-8")
    messages = tuple(proposal.message for proposal in proposals.values())
    paths = [one.path for one in projects if one.path != "."]
    left = [path for path in paths if (folder / path / ".penstock" / "penstock.db").is_file()]
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


def _projects(folder: Path, root: Path, known: Mapping[str, ProjectFolder], depth: int) -> Iterator[Found]:
    here = [tool for tool, one in known.items() if os.path.isfile(folder / one.file)]  # noqa: PTH113  # false where it may not be asked
    yield from (Found(tool, folder.relative_to(root).as_posix()) for tool in here)
    if here or depth == _DEEPEST:
        return
    skipped = _SKIPPED.union(*(one.never_below for one in known.values()))
    for name in _folders(folder):
        if not name.startswith(".") and name not in skipped:
            yield from _projects(folder / name, root, known, depth + 1)


def _folders(folder: Path) -> list[str]:
    """What may not be read is none of this user's projects."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except PermissionError:
        return []


def _document(folder: Path, projects: list[Found], proposals: Mapping[str, Proposal]) -> str:
    names = _names(folder, projects)
    (first, one), *others = names.items()
    lines = [
        f"name: {_quoted(folder.resolve().name)}",
        "",
        "warehouses:",
        f"  main: {{{one.tool}: {_quoted(first)}}}    # the connection of that {one.tool} project",
        *(
            f"  {_quoted(name)}: {{{found.tool}: {_quoted(name)}}}"
            for name, found in others
            if name != "main"
        ),
    ]
    for tool, known in registry.folders().items():
        own = [(name, found.path) for name, found in names.items() if found.tool == tool]
        if own:
            lines += [
                "",
                f"{tool}:",
                *(f"  {_quoted(name)}: {{{known.setting}: {_quoted(path)}}}" for name, path in own),
            ]
    for name, proposal in proposals.items():
        lines += ["", f"{name}:", *(f"  {line}" if line else "" for line in proposal.lines)]
    for name, line in registry.declarations().items():
        if line.example and name not in proposals:
            lines += ["", *line.example]
    return "\n".join(lines) + "\n"


def _names(folder: Path, projects: list[Found]) -> dict[str, Found]:
    """A name of its own for each: that of its project file, else of its folder."""
    names: dict[str, Found] = {}
    for one in projects:
        file = folder / one.path / registry.folders()[one.tool].file
        data = read_yaml(read_text(file), f"{one.path}/{file.name}").data
        plain = file.resolve().parent.name
        name = str(data.get("name") or plain) if isinstance(data, dict) else plain
        name = _NOT_IN_A_NAME.sub("_", name) or one.tool
        while name in names:
            name += "_2"
        names[name] = one
    return names


_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*|\.")
_NO_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


def _quoted(text: str) -> str:
    """As YAML reads it back as this text: folders are called `2024`, `on` and `a: b` too."""
    plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _NO_TEXT
    if plain:
        return text
    # YAML takes a pair of escaped surrogates for two characters that are none, and text that is printed as it is.
    return "".join(one if one.isprintable() and one not in '"\\' else _escaped(one) for one in text).join(
        '""'
    )


def _escaped(one: str) -> str:
    return f"\\U{ord(one):08x}" if ord(one) > 0xFFFF else json.dumps(one)[1:-1]


def schema() -> dict[str, object]:
    """The JSON Schema of penstock.yml, with the settings of every installed integration."""
    from penstock.project.schema import document_schema

    return document_schema({name: registry.integration(name).config for name in registry.names()})
