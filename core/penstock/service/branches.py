"""Environments of branches: made as a copy of their base, listed, dropped. Writes nothing of the base, and nothing outside their folders."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from penstock import registry
from penstock.assets import Asset, AssetKey, AssetKind, Producer, ToolRef
from penstock.change import MadeFrom
from penstock.errors import ConfigError, UsageError
from penstock.graph import AssetGraph
from penstock.integration import Branching, Connecting, Connection, Copyable
from penstock.project.branch import (
    STATE,
    Branch,
    branch_folder,
    branch_names,
    checked_name,
    read_branch,
    write_branch,
)
from penstock.service.history import reading_store
from penstock.service.observe import look
from penstock.service.recorded import decoded
from penstock.service.workspace import Workspace, open_workspace
from penstock.store import open_store
from penstock.system.durations import EXAMPLES, seconds_of
from penstock.system.files import private_folder
from penstock.system.locks import locked

_DAYS = re.compile(r"(\d+)d")


class BranchDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One environment of a branch, as `penstock env list --json` prints it. Times are epoch seconds; `made_at` None: never finished."""

    name: str
    base: str | None
    made_at: float | None
    until: float | None
    over: bool
    size_bytes: int


class BranchesDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    project: str
    environments: tuple[BranchDocument, ...]


def ensure_branch(
    start: Path, name: str, base: str, *, lives: str | None, progress: Callable[[str], None]
) -> Branch:
    """The environment `name`, made as a copy of `base` where it is not there yet. Raises UsageError."""
    checked_name(name)
    origin = open_workspace(start, environment=base, progress=progress)
    project = origin.project
    if project.branch is not None:
        raise UsageError(f"'{base}' is a branch's environment itself: it cannot be a base")
    if name == base or name in (*project.document.environments, "dev"):
        raise UsageError(
            f"penstock.yml has the environment '{name}': --base is for one that it does not have"
        )
    seconds = _lifetime(lives)
    folder = private_folder(origin.state_dir / "environments")
    with locked(folder / f".{name}.lock"):
        known = read_branch(project.state_dir, name)
        if known is not None:
            if known.base != base:
                raise UsageError(
                    f"'{name}' is a copy of '{known.base}'", hint=f"drop it first: penstock env drop {name}"
                )
            if seconds is not None:
                known = msgspec.structs.replace(known, until=time.time() + seconds)
                write_branch(project.state_dir, known)
            return known
        return _made(origin, name, seconds)


def _lifetime(text: str | None) -> float | None:
    if text is None:
        return None
    days = _DAYS.fullmatch(text)
    seconds = int(days[1]) * 86400.0 if days else seconds_of(text)
    if seconds is None:
        raise UsageError(f"--lives {text}: {text!r} is no duration", hint=f"write 7d, {EXAMPLES}")
    return seconds


def _made(origin: Workspace, name: str, seconds: float | None) -> Branch:
    """Copies first, the file that says so last: a copy that was cut short is no environment."""
    project = origin.project
    warehouses = _warehouses(origin)
    folder = branch_folder(project.state_dir, name)
    shutil.rmtree(folder, ignore_errors=True)
    now = time.time()
    for shown, warehouse in warehouses:
        origin.progress(f"Copying {shown} for {name} ...")
        warehouse.copy_into(folder)
    branch = Branch(
        name=name, base=project.environment, made_at=now, until=now + seconds if seconds is not None else None
    )
    write_branch(project.state_dir, branch)
    try:
        _carry_records(origin, open_workspace(project.root, environment=name, progress=origin.progress))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return branch


def _warehouses(origin: Workspace) -> list[tuple[str, Copyable]]:
    """Every warehouse that the project works in, each once. Raises UsageError for one that cannot be copied."""
    connections: list[Connection] = [origin.connection(name) for name in origin.catalogs()]
    for integration, instance in origin.project.instances:
        tool = registry.integration(integration)
        if isinstance(tool, Branching) and isinstance(tool, Connecting):
            found = tool.connection(origin.context(integration, instance, may_call=True))
            connections += [found] if found is not None else []
    known: dict[str, Copyable] = {}
    for connection in connections:
        warehouse = origin.warehouse_of(connection)
        if not isinstance(warehouse, Copyable):
            raise UsageError(
                f"a branch cannot have an environment of its own in a warehouse of type '{connection.type}' yet",
                hint="it can in DuckDB; elsewhere declare the environment in penstock.yml, with a schema of its own",
            )
        known.setdefault(warehouse.address.namespace, warehouse)
    return sorted(known.items())


