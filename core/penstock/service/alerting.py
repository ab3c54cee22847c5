"""Alerts of one project: incidents brought up to date, messages sent, and a person's word on both."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from math import inf

import msgspec

from penstock.alerts import Problem, Routing, Unsendable, call, decide, deliver
from penstock.automation import Schedule, read_schedules, read_time
from penstock.errors import PenstockError, SelectionError, UnknownAsset, UsageError, nearest_names
from penstock.project.alerts import KINDS, OWNER, AlertSettings, Channel, File, PagerDuty, Ping, Route
from penstock.service.choose import choose
from penstock.service.history import reading_store
from penstock.service.observe import GraphView, look
from penstock.service.problems import problems
from penstock.service.scheduled import CommandOf
from penstock.service.workspace import Workspace
from penstock.store import AlertsDecided, AlertsKnown, Incident, IncidentSummary, Letter, RunStore, open_store
from penstock.store.owner import this_process
from penstock.system.durations import seconds_of

_LOOK = 30.0
_POLL = 2.0
_HANGS = 120.0  # a daemon that has not looked for so long does not live
_ALL = 1_000_000


def settings(workspace: Workspace) -> AlertSettings:
    """Raises ConfigError with the line of what cannot be."""
    found = workspace.project.alerts()
    for owner, names in found.owners.items():
        for name in names:
            if name not in found.channels:
                raise workspace.project.error(
                    f"alerts: owner '{owner}': no channel '{name}'",
                    ("alerts", "owners", owner),
                    "channels: " + (", ".join(found.channels) or "none are named"),
                )
    if found.ping is not None and (seconds_of(found.ping.every) or 0.0) < 1.0:
        raise workspace.project.error(
            f"alerts: ping: every: {found.ping.every!r} is no length of time", ("alerts", "ping", "every")
        )
    for at, route in enumerate(found.routes):
        for name in route.to:
            if name == OWNER and OWNER not in found.channels:
                if not found.owners:
                    raise workspace.project.error(
                        "alerts: to: owner, and no owners are named",
                        ("alerts", "routes", at, "to"),
                        "owners: {finance: [team]}",
                    )
                continue
            if name not in found.channels:
                near = nearest_names(name, found.channels)
                guess = f"; did you mean '{near[0]}'?" if near else ""
                raise workspace.project.error(
                    f"alerts: no channel '{name}'{guess}",
                    ("alerts", "routes", at, "to"),
                    "channels: " + (", ".join(found.channels) or "none are named"),
                )
        for kind in route.on:
            if "*" not in kind and kind not in KINDS:
                near = nearest_names(kind, KINDS)
                guess = f"; did you mean '{near[0]}'?" if near else ""
                raise workspace.project.error(
                    f"alerts: there are no incidents of kind '{kind}'{guess}",
                    ("alerts", "routes", at, "on"),
                    "kinds: " + ", ".join(KINDS),
                )
        if route.repeat is not None and not seconds_of(route.repeat):
            raise workspace.project.error(
                f"alerts: repeat: {route.repeat!r} is no length of time", ("alerts", "routes", at, "repeat")
            )
        _digest_of(workspace, found, at, route)
    return msgspec.structs.replace(found, channels=_placed(workspace, found.channels))


def _placed(workspace: Workspace, channels: Mapping[str, Channel]) -> dict[str, Channel]:
    """Files are below the project's folder, wherever one stands."""
    root = workspace.project.root
    return {
        name: msgspec.structs.replace(one, path=str(root / one.path)) if isinstance(one, File) else one
        for name, one in channels.items()
    }


def _digest_of(
    workspace: Workspace, found: AlertSettings, at: int, route: Route
) -> Callable[[float], float | None] | None:
    """When the route's digest goes out, after a moment."""
    if route.digest is None:
        return None
    path = ("alerts", "routes", at, "digest")
    owned = [name for names in found.owners.values() for name in names] if OWNER in route.to else []
    paged = [name for name in (*route.to, *owned) if isinstance(found.channels.get(name), PagerDuty)]
    if paged:
        what = f"alerts: digest: '{paged[0]}' is a pager, which opens and resolves each incident"
        raise workspace.project.error(what, path, "give it a route of its own")
    if route.repeat is not None:
        raise workspace.project.error("alerts: a digest is not repeated", path, "leave out repeat")
    try:
        ticks = read_time(route.digest, workspace.project.document.automation.timezone)
    except UsageError as wrong:
        hint = 'write digest: "09:00", or digest: "09:00 mon-fri"'
        raise workspace.project.error(f"alerts: digest: {wrong.what}", path, hint) from None
    return lambda after: next(ticks.after(after), None)


