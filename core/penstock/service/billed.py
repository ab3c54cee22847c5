"""What warehouses have told of usage: asked when it is due, kept in a private file per warehouse, read from there. Attributes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from penstock.errors import PenstockError
from penstock.integration import UsageReports, UsageRow
from penstock.service.workspace import Workspace
from penstock.system.files import private_folder, write_private

FORMAT = 2
_EVERY = 3600.0  # the histories themselves are hours late
_LATE = 3 * 86_400.0  # rows may still come, or get their money
_DAY = 86_400.0
_KEPT = 40 * _DAY


class BilledRows(msgspec.Struct, frozen=True, kw_only=True):
    """Rows by the namespace of their warehouse. `told_at`: when the oldest of them was asked. `silent`: who did not answer, and why."""

    rows: dict[str, list[UsageRow]] = {}
    told_at: float | None = None
    silent: tuple[str, ...] = ()


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    namespace: str
    begin: float
    until: float
    rows: list[UsageRow]
    format: int = FORMAT


def billed(workspace: Workspace, since: float, *, may_call: bool) -> BilledRows:
    """What is known of the time since then. With `may_call` warehouses are asked whose last answer is old, or does not reach so far."""
    rows: dict[str, list[UsageRow]] = {}
    times: list[float] = []
    silent: list[str] = []
    for name in workspace.catalogs():
        warehouse = workspace.warehouse_of(workspace.connection(name))
        if warehouse is None or not isinstance(warehouse, UsageReports):
            continue
        namespace = warehouse.address.namespace
        if namespace in rows:
            continue
        file = workspace.state_dir / "usage" / f"{name}.msgpack"
        kept = _load(file, namespace)
        if may_call and _due(kept, since):
            try:
                kept = asked(warehouse, kept, namespace, since, time.time())
                private_folder(file.parent)
                write_private(file, msgspec.msgpack.encode(kept))
            except PenstockError as error:
                silent.append(f"{name}: {error.what}" + (f" ({error.hint})" if error.hint else ""))
        if kept is not None:
            times.append(kept.until)
            rows[namespace] = [row for row in kept.rows if row.at >= since]
    return BilledRows(rows=rows, told_at=min(times, default=None), silent=tuple(silent))


def _due(kept: _Kept | None, since: float) -> bool:
    return kept is None or time.time() - kept.until > _EVERY or since < kept.begin - 60


def asked(warehouse: UsageReports, kept: _Kept | None, namespace: str, since: float, now: float) -> _Kept:
    """Only the time that is not known yet, and the last days again: whole ones, because rows of a day are kept as one."""
    if kept is None or kept.begin > since + 60:
        return _Kept(namespace=namespace, begin=since, until=now, rows=merged(warehouse.usage(since, now)))
    begin = max(kept.begin, (kept.until - _LATE) // _DAY * _DAY)
    oldest = min(since, now - _KEPT)
    before = [row for row in kept.rows if oldest <= row.at < begin]
    rows = [*before, *merged(warehouse.usage(begin, now))]
    return _Kept(namespace=namespace, begin=max(kept.begin, oldest), until=now, rows=rows)


def merged(rows: Iterable[UsageRow]) -> list[UsageRow]:
    """Fewer rows that say the same: those of one purpose in one minute, of no purpose in one day."""
    found: dict[tuple[object, ...], UsageRow] = {}
    for row in rows:
        named = row.tag is not None or row.job_run is not None
        place = (
            row.tag, row.job_run, row.whole, row.apart, row.pending, row.list_price, row.usage.currency, row.usage.money is None,
            row.at // (60 if named else 86_400),
        )  # fmt: skip
        found[place] = _sum(found[place], row) if place in found else row
    return list(found.values())


def _sum(one: UsageRow, other: UsageRow) -> UsageRow:
    def add(name: str) -> float | None:
        values = [value for row in (one, other) if (value := getattr(row.usage, name)) is not None]
        return sum(values) if values else None

    usage = msgspec.structs.replace(
        one.usage, **{name: add(name) for name in ("seconds", "bytes", "slots", "money")}
    )
    return msgspec.structs.replace(one, usage=usage, at=max(one.at, other.at))


def _load(file: Path, namespace: str) -> _Kept | None:
    try:
        kept = msgspec.msgpack.decode(file.read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError):
        return None
    return kept if (kept.namespace, kept.format) == (namespace, FORMAT) else None
