"""A plan for what the user asked: observes, chooses, decides. Starts nothing that makes data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import msgspec

from penstock import registry
from penstock.assets import AssetKey, Producer, ToolRef
from penstock.errors import PenstockError, UsageError
from penstock.graph import AssetGraph
from penstock.integration import given, understood
from penstock.plan import Judge, Plan, Request, make_plan, nothing_reused
from penstock.service.branches import refuse_the_base, refused_in_branch
from penstock.service.choose import choose
from penstock.service.contents import Holdings
from penstock.service.drift import holding_back, told
from penstock.service.falling import left_behind
from penstock.service.flags import FAIL_FAST, REBUILD, Declared, copying, declared, makes_other_data
from penstock.service.history import last_made
from penstock.service.observe import GraphView, Spared, look, unread
from penstock.service.permission import Permit, refusing, started_elsewhere
from penstock.service.reusing import Reuse
from penstock.service.workspace import Workspace

# Options that say what is chosen, and are no flags of its invocations.
_SELECTING = frozenset({"indirect_selection", "resource_types", "exclude_resource_types"})


class RunRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan or a run was asked for. `options` are the flags of the run, the same for every step."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    selector: str | None = None
    checks: bool = False
    options: dict[str, object] = {}
    refresh: bool = False
    permit: Permit = Permit.ASKED
    start: str = ""  # the selection of what may start, where that is NAMED
    reuse: bool = True
    wakes: bool = False  # a run follows: it would start a warehouse that is asleep


def plan(workspace: Workspace, asked: RunRequest) -> tuple[GraphView, Plan]:
    """Raises UsageError for what cannot be planned: an unknown name, a cycle, a part that is needed and not reachable."""
    copies = copying(asked.options)
    if copies is not None:
        refuse_copying(copies, asked)
    seen = look(workspace, may_call=True, refresh=asked.refresh, spared=_unneeded(workspace, asked))
    refuse_cycle(seen.graph)
    refuse_the_base(workspace, seen.graph)
    chosen = choose(workspace, seen, asked.include, asked.exclude, asked.selector)
    request = Request(
        environment=workspace.project.environment,
        assets=chosen.assets,
        checks=chosen.checks if asked.checks else frozenset(),
        selection=chosen.text,
        options=step_options(workspace, asked.options),
        full_refresh=bool(asked.options.get(REBUILD)),
        fail_fast=bool(asked.options.get(FAIL_FAST)),
    )
    refuses = (
        refusing(asked.permit, _started(workspace, seen, asked)) if copies is None else copied_by(copies)
    )
    refuses = holding_back(workspace, seen, refused_in_branch(workspace, refuses))
    holdings = Holdings(workspace, apart=True, wakes=asked.wakes)
    made = make_plan(
        seen.graph,
        request,
        last_made(workspace, seen.graph),
        refuses,
        _judge(workspace, seen, asked, holdings),
    )
    holdings.save()
    return seen, msgspec.structs.replace(
        made,
        notes=(
            *chosen.warnings,
            *made.notes,
            *left_behind(seen.graph, made, holdings),
            *remarks(seen.graph, chosen.assets),
            *unread(workspace, seen),
            *started_elsewhere(seen.graph, made),
            *told(seen.graph),
        ),
    )


def _started(workspace: Workspace, seen: GraphView, asked: RunRequest) -> frozenset[ToolRef]:
    if asked.permit is not Permit.NAMED:
        return frozenset()
    assets = choose(workspace, seen, (asked.start,)).assets or ()
    made_by = (seen.graph.assets[key].producer for key in assets)
    return frozenset(ref for ref in made_by if ref is not None)


def _unneeded(workspace: Workspace, asked: RunRequest) -> Spared:
    """The parts that make nothing of what is asked for, by what was known before."""

    @cache
    def needed() -> frozenset[str] | None:
        try:
            seen = look(workspace)
            chosen = choose(workspace, seen, asked.include, asked.exclude, asked.selector).assets
        except PenstockError:
            return None
        if chosen is None:
            return None
        made_by = {seen.graph.assets[key].producer for key in chosen & seen.graph.assets.keys()}
        return frozenset(f"{ref.integration}/{ref.instance}" for ref in made_by if ref is not None)

    return lambda name: (found := needed()) is not None and name not in found


def _judge(workspace: Workspace, seen: GraphView, asked: RunRequest, holdings: Holdings) -> Judge:
    if (
        not (asked.reuse and workspace.project.document.reuse.on)
        or makes_other_data(asked.options)
        or asked.options.get(REBUILD)
    ):
        return nothing_reused
    return Reuse(workspace, seen.graph, holdings).judge


# Findings of which whoever plans must know: what is asked for may fail, or come to nothing.
_REMARKED = frozenset(
    {"connection-misconfigured", "source-unreachable", "lost-join", "source-not-loaded", "stream-not-read"}
)


def remarks(graph: AssetGraph, chosen: frozenset[AssetKey] | None) -> list[str]:
    """Findings about what was asked for, as notes of the plan. What is about no single asset goes with everything."""
    found = [finding for finding in graph.findings if finding.code in _REMARKED]
    if chosen is not None:
        found = [finding for finding in found if finding.asset in chosen]
    return [finding.message for finding in found]


def refuse_copying(copies: Declared, asked: RunRequest) -> None:
    flag = copies.flag
    if asked.checks:
        raise UsageError(
            f"{flag.spelt} copies relations, and a copy has no tests of its own",
            hint=f"penstock run {flag.spelt}, not build",
        )
    if flag.needs and not asked.options.get(flag.needs):
        needed = next(one.flag for one in declared() if one.flag.field == flag.needs)
        raise UsageError(
            f"{flag.spelt} needs {needed.spelt}", hint=f"add {needed.spelt} {needed.metavar}".strip()
        )


def refused(producer: Producer) -> str | None:
    return producer.unrunnable


def copied_by(copies: Declared) -> Callable[[Producer], str | None]:
    """Why a producer makes nothing while relations are copied: it is another tool's."""

    def refuses(producer: Producer) -> str | None:
        if producer.unrunnable or producer.ref.integration == copies.integration:
            return producer.unrunnable
        return f"a {producer.kind} copies nothing: {copies.flag.spelt} is of {copies.integration}"

    return refuses


def refuse_cycle(graph: AssetGraph) -> None:
    if graph.cycle:
        names = [graph.names.shown(key) for key in graph.cycle]
        raise UsageError(
            "these assets are made from one another: " + " -> ".join([*names, names[0]]),
            hint="an order cannot be found; see: penstock lineage " + names[0],
        )


def step_options(workspace: Workspace, options: dict[str, object]) -> dict[str, dict[str, object]]:
    """The flags of this plan for each instance, as far as it listens to them. Raises UsageError for a value that it cannot take."""
    kept = {
        name: value
        for name, value in {**workspace.options, **options}.items()
        if name not in _SELECTING and value not in (None, (), {}, False)
    }
    listening = {}
    for integration, instance in workspace.project.instances:
        kind = registry.integration(integration).options
        if told := understood(kept, kind):
            given(told, kind)
            listening[f"{integration}/{instance}"] = told
    return listening


def checks_of(graph: AssetGraph, assets: Sequence[AssetKey]) -> frozenset[AssetKey]:
    """The checks that hang on any of the assets."""
    return frozenset(check.key for key in assets for check in graph.checks_of.get(key, ()))