def routing(workspace: Workspace, seen: GraphView, found: AlertSettings) -> list[Routing]:
    """Raises ConfigError for a selection that selects nothing."""
    routes = []
    for at, route in enumerate(found.routes):
        assets = None
        if route.select is not None:
            try:
                assets = choose(workspace, seen, (route.select,)).assets
            except (SelectionError, UnknownAsset, UsageError) as wrong:
                raise workspace.project.error(
                    f"alerts: select: {wrong.what}", ("alerts", "routes", at, "select"), wrong.hint
                ) from None
        routes.append(
            Routing(
                on=tuple(route.on),
                to=tuple(name for name in route.to if name in found.channels),
                owners=found.owners if OWNER in route.to else {},
                assets=assets,
                severity=route.severity,
                repeat=seconds_of(route.repeat) if route.repeat else None,
                digest=_digest_of(workspace, found, at, route),
            )
        )
    return routes


def evaluate(
    workspace: Workspace,
    store: RunStore,
    schedules: Iterable[Schedule],
    command_of: CommandOf,
    begun: float = inf,
) -> list[Incident]:
    """Compare incidents with what is now, and write the messages. What was opened, got worse or is over. At the very first look what
    went wrong before `begun` is no news."""
    found = settings(workspace)
    seen = look(workspace)
    routes = routing(workspace, seen, found)
    present, kinds = problems(workspace, seen, store, schedules, command_of)
    present = [owned(seen, problem) for problem in present]

    def inside(known: AlertsKnown) -> AlertsDecided:
        return decide(present, known, routes, kinds, begun)

    decided = store.alerts(workspace.project.environment).reconcile(inside)
    return list(decided.news)


def owned(seen: GraphView, problem: Problem) -> Problem:
    """With the owners of what failed and of what that affects: exposures last, because theirs is the loss and not the fault."""
    assets = [seen.graph.assets[key] for key in problem.assets if key in seen.graph.assets]
    assets.sort(key=lambda asset: (seen.graph.names.shown(asset.key) != problem.told.cause, str(asset.key)))
    owners = dict.fromkeys(asset.owner for asset in assets if asset.owner)
    return msgspec.structs.replace(problem, owners=tuple(owners))


def heard(store: RunStore, environment: str) -> bool:
    """Whether the daemon of this process has looked at the clock lately."""
    kept = store.automation(environment)
    now = kept.now()
    return any(one.owner == this_process() and now - one.seen_at < _HANGS for one in kept.daemons())


def ping(settings: Ping) -> None:
    """Raises Unsendable."""
    call(settings.url)


class Alerting:
    """Beside the daemon: looks every half minute and whenever something ended, and sends what is due, while the daemon `decides`: two
    projects would open and close incidents in turns."""

    def __init__(
        self,
        workspace: Workspace,
        store: RunStore,
        schedules: Callable[[], Iterable[Schedule]],
        command_of: CommandOf,
        say: Callable[[str, str], None],
        decides: Callable[[], bool],
    ) -> None:
        self._decides = decides
        self._workspace = workspace
        self._store = store
        self._schedules = schedules
        self._command_of = command_of
        self._say = say
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="alerts", daemon=True)
        self._begun = time.time()
        self._position = -1
        self._trouble = ""
        self._pinging = 0.0
        self._shown: dict[str, float] = {}
        self._known: tuple[object, object] | None = None
        self._until = 0.0

    def __enter__(self) -> Alerting:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(5.0)

    def _work(self) -> None:
        due = 0.0
        while not self._stopping.wait(_POLL):
            try:
                if not self._decides() or self._as_it_was():
                    continue
                self._until = 0.0
                position = self._store.newest_position()
                if position != self._position or time.monotonic() > due:
                    self._position, due = position, time.monotonic() + _LOOK
                    self._look()
                send_due(self._workspace, self._store)
                pinging = self._ping()
                self._trouble = ""
                letter = self._store.alerts(self._workspace.project.environment).next_due()
                self._until = min(due, pinging, time.monotonic() + letter)
            except Unsendable as error:
                self._tell(f"ping: {error}")
            except PenstockError as error:
                self._tell(str(error).splitlines()[0])
            except Exception as error:  # a defect in alerts must not end the daemon, nor be silent
                self._tell(f"internal error: {type(error).__name__}: {error}")

    def _as_it_was(self) -> bool:
        """Whether nobody has committed anything, penstock.yml is the same, and no time has come."""
        before, self._known = self._known, (self._store.stamp(), self._workspace.project)
        return before == self._known and time.monotonic() < self._until

    def _ping(self) -> float:
        """Only after the store was read, and while the daemon looks: silence tells of a store that is away, and of a daemon that hangs.
        When the next is due."""
        found = settings(self._workspace).ping
        if found is None:
            return inf
        if time.monotonic() >= self._pinging and heard(self._store, self._workspace.project.environment):
            self._pinging = time.monotonic() + (seconds_of(found.every) or 60.0)
            ping(found)
        return self._pinging

    def _look(self) -> None:
        found = evaluate(self._workspace, self._store, self._schedules(), self._command_of, self._begun)
        for incident in found:
            if not incident.quiet and (word := self._word(incident)):
                self._say(word, f"{incident.kind}: {incident.told.title}")

    def _word(self, incident: Incident) -> str | None:
        """None for a change of which nobody is told: the same failure in one more run."""
        before = self._shown.get(incident.id)
        if incident.closed_at is not None:
            self._shown.pop(incident.id, None)
            return "recovered"
        self._shown[incident.id] = told = incident.told_at or incident.opened_at
        if before is None and told == incident.opened_at:
            return "incident"
        return "update" if told != before else None

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._say("trouble", f"alerts: {trouble}")


