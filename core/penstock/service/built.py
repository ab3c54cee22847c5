"""An environment as a base: what was built in it last, by the run store's own records. What was merged since is not in it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from penstock.assets import AssetKey, AssetKind, Definition, DefinitionStatus, Recipe
from penstock.change import MadeFrom
from penstock.change.comparing import built
from penstock.change.revision import Member, Revision, Value
from penstock.errors import UsageError
from penstock.graph import AssetGraph
from penstock.integration import Described
from penstock.service.bases import Base
from penstock.service.defining import catalog_definitions, one_each
from penstock.service.deriving import derive_defined
from penstock.service.history import clock, reading_store
from penstock.service.observe import GraphView
from penstock.service.recorded import decoded
from penstock.service.revisions import contexts_of, definitions_of, described_of, portable, remade
from penstock.service.workspace import Workspace
from penstock.system.files import private_folder

UNRECORDED = "nothing is recorded of how it was made"


def of_environment(workspace: Workspace, seen: GraphView, name: str, head: Revision) -> tuple[Base, Revision]:
    """The base, and `head` in the same terms: recipes as digests, as the store keeps them. Raises UsageError without records."""
    made, ran, last = _recorded(workspace, name)
    recipes = _recipes(seen.graph)
    described, _ = described_of(seen.graph, contexts_of(workspace))
    before, after = dict(head.members), dict(head.members)
    unrecorded = 0
    for key, member in head.members.items():
        if not built(member):
            continue
        after[key] = _in_digests(member, recipes.get(key))
        if key in made:
            before[key] = _as_built(member, made[key], described.get(key))
        elif key in ran:
            unrecorded += 1
            before[key] = msgspec.structs.replace(
                after[key], sql=None, uses={"record": "?"}, without=UNRECORDED
            )
        else:
            del before[key]
    for key in sorted(made.keys() - head.members.keys()):
        before[key] = Member(key=key, name=key.name, kind=AssetKind.TABLE)
    revision = Revision(members=before, tests={}, edges=head.edges, tests_known=False)
    revision = _with_columns(workspace, seen.graph, revision, made)
    notes = [f"built last {clock(last)}"] if last else []
    notes.append("tests and exposures of that time are not recorded: those of now are meant")
    if unrecorded:
        notes.append(f"{unrecorded} were built, and nothing is recorded of how: taken for changed")
    base = Base(
        kind="environment",
        name=name,
        label=f"what was built in {name}",
        revision=revision,
        notes=tuple(notes),
    )
    return base, msgspec.structs.replace(head, members=after)


def _recorded(
    workspace: Workspace, name: str
) -> tuple[dict[AssetKey, MadeFrom], set[AssetKey], float | None]:
    with reading_store(workspace) as store:
        made = decoded(store, name) if store is not None else {}
        ran = store.latest_materializations(name) if store is not None else {}
    if not made and not ran:
        raise UsageError(
            f"the run store has nothing of the environment '{name}'",
            hint="is it the store that its runs write? `store:` of penstock.yml may name one that all share",
        )
    return made, set(ran), max((one.ended_at for one in ran.values()), default=None)


def _recipes(graph: AssetGraph) -> dict[AssetKey, Recipe]:
    found = {}
    for key, asset in graph.assets.items():
        producer = graph.producers.get(asset.producer) if asset.producer else None
        if producer is not None and producer.recipe is not None:
            found[key] = producer.recipe
    return found


def _digests(member: Member, recipe: Recipe) -> Member:
    return msgspec.structs.replace(
        member,
        form=recipe.form,
        settings={"configuration": Value(recipe.settings, recipe.settings)},
        upkeep={},
        uses={**recipe.context, "its file or a macro": recipe.template},
        contract=None,
    )


def _in_digests(member: Member, recipe: Recipe | None) -> Member:
    """The text is that of now on both sides: a digest tells whether it changed."""
    if recipe is None:
        return member
    return msgspec.structs.replace(_digests(member, recipe), contract=None)


def _as_built(member: Member, made: MadeFrom, described: Described | None) -> Member:
    sql = portable(made.sql, described.names if described else (), made.dialect) if made.sql else None
    without = "" if sql else UNRECORDED
    return msgspec.structs.replace(_digests(member, made.recipe), sql=sql, without=without)


def _with_columns(
    workspace: Workspace, graph: AssetGraph, revision: Revision, made: Mapping[AssetKey, MadeFrom]
) -> Revision:
    """The columns and edges of the SQL that was run."""
    added = _added(workspace, graph, revision)
    definitions = [
        (ref.integration, ref.instance, _definition(ref.id, made[key], added.get(key, ())))
        for key in revision.members
        if key in made and key in graph.assets and (ref := graph.assets[key].producer) is not None
    ]
    each = one_each(graph, [*definitions, *catalog_definitions(workspace, graph)])
    cache = private_folder(workspace.state_dir / "diff") / f"built-{workspace.project.environment}.msgpack"
    again = remade(graph, made.keys() & graph.assets.keys())
    columns, _ = derive_defined(workspace, graph, each, cache, remade=again)
    members = dict(revision.members)
    for one in columns.models:
        if one.asset in members and one.asset in made and one.followed:
            members[one.asset] = msgspec.structs.replace(
                members[one.asset],
                columns=(*one.outputs, *added.get(one.asset, ())),
                open=one.open,
                reads=one.reads,
            )
    return msgspec.structs.replace(revision, members=members, edges=columns.edges.encode())


def _added(workspace: Workspace, graph: AssetGraph, revision: Revision) -> dict[AssetKey, tuple[str, ...]]:
    """The columns that a tool adds beside the SQL: the same in every version."""
    if not any(member.kind is AssetKind.SNAPSHOT for member in revision.members.values()):
        return {}
    definitions = one_each(graph, definitions_of(contexts_of(workspace)))
    return {key: one.added for key, one in definitions.items() if one.added}


def _definition(id: str, made: MadeFrom, added: tuple[str, ...]) -> Definition:
    status = DefinitionStatus.COMPILED if made.sql else DefinitionStatus.NO_SQL
    return Definition(id=id, status=status, sql=made.sql or None, dialect=made.dialect, added=added)
