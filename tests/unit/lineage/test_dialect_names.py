"""Names that people give a dialect: a product's, a driver's, an adapter's, the standard's."""

from __future__ import annotations

import pytest

from penstock.lineage import column_lineage
from penstock.lineage.errors import LineageError


@pytest.mark.parametrize(
    ("name", "same", "sql"),
    [
        ("sqlserver", "tsql", "select top 1 [a b] from dbo.t"),
        ("MSSQL", "tsql", "select x = a into #n from t"),
        ("postgresql", "postgres", "select a::int from t"),
        ("greenplum", "postgres", "select distinct on (a) a, b from t"),
        ("mariadb", "mysql", "insert into n (a) select `b` from t on duplicate key update a = values(a)"),
        ("sparksql", "spark", "select e from t lateral view explode(m) x as e"),
        ("impala", "hive", "insert overwrite table n select a from t"),
    ],
)
def test_a_product_reads_as_its_dialect(name: str, same: str, sql: str) -> None:
    found = column_lineage(sql, dialect=name)
    assert found == column_lineage(sql, dialect=same)
    assert found.edges


@pytest.mark.parametrize("name", ["ansi", "ANSI", "generic"])
def test_the_standard_is_a_dialect(name: str) -> None:
    sql = (
        "create table n as with c as (select a as x from t) select c.x, u.v from c join u on c.x = u.k;"
        " alter table n rename to m; create view w as select * from m"
    )
    found = column_lineage(sql, dialect=name)
    said = {(edge.target, edge.output, edge.relation, edge.column) for edge in found.edges}
    assert {(("n",), "x", ("t",), "a"), (("w",), "v", ("m",), "v")} <= said


def test_an_unknown_one_is_told_with_the_known() -> None:
    with pytest.raises(LineageError) as told:
        column_lineage("select 1", dialect="db2")
    assert "ansi" in str(told.value.hint)