def send_due(workspace: Workspace, store: RunStore) -> int:
    channels = settings(workspace).channels
    return deliver(store.alerts(workspace.project.environment), channels, workspace.project.redact)


def test(workspace: Workspace, names: tuple[str, ...]) -> dict[str, str | None]:
    """Send a test message to these channels, or all. By channel: None, or why it was not sent."""
    from penstock.alerts import Unsendable, send

    found = settings(workspace)
    unknown = [name for name in names if name not in found.channels]
    if unknown:
        raise UsageError(
            f"no channel '{unknown[0]}' in penstock.yml", hint="channels: " + ", ".join(found.channels)
        )
    if not found.channels:
        raise UsageError("penstock.yml names no channels", hint="alerts: {channels: ..., routes: ...}")
    project = workspace.project
    told = IncidentSummary(
        kind="test",
        cause="test",
        severity="info",
        title="A test message of penstock alerts",
        why="somebody ran `penstock alerts test`",
        since=time.time(),
        environment=project.environment,
        project=project.name,
    )
    results: dict[str, str | None] = {}
    for name in names or tuple(found.channels):
        letter = Letter(incident=f"test-{secrets.token_hex(4)}", channel=name, event="test", told=told)
        try:
            send(found.channels[name], letter)
            results[name] = None
        except Unsendable as failed:
            results[name] = project.redact(str(failed))
    return results


def incidents(workspace: Workspace, *, limit: int, open_only: bool) -> tuple[list[Incident], list[Letter]]:
    """Incidents, the open ones first; and the messages that are not sent."""
    with reading_store(workspace) as store:
        if store is None:
            return [], []
        kept = store.alerts(workspace.project.environment)
        return kept.incidents(limit=limit, open_only=open_only), kept.waiting()


def shown_of(
    store: RunStore, environment: str, names: frozenset[str] | None, *, limit: int, open_only: bool
) -> tuple[list[Incident], list[Letter]]:
    """As `incidents`, for somebody who sees only the assets of these names (None: all): what is hidden is neither named nor counted,
    and messages, which are of everybody, are left out."""
    kept = store.alerts(environment)
    if names is None:
        return kept.incidents(limit=limit, open_only=open_only), kept.waiting()
    found = kept.incidents(limit=_ALL, open_only=open_only)
    return [_without(one, names) for one in found if one.told.cause in names][:limit], []


def _without(one: Incident, names: frozenset[str]) -> Incident:
    """A title names what fails together, and the reason of a promise the way down to it: both are told by the cause alone."""
    told = one.told
    affected = tuple(name for name in told.affected if name.removesuffix(" (exposure)") in names)
    late = told.kind.startswith("fresh.")
    told = msgspec.structs.replace(
        told,
        title=f"{told.cause}: what is made from it is late" if late else f"{told.cause} failed",
        why="" if late or len(affected) < len(told.affected) else told.why,
        affected=affected,
        exposures=sum(name.endswith(" (exposure)") for name in affected),
        channels=(),
    )
    return msgspec.structs.replace(one, told=told)


def mute(workspace: Workspace, incident: str, by: str, seconds: float) -> None:
    """Tell nothing more of an open incident for so long, but its end. Raises UsageError when there is none of that id."""
    store = open_store(workspace.project.store_url(), root=workspace.project.root)
    try:
        done = store.alerts(workspace.project.environment).mute(incident, by, time.time() + seconds)
    finally:
        store.close()
    if not done:
        raise UsageError(f"no open incident '{incident}'", hint="list them: penstock incidents")


def check_once(workspace: Workspace, command_of: CommandOf) -> tuple[list[Incident], int]:
    """For cron and CI: one look, and what is due sent. What changed, and how many messages were sent."""
    store = open_store(workspace.project.store_url(), root=workspace.project.root)
    try:
        changed = evaluate(workspace, store, read_schedules(workspace.project), command_of)
        return changed, send_due(workspace, store)
    finally:
        store.close()
