"""What a change will do: this project held against a base, with what the run store adds: cost and failing tests. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from penstock.assets import AssetKey, AssetKind
from penstock.change.comparing import built, compare
from penstock.change.revision import Comparison, Level, Revision
from penstock.errors import UsageError
from penstock.report.document import Cost, DiffDocument
from penstock.service.bases import Base, kind_of, of_commit, of_document
from penstock.service.checkouts import Repository
from penstock.service.history import reading_store
from penstock.service.observe import GraphView, look
from penstock.service.revisions import contexts_of, gather
from penstock.service.workspace import Workspace, open_workspace
from penstock.system.files import private_folder, regular_bytes

FORMAT = 1


def diff(workspace: Workspace, base_name: str, *, refresh: bool = False) -> DiffDocument:
    """Raises UsageError for a base that is not there, and what looking at the project raises."""
    kind, name = kind_of(workspace, base_name)
    if kind == "environment":
        workspace = open_workspace(
            workspace.project.root, environment=name, options=workspace.options, progress=workspace.progress
        )
    seen = look(workspace, may_call=True, refresh=refresh)
    contexts = contexts_of(workspace)
    if not contexts:
        raise UsageError(
            "nothing here can be compared: no tool of this project has versions of what it defines"
        )
    cache = private_folder(workspace.state_dir / "diff") / f"lineage-{workspace.project.environment}.msgpack"
    head = gather(workspace, seen.graph, contexts, cache)
    if kind == "environment":
        from penstock.service.built import of_environment

        base, revision = of_environment(workspace, seen, name, head.revision)
    else:
        base = (
            of_commit(workspace, seen, name)
            if kind == "git"
            else of_document(workspace, seen, name, head.projects)
        )
        revision = head.revision
    revision = _with_lines(base.revision, revision, workspace.project.root)
    found = compare(base.revision, revision)
    return DiffDocument(
        format=FORMAT,
        project=workspace.project.name,
        environment=workspace.project.environment,
        base=base.label,
        base_kind=base.kind,
        head=_head(workspace),
        comparison=found,
        failing=tuple(_failing(workspace, found, revision)),
        cost=_cost(workspace, found, revision),
        how=tuple(_how(base, seen, found, revision)),
        folder=_folder(workspace),
    )


def _with_lines(before: Revision, after: Revision, root: Path) -> Revision:
    """Where in its file a text begins: tools cut off what stands before it."""
    members = dict(after.members)
    for key, member in after.members.items():
        former = before.members.get(key)
        same = former is not None and (former.text, former.problems) == (member.text, member.problems)
        if member.path is None or not member.text or same:
            continue
        try:
            written = regular_bytes(root / member.path).decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        at = written.find(member.text)
        if at > 0:
            members[key] = msgspec.structs.replace(member, first_line=written.count("\n", 0, at) + 1)
    return msgspec.structs.replace(after, members=members)


def _head(workspace: Workspace) -> str:
    repository = Repository(workspace.project.root, workspace.environ)
    if repository.top is None or not repository.head:
        return "the files as they are"
    changed = repository.changed_files
    return f"{repository.head}" + (f" and {changed} uncommitted files" if changed else "")


def _folder(workspace: Workspace) -> str:
    repository = Repository(workspace.project.root, workspace.environ)
    prefix = repository.prefix.as_posix() if repository.top is not None else "."
    return "" if prefix == "." else prefix


def _built_keys(found: Comparison, revision: Revision) -> set[AssetKey]:
    return {
        one.key
        for one in found.assets
        if one.key in revision.members
        and built(revision.members[one.key])
        and one.level in (Level.BREAKS, Level.DATA, Level.ADDITIVE)
    }


def _cost(workspace: Workspace, found: Comparison, revision: Revision) -> Cost | None:
    with reading_store(workspace) as store:
        if store is None:
            return None
        made = store.latest_materializations(workspace.project.environment)
    seconds = {key: one.seconds for key, one in made.items() if one.seconds is not None}
    if not seconds:
        return None
    data = _built_keys(found, revision)
    return Cost(
        environment=workspace.project.environment,
        data=round(sum(seconds.get(key, 0.0) for key in data), 3),
        plain=round(sum(seconds.get(key, 0.0) for key in _below(found, revision)), 3),
        timed=sum(key in seconds for key in data),
        unknown=sum(key not in seconds for key in data),
    )


def _below(found: Comparison, revision: Revision) -> set[AssetKey]:
    """What differs in any way of its own, and all that stands below it."""
    reached = {one.key for one in found.assets if one.own}
    for key, member in revision.members.items():
        if any(parent in reached for parent in member.upstream):
            reached.add(key)
    return {key for key in reached if key in revision.members and built(revision.members[key])}


def _failing(workspace: Workspace, found: Comparison, revision: Revision) -> Iterable[str]:
    """Tests of what changes that failed when they ran last."""
    with reading_store(workspace) as store:
        checks = store.latest_checks(workspace.project.environment) if store is not None else {}
    failed = {key for key, one in checks.items() if one.outcome in ("fail", "error")}
    touched = {one.key for one in found.assets}
    for test in revision.tests.values():
        if test.key in failed and any(key in touched for key in test.assets):
            yield test.name


def _how(base: Base, seen: GraphView, found: Comparison, revision: Revision) -> Iterable[str]:
    made = [
        member for member in revision.members.values() if built(member) and member.kind is not AssetKind.SEED
    ]
    yield {
        "git": f"base: the files of {base.label}, read and compiled apart from this project; nothing was built",
        "document": f"base: {base.label}; settings that differ from target to target are compared as they are written",
        "environment": f"base: what was built in {base.name}, as the run store has it",
    }[base.kind]
    yield from base.notes
    with_sql = sum(member.sql is not None for member in made)
    yield f"{with_sql} of {len(made)} models have compiled SQL; columns are followed through it, filters and joins included"
    yield from found.unknown
    yield from (f"{name}: {why}" for name, why in seen.stale.items())
    if any(one.form in ("incremental", "microbatch") for one in made):
        yield "incremental models are compared as a full refresh makes them"
    yield "not known: rows themselves, types that nobody wrote down, readers outside this project"
