"""Sensors: files that appear or change, and the answers of queries, looked at by `penstock up` and put into the inbox. A sensor
decides nothing; what its events start is said in the schedules."""

from __future__ import annotations

import glob
import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from penstock.errors import ConfigError, PenstockError, ToolError, UsageError, WarehouseBusy, nearest_names
from penstock.integration import Answers, Sleeping
from penstock.project.events import SENSORS, EventSource
from penstock.service.inuse import looking
from penstock.service.workspace import Workspace
from penstock.store import News, RunStore, Sighting
from penstock.system.durations import seconds_of

_MOST_FILES = 10_000
_MOST_ROWS = 1_000
_EVERY = {"files": "10s", "value": "1m", "rows": "1m"}
_LEAST = 1.0
_LONGEST_ID = 200
_IDLE = 5.0


class Sensor(msgspec.Struct, frozen=True, kw_only=True):
    """`path` of files, below the project's folder; or `query` of the `warehouse`. `every`: seconds between two looks."""

    name: str
    type: str
    every: float
    path: str = ""
    query: str = ""
    warehouse: str = ""

    @property
    def mark(self) -> str:
        """Differs when it looks at something else."""
        return f"{self.type} {self.warehouse} {self.path}{self.query}"


def sensors(workspace: Workspace, events: Mapping[str, EventSource]) -> list[Sensor]:
    """Raises ConfigError with file:line of what cannot be."""
    return [_sensor(workspace, name, one) for name, one in events.items() if one.type in SENSORS]


def _sensor(workspace: Workspace, name: str, one: EventSource) -> Sensor:
    def wrong(what: str, field: str, hint: str | None = None) -> ConfigError:
        path = ("events", name, field) if getattr(one, field, None) is not None else ("events", name)
        return workspace.project.error(f"events: {name}: {what}", path, hint)

    needed = "path" if one.type == "files" else "query"
    for field in {"secret", "token", "path", "query", "warehouse"} - {needed}:
        if getattr(one, field) is not None and not (field == "warehouse" and needed == "query"):
            raise wrong(f"type {one.type} has no {field}", field)
    said = (getattr(one, needed) or "").strip()
    if not said:
        example = 'path: "incoming/*.csv"' if needed == "path" else "query: select max(id) from raw.orders"
        raise wrong(f"type {one.type} needs a {needed}", needed, example)
    if "://" in said and needed == "path":
        raise wrong(
            f"{said!r} is no path of this machine", needed, "what lies elsewhere can tell by a webhook"
        )
    every = seconds_of(one.every or _EVERY[one.type])
    if every is None or every < _LEAST:
        raise wrong(
            f"every: {one.every!r} is no length of time of a second or more", "every", 'write "30s" or "5m"'
        )
    warehouse = _warehouse(workspace, one, wrong) if needed == "query" else ""
    return Sensor(name=name, type=one.type, every=every, warehouse=warehouse, **{needed: said})


def _warehouse(workspace: Workspace, one: EventSource, wrong: Callable[..., ConfigError]) -> str:
    known = workspace.catalogs()
    if one.warehouse is None and len(known) == 1:
        return known[0]
    if one.warehouse in known:
        return str(one.warehouse)
    hint = "warehouses: " + (", ".join(known) or "none in penstock.yml")
    if one.warehouse is None:
        raise wrong("which warehouse is asked?", "warehouse", hint)
    near = nearest_names(one.warehouse, known)
    guess = f"; did you mean '{near[0]}'?" if near else ""
    raise wrong(f"no warehouse '{one.warehouse}'{guess}", "warehouse", hint)


def look(workspace: Workspace, store: RunStore, sensor: Sensor) -> int:
    """One look of a sensor; how many events it made. Raises PenstockError with what could not be seen."""
    kept = store.sensors(workspace.project.environment)
    began = kept.now()
    found = seen_now(workspace, sensor)

    def told(sighting: Sighting) -> News:
        news = _news(sensor, sighting)
        redact = workspace.project.redact
        return News(id=redact(news.id), kind=news.kind, body=redact(news.body))

    return kept.saw(sensor.name, sensor.mark, began, found, told)


def seen_now(workspace: Workspace, sensor: Sensor) -> dict[str, str]:
    """What is there, by key, with its version; nothing is recorded. Raises PenstockError with what could not be seen."""
    return _files(workspace.project.root, sensor) if sensor.type == "files" else _asked(workspace, sensor)


def _files(root: Path, sensor: Sensor) -> dict[str, str]:
    """Each file or folder with its time and size. One that was written to within `every` is not finished: it is not there yet, or
    not changed yet."""
    folder = _fixed(root, sensor.path)
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}")
    now = time.time()
    young = now - min(sensor.every, 10.0)
    found: dict[str, str] = {}
    for number, name in enumerate(glob.iglob(sensor.path, root_dir=root, recursive=True)):  # noqa: PTH207  # takes absolute patterns too
        if number >= _MOST_FILES:
            raise UsageError(f"more than {_MOST_FILES:,} files: name fewer by path")
        try:
            stat = (root / name).stat()
        except OSError:  # it has gone meanwhile
            continue
        if stat.st_mtime <= young or stat.st_mtime > now + 60:  # another machine's clock may be wrong
            found[name] = f"{stat.st_mtime_ns} {stat.st_size}"
    return found


