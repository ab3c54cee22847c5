"""What BASE of `penstock diff BASE` means: an environment of the run store, a kept document, or a ref of git; and that version."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from penstock import registry
from penstock.assets import AssetKey
from penstock.change.revision import Revision
from penstock.errors import ConfigError, DocumentError, NoProjectError, UsageError
from penstock.graph import AssetGraph
from penstock.integration import Address, Connection, Describing, ObserveContext
from penstock.project.branch import read_branch
from penstock.service.checkouts import Commit, Repository
from penstock.service.flags import Scope, declared
from penstock.service.observe import GraphView, kept_observations
from penstock.service.revisions import Contexts, comparable_instances, gather
from penstock.service.snapshot import digests
from penstock.service.workspace import Workspace, open_workspace
from penstock.system.files import private_folder, write_private

FORMAT = 1


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The version to compare with. `kind`: git, document, environment. `notes` are what whoever reads the comparison must know."""

    kind: str
    name: str
    label: str
    revision: Revision
    notes: tuple[str, ...] = ()


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    revision: Revision
    variables: dict[str, str]


def kind_of(workspace: Workspace, name: str) -> tuple[str, str]:
    """(kind, what is named). Raises UsageError for a name that is an environment and a ref of git."""
    if not name.strip():
        raise UsageError(
            "BASE is empty",
            hint="is a variable of the CI not set? BASE is a git ref, an environment, or a manifest",
        )
    kind, _, rest = name.partition(":")
    if kind in ("env", "git", "file") and rest:
        return {"env": "environment", "git": "git", "file": "document"}[kind], rest
    repository = Repository(workspace.project.root, workspace.environ)
    project = workspace.project
    declared = (
        name in project.document.environments
        or name == project.environment
        or read_branch(project.state_dir, name) is not None
    )
    if declared and repository.has(name):
        raise UsageError(
            f"'{name}' is an environment and a ref of git", hint=f"write env:{name} or git:{name}"
        )
    if declared:
        return "environment", name
    if repository.has(name):
        return "git", name
    path = Path(name)
    return ("document", name) if path.exists() or path.suffix in (".json", ".gz") else ("git", name)


# ---------------------------------------------------------------- git


def of_commit(workspace: Workspace, seen: GraphView, name: str) -> Base:
    repository = Repository(workspace.project.root, workspace.environ)
    commit = repository.base(name)
    folder = repository.files(commit, workspace.cache_dir)
    notes = [f"{commit.name} has {commit.behind} more commits, which are left out"] if commit.behind else []
    root = folder / "tree" / repository.prefix
    file = folder / f"{_key(workspace, seen, root)}.msgpack"
    kept = _read(file, workspace.environ)
    if kept is None:
        kept = _gathered(workspace, seen, commit, root, folder)
        write_private(file, msgspec.msgpack.encode(kept))
    return Base(
        kind="git", name=name, label=f"{name} at {commit.short}", revision=kept.revision, notes=tuple(notes)
    )


def _key(workspace: Workspace, seen: GraphView, root: Path) -> str:
    """All that a version depends on beside its files: what the tools of no version report, and what was said on the command line."""
    own = set(comparable_instances(workspace))
    others = [
        (str(key), [(column.name, column.type) for column in seen.graph.columns(key)])
        for key, asset in sorted(seen.graph.assets.items())
        if not any((ref.integration, ref.instance) in own for ref in asset.seen_by)
    ]
    fields = [one.flag.field for one in declared(Scope.LOOK)]
    said = {name: workspace.options[name] for name in fields if name in workspace.options}
    parts = [FORMAT, str(root), workspace.project.environment, said, others, registry.names()]
    text = msgspec.json.encode(parts, order="deterministic", enc_hook=str)
    return hashlib.sha256(text).hexdigest()[:16]


def _read(file: Path, environ: Mapping[str, str]) -> _Kept | None:
    try:
        kept = msgspec.msgpack.decode(file.read_bytes(), type=_Kept)
    except (OSError, ValueError, msgspec.DecodeError):
        return None
    return kept if digests(kept.variables, environ) == kept.variables else None


def _gathered(workspace: Workspace, seen: GraphView, commit: Commit, root: Path, folder: Path) -> _Kept:
    workspace.progress(f"Reading the project as it was at {commit.short} ...")
    contexts = _at_checkout(workspace, commit, root, private_folder(folder / "state"))
    observations = []
    for (integration, _), context in contexts.items():
        try:
            observations.append(registry.integration(integration).observe(context))
        except ConfigError as error:
            raise UsageError(
                f"the project at {commit.short} cannot be read: {error.what}", hint=error.hint
            ) from None
    own = {f"{integration}/{instance}" for integration, instance in comparable_instances(workspace)}
    graph = AssetGraph.of([*observations, *kept_observations(workspace, own)])
    found = gather(
        workspace, graph, contexts, folder / "state" / "lineage.msgpack", keys=_same_keys(graph, seen.graph)
    )
    names = sorted({name for one in observations for name in one.variables})
    return _Kept(revision=found.revision, variables=digests(names, workspace.environ))


