"""penstock.yml as a record: its own keys read and checked; each integration's part is kept raw until it is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from penstock.errors import ConfigError, nearest_names
from penstock.project.automation import (
    AutomationSettings,
    PolicySettings,
    ScheduleSettings,
    read_automation,
    read_policies,
    read_schedules,
)
from penstock.project.events import check_names
from penstock.project.positions import Located, YamlPath, overlaid
from penstock.project.reuse import ReuseSettings, read_reuse
from penstock.project.runs import RunRules, read_rules
from penstock.system.durations import EXAMPLES, seconds_of

OWN_KEYS = (
    "name", "warehouses", "environments", "store", "executor", "refresh", "pools", "runs", "automation", "schedules",
    "policies", "alerts", "events", "reuse",
)  # fmt: skip
DEFAULT_STORE = "sqlite:///.penstock/penstock.db"


class _OwnSettings(msgspec.Struct, frozen=True, kw_only=True):
    store: str = DEFAULT_STORE
    executor: str = "local"
    refresh: str = "10m"
    pools: dict[str, int] = {}


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One environment's view of penstock.yml. `instances` are raw settings by (integration, instance)."""

    name: str
    warehouses: dict[str, dict[str, object]]
    instances: dict[tuple[str, str], dict[str, object]]
    store: str = DEFAULT_STORE
    executor: str = "local"
    refresh_seconds: float = 600.0
    reuse: ReuseSettings = ReuseSettings()
    pools: dict[str, int] = {}
    runs: RunRules = RunRules()
    automation: AutomationSettings = AutomationSettings()
    schedules: tuple[ScheduleSettings, ...] = ()
    policies: tuple[PolicySettings, ...] = ()
    alerts: dict[str, object] = {}
    events: dict[str, object] = {}
    environments: tuple[str, ...] = ()


def read_document(
    located: Located, *, file: str, default_name: str, environment: str, integrations: Iterable[str]
) -> Document:
    """The document of one environment. Raises ConfigError with file:line, and the nearest known key."""
    data = _mapping(located.data, (), located, file, "the document")
    known = (*OWN_KEYS, *integrations)
    _refuse_unknown(data, (), known, located, file)
    environments = _mapping(data.get("environments") or {}, ("environments",), located, file, "environments")
    overlay = environments.get(environment)
    if overlay is None and environment not in ("dev", *environments):
        near = nearest_names(environment, ("dev", *environments))
        raise ConfigError(
            f"no environment '{environment}'" + (f"; did you mean '{near[0]}'?" if near else ""),
            where=file,
            hint="environments: " + ", ".join(sorted({"dev", *environments})),
        )
    if overlay:
        path: YamlPath = ("environments", environment)
        _refuse_unknown(_mapping(overlay, path, located, file, environment), path, known, located, file)
        located = overlaid(located, path)
        data = _mapping(located.data, (), located, file, "the document")
    return _document(data, located, file, default_name, tuple(environments), integrations)


def _document(
    data: dict[str, object],
    located: Located,
    file: str,
    default_name: str,
    environments: tuple[str, ...],
    integrations: Iterable[str],
) -> Document:
    instances: dict[tuple[str, str], dict[str, object]] = {}
    for integration in integrations:
        for instance, settings in _mapping(
            data.get(integration) or {}, (integration,), located, file, integration
        ).items():
            where = (integration, instance)
            instances[(integration, instance)] = _mapping(
                settings, where, located, file, f"{integration}.{instance}"
            )
    warehouses = {
        name: _mapping(settings, ("warehouses", name), located, file, f"warehouses.{name}")
        for name, settings in _mapping(
            data.get("warehouses") or {}, ("warehouses",), located, file, "warehouses"
        ).items()
    }
    try:
        rest = {
            key: data[key] for key in ("store", "executor", "refresh", "pools") if data.get(key) is not None
        }
        own = msgspec.convert(rest, _OwnSettings)
    except msgspec.ValidationError as wrong:
        raise ConfigError(str(wrong).replace("`$.", "`"), where=file) from None
    return Document(
        name=str(data.get("name") or default_name),
        warehouses=warehouses,
        instances=instances,
        environments=environments,
        store=own.store,
        executor=own.executor,
        reuse=read_reuse(data.get("reuse"), located, file),
        refresh_seconds=_seconds(own.refresh, located, file),
        pools=_pools(own.pools, located, file),
        runs=read_rules(
            _mapping(data.get("runs") or {}, ("runs",), located, file, "runs"),
            located,
            file=file,
            pools=own.pools,
            integrations=integrations,
            instances=instances,
        ),
        automation=read_automation(
            _mapping(data.get("automation") or {}, ("automation",), located, file, "automation"),
            located,
            file,
        ),
        schedules=read_schedules(data.get("schedules"), located, file),
        policies=read_policies(data.get("policies"), located, file),
        alerts=_mapping(data.get("alerts") or {}, ("alerts",), located, file, "alerts"),
        events=_events(data, located, file),
    )


def _events(data: dict[str, object], located: Located, file: str) -> dict[str, object]:
    found = _mapping(data.get("events") or {}, ("events",), located, file, "events")
    check_names(found, located, file)
    return found


def _seconds(text: str, located: Located, file: str) -> float:
    seconds = seconds_of(text)
    if seconds is None:
        raise _wrong(f"refresh: {text!r} is no duration", ("refresh",), located, file, f"write {EXAMPLES}")
    return seconds


def _pools(pools: dict[str, int], located: Located, file: str) -> dict[str, int]:
    for name, slots in pools.items():
        if slots < 1:
            raise _wrong(f"pools.{name}: a pool has at least one slot", ("pools", name), located, file)
    return pools


def _wrong(what: str, path: YamlPath, located: Located, file: str, hint: str | None = None) -> ConfigError:
    line = located.line(path)
    return ConfigError(what, where=f"{file}:{line}" if line else file, hint=hint)


def _mapping(value: object, path: YamlPath, located: Located, file: str, what: str) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise _wrong(f"{what} must be a mapping, not {type(value).__name__}", path, located, file)


def _refuse_unknown(
    data: Mapping[str, object], path: YamlPath, known: Iterable[str], located: Located, file: str
) -> None:
    names = tuple(known)
    for key in data:
        if key not in names:
            near = nearest_names(key, names)
            guess = f"; did you mean '{near[0]}'?" if near else ""
            hint = "known keys: " + ", ".join(names)
            raise _wrong(f"unknown key '{key}'{guess}", (*path, key), located, file, hint)
