"""What a warehouse can do, each as a small protocol. Blocking: call them in a thread. Only an address is needed of all.

Every method may raise WarehouseBusy (another process holds it), ToolError (it does not answer) and QueryCancelled.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import msgspec

from penstock.assets import Relation
from penstock.integration.address import Address, Connection
from penstock.integration.cancel import Cancellation
from penstock.integration.catalog import (
    EVERYTHING,
    CatalogPage,
    ColumnSet,
    Content,
    RowCount,
    Scope,
    TableState,
)
from penstock.integration.checking import SqlCheck, SqlCheckResult
from penstock.integration.loading import Destination
from penstock.integration.outcome import Outcome, Usage


class WarehouseContext(msgspec.Struct, frozen=True, kw_only=True):
    """What an integration is given to open a warehouse: how it is reached (secrets included), and the folder of penstock.yml."""

    connection: Connection
    project_root: Path


class Warehouse(Protocol):
    """A warehouse. What it can do besides lying somewhere, it says by the protocols below."""

    address: Address


@runtime_checkable
class Catalog(Protocol):
    """It can list its tables."""

    def pages(
        self, scope: Scope = EVERYTHING, since: float | None = None, cancel: Cancellation | None = None
    ) -> Iterator[CatalogPage]:
        """Tables and views of the scope, page by page. With `since` (epoch seconds) those unchanged since then may be left
        out, and then every page says so."""
        ...


@runtime_checkable
class Freshness(Protocol):
    """It can tell which data its tables hold without reading them whole."""

    def states(
        self, relations: Iterable[Relation], cancel: Cancellation | None = None
    ) -> dict[Relation, TableState]:
        """The state of each that exists."""
        ...


@runtime_checkable
class OneState(Protocol):
    """It can tell without reading tables whether anything at all was written: equal proves that nothing was."""

    def state(self) -> TableState | None:
        """None when that cannot be told, or there is nothing yet."""
        ...


@runtime_checkable
class Sleeping(Protocol):
    """Asking it starts something that costs money, unless it runs already."""

    def asleep(self, *, queries: bool = False, cancel: Cancellation | None = None) -> str | None:
        """Why it would have to be started for states, or for `queries`; None when it may be asked."""
        ...


@runtime_checkable
class Contents(Protocol):
    """It can hash what its tables hold."""

    def contents(
        self,
        wanted: Mapping[Relation, Iterable[ColumnSet | None]],
        cancel: Cancellation | None = None,
    ) -> dict[Relation, Content]:
        """The content of each that exists, with a hash for each set of columns (None: all columns)."""
        ...


@runtime_checkable
class Laid(Protocol):
    """It can tell, for less than a hash, that a table holds what it held."""

    def laid(self, relations: Iterable[Relation], cancel: Cancellation | None = None) -> dict[Relation, str]:
        """`Content.laid` of those of which an equal one proves that each row is the same one; the others are left out."""
        ...


@runtime_checkable
class StateMarks(Protocol):
    """It marks each state of its tables, and others may write into them at any time."""

    def marked(
        self, relations: Iterable[Relation], *, wake: bool = False, cancel: Cancellation | None = None
    ) -> dict[Relation, Content]:
        """Each that exists: a table with its `state`, where something certain tells it, and when it was changed; a view with its
        definition. One that this user may not see, if it is there, has the kind `UNSEEN`. Where something would have to be started that costs money: raises WarehouseAsleep that says so, unless `wake`."""
        ...


@runtime_checkable
class Counts(Protocol):
    """It can count rows."""

    def row_counts(
        self, relations: Iterable[Relation], *, exact: bool = True, cancel: Cancellation | None = None
    ) -> dict[Relation, RowCount]:
        """Rows of each that exists. With `exact` false an estimate that costs nothing is preferred, and what has none is left out:
        that it is not in the answer does not say that it is not there."""
        ...


@runtime_checkable
class Checks(Protocol):
    """It can run checks. None of them may change anything."""

    def run_checks(
        self, checks: Sequence[SqlCheck], cancel: Cancellation | None = None
    ) -> Iterator[SqlCheckResult]:
        """One result per check (or per part of it), in order, each as soon as it is there: see `check_results`."""
        ...


@runtime_checkable
class Answers(Protocol):
    """It can answer a query that somebody has written."""

    def answers(
        self, sql: str, *, most: int, cancel: Cancellation | None = None
    ) -> list[tuple[str | None, ...]]:
        """Its rows as text, at most so many. It may change nothing. Raises ToolError, with what is wrong where it is wrong."""
        ...


class JobRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a job that the warehouse itself keeps (a task, a workflow, a dynamic table). Times are epoch seconds."""

    job: str
    run: str
    outcome: Outcome | None  # None: it still runs
    started_at: float | None = None
    ended_at: float | None = None
    by: str | None = None  # schedule, a user, another job
    writes: tuple[Relation, ...] = ()
    message: str | None = None
    url: str | None = None


@runtime_checkable
class Jobs(Protocol):
    """It runs jobs of its own."""

    def job_runs(self, since: float, cancel: Cancellation | None = None) -> Iterator[JobRun]:
        """Runs that went on or ended after `since` (epoch seconds), oldest first."""
        ...


class UsageRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one query used. `tag` is what penstock or another tool tagged it with (the id that the tool itself has for what the
    query makes); `job_run` the run of the warehouse's own job that it belongs to; `at` epoch seconds.

    `pending`: its money is told later. `whole`: no query, but what a whole warehouse was billed in the time that ends at `at`; its
    queries are part of it, but for what is billed `apart`. `list_price`: the money is by list price, not by contract.
    """

    query: str
    at: float
    usage: Usage
    tag: str | None = None
    job_run: str | None = None
    pending: bool = False
    whole: bool = False
    apart: bool = False
    list_price: bool = False


@runtime_checkable
class UsageReports(Protocol):
    """It accounts for what queries used, usually some time later."""

    def usage(self, since: float, until: float, cancel: Cancellation | None = None) -> Iterator[UsageRow]:
        """Queries that ended in [since, until), in epoch seconds, and what was billed as a whole in that time."""
        ...


@runtime_checkable
class Loadable(Protocol):
    """Integrations can load data into it."""

    def destination(self) -> Destination: ...


_QUICK = 0.2  # seconds
_POOR = 0.5
_ASKED = 3
_ASKED_AT_MOST = 10


def clock_ahead(now: Callable[[], float], ticks: Callable[[], float] = time.monotonic) -> float:
    """By how many seconds this machine's clock is ahead of the one that `now` asks. What the answer took is counted to it, so that a time of
    that clock is rather told too late; a slow answer is asked for again, and one that is hardly of use more often."""
    found: list[float] = []
    best = float("inf")
    while best >= _QUICK and len(found) < (_ASKED if best < _POOR else _ASKED_AT_MOST):
        begun = ticks()
        told = now()
        found.append(time.time() - told)
        best = min(best, ticks() - begun)
    return min(found)


def as_text(rows: Iterable[Sequence[object]]) -> list[tuple[str | None, ...]]:
    """Rows of a driver, each value as Python writes it."""
    return [tuple(None if value is None else str(value) for value in row) for row in rows]
