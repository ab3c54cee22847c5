"""Looks around: asks each integration what exists, keeps what is unchanged, merges. Builds nothing."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from math import inf

import msgspec

from penstock import registry
from penstock.assets import Finding, Observation, Role
from penstock.errors import MissingVariable, PenstockError, ToolError, UsageError, WarehouseBusy
from penstock.graph import AssetGraph
from penstock.service.flags import Scope, declared
from penstock.service.inuse import refuse_if_in_use
from penstock.service.snapshot import Entry, Snapshot, digests, file_name, stamps, unchanged
from penstock.service.worked import is_behind, marked
from penstock.service.workspace import Workspace


class GraphView(msgspec.Struct, frozen=True, kw_only=True):
    """The graph, and how old each part is. `stale` says per part why it could not be refreshed; `projects` are root packages."""

    graph: AssetGraph
    taken_at: dict[str, float]
    stale: dict[str, str]
    projects: tuple[str, ...] = ()


_AT_ONCE = 1e-9  # seconds; 0 would be a refresh: of everything, also what tells nothing of data
Spared = Callable[[str], bool]
Hold = Callable[[object], None]


def _let_go(records: object) -> None:
    """For who works on: what is needed no more is taken apart."""


def look(
    workspace: Workspace,
    *,
    may_call: bool = False,
    refresh: bool = False,
    doubted: bool = False,
    spared: Spared = lambda name: False,
    hold: Hold = _let_go,
) -> GraphView:
    """The asset graph. Parts whose inputs are unchanged come from the snapshot; `refresh` observes all again.

    `doubted`: what only a call can tell of data is asked again, whatever its age.
    `spared`: of these parts (by name) no tool is started for seconds where they are known, however long ago.
    `may_call` allows to start tools that reach out. A part that cannot be observed now keeps its last
    observation, and says so; with none to keep, the error is raised.
    `hold`: told what is no longer needed, by who ends soon and need not take it apart before.
    """
    snapshot = _snapshot(workspace)
    observations: list[Observation] = []
    hold(observations)
    kept = snapshot.index.entries
    patience = _patience(workspace, kept, doubted, spared)
    names = _parts(workspace, (lambda name: 0.0) if refresh else patience, observations, kept, hold)
    if (
        not refresh
        and set(kept) == set(names)
        and all(_current(kept[name], workspace.environ, may_call, patience(name)) for name in names)
    ):
        graph = snapshot.graph()
        if graph is not None:
            return _seen(graph, kept)
    # Of a warehouse that does not answer, only those feel it that work in it; what they are told then is the tool's own word.
    catalogs = frozenset(_part_of_catalog(name) for name in workspace.catalogs())
    parts: dict[str, tuple[Entry, Observation | None]] = {}
    for name, observer in names.items():
        entry, observation, fresh = _part(
            name,
            observer,
            snapshot,
            workspace.environ,
            may_call=may_call,
            refresh=refresh,
            patience=patience(name),
            optional=name in catalogs,
        )
        parts[name] = (entry, observation if fresh else None)
        if observation is not None:
            observations.append(observation)
    workspace.state_dir  # noqa: B018  # makes the folder and its .gitignore
    graph = snapshot.write(parts, observations)
    return _seen(graph, {name: entry for name, (entry, _) in parts.items()})


def unread(workspace: Workspace, seen: GraphView) -> list[str]:
    """The warehouses whose catalogs could not be read now, each with the reason."""
    parts = map(_part_of_catalog, workspace.catalogs())
    return [f"{part}: {seen.stale[part]}" for part in parts if part in seen.stale]


def look_again(workspace: Workspace, parts: Collection[str]) -> None:
    """Ask these warehouses once more, where only a call can tell what lies there now, and nothing else: for who has just worked in
    them. What cannot be asked stays as it was known, and is said to be older."""
    snapshot = _snapshot(workspace)
    kept = snapshot.index.entries
    asked = {name for name in parts if name in kept and kept[name].stale is not None}
    if not asked:
        return
    before: list[Observation] = []
    observers = _parts(workspace, lambda name: 0.0, before, kept)
    if set(observers) != set(kept):
        return
    found: dict[str, tuple[Entry, Observation | None]] = {}
    for name, observer in observers.items():
        entry, observation = kept[name], snapshot.observation(name)
        if observation is None:
            return  # a broken file: the next look mends it
        if name in asked:
            entry, new, fresh = _part(
                name, observer, snapshot, workspace.environ, may_call=True, refresh=True, patience=0.0
            )
            observation = new or observation
            found[name] = entry, new if fresh else None
        else:
            found[name] = entry, None
        before.append(observation)
    snapshot.write(found, before)


def kept_observations(workspace: Workspace, without: Collection[str]) -> list[Observation]:
    """The observations of the last look, but for the parts named."""
    snapshot = _snapshot(workspace)
    found = (snapshot.observation(name) for name in snapshot.index.entries if name not in without)
    return [one for one in found if one is not None]


def inputs_unchanged(workspace: Workspace, name: str) -> bool:
    """Whether the files of that part are, by their stat, those of its kept observation; of one that stands in no file of its own, whether
    it says the same once more. False when nothing could tell."""
    snapshot = _snapshot(workspace)
    entry = snapshot.index.entries.get(name)
    if entry is None or entry.stamps is not None:
        return entry is not None and unchanged(entry, workspace.environ)
    kept = snapshot.observation(name)
    integration, _, instance = name.partition("/")
    try:
        again = _instance_observer(workspace, integration, instance, 0.0)(False)
    except PenstockError:
        return False
    if kept is None or again is None or kept.stale or again.stale:
        return False
    return msgspec.structs.replace(again, taken_at=kept.taken_at) == kept


def _patience(
    workspace: Workspace, kept: Mapping[str, Entry], doubted: bool, spared: Spared
) -> Callable[[str], float]:
    """How old, in seconds, the answers of a part may be. Of one that is asked seldom it says that itself."""
    seconds = workspace.project.document.refresh_seconds

    def patience(name: str) -> float:
        entry = kept.get(name)
        if entry is None or entry.seldom == 1:
            return _AT_ONCE if doubted else seconds
        old = entry.stale is not None or time.time() - entry.taken_at >= seconds * entry.seldom
        return inf if doubted or (old and spared(name)) else seconds

    return patience


def _current(entry: Entry, environ: Mapping[str, str], may_call: bool, patience: float) -> bool:
    """Whether an observation may stand. What only age can tell is asked again after `patience` seconds, by who may call; and
    at once, when nobody might call before."""
    if entry.stale is not None and may_call and patience < inf:
        return False
    if entry.stamps is not None and not unchanged(entry, environ):
        return False
    if entry.stamps is not None and not entry.ages:
        return True
    return not may_call or (entry.called and time.time() - entry.taken_at < patience * entry.seldom)


def _seen(graph: AssetGraph, entries: dict[str, Entry]) -> GraphView:
    return GraphView(
        graph=graph,
        taken_at={name: entry.taken_at for name, entry in entries.items()},
        stale={name: entry.stale for name, entry in entries.items() if entry.stale},
        projects=tuple(entry.project for entry in entries.values() if entry.project),
    )


def _snapshot(workspace: Workspace) -> Snapshot:
    """Options such as --target change what dbt says; each combination keeps a snapshot of its own."""
    fields = [one.flag.field for one in declared(Scope.LOOK)]
    seen = {name: workspace.options[name] for name in fields if name in workspace.options}
    name = workspace.project.environment
    if seen:
        name += "-" + hashlib.sha256(msgspec.json.encode(seen, order="deterministic")).hexdigest()[:8]
    file = workspace.project.file
    document = file.read_bytes() if file else b""
    # The root: of a project that was copied with its .penstock, the files that were seen are those of the other one.
    root = os.fsencode(workspace.project.root.resolve())
    told = b"\0".join((document, *map(str.encode, registry.names()), root))
    key = hashlib.sha256(told).hexdigest()[:16]
    found = Snapshot(workspace.project.state_dir / "snapshot" / name, key)
    found.index = msgspec.structs.replace(
        found.index, entries=marked(workspace.project.state_dir, found.index.entries)
    )
    return found


def _part_of_catalog(name: str) -> str:
    return f"warehouse/{name}"


Observer = Callable[[bool], Observation | None]


def _parts(
    workspace: Workspace,
    max_age: Callable[[str], float],
    before: list[Observation],
    kept: Mapping[str, Entry],
    hold: Hold = _let_go,
) -> dict[str, Observer]:
    """Every part of the project that can be observed: instances, then the catalogs of the warehouses, which are told what the
    observations `before` them speak of."""
    parts: dict[str, Observer] = {}
    for integration, instance in workspace.project.instances:
        part = f"{integration}/{instance}"
        parts[part] = _instance_observer(workspace, integration, instance, max_age(part), hold)
    for name in workspace.catalogs():
        part = _part_of_catalog(name)
        worked = part in kept and is_behind(workspace.project.state_dir, part, kept[part])
        parts[part] = _catalog_observer(workspace, name, before, worked=worked)
    return parts


def _instance_observer(
    workspace: Workspace, integration: str, instance: str, max_age: float, hold: Hold = _let_go
) -> Observer:
    def observe(may_call: bool) -> Observation:
        context = workspace.context(integration, instance, may_call=may_call, max_age=max_age)
        return registry.integration(integration).observe(msgspec.structs.replace(context, hold=hold))

    return observe


def _catalog_observer(
    workspace: Workspace, name: str, before: list[Observation], *, worked: bool
) -> Observer:
    def observe(may_call: bool) -> Observation | None:
        found = workspace.catalog_context(name, may_call=may_call)
        if found is None:
            return None
        context = found[1]
        address = context.address(workspace.connection(name))
        refuse_if_in_use(workspace, address)
        used = used_in(address.namespace, before)
        return found[0].observe(msgspec.structs.replace(context, used=used, worked=worked))

    return observe


def used_in(namespace: str, observations: Iterable[Observation]) -> frozenset[tuple[str, str]] | None:
    """The (database, schema) of that warehouse in which somebody makes or reads something; None when nobody does."""
    found = {
        (relation.database, relation.schema)
        for observation in observations
        for asset in observation.assets
        if (relation := asset.relation) is not None
        and asset.role is not Role.CATALOGS
        and relation.namespace == namespace
        and relation.database
        and relation.schema
    }
    return frozenset(found) or None


def _part(
    name: str,
    observer: Observer,
    snapshot: Snapshot,
    environ: Mapping[str, str],
    *,
    may_call: bool,
    refresh: bool,
    patience: float,
    optional: bool = False,
) -> tuple[Entry, Observation | None, bool]:
    """One part: its entry, its observation, and whether that is new. What is `optional` stops nobody who did not ask for it."""
    entry = snapshot.index.entries.get(name)
    if entry is not None and not refresh and _current(entry, environ, may_call, patience):
        kept = snapshot.observation(name)
        if kept is not None:
            return entry, kept, False
    began = time.time()
    try:
        observation = observer(may_call)
    except (MissingVariable, WarehouseBusy) as error:
        kept = snapshot.observation(name)
        if kept is not None and entry is not None:
            return msgspec.structs.replace(entry, stale=f"not refreshed: {error.what}"), kept, False
        if isinstance(error, WarehouseBusy):
            return _empty(name, f"not read: {error.what}")
        raise
    except UsageError:
        raise
    except PenstockError as error:
        kept = snapshot.observation(name)
        optional = optional and isinstance(error, ToolError)  # not our own store, which a look asks as well
        if optional and not refresh and (kept is None or entry is None):
            return _empty(name, f"not read: {error.what}")
        if kept is None or entry is None or (may_call and (refresh or not optional)):
            raise
        return msgspec.structs.replace(entry, stale=f"not refreshed: {error.what}"), kept, False
    if observation is None:
        return _empty(name, None)
    paths = observation.inputs
    made = Entry(
        taken_at=observation.taken_at,
        asked_at=began,
        stamps=None if paths is None else stamps(paths, began),
        file=file_name(name),
        called=may_call,
        ages=observation.ages,
        seldom=observation.seldom,
        stale=observation.stale,
        project=observation.facts.get("project"),
        variables=digests(observation.variables, environ),
    )
    return made, observation, True


def _empty(name: str, stale: str | None) -> tuple[Entry, Observation, bool]:
    integration, _, instance = name.partition("/")
    findings = (Finding(code="not-observed", message=f"{name}: {stale}", source=name),) if stale else ()
    observation = Observation(
        integration=integration, instance=instance, taken_at=time.time(), findings=findings
    )
    stamped = () if stale is None else None
    return (
        Entry(
            taken_at=observation.taken_at,
            asked_at=observation.taken_at,
            stamps=stamped,
            file=file_name(name),
            stale=stale,
        ),
        observation,
        True,
    )