def _at_checkout(workspace: Workspace, commit: Commit, root: Path, state: Path) -> Contexts:
    """A context per instance that was there too, with its settings as they were."""
    if not root.is_dir():
        raise UsageError(f"the project is not there yet at {commit.short}")
    former = _project_at(workspace, root)
    found = {}
    for integration, instance in comparable_instances(workspace):
        tool = registry.integration(integration)
        assert isinstance(tool, Describing)
        now = workspace.context(integration, instance, may_call=True)
        settings = now.config
        if former is not None:
            if (integration, instance) not in former.project.instances:
                continue
            settings = former.settings(integration, instance)
        context = msgspec.structs.replace(
            now,
            project_root=root,
            state_dir=state,
            config=settings,
            afresh=True,
            address=_addressed(workspace, root),
        )
        try:
            found[(integration, instance)] = tool.at_checkout(context, now)
        except NoProjectError:
            continue  # it came later
    if not found:
        raise UsageError(f"nothing at {commit.short} can be compared: the project is not there yet")
    return found


def _project_at(workspace: Workspace, root: Path) -> Workspace | None:
    """The project of that time; None where it had no file of its own, or not this environment: then today's settings hold."""
    if workspace.project.file is None:
        return None
    try:
        former = open_workspace(root, environment=workspace.project.environment, options=workspace.options)
    except (ConfigError, NoProjectError):
        return None
    return former if former.project.file is not None and former.project.root == root.resolve() else None


def _addressed(workspace: Workspace, root: Path) -> Any:
    """A warehouse's address as if the checkout lay where the project lies: a file within it is the same file."""

    def address(connection: Connection) -> Address:
        base = connection.base
        if base.is_relative_to(root.resolve()):
            base = workspace.project.root / base.relative_to(root.resolve())
        return workspace.address(msgspec.structs.replace(connection, base=base))

    return address


def _same_keys(graph: AssetGraph, now: AssetGraph) -> dict[AssetKey, AssetKey]:
    """The keys that today's graph has for the same things of the tools."""
    found: dict[AssetKey, AssetKey] = {}
    for ref, key in graph.by_ref.items():
        today = now.by_ref.get(ref)
        if today is not None and today != key:
            found[key] = today
    return found


# ---------------------------------------------------------------- a document


def of_document(workspace: Workspace, seen: GraphView, name: str, projects: Mapping[str, str]) -> Base:
    """The version that a kept document tells of: of the one instance whose project it is. Raises UsageError, DocumentError."""
    path, tool, integration = _document(name)
    instances = [one for one in comparable_instances(workspace) if one[0] == integration]
    told = []
    for one in instances:
        now = workspace.context(*one, may_call=True)
        context = msgspec.structs.replace(
            tool.of_document(now, path), afresh=True, state_dir=private_folder(workspace.state_dir / "diff")
        )
        project = tool.describe(context).project
        told.append(project)
        if projects.get(f"{one[0]}/{one[1]}") == project:
            return _of_document(workspace, seen, name, one, context)
    ours = ", ".join(sorted(set(projects.values()))) or "none"
    raise UsageError(
        f"{name} is of the project '{told[0] if told else '?'}', and this is '{ours}'",
        hint="name a document of this project, of another time",
    )


def _document(name: str) -> tuple[Path, Any, str]:
    path = Path(name)
    if not path.exists():
        raise UsageError(f"there is no file {name}", hint="BASE is a git ref, an environment, or a manifest")
    for integration in registry.names():
        tool = registry.integration(integration)
        if isinstance(tool, Describing):
            for document in tool.documents(path):
                return document.resolve(), tool, integration
    raise DocumentError(
        f"no tool here reads {name} as a version of a project", hint="name a manifest.json, or its folder"
    )


def _of_document(
    workspace: Workspace,
    seen: GraphView,
    name: str,
    instance: tuple[str, str],
    context: ObserveContext[object],
) -> Base:
    tool = registry.integration(instance[0])
    observation = tool.observe(context)
    own = {f"{one[0]}/{one[1]}" for one in comparable_instances(workspace)}
    graph = AssetGraph.of([observation, *kept_observations(workspace, own)])
    cache = private_folder(workspace.state_dir / "diff") / "document.msgpack"
    found = gather(
        workspace, graph, {instance: context}, cache, keys=_same_keys(graph, seen.graph), same_target=False
    )
    fact = observation.facts.get("manifest", "")
    notes = (f"{name}: {fact}",) if fact else ()
    return Base(kind="document", name=name, label=name, revision=found.revision, notes=notes)