def _carry_records(origin: Workspace, branch: Workspace) -> None:
    """What is recorded of how the base's tables were made holds of their copies too: what is the same is not made again."""
    keys = _renamed(look(origin, may_call=True).graph, look(branch, may_call=True).graph)
    store = open_store(origin.project.store_url(), root=origin.project.root)
    try:
        by_run: dict[int, dict[AssetKey, bytes | None]] = {}
        for key, made in decoded(store, origin.project.environment).items():
            if key in keys:
                document = msgspec.msgpack.encode(_moved(made, keys))
                by_run.setdefault(made.run, {})[keys[key]] = document
        for run, documents in sorted(by_run.items()):
            store.record_made_from(branch.project.environment, run, time.time(), documents)
    finally:
        store.close()


def _renamed(graph: AssetGraph, other: AssetGraph) -> dict[AssetKey, AssetKey]:
    return {key: other.by_ref[ref] for ref, key in graph.by_ref.items() if ref in other.by_ref}


def _moved(made: MadeFrom, keys: dict[AssetKey, AssetKey]) -> MadeFrom:
    return msgspec.structs.replace(
        made,
        reads={keys.get(key, key): columns for key, columns in made.reads.items()},
        inputs={keys.get(key, key): one for key, one in made.inputs.items()},
    )


# ---------------------------------------------------------------- what a run may do


def refuse_the_base(workspace: Workspace, graph: AssetGraph) -> None:
    """Nothing starts while anything would be made where the base has it. Raises UsageError that names it."""
    branch = workspace.project.branch
    if branch is None:
        return
    origin = open_workspace(workspace.project.root, environment=branch.base, progress=workspace.progress)
    theirs = look(origin, may_call=True).graph
    databases = _databases(workspace)
    own = [
        graph.names.shown(key)
        for key, asset in graph.assets.items()
        if asset.producer is not None
        and isinstance(registry.integration(asset.producer.integration), Branching)
        and (key in theirs.assets or _elsewhere(graph, asset, databases))
        and asset.relation is not None
    ]
    if own:
        shown = ", ".join(sorted(own)[:5]) + (f" and {len(own) - 5} more" if len(own) > 5 else "")
        raise UsageError(
            f"{workspace.project.environment} would make {shown} in the place of '{branch.base}'; nothing was started",
            hint="their place does not follow the copy: a database of their own, an attached file, or a file that they write",
        )


_KINDS = (AssetKind.TABLE, AssetKind.VIEW, AssetKind.SEED, AssetKind.SNAPSHOT)
_FORMS = frozenset({"incremental", *(kind.value for kind in _KINDS)})


def _elsewhere(graph: AssetGraph, asset: Asset, databases: dict[ToolRef, str]) -> bool:
    """Whether it is made in another database than the copy, or in a way of which nobody here knows what it writes."""
    producer = graph.producers.get(asset.producer) if asset.producer else None
    if producer is None or asset.relation is None or asset.kind is AssetKind.FUNCTION:
        return False
    database = databases.get(ToolRef(producer.ref.integration, producer.ref.instance, ""))
    other = database is not None and (asset.relation.database or database).lower() != database.lower()
    return other or (producer.recipe is not None and producer.recipe.form not in _FORMS)


def _databases(workspace: Workspace) -> dict[ToolRef, str]:
    found = {}
    for integration, instance in workspace.project.instances:
        tool = registry.integration(integration)
        if isinstance(tool, Branching) and isinstance(tool, Connecting):
            connection = tool.connection(workspace.context(integration, instance, may_call=True))
            database = workspace.address(connection).database if connection is not None else None
            if database:
                found[ToolRef(integration, instance, "")] = database
    return found


