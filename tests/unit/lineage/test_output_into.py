"""T-SQL's OUTPUT ... INTO: the relation it names is a target, however it is named and with a list of columns or without."""

from __future__ import annotations

import pytest

from penstock.lineage import column_lineage
from tests.unit.lineage.edges import said

_INSERT = "insert into o.a (x) output inserted.x into {} select c from m"
# the statement, what it says of the relation of OUTPUT
_CASES = (
    (_INSERT.format("s1.log"), "s1.log.x <- m.c"),
    (_INSERT.format("db.s1.log"), "db.s1.log.x <- m.c"),
    (_INSERT.format("db.s1.log (p)"), "db.s1.log.p <- m.c"),
    (_INSERT.format("db..log"), "db.dbo.log.x <- m.c"),
    (_INSERT.format('"s 1".[l.g]'), "s 1.l.g.x <- m.c"),
    (_INSERT.format("@log (p)"), "@log.p <- m.c"),
    (_INSERT.format("#log (p)"), "#log.p <- m.c"),
    (_INSERT.format("sum (p)"), "sum.p <- m.c"),
    ("update o.a set x = b output inserted.x into d.s1.log; select c from m", "d.s1.log.x <- o.a.b"),
    ("update o.a set x = b output inserted.x, 'output c into e.f ' as k into d.s1.log", "d.s1.log.x <- o.a.b"),
    ("delete o.a output deleted.x into d.s1.log where x = 1", "d.s1.log.x <- o.a.x"),
    ("merge o.a t using m on t.i = m.i when matched then update set x = m.c output inserted.x into d.s1.log;", "d.s1.log.x <- m.c"),
)  # fmt: skip


@pytest.mark.parametrize(("sql", "edge"), _CASES)
@pytest.mark.parametrize(
    "before", ["", "insert into k (a) output inserted.a into db.k.l (u) select v from w; "]
)
def test_the_relation_is_a_target(before: str, sql: str, edge: str) -> None:
    found = column_lineage(before + sql, dialect="tsql")
    edges = {said(one) for one in found.edges if one.output}
    assert edge in edges
    assert ("db.k.l.u <- w.v" in edges) is bool(before)
    assert not found.findings
