"""Which rows a table holds, told by a hash: two tables that somebody can tell apart have two, whatever a session's settings are."""

from __future__ import annotations

import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from penstock.assets import Relation
from penstock.integration import UNSEEN, ColumnSet, Connection, Content
from penstock_postgres import looks
from penstock_postgres.warehouse import PostgresWarehouse
from tests.tools.postgres import PostgresServer

# Values of one type that PostgreSQL tells apart, by their text or otherwise, though some of them are equal by its own operators.
APART = [
    ("text", "NULL", "''", "'NULL'", "'\"\"'", "' '"),
    ("text", "'a,b'", "'(a,b)'", "'a'", "E'a\\nb'", "E'a\\\\nb'"),
    ("float8", "0", "'-0'", "'NaN'", "'Infinity'", "0.1", "0.1::float8 + 2e-17"),
    ("float4", "0.1", "'-0'", "0.10000001"),
    ("numeric", "1.0", "1.00", "1", "'NaN'", "NULL"),
    ("interval", "'1 month'", "'30 days'", "'720 hours'"),
    ("timestamptz", "'2026-01-01 00:00+00'", "'2026-01-01 00:00+01'", "'2026-01-01 00:00:00.000001+00'", "'infinity'"),
    ("timetz", "'10:00+00'", "'11:00+01'"),
    ("date", "'2026-02-01'", "'2026-01-02'", "'0001-01-01 BC'"),
    ("bytea", "'\\x'", "'\\x00'", "NULL"),
    ("json", "'{\"a\": 1}'", "'{\"a\":1}'", "'null'", "NULL"),
    ("jsonb", "'{\"a\": 1}'", "'{\"a\": 1.0}'", "'null'", "NULL"),
    ("xml", "'<a/>'", "'<a></a>'", "'<?xml version=\"1.0\" encoding=\"utf-8\"?><a/>'"),
    ("text[]", "'{}'", "'{NULL}'", "'{\"NULL\"}'", "'{a,b}'", "'{\"a,b\"}'", "'[0:1]={a,b}'", "'{{a,b}}'"),
    ("int4range", "'empty'", "'[1,2)'", "'[1,)'", "'(,)'", "NULL"),
    ("numrange", "'[1,2]'", "'[1,2)'", "'[1.0,2)'"),
    ("pair", "ROW(1, NULL)", "ROW(1, '')", "ROW(NULL, NULL)", "NULL"),
    ("money", "1.5", "1.51"),
    ("char(3)", "'a'", "'b'"),
]  # fmt: skip