def refuse_loading(workspace: Workspace) -> None:
    """By hand as in a plan: what others load is as the base had it. Raises UsageError."""
    branch = workspace.project.branch
    if branch is not None:
        name = workspace.project.environment
        raise UsageError(
            f"'{name}' is a branch's environment: it reads what '{branch.base}' had when it was copied",
            hint=f"to sync: -e {branch.base}; to copy what it has by now: penstock env drop {name}, and build with --base again",
        )


def refused_in_branch(
    workspace: Workspace, refuses: Callable[[Producer], str | None]
) -> Callable[[Producer], str | None]:
    """A branch makes what its own tools make in its copy; what others load is what the base had."""
    branch = workspace.project.branch
    if branch is None:
        return refuses

    def refused(producer: Producer) -> str | None:
        if not isinstance(registry.integration(producer.ref.integration), Branching):
            return f"a branch reads what '{branch.base}' had when it was copied"
        return refuses(producer)

    return refused


# ---------------------------------------------------------------- list and drop


def branches(start: Path) -> BranchesDocument:
    """Those of branches. Raises ConfigError where only another user may see which there are."""
    workspace = open_workspace(start)
    own = workspace.project.root / STATE
    if own.is_dir() and not os.access(own, os.R_OK | os.X_OK):
        raise ConfigError(
            "which environments branches have is kept in a folder that you may not read", where=str(own)
        )
    found = tuple(
        _told(workspace.project.state_dir, name) for name in branch_names(workspace.project.state_dir)
    )
    return BranchesDocument(format=1, project=workspace.project.name, environments=found)


def _told(state_dir: Path, name: str) -> BranchDocument:
    try:
        branch = read_branch(state_dir, name)
    except UsageError:
        branch = None
    folder = state_dir / "environments" / name
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return BranchDocument(
        name=name,
        base=branch.base if branch else None,
        made_at=branch.made_at if branch else None,
        until=branch.until if branch else None,
        over=branch is not None and branch.until is not None and branch.until < time.time(),
        size_bytes=size,
    )


def drop(start: Path, names: tuple[str, ...], *, expired: bool) -> list[str]:
    """Delete environments of branches with all that is theirs; the names of those that were. History of runs stays."""
    workspace = open_workspace(start)
    workspace.keep()
    known = {one.name: one for one in branches(start).environments}
    wanted = dict.fromkeys(names)
    for name in wanted:
        if name in workspace.project.document.environments or name == "dev":
            raise UsageError(f"'{name}' is an environment of penstock.yml: only a branch's can be dropped")
        if name not in known:
            raise UsageError(
                f"no branch has an environment '{name}'", hint=f"there: {', '.join(known) or 'none'}"
            )
        if (run := _working(workspace, name)) is not None:
            raise UsageError(f"run {run} works in '{name}'", hint=f"wait for it, or: penstock cancel {run}")
    over = [name for name, one in known.items() if expired and one.over and name not in wanted]
    wanted |= {name: None for name in over if _working(workspace, name) is None}
    for name in wanted:
        _drop(workspace, name)
    return list(wanted)


def _working(workspace: Workspace, name: str) -> int | None:
    """The run that works there now. One whose process is gone holds nothing back: jobs of CI are killed, and dropped at night."""
    with reading_store(workspace) as store:
        runs = store.runs(limit=None, environment=name) if store is not None else []
    return next((run.number for run in runs if run.owner is not None), None)


def _drop(workspace: Workspace, name: str) -> None:
    state_dir = workspace.project.state_dir
    with locked(state_dir / "environments" / f".{name}.lock"):
        with reading_store(workspace) as store:
            kept = store.made_from(name) if store is not None else {}
            if store is not None and kept:
                store.record_made_from(name, 0, time.time(), dict.fromkeys(kept))
        shutil.rmtree(branch_folder(state_dir, name))
        for left in (state_dir / "snapshot" / name, state_dir / "snapshot" / f"columns-{name}.msgpack"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
