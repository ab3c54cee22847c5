"""A project: derived columns flow down, ephemerals are followed through, what fails or does not fit is told."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from sqlglot import exp

from penstock.assets import Certainty, EdgeSubtype, Relation
from penstock.lineage.project.cache import LineageCache, masked
from penstock.lineage.project.derive import ModelSql, ProjectLineage, derive, processes_that_pay
from penstock.lineage.project.model_lineage import ModelLineage
from penstock.lineage.scope.catalog import Columns
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.targets import Outcome

SUBTYPES, CERTAINTIES = tuple(EdgeSubtype), tuple(Certainty)
Parts = tuple[str, ...]
SOURCES: dict[Parts, Columns | None] = {("raw", "orders"): ["id", "amount", "status"]}


def model(name: str, sql: str | None, *, ephemeral: bool = False, **more: object) -> ModelSql:
    relation = None if ephemeral else Relation("wh", "duckdb", None, "marts", name)
    return ModelSql(key=name, sql=sql, dialect="duckdb", relation=relation, **more)  # type: ignore[arg-type]


def edges(lineage: ModelLineage) -> set[str]:
    """Each edge in one line, without what concerns all columns."""
    found = set()
    for row in lineage.rows:
        if row.output < 0:
            continue
        places = [row.relation] if row.relation >= 0 else list(row.candidates)
        where = " or ".join(".".join(lineage.relations[at]) for at in places) or "?"
        doubt = "" if row.certainty == 0 else f" {CERTAINTIES[row.certainty]}"
        found.add(
            f"{lineage.names[row.output]} <- {where}.{lineage.names[row.name]} {SUBTYPES[row.subtype]}{doubt}"
        )
    return found


def test_a_structs_fields_are_known_to_the_children_by_the_catalogs_type() -> None:
    made = model(
        "stg", "select id, lines, address from raw.orders", columns=("id", "lines", "address"), types=LINES
    )
    reader = model("mart", "select id, inline.sku from marts.stg, (select unnest(lines) as inline)")
    spread = model("wide", "select unnest(address) from marts.stg")
    found = derive([made, reader, spread], {("raw", "orders"): ["id", *LINES]})
    assert edges(found.models["mart"]) == {
        "id <- marts.stg.id IDENTITY",
        "sku <- marts.stg.lines TRANSFORMATION",
    }
    assert found.models["wide"].columns == ("city", "zip")
    assert not found.findings


LINES = {"lines": "STRUCT(sku VARCHAR, qty INTEGER)[]", "address": "STRUCT(city VARCHAR, zip VARCHAR)"}


def codes(project: ProjectLineage, key: str) -> list[str]:
    return [finding.code for finding in project.findings.get(key, ())]


def test_derived_columns_are_the_childrens_schema() -> None:
    project = derive(
        [
            model("report", "select * from marts.paid"),
            model("paid", "select id, amount * 2 as twice from raw.orders where status = 'paid'"),
        ],
        SOURCES,
    )
    assert project.models["report"].columns == ("id", "twice")
    assert edges(project.models["report"]) == {
        "id <- marts.paid.id IDENTITY",
        "twice <- marts.paid.twice IDENTITY",
    }
    assert project.order.index("paid") < project.order.index("report")
    assert project.findings == {}


def test_ephemeral_models_are_followed_through() -> None:
    inlined = "with __dbt__cte__clean as (select id, upper(status) as s from raw.orders) select s from __dbt__cte__clean"
    project = derive(
        [
            model("child", inlined),
            model("clean", "select id, upper(status) as s from raw.orders", ephemeral=True),
        ],
        SOURCES,
    )
    assert edges(project.models["child"]) == {"s <- raw.orders.status TRANSFORMATION"}
    assert edges(project.models["clean"]) == {
        "id <- raw.orders.id IDENTITY",
        "s <- raw.orders.status TRANSFORMATION",
    }


def test_the_catalog_says_what_a_star_over_unknown_columns_is() -> None:
    project = derive([model("m", "select * from raw.unknown", columns=("a", "b"))], {})
    assert project.models["m"].columns == ("a", "b")
    assert edges(project.models["m"]) == {"a <- raw.unknown.a IDENTITY", "b <- raw.unknown.b IDENTITY"}
    assert not project.models["m"].is_open


def test_open_columns_are_carried_down_and_what_readers_ask_for_goes_up() -> None:
    project = derive(
        [
            model("base", "select *, 1 as one from raw.unknown"),
            model("middle", "select * from marts.base"),
            model("top", "select x, one from marts.middle"),
        ],
        {},
    )
    assert edges(project.models["top"]) == {
        "x <- marts.middle.x IDENTITY",
        "one <- marts.middle.one IDENTITY",
    }
    assert "x <- marts.base.x IDENTITY" in edges(project.models["middle"])
    assert "x <- raw.unknown.x IDENTITY" in edges(project.models["base"])
    assert project.models["base"].is_open


def test_columns_that_only_the_sql_has_are_known_to_children() -> None:
    """The catalog is as old as the last build; a new column of the parent is there all the same."""
    project = derive(
        [
            model("parent", "select id, amount as brand_new from raw.orders", columns=("id",)),
            model("child", "select brand_new from marts.parent"),
        ],
        SOURCES,
    )
    assert edges(project.models["child"]) == {"brand_new <- marts.parent.brand_new IDENTITY"}
    assert codes(project, "child") == []
    assert codes(project, "parent") == ["not-in-catalog"]


def test_an_incremental_model_reads_itself() -> None:
    sql = "select id, amount from raw.orders where id > (select max(id) from marts.inc)"
    project = derive([model("inc", sql)], SOURCES)
    assert codes(project, "inc") == []
    assert edges(project.models["inc"]) == {
        "id <- raw.orders.id IDENTITY",
        "amount <- raw.orders.amount IDENTITY",
    }


def test_a_cycle_is_told_and_does_not_stop_the_rest() -> None:
    project = derive(
        [
            model("a", "select x from marts.b"),
            model("b", "select x from marts.a"),
            model("c", "select id from raw.orders"),
        ],
        SOURCES,
    )
    assert "cycle" in [*codes(project, "a"), *codes(project, "b")]
    assert edges(project.models["c"]) == {"id <- raw.orders.id IDENTITY"}


def test_a_broken_model_is_a_finding_and_its_children_go_on() -> None:
    project = derive(
        [
            model("broken", "select id from raw.orders where\n ( oops", documented=("id", "total")),
            model("child", "select total from marts.broken"),
        ],
        SOURCES,
    )
    found = project.findings["broken"][0]
    assert (found.code, found.line) == ("not-parsed", 2)
    assert edges(project.models["child"]) == {"total <- marts.broken.total IDENTITY"}


def test_an_internal_error_is_a_finding_with_the_models_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from penstock.lineage import script

    true = script.derive_statement  # type: ignore[attr-defined]  # replaced where it is used

    def fails_on_one(walk: Walk, statement: exp.Expr) -> list[Outcome]:
        if "boom" in statement.sql():
            raise ZeroDivisionError("boom")
        return true(walk, statement)

    monkeypatch.setattr(script, "derive_statement", fails_on_one)
    project = derive([model("bad", "select 1 as boom"), model("good", "select id from raw.orders")], SOURCES)
    assert codes(project, "bad") == ["internal-error"]
    assert "boom" in project.findings["bad"][0].message
    assert edges(project.models["good"]) == {"id <- raw.orders.id IDENTITY"}


def test_a_model_without_sql_keeps_its_columns() -> None:
    project = derive(
        [
            model("py", None, columns=("a", "b"), reason="a Python model"),
            model("child", "select * from marts.py"),
        ],
        {},
    )
    assert [finding.message for finding in project.findings["py"]] == ["a Python model"]
    assert project.models["child"].columns == ("a", "b")


def test_columns_that_the_tool_adds() -> None:
    project = derive(
        [
            model(
                "snap",
                "select id from raw.orders",
                added=("dbt_valid_from",),
                columns=("id", "dbt_valid_from"),
            ),
            model("child", "select dbt_valid_from from marts.snap"),
        ],
        SOURCES,
    )
    assert codes(project, "snap") == []
    assert edges(project.models["child"]) == {"dbt_valid_from <- marts.snap.dbt_valid_from IDENTITY"}


def test_documentation_and_catalog_against_the_sql() -> None:
    sql = "select id, amount from raw.orders"
    project = derive([model("m", sql, documented=("id", "gone"), columns=("id", "stale"))], SOURCES)
    told = {finding.code: finding.message for finding in project.findings["m"]}
    assert told == {
        "documented-not-produced": "documented, but its SQL gives no gone",
        "catalog-not-produced": "in the catalog, but its SQL gives no stale",
        "not-in-catalog": "its SQL gives amount, which the catalog does not have",
        "not-documented": "not documented: amount",
    }


def test_ambiguous_columns_keep_their_candidates() -> None:
    project = derive([model("m", "select x from raw.one, raw.two")], {})
    assert edges(project.models["m"]) == {"x <- raw.one or raw.two.x IDENTITY ambiguous"}
    assert codes(project, "m") == ["ambiguous-column"]


def test_a_model_that_says_create_table_is_read_by_its_target() -> None:
    sql = "create temp table s as select id from raw.orders; create table marts.m as select id as key from s; select 1"
    project = derive([model("m", sql)], SOURCES)
    assert edges(project.models["m"]) == {"key <- raw.orders.id IDENTITY"}


def test_order_does_not_matter_and_upstream_saves_work() -> None:
    chain = [
        model(
            f"m{at}",
            f"select * from marts.m{at - 1}" if at else "select id from raw.orders",
            upstream=(f"m{at - 1}",),
        )
        for at in range(30)
    ]
    forward = derive(chain, SOURCES)
    backward = derive(list(reversed(chain)), SOURCES)
    bare = derive([model(one.key, one.sql) for one in reversed(chain)], SOURCES)
    assert forward.models == backward.models == bare.models
    assert forward.models["m29"].columns == ("id",)


def test_garbage_collection_is_restored() -> None:
    assert gc.isenabled()
    derive([model("m", "select id from raw.orders")], SOURCES)
    assert gc.isenabled()
    gc.disable()
    try:
        derive([model("m", "select id from raw.orders")], SOURCES)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_several_processes_find_the_same() -> None:
    models = [model("base", "select id, amount, status from raw.orders")]
    models += [
        model(
            f"m{at}",
            f"select id, amount + {at} as a{at} from marts.base where status = 'x'",
            upstream=("base",),
        )
        for at in range(12)
    ]
    models.append(model("broken", "select from", upstream=("base",)))
    models.append(
        model(
            "self",
            "select id from marts.base where id > (select max(id) from marts.self)",
            upstream=("base",),
        )
    )
    one = derive(models, SOURCES)
    cache = LineageCache()
    several = derive(models, SOURCES, processes=2, cache=cache)
    assert several.models == one.models
    assert several.findings == one.findings
    again = LineageCache(cache.dump())
    assert derive(models, SOURCES, cache=again).models == one.models
    assert (again.hits, again.misses) == (14, 1)


def test_processes_are_for_large_estates() -> None:
    assert processes_that_pay([model("m", "select 1")], at_most=8) == 1
    assert processes_that_pay([model("m", "x" * 5_000_000)], at_most=8) == 2


class TestCache:
    MODELS = (
        model("base", "select id, amount from raw.orders"),
        model("child", "select id, amount from marts.base"),
        model("other", "select status from raw.orders"),
    )

    def filled(self) -> bytes:
        cache = LineageCache()
        derive(self.MODELS, SOURCES, cache=cache)
        return cache.dump()

    def test_nothing_changed(self) -> None:
        cache = LineageCache(self.filled())
        project = derive(self.MODELS, SOURCES, cache=cache)
        assert (cache.hits, cache.misses, cache.changed) == (3, 0, False)
        assert project.models == derive(self.MODELS, SOURCES).models

    def test_nothing_is_parsed_when_nothing_changed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from penstock.lineage.read import script as read

        kept = self.filled()
        monkeypatch.setattr(read, "read_script", _never)
        derive(self.MODELS, SOURCES, cache=LineageCache(kept))

    def test_one_text_changed(self) -> None:
        cache = LineageCache(self.filled())
        models = [*self.MODELS[:2], model("other", "select status, id from raw.orders")]
        derive(models, SOURCES, cache=cache)
        assert (cache.hits, cache.misses, cache.changed) == (2, 1, True)

    def test_children_follow_only_when_the_parents_columns_change(self) -> None:
        cache = LineageCache(self.filled())
        same_columns = model("base", "select id, amount * 2 as amount from raw.orders")
        derive([same_columns, *self.MODELS[1:]], SOURCES, cache=cache)
        assert (cache.hits, cache.misses) == (2, 1)
        cache = LineageCache(self.filled())
        more_columns = model("base", "select id, amount, status from raw.orders")
        derive([more_columns, *self.MODELS[1:]], SOURCES, cache=cache)
        assert (cache.hits, cache.misses) == (1, 2)

    def test_a_sources_columns_change(self) -> None:
        cache = LineageCache(self.filled())
        derive(self.MODELS, {("raw", "orders"): ["id", "amount", "status", "new"]}, cache=cache)
        assert (cache.hits, cache.misses) == (1, 2)

    def test_what_changes_at_each_compile_is_no_change(self) -> None:
        def dated(moment: str, run: str) -> ModelSql:
            return model(
                "m",
                f"select id, '{moment}' as loaded_at, '{run}' as run_id, amount * 2 as twice from raw.orders",
            )

        first = dated("2024-01-01 10:00:00.123456+00:00", "0b6a1f9e-5d0e-4a27-9b1b-1f6f3a2b7c11")
        second = dated("2025-12-31 23:59:59.654321+00:00", "9f8e7d6c-5b4a-4321-8765-0123456789ab")
        cache = LineageCache()
        before = derive([first], SOURCES, cache=cache)
        cache = LineageCache(cache.dump())
        assert derive([second], SOURCES, cache=cache).models == before.models
        assert cache.hits == 1

    def test_masking_moves_nothing(self) -> None:
        text = "select '2024-01-01 10:00:00' as a, x from t__dbt_tmp20240101120000 where y = '2024-01-01'"
        assert len(masked(text)) == len(text)
        assert "2024-01-01 10" not in masked(text)
        assert masked(text).endswith("y = '2024-01-01'")

    @pytest.mark.parametrize("data", [b"", b"not a cache", b"\x93\xa10"])
    def test_a_broken_cache_is_an_empty_one(self, data: bytes) -> None:
        cache = LineageCache(data)
        derive(self.MODELS, SOURCES, cache=cache)
        assert (cache.hits, cache.misses) == (0, 3)

    def test_another_version_starts_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from penstock.lineage.project import cache as of_cache

        kept = self.filled()
        monkeypatch.setattr(of_cache, "LINEAGE_VERSION", of_cache.LINEAGE_VERSION + 1)
        cache = LineageCache(kept)
        derive(self.MODELS, SOURCES, cache=cache)
        assert cache.hits == 0

    def test_what_is_no_longer_used_is_forgotten(self) -> None:
        cache = LineageCache(self.filled())
        derive(self.MODELS[:1], SOURCES, cache=cache)
        again = LineageCache(cache.dump())
        derive(self.MODELS, SOURCES, cache=again)
        assert (again.hits, again.misses) == (1, 2)


def _never(sql: str, dialect: str) -> None:
    raise AssertionError("parsed, though nothing changed")


def test_lineage_imports_no_sqlglot_before_it_is_needed(tmp_path: Path) -> None:
    """The command line reads what was kept without paying for a parser."""
    import os
    import subprocess
    import sys

    code = (
        "import sys; from penstock.lineage import column_lineage; from penstock.lineage.project.derive import derive; "
        "from penstock.lineage.project.cache import LineageCache; print('sqlglot' in sys.modules)"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=environ
    )
    assert done.stdout.strip() == "False"
