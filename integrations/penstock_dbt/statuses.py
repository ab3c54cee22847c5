"""dbt's words for how a node ended, to ours: the one table. docs/reference/statuses.md is checked against it."""

from __future__ import annotations

from penstock.integration import Outcome

# Every status that dbt 1.8 to 1.11 writes into NodeFinished and run_results.json (RunStatus, TestStatus, NodeStatus of
# dbt.artifacts.schemas.results), and the words that its log lines use for hooks. v2 writes the same words into run_results.json;
# those marked so are its own.
STATUSES: dict[str, Outcome] = {
    "success": Outcome.SUCCESS,
    "pass": Outcome.SUCCESS,
    "passed": Outcome.SUCCESS,
    "warn": Outcome.WARN,
    "fail": Outcome.FAIL,
    "failed": Outcome.FAIL,
    "error": Outcome.ERROR,
    "runtime error": Outcome.ERROR,
    "partial success": Outcome.PARTIAL,
    "skipped": Outcome.SKIPPED,
    "no-op": Outcome.NO_OP,
    "reused": Outcome.NO_OP,  # v2
    "noop": Outcome.NO_OP,  # v2
}

# Kinds that `dbt build` has nothing to execute for, or that only newer versions report: silence is no failure.
SILENT_KINDS = frozenset(
    {"exposure", "metric", "semantic_model", "saved_query", "analysis", "source", "operation", "group"}
)


def outcome_of(status: str, materialized: str | None = None) -> Outcome:
    """An ephemeral model "succeeds" without anything having been made. A word that is not in the table is an error, never a success."""
    outcome = STATUSES.get(status.strip().lower().replace("_", " "), Outcome.ERROR)
    return Outcome.NO_OP if outcome is Outcome.SUCCESS and materialized == "ephemeral" else outcome


def known(status: str) -> bool:
    return status.strip().lower().replace("_", " ") in STATUSES


def kind_of(unique_id: str) -> str:
    """`model` of model.shop.orders."""
    return unique_id.partition(".")[0]