class Place:
    """A database of one's own, and what a look at it tells."""

    def __init__(self, url: str, **settings: object) -> None:
        self.url = url
        told: dict[str, object] = dict(conninfo_to_dict(url))
        self.warehouse = PostgresWarehouse(
            Connection(type="postgres", settings={**told, **settings}, base=Path())
        )

    def sql(self, *statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as session:
            for one in statements:
                session.execute(one.encode())

    def relation(self, name: str) -> Relation:
        address = self.warehouse.address
        schema, _, name = name.rpartition(".")
        return Relation(
            namespace=address.namespace,
            database=address.database,
            schema=schema or "public",
            identifier=name,
            dialect="postgres",
        )

    def looked(self, *names: str, sets: Iterable[ColumnSet | None] = (None,)) -> dict[str, Content]:
        wanted = {self.relation(name): tuple(sets) for name in names}
        return {one.identifier: content for one, content in self.warehouse.contents(wanted).items()}

    def hash_of(self, name: str, columns: ColumnSet | None = None) -> str:
        return self.looked(name, sets=(columns,))[name].hashes[columns]


@pytest.fixture
def place(server: PostgresServer) -> Place:
    return Place(server.url())


def test_what_can_be_told_apart_has_two_hashes(place: Place) -> None:
    tables = [(kind, value) for kind, *values in APART for value in values]
    made = [
        f"CREATE TABLE t{number} AS SELECT ({value})::{kind} AS v"
        for number, (kind, value) in enumerate(tables)
    ]
    place.sql("CREATE TYPE pair AS (a int, b text)", *made)
    found = place.looked(*(f"t{number}" for number in range(len(tables))))
    hashes: dict[tuple[str, str], str] = {}
    for number, (kind, value) in enumerate(tables):
        told = found[f"t{number}"].hashes[None]
        assert (kind, told) not in hashes, (kind, value, hashes[kind, told])
        hashes[kind, told] = value


def test_equal_rows_have_one_hash_in_whatever_order_and_session(place: Place) -> None:
    rows = "(values (1, 0.1::float8, now(), '1 month'::interval, '\\x01'::bytea, 1.5), (2, 1, now(), '1 day', '\\x02', 2), (2, 1, now(), '1 day', '\\x02', 2))"
    place.sql(
        "CREATE TABLE one AS SELECT a, b, c, d, e, f::money FROM " + rows + " AS v(a, b, c, d, e, f)",
        "CREATE VIEW shown AS SELECT a FROM one",
        "CREATE TABLE other AS SELECT * FROM one ORDER BY a DESC",
        "CREATE TABLE twice AS SELECT * FROM one UNION SELECT * FROM one",
    )
    was = place.looked("one", "other", "twice", "shown")
    assert was["one"].hashes == was["other"].hashes != was["twice"].hashes
    assert [was[name].rows for name in ("one", "twice")] == [3, 2]
    for setting in (
        "DateStyle = 'German'", "IntervalStyle = 'iso_8601'", "TimeZone = 'Asia/Tokyo'", "extra_float_digits = -5",
        "bytea_output = 'escape'", "search_path = 'nowhere'", "standard_conforming_strings = off",
    ):  # fmt: skip
        place.sql(f"ALTER ROLE postgres SET {setting}")
    try:
        assert place.looked("one", "shown") == {name: was[name] for name in ("one", "shown")}
    finally:
        place.sql("ALTER ROLE postgres RESET ALL")


def test_columns_are_told_apart(place: Place) -> None:
    place.sql("CREATE TABLE t AS SELECT 1 AS a, 'x' AS b, 5 AS c")
    one, two = place.hash_of("t", ("a", "b")), place.hash_of("t", ("c",))
    place.sql("UPDATE t SET c = 6")
    assert place.hash_of("t", ("a", "b")) == one
    assert place.hash_of("t", ("c",)) != two
    place.sql('ALTER TABLE t ALTER b TYPE text COLLATE "C"')
    assert place.hash_of("t", ("a", "b")) != one


def test_rows_that_are_written_anew_lie_otherwise(place: Place) -> None:
    place.sql("CREATE TABLE t AS SELECT generate_series(1, 5) AS a")
    was = place.looked("t")["t"]
    assert place.looked("t")["t"] == was
    place.sql("BEGIN; DELETE FROM t; INSERT INTO t SELECT generate_series(1, 5); COMMIT")
    now = place.looked("t")["t"]
    assert now.hashes == was.hashes
    assert now.laid != was.laid


def test_how_rows_lie_tells_every_change(place: Place) -> None:
    place.sql(
        "CREATE TABLE t AS SELECT generate_series(1, 5) AS a, 1 AS b",
        "CREATE TYPE mood AS ENUM ('well')",
        "CREATE TABLE worded AS SELECT 'well'::mood AS a",
        "CREATE TABLE named AS SELECT ARRAY['worded'::regclass] AS a",
        "CREATE VIEW v AS SELECT 1 AS a",
    )

    def laid() -> dict[str, str]:
        relations = [place.relation(name) for name in ("t", "worded", "named", "v", "gone")]
        return {one.identifier: told for one, told in place.warehouse.laid(relations).items()}

    was = laid()
    assert was == {"t": place.looked("t")["t"].laid} == laid(), "an enum's words may change under its rows"
    for write in (
        "UPDATE t SET a = a WHERE a = 1",
        "DELETE FROM t WHERE a = 2",
        "INSERT INTO t VALUES (2, 1)",
        "BEGIN; DELETE FROM t; INSERT INTO t SELECT generate_series(1, 5), 1; COMMIT",
        "TRUNCATE t",
        "ALTER TABLE t DROP b; ALTER TABLE t ADD b int DEFAULT 2",
        "ALTER TABLE t ALTER a TYPE bigint",
        "ALTER TABLE t RENAME TO former; CREATE TABLE t AS SELECT * FROM former",
    ):
        place.sql(*write.split("; ") if "BEGIN" not in write else [write])
        now = laid()
        assert now["t"] != was["t"], write
        assert now["t"] == place.looked("t")["t"].laid
        was = now
    place.sql("ANALYZE t", "VACUUM FREEZE t")
    assert laid() == was, "upkeep is no change"
    worded = place.looked("worded")["worded"]
    place.sql("ALTER TYPE mood RENAME VALUE 'well' TO 'fine'")
    assert place.looked("worded")["worded"].laid != worded.laid


def test_a_foreign_key_to_a_table_is_no_change_of_it(place: Place) -> None:
    place.sql("create table t (id int primary key)", "insert into t values (1)")
    relation = place.relation("t")
    was = place.warehouse.laid([relation])
    assert was
    place.sql("create table u (t int references t)", "grant select on t to public")
    assert place.warehouse.laid([relation]) == was


def test_how_rows_lie_is_told_alike_whichever_columns_are_asked_for(place: Place) -> None:
    place.sql("CREATE TYPE mood AS ENUM ('well')", "CREATE TABLE t AS SELECT 1 AS a, 'well'::mood AS b")
    found = {
        place.looked("t", sets=sets)["t"].laid
        for sets in ((None,), (("a",),), (("a",), None), (("a",), ("b",)))
    }
    assert len(found) == 1 and "" not in found


def test_a_view_that_is_replaced_meanwhile_takes_no_table_with_it(place: Place) -> None:
    place.sql("CREATE TABLE t AS SELECT 1 AS a", "CREATE VIEW v AS SELECT 1 AS a")
    waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    with ThreadPoolExecutor(1) as pool, psycopg.connect(place.url) as session:
        session.execute("DROP VIEW v")
        session.execute("CREATE VIEW v AS SELECT 2 AS b")
        looking = pool.submit(place.looked, "t", "v")
        while not looking.done() and session.execute(waits).fetchone() is None:
            pass
        session.commit()  # the view whose SQL was asked for is gone
        found = looking.result()
    assert (found["t"].rows, found["v"].columns) == (1, (("b", "integer"),))


def test_what_a_scan_would_not_tell_is_there_and_no_more(place: Place) -> None:
    place.sql(
        "CREATE ROLE somebody",
        "CREATE UNLOGGED TABLE fleeting (a int)",
        "CREATE MATERIALIZED VIEW kept AS SELECT 1 AS a",
        "CREATE TABLE parent (a int)",
        "CREATE TABLE child () INHERITS (parent)",
        "CREATE TABLE secured (a int)",
        "ALTER TABLE secured ENABLE ROW LEVEL SECURITY",
        "CREATE TABLE hidden (a int)",
        "CREATE DOMAIN document AS xml",
        "CREATE TYPE holder AS (a int, b document[])",
        "CREATE TABLE documents (a holder)",
        "CREATE TABLE papers (a xml, b xml[])",
        "GRANT SELECT ON documents, papers TO somebody",
        "CREATE SCHEMA closed",
        "CREATE TABLE closed.shut (a int)",
        "GRANT SELECT ON closed.shut TO somebody",
        "GRANT SELECT ON fleeting, kept, parent, child, secured TO somebody",
        "CREATE TABLE large AS SELECT repeat(md5(i::text), 9) AS a FROM generate_series(1, 9000) AS i",
        "GRANT SELECT ON large TO somebody",
    )  # fmt: skip
    try:
        looked = Place(place.url, role="somebody", look_megabytes=1).looked(
            "fleeting",
            "kept",
            "parent",
            "secured",
            "hidden",
            "large",
            "gone",
            "child",
            "documents",
            "papers",
            "closed.shut",
        )
    finally:
        place.sql("DROP OWNED BY somebody", "DROP ROLE somebody")
    assert looked.pop("child").hashes
    assert {one.kind for one in looked.values()} == {UNSEEN}
    assert {name: one.untold for name, one in looked.items()} == {
        "fleeting": "an unlogged table is emptied by a crash",
        "kept": "a materialized view is not compared",
        "parent": "other tables inherit from it",
        "secured": "policies of row security decide which rows are seen",
        "hidden": "this user may not read it",
        "large": "not looked at: 2 MiB, more than look_megabytes: 1",
        "documents": "it has xml within another type",
        "papers": "it has xml within another type",
        "shut": "this user may not read it",
    }


def test_a_partitioned_table_holds_the_rows_of_its_parts(place: Place) -> None:
    place.sql(
        "CREATE TABLE p (a int) PARTITION BY RANGE (a)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
        "INSERT INTO p VALUES (1)",
    )
    was = place.looked("p")["p"]
    place.sql("INSERT INTO p1 VALUES (2)")
    assert place.looked("p")["p"].hashes != was.hashes
    assert was.rows == 1


def test_a_view_is_its_definition(place: Place) -> None:
    place.sql("CREATE TABLE t AS SELECT 1 AS a", "CREATE VIEW v AS SELECT a FROM t")
    was = place.looked("v")["v"]
    place.sql("INSERT INTO t VALUES (2)")
    assert (was.kind, was.columns) == ("view", (("a", "integer"),))
    assert place.looked("v")["v"] == was
    place.sql("ALTER TABLE t RENAME TO former", "CREATE TABLE t AS SELECT 1 AS a")
    assert place.looked("v")["v"].definition != was.definition


def test_one_state_of_the_server_is_one_state_of_its_tables(place: Place) -> None:
    place.sql("CREATE TABLE t (a int)")
    while (was := place.warehouse.state()) != place.warehouse.state():
        pass  # autovacuum writes too
    assert was is not None and was.equal_means_same
    place.sql("TRUNCATE t")
    assert place.warehouse.state() != was


def test_what_is_replaced_just_now_is_not_waited_for(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that waits with locks in its hands could be part of a deadlock, and dbt its victim."""
    monkeypatch.setattr(looks, "_PATIENCE", 0.0)
    place.sql("CREATE TABLE t (a int)", "CREATE TABLE other (a int)")
    with psycopg.connect(place.url) as session:
        session.execute("ALTER TABLE t RENAME TO former")
        looked = place.looked("other", "t")
        assert looked["t"].untold == "another session has locked it"
        assert looked["other"].rows == 0, "it takes no other one with it"
        laid = place.warehouse.laid([place.relation(name) for name in ("other", "t")])
        assert laid == {place.relation("other"): looked["other"].laid}
        session.rollback()
    assert place.looked("other", "t").keys() == {"other", "t"}


def test_hashes_are_equal_where_rows_are(place: Place) -> None:
    """Random writes of somebody else: two states with other rows have another hash, and the same rows again the same one."""
    chance = random.Random(5)
    place.sql("CREATE TABLE t (a int, b text, c float8, d numeric)")
    values = ("NULL", "0", "1", "'-0'", "'1.0'", "1.00")
    seen: dict[str, str] = {}
    with psycopg.connect(place.url, autocommit=True) as session:
        for _ in range(40):
            one, other = chance.choice(values), chance.choice(values)
            write = chance.choice(
                [
                    f"INSERT INTO t VALUES ({chance.randint(0, 1)}, {one}, {other}, {one})",
                    f"UPDATE t SET c = {other}, b = {one} WHERE a = {chance.randint(0, 1)}",
                    f"UPDATE t SET d = {other} WHERE b = '1'",
                    f"DELETE FROM t WHERE ctid IN (SELECT ctid FROM t LIMIT {chance.randint(0, 1)})",
                    "UPDATE t SET a = 1 - a",
                ]
            )
            session.execute(write.encode())
            rows = session.execute("SELECT array_agg(t::text ORDER BY t::text)::text FROM t").fetchone()
            assert seen.setdefault(place.hash_of("t"), str(rows)) == str(rows), write
    assert len(set(seen.values())) == len(seen) > 10
