"""The run store as the rest of penstock sees it: one class over both databases. Reading never waits for the writer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from penstock.assets import AssetKey
from penstock.store import (
    accounts,
    alerts,
    automation,
    check,
    decisions,
    following,
    history,
    inbox,
    made,
    made_from,
    migrate,
    predictions,
    prune,
    reuse_audits,
    runs,
    sensors,
    spent,
)
from penstock.store.check import StoreFinding
from penstock.store.commits import Commits
from penstock.store.database import Database, database
from penstock.store.following import EventSink
from penstock.store.listening import Listening
from penstock.store.made import MadeRow
from penstock.store.narrowed import Narrowed
from penstock.store.prune import Pruned
from penstock.store.records import (
    CheckRecord,
    End,
    EventRecord,
    ItemRecord,
    MaterializationRecord,
    OutsideRecord,
    Owner,
    ReuseAudit,
    RunDetail,
    RunRecord,
    StepRecord,
)
from penstock.store.runs import NewRun
from penstock.store.session import RunSession, open_session
from penstock.store.writer import Writer

LEASE_SECONDS = 20.0


class RunStore:
    """Everything that happened. Blocking except for `session`; safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer: Writer | None = None
        self._listening: Listening | None = None
        self._sessions = 0

    @property
    def place(self) -> str:
        """Where it is, without any secret."""
        return self._database.place

    @property
    def busy(self) -> bool:
        """Whether something handed in is not committed yet."""
        return self._writer is not None and self._writer.busy

    def close(self) -> None:
        if self._listening is not None:
            self._listening.close()
        self._database.dispose()

    # ------------------------------------------------------------ runs

    def create_run(self, new: NewRun) -> RunRecord:
        """Record a run and its plan. The same run key in an environment gives the run that has it."""
        return runs.create(self._database, new)

    def find_run(self, name: str | None = None) -> RunRecord:
        """By number, id, or the end of its id; None or `latest`: the newest. Raises UnknownRun."""
        return runs.find(self._database, name)

    def run_of_key(self, environment: str, key: str) -> RunRecord | None:
        """The run that this run key has made in that environment, if there is one."""
        return runs.by_key(self._database, environment, key)

    def run(self, run: str) -> RunRecord:
        """By id. Raises UnknownRun."""
        return runs.get(self._database, run)

    def runs(
        self,
        *,
        limit: int | None = 20,
        environment: str | None = None,
        states: Sequence[str] = (),
        before: int | None = None,
        wanted: Narrowed | None = None,
        numbers: Sequence[int] | None = None,
    ) -> list[RunRecord]:
        """Newest first; with `before` only those of lower numbers, with `numbers` only these (some hundred at most). `states` are as
        they were written: a run that was left is `running`."""
        return runs.listed(self._database, limit, environment, states, before, wanted, numbers)

    def ended_runs(
        self, environment: str, wanted: Narrowed, numbers: Sequence[int] | None = None
    ) -> dict[str, int]:
        """How many have ended, by state."""
        return runs.counted(self._database, environment, wanted, numbers)

    def runs_touching(self, environment: str, items: Iterable[AssetKey], *, after: int = 0) -> set[int]:
        """The numbers above `after` of the runs that planned to make any of these."""
        return runs.touching(self._database, environment, items, after)

    def run_numbers(self, runs_: Iterable[str]) -> dict[str, int]:
        """The numbers of those runs, by id; without those that were pruned."""
        return runs.numbers(self._database, runs_)

    def run_flags(self, runs_: Iterable[str]) -> dict[str, dict[str, str]]:
        """By run id the `flags` of those that made other data than a plain run."""
        return runs.flags(self._database, runs_)

    def working_in(self, namespace: str) -> dict[str, set[str]]:
        """By run id, the steps that are making assets of that warehouse, or were when their coordinator died."""
        return runs.working_in(self._database, namespace)

    def detail(self, run: str) -> RunDetail:
        """A run with its items (in the plan's order), steps and attempts."""
        return runs.detail(self._database, run)

    def document(self, run: str) -> bytes:
        """The plan that the run was made with, as `NewRun.document` gave it."""
        return runs.document(self._database, run)

    def events(self, run: str, *, since: int = 0, limit: int | None = None) -> list[EventRecord]:
        """Events with `seq` above `since`, in order."""
        return runs.events(self._database, run, since, limit)

    def remaining(self, run: str) -> dict[AssetKey, str]:
        """What is left to do of items that were made in part, as their integration told last."""
        return runs.remaining(self._database, run)

    def request(self, run: str, wanted: str) -> None:
        """Ask the run's coordinator, wherever it is, to `cancel` or to `detach`."""
        runs.ask(self._database, run, wanted)

    def requested(self, run: str) -> str | None:
        """What was asked of the run from elsewhere."""
        return runs.wish(self._database, run)

    def forget_request(self, run: str) -> None:
        runs.forget_wish(self._database, run)

    # ------------------------------------------------------------ following

    def events_after(self, position: int, *, limit: int = 500) -> list[EventRecord]:
        """Events of all runs above that position, in the order of their commits."""
        return following.after(self._database, position, limit)

    def newest_position(self) -> int:
        """Where somebody begins who wants only what comes from now on."""
        return following.newest(self._database)

    def stamp(self) -> object:
        """Differs when anybody has committed something; on SQLite it costs a look at a file, no query."""
        return following.stamp(self._database)

    def commits(self) -> Commits:
        """To wait for what others commit."""
        path = self._database.path
        if path is not None:
            return Commits(self.stamp, path.parent)
        if self._listening is None:
            self._listening = Listening(self._database.engine)
        return Commits(self.stamp, ears=self._listening)

    def feed(self, sink: EventSink, *, limit: int = 500) -> int:
        """Hand a sink what is new for it and remember how far it came. Returns how many events it took."""
        return following.feed(self._database, sink, limit=limit)

    def move_cursor(self, sink: str, position: int) -> None:
        """Let a sink go on above that position: 0 replays everything that the store still has."""
        following.move(self._database, sink, position)

    # ------------------------------------------------------------ what was made

    def latest_materializations(self, environment: str) -> dict[AssetKey, MaterializationRecord]:
        """Per asset, the newest."""
        return history.latest_materializations(self._database, environment)

    def latest_checks(self, environment: str) -> dict[AssetKey, CheckRecord]:
        """Per check, the newest result."""
        return history.latest_checks(self._database, environment)

    def spent_since(
        self, environment: str, since: float
    ) -> tuple[Sequence[ItemRecord], Sequence[StepRecord]]:
        """Items and steps that ended at `since` (epoch seconds) or later: what they took, and used."""
        return spent.spent_since(self._database, environment, since)

    def job_runs_since(self, environment: str, since: float) -> Mapping[str, Sequence[tuple[str, AssetKey]]]:
        """What jobs of a service have made since then: (run, asset) by the job's own run."""
        return spent.job_runs_since(self._database, environment, since)

    def latest_items(self, environment: str) -> dict[AssetKey, ItemRecord]:
        """Per asset and check, its row in the newest run that was to do something about it."""
        return history.latest_items(self._database, environment)

    def latest_outcomes(self, environment: str) -> dict[AssetKey, ItemRecord]:
        """Per asset and check, its row in the newest run that made it, well or badly."""
        return history.latest_outcomes(self._database, environment)

    def last_ends(self, environment: str) -> tuple[dict[AssetKey, End], dict[AssetKey, End]]:
        """Of each asset its newest materialization; and of what ended badly when it was last to be done, that end."""
        return history.last_ends(self._database, environment)

    def latest_outside(self, environment: str) -> dict[AssetKey, OutsideRecord]:
        """Per asset, the newest materialization made outside penstock."""
        return history.latest_outside(self._database, environment)

    def record_outside(self, seen: Iterable[OutsideRecord]) -> None:
        """Keep what was made outside penstock; seen twice is kept once."""
        history.record_outside(self._database, seen)

    def materializations_of(
        self, environment: str, asset: AssetKey, *, limit: int = 20
    ) -> list[MaterializationRecord]:
        """Of one asset, newest first."""
        return history.materializations_of(self._database, environment, asset, limit)

    def materializations_in(self, run: str) -> list[MaterializationRecord]:
        return history.materializations_in(self._database, run)

    def checks_in(self, run: str) -> list[CheckRecord]:
        return history.checks_in(self._database, run)

    def checks_of(self, environment: str, check: AssetKey, *, limit: int = 20) -> list[CheckRecord]:
        """Of one check, newest first."""
        return history.checks_of(self._database, environment, check, limit)

    def made_from(self, environment: str) -> dict[AssetKey, bytes]:
        """Per asset of what it was made last, as `record_made_from` was given it."""
        return made_from.read(self._database, environment)

    def record_made_from(
        self, environment: str, run: int, at: float, documents: Mapping[AssetKey, bytes | None]
    ) -> None:
        """Keep of what these assets were made in that run (its number); None forgets."""
        made_from.write(self._database, environment, run, at, documents)

    def record_reuse_audits(self, audits: Iterable[ReuseAudit]) -> None:
        reuse_audits.write(self._database, audits)

    def reuse_audits_in(self, run: str) -> tuple[ReuseAudit, ...]:
        return reuse_audits.in_run(self._database, run)

    def newest_reuse_audits(self, environment: str) -> tuple[ReuseAudit, ...]:
        """Per asset the last that could compare."""
        return reuse_audits.newest(self._database, environment)

    # ------------------------------------------------------------ automation

    def predictions(self, environment: str) -> predictions.PredictionStore:
        """When newer data was expected, and when it came."""
        return predictions.PredictionStore(self._database, environment)

    def automation(self, environment: str) -> automation.AutomationStore:
        """Schedules, their ticks and the daemons of one environment."""
        return automation.AutomationStore(self._database, environment)

    def inbox(self, environment: str) -> inbox.InboxStore:
        """What other systems have told one environment."""
        return inbox.InboxStore(self._database, environment)

    def sensors(self, environment: str) -> sensors.SensorStore:
        """What the sensors of one environment saw last."""
        return sensors.SensorStore(self._database, environment)

    def decisions(self, environment: str) -> decisions.DecisionStore:
        """What automation decided about each asset of one environment."""
        return decisions.DecisionStore(self._database, environment)

    def alerts(self, environment: str) -> alerts.AlertStore:
        """Incidents of one environment, and the messages about them."""
        return alerts.AlertStore(self._database, environment)

    def made(self, environment: str, *, since: float, after: int = 0) -> list[MadeRow]:
        """Materializations that ended after `since` and have a higher id than `after`, and of each asset the newest before, oldest first."""
        return made.made(self._database, environment, since=since, after=after)

    def reused(self, environment: str, *, since: float) -> list[MadeRow]:
        """Assets that a run found to be what it would have made."""
        return made.reused(self._database, environment, since=since)

    def failed_checks(self, environment: str, *, since: float) -> set[tuple[str, AssetKey]]:
        """(run, check) of checks that failed or could not be done."""
        return made.failed_checks(self._database, environment, since=since)

    # ------------------------------------------------------------ people

    def accounts(self) -> accounts.AccountStore:
        """People, their sessions and tokens, and the audit."""
        return accounts.AccountStore(self._database)

    # ------------------------------------------------------------ keeping house

    def check(self, runs: Sequence[str] | None = None) -> list[StoreFinding]:
        """Whether the state of these runs, or all, is what their events fold to. Empty when the store is sound."""
        return check.check(self._database, None if runs is None else list(runs))

    def prune(
        self,
        *,
        keep_runs: int = 100,
        older_than: float | None = None,
        environment: str | None = None,
        keep_per_asset: int = 20,
        compact: bool = False,
    ) -> Pruned:
        """Forget ended runs beyond the newest `keep_runs` (and older than `older_than` seconds); `compact` frees the disk."""
        done = prune.prune(
            self._database,
            keep_runs=keep_runs,
            older_than=older_than,
            environment=environment,
            keep_per_asset=keep_per_asset,
        )
        if compact:
            prune.compact(self._database)
        return done

    # ------------------------------------------------------------ writing

    @asynccontextmanager
    async def session(
        self, run: RunRecord, *, seconds: float = LEASE_SECONDS, owner: Owner | None = None
    ) -> AsyncIterator[RunSession]:
        """Hold a run's lease and write its events. Raises RunHeld while another living coordinator has it."""
        if self._writer is None:
            self._writer = Writer(self._database)
        self._sessions += 1
        try:
            session = open_session(self._database, self._writer, run.id, run.environment, seconds, owner)
            try:
                yield session
            finally:
                await session.leave()
        finally:
            self._sessions -= 1
            if self._sessions == 0:
                self._writer.close()
                self._writer = None


def open_store(url: str, *, root: Path, create: bool = True) -> RunStore:
    """Open the store at `url` (a SQLite path is relative to `root`), making or migrating it when needed.

    `create=False` raises StoreMissing where there is none yet.
    """
    opened = database(url, root)
    try:
        migrate.prepare(opened, create=create)
    except BaseException:
        opened.dispose()
        raise
    return RunStore(opened)


def open_reading(url: str, *, root: Path) -> RunStore:
    """Open a store that is there for reading only: the database refuses whatever writes. Raises StoreMissing."""
    open_store(url, root=root, create=False).close()
    return RunStore(database(url, root, reading=True))
