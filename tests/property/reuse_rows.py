"""One DuckDB in memory in which random projects are built, each form as dbt builds it: added to, kept as history, or made whole."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from penstock.integration import ColumnSet, Content
from penstock_duckdb.contents import content_of
from tests.property.reuse_projects import Model, Project

Rows = tuple[list[str], list[tuple[object, ...]]]
_SOURCES = (
    "create table src0 as select i as id, i % 5 as a, i % 7 as b, 1 as stamp from range({}) t(i)",
    "create table src1 as select i as id, i % 4 as k, i % 3 as x from range({}) t(i)",
)


class Side:
    """`size`: rows of its sources. What a relation holds is read again only after it was written."""

    def __init__(self, size: int = 8) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        for at, statement in enumerate(_SOURCES):
            self.connection.execute(statement.format(size + at))
        self._held: dict[str, Content | None] = {}
        self._kinds = {"src0": "table", "src1": "table"}

    def close(self) -> None:
        self.connection.close()

    def load(self, statement: str) -> None:
        self.connection.execute(statement)
        self._held = {}

    def make(self, project: Project, one: Model) -> None:
        """As its tool would, from nothing or not."""
        self._held.pop(one.name, None)
        if one.form == "ephemeral":
            return
        if one.form in ("incremental", "snapshot"):
            self._add(project, one)
            return
        self._drop_other(one.name, view=one.form == "view")
        kind = "view" if one.form == "view" else "table"
        self.connection.execute(f"create or replace {kind} {one.name} as {project.compiled(one.name)}")

    def rests(self, project: Project, one: Model) -> bool:
        """Whether making it once more leaves it as it is."""
        before = self.rows(one.name)
        self.connection.execute("begin")
        self.make(project, one)
        after = self.rows(one.name)
        self.connection.execute("rollback")
        self._held.pop(one.name, None)
        return before == after

    def rows(self, name: str) -> Rows:
        found = self.connection.execute(f"select * from {name}")
        names = [column[0] for column in found.description or ()]
        return names, sorted(found.fetchall(), key=repr)

    def rows_if_any(self, name: str) -> Rows | None:
        return self.rows(name) if name in self._kinds else None

    def content(self, name: str, sets: Iterable[ColumnSet | None] = ()) -> Content | None:
        wanted = tuple(sets)
        held = self._held.get(name)
        if held is not None and (held.kind == "view" or all(one in held.hashes for one in wanted)):
            return held
        if name not in self._kinds:
            return None
        asked = {*wanted, *(held.hashes if held is not None else ())}
        found = self._held[name] = content_of(self.connection, "memory", "main", name, asked)
        return found

    def columns(self, name: str) -> tuple[str, ...] | None:
        held = self.content(name)
        return tuple(one for one, _ in held.columns) if held is not None else None

    def _drop_other(self, name: str, *, view: bool) -> None:
        kind = self._kinds.get(name)
        if kind is not None and (kind == "view") != view:
            self.connection.execute(f"drop {kind} {name}")
        self._kinds[name] = "view" if view else "table"

    def _listed(self, query: str) -> list[tuple[object, ...]]:
        return [row[:2] for row in self.connection.execute(f"describe {query}").fetchall()]

    def _add(self, project: Project, one: Model) -> None:
        run = self.connection.execute
        there_already = self._kinds.get(one.name) == "table"
        self._drop_other(one.name, view=False)
        history = one.form == "snapshot"
        whole = f"select *, null::integer as gone from ({project.compiled(one.name)})"
        first = whole if history else project.compiled(one.name)
        if not there_already or self._listed(one.name) != self._listed(first):
            run(f"create or replace table {one.name} as {first}")
            return
        run(f"create or replace temp table fresh as {project.again(one.name)}")
        key = one.columns[0]
        same = f"exists (select 1 from fresh f where f.{key} is not distinct from t.{key})"
        if history:
            alike = " and ".join(f"f.{name} is not distinct from t.{name}" for name in one.columns)
            stays = f"exists (select 1 from fresh f where {alike})"
            run(f"update {one.name} t set gone = 1 where gone is null and {same} and not {stays}")
            there = f"exists (select 1 from {one.name} t where t.gone is null and {alike})"
            run(f"insert into {one.name} select f.*, null from fresh f where not {there}")
            return
        if one.how != "absent":
            run(f"delete from {one.name} t where {same}")
        run(f"insert into {one.name} by name select * from fresh")