def _fixed(root: Path, path: str) -> Path:
    """The part of the path before its first wildcard."""
    parts = []
    for part in Path(path).parts[:-1]:
        if glob.has_magic(part):
            break
        parts.append(part)
    return root.joinpath(*parts)


def asleep(workspace: Workspace, sensor: Sensor) -> str | None:
    """Why a look of it would start something that costs money. Raises PenstockError."""
    warehouse = workspace.warehouse(sensor.warehouse) if sensor.query else None
    return warehouse.asleep(queries=True) if isinstance(warehouse, Sleeping) else None


def _asked(workspace: Workspace, sensor: Sensor) -> dict[str, str]:
    warehouse = workspace.warehouse(sensor.warehouse)
    if not isinstance(warehouse, Answers):
        raise ToolError(f"warehouse '{sensor.warehouse}' answers no queries")
    with looking(workspace, warehouse.address):
        rows = warehouse.answers(sensor.query, most=_MOST_ROWS + 1)
    if sensor.type == "value":
        if len(rows) != 1:
            raise UsageError(f"the query gave {len(rows)} rows: a value is one row (or use type: rows)")
        return {"": _line(rows[0])}
    if len(rows) > _MOST_ROWS:
        raise UsageError(f"the query gave more than {_MOST_ROWS:,} rows: ask for those of the last days")
    return {_line(row): "" for row in rows}


def _line(row: tuple[str | None, ...]) -> str:
    return " ".join("null" if value is None else value for value in row)


def _news(sensor: Sensor, one: Sighting) -> News:
    if sensor.type == "files":
        body = {"path": one.key, "size": int(one.version.split()[1])}
        kind = "appeared" if one.before is None else "changed"
        return News(id=_short(f"{one.key} {one.version}"), kind=kind, body=_json(body))
    if sensor.type == "value":
        body = {"value": one.version, "before": one.before}
        # The same value may come again, and is then another event.
        return News(id=_short(f"{one.number} {one.version}"), kind="changed", body=_json(body))
    return News(id=_short(one.key), kind="appeared", body=_json({"row": one.key}))


def _json(body: Mapping[str, object]) -> str:
    return msgspec.json.encode(body).decode()[:4_000]


def _short(identity: str) -> str:
    if len(identity) <= _LONGEST_ID:
        return identity
    return identity[: _LONGEST_ID - 17] + " " + hashlib.sha256(identity.encode()).hexdigest()[:16]


class Sensing:
    """Beside the daemon: every sensor at its own pace, while the daemon `decides`. What goes wrong with one is told once, until it
    is well again."""

    def __init__(
        self,
        workspace: Workspace,
        store: RunStore,
        events: Callable[[], Mapping[str, EventSource]],
        say: Callable[[str, str], None],
        decides: Callable[[], bool] = lambda: True,
    ) -> None:
        self._workspace = workspace
        self._store = store
        self._events = events
        self._say = say
        self._decides = decides
        self._due: dict[str, float] = {}
        self._troubles: dict[str, str] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sensors", daemon=True)

    def __enter__(self) -> Sensing:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(5.0)

    def once(self) -> None:
        """All that are due; what is wrong with one is told, and holds up none of the others."""
        for sensor in self._declared():
            if time.monotonic() >= self._due.get(sensor.name, 0.0):
                self._due[sensor.name] = time.monotonic() + sensor.every
                self._tell(sensor.name, self._trouble_of(sensor))

    def _work(self) -> None:
        while not self._stopping.is_set():
            if self._decides():
                self.once()
                due = min(self._due.values(), default=time.monotonic() + _IDLE)
                self._stopping.wait(min(_IDLE, max(0.1, due - time.monotonic())))
            else:
                self._stopping.wait(0.5)

    def _declared(self) -> list[Sensor]:
        try:
            found = sensors(self._workspace, self._events())
        except ConfigError as wrong:
            self._tell("", str(wrong).splitlines()[0])
            return []
        self._tell("", "")
        self._due = {one.name: self._due[one.name] for one in found if one.name in self._due}
        return found

    def _trouble_of(self, sensor: Sensor) -> str:
        try:
            made = look(self._workspace, self._store, sensor)
        except WarehouseBusy:  # somebody writes: the next look will see it
            return ""
        except PenstockError as wrong:
            return self._workspace.project.redact(wrong.what)
        except Exception as error:  # a defect in one sensor must not end the others, nor be silent
            return f"internal error: {type(error).__name__}: {error}".splitlines()[0]
        if made:
            self._say("event", f"{sensor.name}: {made} new")
        return ""

    def _tell(self, name: str, trouble: str) -> None:
        if trouble and trouble != self._troubles.get(name):
            self._say("trouble", f"events: {name}: {trouble}" if name else trouble)
        self._troubles[name] = trouble
