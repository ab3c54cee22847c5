"""How the stand-in answers one statement: SHOW from its metadata, everything else in DuckDB after translation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import sqlglot

from tests.doubles.snowflake.estate import Estate


class Refused(Exception):
    """The statement fails with a Snowflake error code."""

    def __init__(self, code: str, message: str, state: str = "42000") -> None:
        super().__init__(message)
        self.code, self.message, self.state = code, message, state


@dataclass
class Table:
    """A result: (name, Snowflake type) and rows of texts."""

    columns: list[tuple[str, str]]
    rows: list[list[str | None]]


_NAME = r'(?:"(?:[^"]|"")*"|[A-Za-z_][\w$]*)'
_SHOW = re.compile(
    rf"^show\s+(?P<terse>terse\s+)?(?P<what>[a-z ]+?)(?:\s+like\s+'(?P<like>(?:[^'\\]|''|\\.)*)')?"
    rf"(?:\s+in\s+(?P<scope>account|database|schema|table)(?:\s+(?P<name>{_NAME}(?:\.{_NAME})*))?)?"
    r"(?:\s+limit\s+(?P<limit>\d+)(?:\s+from\s+'(?P<from>(?:[^'\\]|''|\\.)*)')?)?\s*;?$",
    re.IGNORECASE | re.DOTALL,
)
_EXECUTE = re.compile(
    rf"execute\s+task\s+(?P<name>{_NAME}(?:\.{_NAME})*)(?:\s+using\s+config\s*=\s*'(?P<config>(?:[^'\\]|''|\\.)*)')?",
    re.IGNORECASE | re.DOTALL,
)
_SHOWN: dict[str, tuple[list[str], str]] = {
    "tables": (
        ["created_on", "name", "database_name", "schema_name", "kind", "comment", "cluster_by", "rows", "bytes", "owner",
         "is_dynamic", "is_external", "is_iceberg", "is_hybrid"],
        "SELECT created, table_name, table_catalog, table_schema, CASE WHEN kind = 'TRANSIENT' THEN 'TRANSIENT' ELSE 'TABLE' END,"
        " comment, '', row_count, bytes, table_owner, CASE is_dynamic WHEN 'YES' THEN 'Y' ELSE 'N' END, 'N', 'N',"
        " CASE kind WHEN 'HYBRID TABLE' THEN 'Y' ELSE 'N' END"
        " FROM meta.main.tables WHERE table_type = 'BASE TABLE'",
    ),
    "views": (
        ["created_on", "name", "reserved", "database_name", "schema_name", "owner", "comment", "text", "is_secure",
         "is_materialized"],
        "SELECT t.created, t.table_name, '', t.table_catalog, t.table_schema, t.table_owner, t.comment,"
        " CASE WHEN t.kind = 'SECURE VIEW' THEN '' ELSE v.view_definition END,"
        " t.kind = 'SECURE VIEW', t.kind = 'MATERIALIZED VIEW' FROM meta.main.tables t JOIN meta.main.views v"
        " USING (table_catalog, table_schema, table_name) WHERE t.table_type = 'VIEW'",
    ),
    "dynamic tables": (
        ["created_on", "name", "database_name", "schema_name", "rows", "bytes", "owner", "target_lag", "refresh_mode",
         "text", "scheduling_state", "comment", "data_timestamp"],
        "SELECT t.created, t.table_name, t.table_catalog, t.table_schema, t.row_count, t.bytes, t.table_owner, '1 hour',"
        " 'INCREMENTAL', v.view_definition, 'ACTIVE', t.comment, t.last_altered FROM meta.main.tables t JOIN meta.main.views v"
        " USING (table_catalog, table_schema, table_name) WHERE t.is_dynamic = 'YES'",
    ),
    "columns": (
        ["table_name", "schema_name", "column_name", "data_type", "null?", "default", "kind", "expression", "comment",
         "database_name", "autoincrement"],
        "SELECT table_name, table_schema, column_name, data_type, 'true', '', 'COLUMN', '', comment, table_catalog, ''"
        " FROM meta.main.columns WHERE true",
    ),
    "tasks": (
        ["created_on", "name", "id", "database_name", "schema_name", "owner", "comment", "warehouse", "schedule",
         "predecessors", "state", "definition"],
        "SELECT 0.0, name, id, database_name, schema_name, owner, comment, warehouse, schedule, predecessors, state, definition"
        " FROM meta.main.tasks WHERE true",
    ),
}  # fmt: skip
_SQL_TYPES = {"NUMBER": "FIXED", "FLOAT": "REAL", "TEXT": "TEXT"}
_CONTEXT = {
    "current_version": "9.0.0",
    "current_user": "PENSTOCK",
    "current_role": "READER",
    "current_account_name": "MAIN",
}
_TIMES = frozenset({"created_on", "data_timestamp"})


class Answers:
    """Answers statements of one account. `statements` are all that came, for tests."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.statements: Callable[[], list[dict[str, Any]]] = list

    def answer(self, sql: str, warehouse: str | None, cursor: duckdb.DuckDBPyConnection) -> Table:
        text = sql.strip()
        if text.lower().startswith("show "):
            shown = self._show(text)
            if self.estate.vanishes is not None:
                self.estate.drop(self.estate.vanishes)
                self.estate.vanishes = None
            return shown
        if found := _EXECUTE.fullmatch(text):
            return self._execute(found)
        return self._select(text, warehouse, cursor)

    def _execute(self, found: re.Match[str]) -> Table:
        place = self._task(found["name"])
        self.estate.tasks.start(place, None if found["config"] is None else _unescaped(found["config"]))
        return Table([("status", "TEXT")], [[f"Task {place[2]} is scheduled to run immediately."]])

    def _task(self, name: str) -> tuple[str, str, str]:
        database, schema, task = _names(name)
        there = self.estate.rows(
            "SELECT 1 FROM meta.main.tasks WHERE (database_name, schema_name, name) = (?, ?, ?)",
            [database, schema, task],
        )
        if not there:
            raise Refused(
                "002003", f"SQL compilation error:\nTask '{name}' does not exist or not authorized.", "02000"
            )
        return database, schema, task

    def _cancelled(self, found: re.Match[str]) -> str:
        self.estate.tasks.cancel(self._task(_unescaped(found[1])))
        return "'cancel requested'"

    def _show(self, sql: str) -> Table:
        found = _SHOW.match(sql)
        if found is None:
            raise Refused("001003", f"SQL compilation error: syntax error in {sql!r}")
        what = re.sub(r"\s+", " ", found["what"].strip().lower())
        if what == "warehouses":
            return self._warehouses(found["like"])
        if what in ("databases", "replication databases"):
            return self._databases(what, _like(found["like"] or "%"))
        names = _names(found["name"] or "")
        if what == "schemas":
            return self._schemas(names)
        if what not in _SHOWN:
            raise Refused("001003", f"SQL compilation error: unsupported SHOW {what}")
        self._check_scope(found["scope"] or "", names)
        columns, query = _SHOWN[what]
        rows = [dict(zip(columns, row, strict=True)) for row in self.estate.rows(query)]
        rows = [row for row in rows if self._seen(row, names)]
        if found["like"] is not None:
            like = _like(found["like"])
            rows = [row for row in rows if like.fullmatch(row["name"])]
        rows.sort(key=lambda row: (row["database_name"], row["schema_name"], row.get("name") or ""))
        if found["from"]:
            start = _unescaped(found["from"])
            rows = [row for row in rows if row["name"] > start]
        limit = min(int(found["limit"] or self.estate.show_limit), self.estate.show_limit)
        return _shown(columns, rows[:limit])

    def _seen(self, row: dict[str, Any], names: list[str]) -> bool:
        place = (row["database_name"], row["schema_name"])
        return place not in self.estate.denied and list(place)[: len(names)] == names[:2]

    def _check_scope(self, scope: str, names: list[str]) -> None:
        known: Any = self.estate.databases if len(names) == 1 else self.estate.schemas - self.estate.denied
        place: Any = names[0] if len(names) == 1 else tuple(names[:2])
        if names and place not in known:
            raise Refused(
                "002003", f"SQL compilation error:\n{scope.title()} '{'.'.join(names)}' does not exist or not authorized.", "02000"
            )  # fmt: skip

    def _schemas(self, names: list[str]) -> Table:
        self._check_scope("database", names)
        seen = sorted(self.estate.schemas - self.estate.denied)
        rows = [
            {"created_on": 0.0, "name": schema, "database_name": database, "schema_name": None}
            for database, schema in seen
            if not names or database == names[0]
        ]
        return _shown(["created_on", "name", "database_name", "schema_name"], rows[: self.estate.show_limit])

    def _databases(self, what: str, like: re.Pattern[str]) -> Table:
        estate = self.estate
        names = sorted(one for one in estate.databases if like.fullmatch(one))
        if what == "databases":
            rows = [{"name": one, "origin": "OTHER.SHARE" if one in estate.shared else ""} for one in names]
            return _shown(["name", "origin"], rows)
        copies = [(one, estate.replicas[one]) for one in names if one in estate.replicas]
        told = [
            {"name": one, "account_name": account, "is_primary": account == first}
            for one, copy in copies
            for account in ("MAIN", "OTHER")
            for first in ("OTHER" if copy == "MAIN" else "MAIN",)
        ]
        return _shown(["name", "account_name", "is_primary"], told)

    def _warehouses(self, like: str | None) -> Table:
        pattern = _like(like or "%")
        rows = [
            {"name": one.name, "state": one.state, "size": "X-Small"}
            for one in self.estate.warehouses.values()
            if pattern.fullmatch(one.name)
        ]
        return _shown(["name", "state", "size"], rows)

    def _select(self, sql: str, warehouse: str | None, cursor: duckdb.DuckDBPyConnection) -> Table:
        replaced, touches = self._replaced(sql)
        if touches:
            self._wake(warehouse)
        try:
            translated = sqlglot.transpile(replaced, read="snowflake", write="duckdb")
        except sqlglot.errors.ParseError as error:
            raise Refused("001003", f"SQL compilation error: {str(error).splitlines()[0]}") from None
        try:
            result = cursor.execute(translated[0])
            described = result.description or []
            rows = result.fetchall()
        except duckdb.InterruptException:
            raise Refused("000604", "SQL execution canceled", "57014") from None
        except duckdb.BinderException as error:
            told = str(error).splitlines()[0]
            code = "000904" if re.search('[Cc]olumn "', told) else "002003"
            raise Refused(code, f"SQL compilation error: {told}") from None
        except duckdb.Error as error:
            raise Refused("002003", f"SQL compilation error: {str(error).splitlines()[0]}") from None
        if "INFORMATION_SCHEMA" in sql.upper() and len(rows) > self.estate.schema_query_limit:
            raise Refused(
                "090030",
                "Information schema query returned too much data. Please repeat query with more selective predicates.",
            )
        columns = [(name.upper(), _type(str(kind))) for name, kind, *_ in described]
        return Table(columns, [[_text(value) for value in row] for row in rows])

    def _replaced(self, sql: str) -> tuple[str, bool]:
        """The statement over our metadata tables, and whether it needs a warehouse."""
        usage = re.compile(r"\bsnowflake\.account_usage\.(\w+)", re.IGNORECASE)
        if usage.search(sql) and not self.estate.account_usage:
            raise Refused(
                "002003",
                "SQL compilation error:\nDatabase 'SNOWFLAKE' does not exist or not authorized.",
                "02000",
            )
        made = usage.sub(r"meta.main.\1", sql)
        made = self._histories(made)
        made = re.sub(rf"({_NAME})\.information_schema\.(\w+)", self._schema_view, made, flags=re.IGNORECASE)
        made = re.sub(
            r"system\$last_change_commit_time\s*\(\s*'((?:[^'\\]|''|\\.)*)'\s*\)",
            lambda found: str(self._token(_unescaped(found[1]))),
            made,
            flags=re.IGNORECASE,
        )
        made = re.sub(
            r"system\$user_task_cancel_ongoing_executions\s*\(\s*'((?:[^'\\]|''|\\.)*)'\s*\)",
            self._cancelled,
            made,
            flags=re.IGNORECASE,
        )
        for word, told in _CONTEXT.items():
            made = re.sub(rf"\b{word}\(\)", f"'{told}'", made, flags=re.IGNORECASE)
        return made, bool(re.search(r"\bfrom\b", made, re.IGNORECASE))

    def _histories(self, sql: str) -> str:
        """The table functions of INFORMATION_SCHEMA, with what goes on right now in them."""
        function = re.compile(
            rf"table\s*\(\s*{_NAME}\.information_schema\.(task_history|query_history_by_user)\s*\(((?:'[^']*'|[^)'])*)\)\s*\)",
            re.IGNORECASE,
        )
        return function.sub(self._history, sql)

    def _history(self, found: re.Match[str]) -> str:
        name = found[1].lower()
        given = {
            word.strip().lower(): value.strip()
            for word, value in (one.split("=>") for one in found[2].split(","))
        }
        if name == "task_history":
            rows = [row | {"live": True} for row in self.estate.tasks.rows()]
            self.estate.replace_rows(name, "live", rows)
            where = f"scheduled_time >= {given['scheduled_time_range_start']}"
            if "root_task_id" in given:
                where += f" AND root_task_id = {given['root_task_id']}"
            columns = "*" if self.estate.history_tells_config else "* EXCLUDE (config)"
            order = "scheduled_time"
        else:
            self.estate.replace_rows(name, "true", self.statements())
            where = f"coalesce(end_time, now()) >= {given['end_time_range_start']}"
            columns, order = "*", "start_time"
        return f"(SELECT {columns} FROM meta.main.{name} WHERE {where} ORDER BY {order} DESC LIMIT {given['result_limit']})"

    def _schema_view(self, found: re.Match[str]) -> str:
        (database,) = _names(found[1])
        told = database.replace("'", "''")
        hidden = "".join(
            f" AND table_schema <> '{schema}'" for where, schema in self.estate.denied if where == database
        )
        times = "to_timestamp(created) AS created, to_timestamp(last_altered) AS last_altered"
        columns = f"* REPLACE ({times})" if found[2].lower() == "tables" else "*"
        return f"(SELECT {columns} FROM meta.main.{found[2]} WHERE table_catalog = '{told}'{hidden})"

    def _token(self, name: str) -> int:
        parts = _names(name)
        rows = self.estate.rows(
            "SELECT token FROM meta.main.tables WHERE table_catalog = ? AND table_schema = ? AND table_name = ?",
            parts,
        )
        if not rows or (parts[0], parts[1]) in self.estate.denied:
            raise Refused(
                "002003", f"SQL compilation error:\nTable '{name}' does not exist or not authorized.", "02000"
            )
        return int(rows[0][0])

    def _wake(self, warehouse: str | None) -> None:
        found = self.estate.warehouses.get((warehouse or "").upper())
        if found is None:
            raise Refused(
                "000606",
                "No active warehouse selected in the current session.  Select an active warehouse with the"
                " 'use warehouse' command.",
                "57P03",
            )
        if found.state == "SUSPENDED":
            found.state, found.wakes = "STARTED", found.wakes + 1


