"""What dbt did outside penstock, from its run_results.json and sources.json -> materializations."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import UTC, datetime

from penstock.assets import ObservedMaterialization
from penstock.commandline import Effect, Kind, differing
from penstock.integration import Outcome
from penstock_dbt.commandline import COMMANDLINE
from penstock_dbt.statuses import outcome_of
from penstock_manifests.dbt import Node, RunResult, RunResults, SourceResult, SourceResults

_BY = "dbt run outside penstock"
# What an invocation tells of itself; the folders that it names are always told.
_FLAGS = tuple(
    flag for flag in COMMANDLINE.flags if flag.effect is not Effect.NONE or flag.kind is Kind.MAPPING
)
_NOTHING_HAPPENED = frozenset({"skipped", "no-op"})


def made_elsewhere(
    results: RunResults, known: Set[str], nodes: Mapping[str, Node]
) -> list[ObservedMaterialization]:
    """What an invocation of dbt made or tested. What it skipped was neither; what it made in another target is not here.

    An invocation has one target: where it made anything in another place, its tests and what dbt gives no place for
    (seeds; everything before 1.7) were there too.
    """
    flags = differing(_FLAGS, results.args or {})
    by = f"{_BY}, with {flags}" if flags else _BY
    places = [_here(result, nodes.get(result.unique_id)) for result in results.results]
    doubtful = False not in places
    return [
        _materialization(result, results.metadata.generated_at, by)
        for result, here in zip(results.results, places, strict=True)
        if result.unique_id in known
        and (results.metadata.generated_at or _ended(result))
        and result.status not in _NOTHING_HAPPENED
        and (doubtful if here is None else here)
    ]


def loaded_elsewhere(results: SourceResults, known: Set[str]) -> list[ObservedMaterialization]:
    """When each source was last loaded, as a freshness check saw it. A check that failed saw nothing."""
    found = []
    for result in results.results:
        if result.unique_id in known and result.max_loaded_at is not None:
            found.append(
                ObservedMaterialization(
                    id=result.unique_id,
                    at=epoch(result.max_loaded_at),
                    # It was loaded, though longer ago than it should be.
                    status=(Outcome.SUCCESS if result.status == "pass" else Outcome.WARN).value,
                    by="seen by dbt source freshness",
                    message=_age(result),
                )
            )
    return found


def epoch(text: str) -> float:
    """Seconds of an ISO 8601 time; one without a zone is UTC, as dbt writes it."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _here(result: RunResult, node: Node | None) -> bool | None:
    """None where one of them does not say."""
    there = result.relation_name
    if there is None or node is None or node.relation_name is None:
        return None
    return there == node.relation_name


def _materialization(result: RunResult, written_at: str, by: str) -> ObservedMaterialization:
    rows = (result.adapter_response or {}).get("rows_affected")
    return ObservedMaterialization(
        id=result.unique_id,
        at=epoch(_ended(result) or written_at),
        status=outcome_of(result.status).value,
        by=by,
        # Some adapters write -1 for a statement that has no row count.
        rows=rows if isinstance(rows, int) and rows >= 0 else None,
        message=str(result.message) if result.message is not None else None,
        seconds=result.execution_time,
    )


def _ended(result: RunResult) -> str | None:
    return next((timing.completed_at for timing in reversed(result.timing) if timing.completed_at), None)


def _age(result: SourceResult) -> str | None:
    seconds = result.max_loaded_at_time_ago_in_s
    return f"last loaded {seconds / 3600:.1f} h before the check" if seconds is not None else None
