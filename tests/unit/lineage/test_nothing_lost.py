"""No name is lost: a relation or column in a statement's text ends in an edge, an output, a use, or a finding.

Statements are generated: every expression in every clause over every kind of source, in every dialect. What a dialect
does not read is an error and says so; what it reads is asked for each name that the generator put into it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from penstock.lineage import LineageError, StatementLineage, column_lineage

DIALECTS = (
    "athena", "bigquery", "clickhouse", "databricks", "duckdb", "hive", "mysql", "oracle", "postgres", "presto", "redshift",
    "snowflake", "spark", "sqlite", "teradata", "trino", "tsql",
)  # fmt: skip
EXPRESSIONS = (
    "{}", "{} + {}", "coalesce({}, {})", "case when {} > 1 then {} else {} end", "case {} when 1 then {} end", "{} between {} and {}",
    "{} in ({}, {})", "{} like {} escape {}", "{} like {} escape '!'", "cast({} as varchar(10))", "{}::varchar", "{}[{}]", "{}[{}:{}]",
    "sum({}) over (partition by {} order by {} rows between 1 preceding and current row)", "lag({}, 2, {}) over (order by {})",
    "sum({}) filter (where {} > 1)", "listagg({}, ',') within group (order by {})", "array_agg({} order by {})", "count(distinct {}, {})",
    "percentile_cont(0.5) within group (order by {})", "first_value({} ignore nulls) over (order by {})", "max_by({}, {})",
    "{} is distinct from {}", "not {} is null", "{} at time zone {}", "extract(year from {})", "date_add({}, interval {} day)",
    "add_months({}, {})", "substring({} from {} for {})", "trim({} from {})",
    "position({} in {})", "overlay({} placing {} from 1)", "{} -> 'k' ->> 'x'", "{}:k.x::int", "json_value({}, '$.k')", "struct({} as k, 1 as x).k",
    "named_struct('k', {}, 'x', {})", "row({}, {})", "array[{}, {}]", "[{}, {}]", "map({}, {})", "{{'k': {}}}", "transform({}, y -> y + {})",
    "filter({}, y -> y > {})", "aggregate({}, 0, (y, z) -> y + {})", "if({}, {}, {})", "iff({}, {}, {})", "decode({}, 1, {}, {})",
    "nvl2({}, {}, {})", "greatest({}, {})", "nullif({}, {})", "f({}, {})", "f(k => {}, x => {})", "s.f({})", "{} || {}", "hash({}, {})",
    "(select {} from other_rel)", "(select max(q.v) from other_rel q where q.w = {})", "exists (select 1 from other_rel q where q.w = {})",
    "{} in (select q.v from other_rel q)", "{} > all (select q.v from other_rel q)", "array(select {} from other_rel)", "grouping({})",
    "try_cast({} as int)", "interval {} day", "{} ~ {}", "regexp_replace({}, {}, {})", "values({})",
    "element_at({}, {})", "{}.k", "-{}", "{} div {}", "{} % {}", "unnest({})", "explode({})", "generate_series({}, {})", "ntile({}) over (order by {})",
    "string_agg({}, {} order by {})", "group_concat({} order by {} separator ',')", "json_object('k': {})", "object_construct('k', {})",
    "xmlelement(name k, {})", "any_value({} having max {})", "approx_quantiles({}, {})", "sumIf({}, {})", "argMax({}, {})",
)  # fmt: skip
SOURCES = (
    "rel_one", "sch.rel_one as x", "db.sch.rel_one x", "(select * from rel_one) x", "(rel_one x join rel_two y on x.{} = y.{})",
    "((rel_one x cross join rel_two y))", "rel_one x left join rel_two y using ({})", "rel_one x natural join rel_two y", "rel_one x, rel_two y",
    "rel_one x cross join lateral (select {} as v from rel_two) y", "rel_one x cross apply (select {} as v from rel_two) y",
    "rel_one x cross join unnest({}) as y(v)", "rel_one x lateral view explode({}) y as v", "rel_one x, lateral flatten(input => {}) y",
    "rel_one x tablesample (10 percent)", "rel_one for system_time as of '2024-01-01' x", "rel_one at (timestamp => '2024-01-01') x",
    "table(f(table(rel_one)))", "table(f({})) x cross join rel_one", "f(table rel_one)", "f(rel => table(rel_one) partition by {})", "identifier('rel_one') x",
    "table_changes('rel_one', 2)", "ml.predict(model `mod_one`, table rel_one)", "changetable(changes rel_one, 0) as x", "json_table({}, '$' columns (v int path '$.a')) y cross join rel_one", "openjson({}) with (v int '$.a') y cross join rel_one",
    "(values (1, 2)) x(k, v) join rel_one on x.k = {}", "rel_one x asof join rel_two y match_condition (x.{} >= y.{}) on x.{} = y.{}",
    "rel_one x full join rel_two y on x.{} = y.{} and y.{} > 1", "rel_one final", "rel_one array join {} as v", "rel_one semi join rel_two on {} = {}",
    "(rel_one)", "rel_one@v3 as x", "rel_one x, x.items as y with offset as o",
)  # fmt: skip
# What of these is not selected ends nowhere, and rightly so.
WHOLE_SOURCES = (
    "rel_one pivot (sum({}) for {} in ('a', 'b')) p",
    "rel_one x pivot (max(x.{}) for x.{} in ('a' as a)) as p",
    "(select {} from rel_one union all select {} from rel_two) x",
    "semantic_view(rel_one metrics {} dimensions {})",
    "rel_one match_recognize (partition by {} order by {} measures last(a.{}) as v pattern (a b*) define b as b.{} > 1) m",
    "rel_one unpivot (v for k in ({}, {})) u",
)
WHOLE_CLAUSES = (
    "select * from {s}", "create table target_rel as select * from {s}", "with c as (select * from {s}) select * from c",
    "insert into target_rel select * from {s}", "select * from {s} where {e} > 1", "select *, {e} as more from {s}",
)  # fmt: skip
CLAUSES = (
    "select {e} as v from {s}", "select {e} from {s}", "select 1 as v from {s} where {e} > 1", "select 1 as v from {s} group by {e}",
    "select count(*) as v from {s} group by rollup ({e})", "select max(1) as v from {s} having {e} > 1", "select 1 as v from {s} order by {e} desc",
    "select 1 as v from {s} qualify row_number() over (order by {e}) = 1", "select distinct on ({e}) 1 as v from {s}", "select sum(1) over w as v from {s} window w as (order by {e})",
    "with c as (select {e} as v from {s}) select v from c", "select v from (select {e} as v from {s}) d", "select {e} as v from {s} union all select {e} from rel_three",
    "insert into target_rel (v) select {e} from {s}", "create table target_rel as select {e} as v from {s}", "create view target_rel as select {e} as v from {s}",
    "update target_rel set v = {e} from {s}", "delete from target_rel where v in (select {e} from {s})", "insert into target_rel (v) values ({e})",
    "merge into target_rel t using (select {e} as v from {s}) q on t.v = q.v when matched then update set v = q.v",
    "select 1 as v from {s} connect by prior {e} = 1 start with {e} = 2", "select * replace ({e} as v) from {s}",
    "select top 3 {e} as v from {s}", "select 1 as v from {s} limit 1 by {e}", "from {s} |> where {e} > 1 |> select {e} as v",
    "from {s} |> extend {e} as made |> aggregate sum(made) as w group by {n}", "from {s} select {e} as v", "select 1 as v from {s} cluster by {e}",
)  # fmt: skip


class Generated:
    """One statement and the names in it. Each column has a name of its own."""

    def __init__(self, clause: str, expression: str, source: str) -> None:
        self.names: list[str] = []
        parts = {"e": lambda: self._filled(expression), "s": lambda: self._filled(source), "n": self._name}
        self.sql = re.sub(r"\{([esn])\}", lambda found: parts[found[1]](), clause)
        self.names += re.findall(r"\b(?:rel_one|rel_two|rel_three|other_rel|target_rel|mod_one)\b", self.sql)

    def _name(self) -> str:
        self.names.append(f"col_{len(self.names)}")
        return self.names[-1]

    def _filled(self, template: str) -> str:
        return re.sub(r"\{\}", lambda _: self._name(), template).replace("{{", "{").replace("}}", "}")


_OF_THIS_KIND = "this kind of statement is not followed"
# Where a form means something in which a name is no column: quotes in brackets, `alias: value`, a path behind a colon.
_ANOTHER_THING = {
    "tsql": r"\[", "sqlite": r"\[", "duckdb": r"\w:k\.x", "databricks": r"\w:col", "snowflake": r"\w:col",
}  # fmt: skip


def generated(seed: str, count: int) -> Iterator[Generated]:
    chance = random.Random(seed)
    for at in range(count):
        whole = at % 5 == 0
        clause, source = (
            chance.choice(WHOLE_CLAUSES if whole else CLAUSES),
            chance.choice(WHOLE_SOURCES if whole else SOURCES),
        )
        one = Generated(clause, chance.choice(EXPRESSIONS), source)
        if not (seed in _ANOTHER_THING and re.search(_ANOTHER_THING[seed], one.sql)):
            yield one


def told(lineage: StatementLineage) -> str:
    """All that lineage says, as one text."""
    words: list[str] = []
    for edge in lineage.edges:
        words += [
            edge.column,
            edge.path,
            *(edge.relation or ()),
            *(part for one in edge.candidates for part in one),
        ]
    words += [column.name for column in lineage.columns]
    words += [finding.message for finding in lineage.findings]
    words += [part for column in lineage.columns for part in column.target]
    if any(use.written and not use.read for use in lineage.relations):
        words += [part for use in lineage.relations if use.written for part in use.parts]
    return " ".join(words).casefold()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_name_of_a_generated_statement_ends_somewhere(dialect: str) -> None:
    read = 0
    for one in generated(dialect, 700):
        try:
            lineage = column_lineage(one.sql, dialect=dialect)
        except LineageError:
            continue
        if any(
            finding.code == "not-parsed" or _OF_THIS_KIND in finding.message for finding in lineage.findings
        ):
            continue
        read += 1
        text = told(lineage)
        lost = [name for name in one.names if not re.search(rf"\b{name}\b", text)]
        assert not lost, f"{dialect}: {one.sql}\nlost: {lost}"
        assert "internal-error" not in {finding.code for finding in lineage.findings}, one.sql
    assert read > 200