def _shown(columns: list[str], rows: list[dict[str, Any]]) -> Table:
    kinds = [(name, "TIMESTAMP_LTZ" if name in _TIMES else "TEXT") for name in columns]
    return Table(kinds, [[_cell(name, row[name]) for name in columns] for row in rows])


def _cell(name: str, value: Any) -> str | None:
    if name == "data_type":
        kind = _SQL_TYPES.get(value, value)
        told: dict[str, Any] = {"type": kind, "nullable": True}
        if kind == "FIXED":
            told |= {"precision": 38, "scale": 0}
        if kind == "TEXT":
            told |= {"length": 16_777_216, "byteLength": 16_777_216, "fixed": False}
        return json.dumps(told)
    if name in _TIMES and value is not None:
        return f"{value:.9f}"
    return _text(value)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _type(kind: str) -> str:
    kind = kind.upper()
    if kind in ("BIGINT", "INTEGER", "HUGEINT", "TINYINT", "SMALLINT", "UBIGINT", "NUMBER"):
        return "FIXED"
    if kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
        return "REAL"
    return "BOOLEAN" if kind in ("BOOLEAN", "BOOL") else "TEXT"


def _names(text: str) -> list[str]:
    """`"a.b".C` as ["a.b", "C"]: what is not quoted is folded up."""
    found = re.findall(_NAME, text)
    return [name[1:-1].replace('""', '"') if name.startswith('"') else name.upper() for name in found]


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text.replace("''", "'"))


def _like(text: str) -> re.Pattern[str]:
    pattern, place = "", 0
    told = text.replace("''", "'").replace("\\\\", "\\")
    while place < len(told):
        sign = told[place]
        if sign == "\\" and place + 1 < len(told):
            place += 1
            pattern += re.escape(told[place])
        else:
            pattern += {"%": ".*", "_": "."}.get(sign, re.escape(sign))
        place += 1
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)
