"""Selection over an estate of two tools: what dbt's grammar means where a sync and a warehouse stand beside dbt."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from penstock.assets import AssetKey, AssetKind, Observation, ObservedAsset, Role
from penstock.errors import SelectionError
from penstock.graph import AssetGraph
from penstock.graph.select import column_walk, read_selectors, select
from tests.unit.graph import estate


@pytest.fixture(scope="module")
def graph() -> AssetGraph:
    return estate.graph()


def chosen(
    graph: AssetGraph, *include: str, exclude: tuple[str, ...] = (), indirect: str = "empty"
) -> set[str]:
    found = select(graph, include, exclude, indirect_selection=indirect, projects=["shop"])
    assert found.unmatched == ()
    return estate.names(graph, found)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        # dbt's own
        ("customers", {"customers"}),
        ("shop.marts", {"customers"}),
        ("staging.*", {"stg_users"}),
        ("tag:raw", {"users", "orders", "notes"}),
        ("source:raw", {"users", "orders", "notes"}),
        ("source:raw.users", {"users"}),
        ("source:shop.raw.o*", {"orders"}),
        ("exposure:weekly", {"weekly"}),
        ("exposure:shop.*", {"weekly"}),
        ("path:models/staging", {"stg_users", "users", "orders", "notes"}),
        ("models/marts/customers.sql", {"customers"}),
        ("customers.sql", {"customers"}),
        ("file:sources", {"users", "orders", "notes"}),
        ("package:this,resource_type:model", {"stg_users", "customers"}),
        ("config.materialized:view", {"stg_users", "customers"}),
        ("config.meta.owner:ops", {"users", "orders", "notes"}),
        ("resource_type:source", {"users", "orders", "notes"}),
        ("resource_type:stream", {"shop/users", "shop/orders"}),
        ("test_name:unique", {"unique_of_customers"}),
        ("resource_type:unit_test", {"keeps_all"}),
        ("version:none", {"stg_users", "customers"}),
        # walks go on where dbt ends
        ("+stg_users", {"stg_users", "users", "shop/users"}),
        ("1+stg_users", {"stg_users", "users"}),
        ("@shop/orders", {
            "shop/orders", "orders", "customers", "stg_users", "users", "shop/users", "weekly",
            "unique_of_customers", "relationships_of_both",
        }),
        # names that are no dbt node
        ("shop/users", {"shop/users"}),
        ("shop/*", {"shop/users", "shop/orders"}),
        ("raw.users", {"users"}),
        ("finance.ledger", {"ledger"}),
        ("finance.*", {"ledger"}),
        ("model.shop.customers", {"customers"}),
        ("test.shop.keeps_all", {"keeps_all"}),
        ("duckdb:shop.duckdb|shop.raw.users", {"users"}),
        # penstock's own methods
        ("tool:airbyte", {"shop/users", "shop/orders", "users", "orders"}),
        ("tool:airbyte/other*,tool:*", set()),
        ("tool:duckdb", {"ledger"}),
        ("connection:shop", {"shop/users", "shop/orders", "users", "orders"}),
        ("connection:ingest/shop,kind:stream", {"shop/users", "shop/orders"}),
        ("kind:exposure", {"weekly"}),
        ("relation:marts.customers", {"customers"}),
        ("relation:RAW.*", {"users", "orders", "notes"}),
        ("relation:ledger", {"ledger"}),
    ],
)  # fmt: skip
def test_a_term_finds(graph: AssetGraph, term: str, expected: set[str]) -> None:
    found = select(graph, [term], indirect_selection="empty", projects=["shop"])
    assert estate.names(graph, found) == expected


def test_what_a_tool_makes_is_its_own_and_what_nobody_makes_belongs_to_who_sees_it(graph: AssetGraph) -> None:
    found = chosen(graph, "tool:dbt/transform")
    assert {"customers", "weekly", "notes", "unique_of_customers"} <= found
    assert "users" not in found, "the sync makes it"


def test_nothing_named_is_everything(graph: AssetGraph) -> None:
    found = select(graph)
    assert (found.assets, found.checks) == (frozenset(graph.assets), frozenset(graph.checks))


def test_words_and_arguments_are_a_union_and_commas_an_intersection(graph: AssetGraph) -> None:
    assert chosen(graph, "customers stg_users", "shop/users") == {"customers", "stg_users", "shop/users"}
    assert chosen(graph, "+customers,kind:stream") == {"shop/users", "shop/orders"}


def test_exclusion_takes_away_also_the_tests_that_come_along(graph: AssetGraph) -> None:
    found = chosen(graph, "stg_users+", exclude=("customers",), indirect="eager")
    assert found == {"stg_users", "weekly", "keeps_all"}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("eager", {"unique_of_customers", "relationships_of_both"}),
        ("cautious", {"unique_of_customers"}),
        ("buildable", {"unique_of_customers", "relationships_of_both"}),
        ("empty", set()),
    ],
)
def test_tests_come_along_by_mode(graph: AssetGraph, mode: str, expected: set[str]) -> None:
    assert chosen(graph, "customers", indirect=mode) == {"customers", *expected}


def test_a_test_joins_when_two_words_bring_its_two_assets(graph: AssetGraph) -> None:
    assert "relationships_of_both" in chosen(graph, "customers", "stg_users", indirect="cautious")


def test_a_seed_that_is_declared_as_a_source_is_found_as_both() -> None:
    seed = ObservedAsset(
        id="seed.shop.notes",
        kind=AssetKind.SEED,
        name="notes",
        resource_type="seed",
        relation=estate.relation("raw", "notes"),
        role=Role.PRODUCES,
        producer="seed.shop.notes",
        fqn=("shop", "notes"),
        package="shop",
        path="seeds/notes.csv",
    )
    graph = AssetGraph.of(
        [Observation(integration="dbt", instance="t", taken_at=1.0, assets=(seed, estate.source("notes")))]
    )
    for term in ("notes", "source:raw.notes", "resource_type:seed", "resource_type:source", "notes.csv"):
        assert chosen(graph, term) == {"notes"}, term


def test_what_finds_nothing_is_told_by_term(graph: AssetGraph) -> None:
    words = ["nobody customers", "tag:none,customers", "stg_users,customers"]
    found = select(graph, words, ["no_one"], indirect_selection="empty")
    assert found.unmatched == ("nobody", "tag:none", "stg_users,customers")
    assert found.unmatched_exclude == ("no_one",)
    assert estate.names(graph, found) == {"customers"}


def test_a_name_with_spaces_is_one_name() -> None:
    stream = ObservedAsset(
        id="my shop/all users", kind=AssetKind.STREAM, name="all users", resource_type="stream"
    )
    graph = AssetGraph.of([Observation(integration="airbyte", instance="a", taken_at=1.0, assets=(stream,))])
    assert [key.name for key in select(graph, ["my shop/all users"]).assets] == ["my shop/all users"]


def test_hooks_are_never_selected() -> None:
    hook = ObservedAsset(
        id="operation.shop.hook-0",
        kind=AssetKind.OPERATION,
        name="hook-0",
        resource_type="operation",
        upstream=("model.shop.customers",),
        fqn=("shop", "hooks", "hook-0"),
    )
    assets = (estate.model("customers"), hook)
    graph = AssetGraph.of([Observation(integration="dbt", instance="t", taken_at=1.0, assets=assets)])
    assert chosen(graph, "customers+") == {"customers"}


def test_methods_that_need_more_than_the_graph_come_from_outside(graph: AssetGraph) -> None:
    asked: list[tuple[str, str]] = []

    def modified(_: AssetGraph, argument: str, value: str) -> Iterable[AssetKey]:
        asked.append((argument, value))
        return [graph.find("stg_users").key]

    found = select(graph, ["state:modified.body+"], methods={"state": modified}, indirect_selection="empty")
    assert estate.names(graph, found) >= {"stg_users", "customers", "weekly"}
    assert asked == [("", "modified.body")]


def test_who_sees_a_part_finds_nothing_else_by_any_word(graph: AssetGraph) -> None:
    """A walk leads on through what is hidden: the caller leaves that out."""
    within = frozenset(graph.find(name).key for name in ("customers", "orders"))
    for term in ("stg_users", "stg_users+", "tag:none", "path:models/staging/stg_users.sql"):
        assert select(graph, [term], within=within).unmatched == (term,)
    found = select(graph, ["orders", "resource_type:model"], indirect_selection="empty", within=within)
    assert estate.names(graph, found) == {"customers", "orders"} and found.unmatched == ()
    walked = select(graph, ["+customers"], indirect_selection="empty", within=within)
    assert "stg_users" in estate.names(graph, walked)


def test_a_column_is_followed_by_the_tracer_alone(graph: AssetGraph) -> None:
    asked: list[str] = []

    def trace(_: AssetGraph, term: str) -> Iterable[AssetKey]:
        asked.append(term)
        return [graph.find("customers").key]

    found = select(graph, ["2+column:stg_users.id+"], tracer=trace, indirect_selection="empty")
    assert asked == ["2+stg_users.id+"]
    assert estate.names(graph, found) == {"customers"}


def test_a_tracers_term_says_column_and_directions() -> None:
    walk = column_walk("2+stg_users.id+")
    assert (walk.column, walk.upstream, walk.upstream_depth) == ("stg_users.id", True, 2)
    assert (walk.downstream, walk.downstream_depth) == (True, None)
    assert column_walk("orders.amount").downstream is False


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ("state:modified", "needs the manifest of another run"),
        ("result:error", "needs the results of an earlier run"),
        ("source_status:fresher", "needs two freshness results"),
        ("column:stg_users.id+", "needs column lineage"),
        ("tga:nightly", "did you mean 'tag:'"),
        ("@customers+", "cannot go together"),
        ("config:view", "does not say which setting"),
        ("source:a.b.c.d", "too many parts"),
        ("exposure:a.b.c", "too many parts"),
        ("resource_type:modle", "did you mean 'model'"),
        ("test_type:generics", "did you mean 'generic'"),
        ("version:newest", "unknown version"),
        ("kind:tabel", "did you mean 'table'"),
        ("selector:nightly", "no selector 'nightly'"),
        ("access:publik", "did you mean 'public'"),
        ("path:", "no value behind its colon"),
        ("+tag:", "no value behind its colon"),
        ("config.materialized:", "no value behind its colon"),
        (",customers", "one side of a comma"),
        ("customers,", "one side of a comma"),
    ],
)
def test_what_cannot_be_followed_is_refused(graph: AssetGraph, term: str, message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        select(graph, [term])


def test_package_this_needs_a_project(graph: AssetGraph) -> None:
    with pytest.raises(SelectionError, match="package:this"):
        select(graph, ["package:this"])


def test_an_unknown_mode_of_indirect_selection_is_refused(graph: AssetGraph) -> None:
    with pytest.raises(SelectionError, match="unknown indirect selection 'greedy'"):
        select(graph, ["customers"], indirect_selection="greedy")


# ---------------------------------------------------------------- selectors.yml


def selectors(*entries: tuple[str, object]) -> dict[str, object]:
    return read_selectors({"selectors": [{"name": name, "definition": text} for name, text in entries]})


def test_a_selector_is_a_term_like_others(graph: AssetGraph) -> None:
    known = selectors(("raw", {"method": "source", "value": "raw"}))
    found = select(graph, ["selector:raw,tool:airbyte"], selectors=known, indirect_selection="empty")
    assert estate.names(graph, found) == {"users", "orders"}


def test_the_default_selector_holds_when_nothing_is_asked(graph: AssetGraph) -> None:
    entry = {"name": "daily", "definition": "stg_users", "default": True}
    known = read_selectors({"selectors": [entry]})
    usual = select(graph, selectors=known, indirect_selection="empty")
    assert estate.names(graph, usual) == {"stg_users"}
    assert select(graph, selectors=known, use_default=False).assets == frozenset(graph.assets)
    assert estate.names(graph, select(graph, ["shop/users"], selectors=known)) == {"shop/users"}


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({"method": "tag"}, "needs 'method' and 'value'"),
        ({"union": "tag:x"}, "takes a list"),
        ({"union": [{"exclude": ["tag:x"]}, {"exclude": ["tag:y"]}]}, "more than one 'exclude'"),
        ({"method": "tag", "value": ["x"]}, "one text or number"),
        ({"method": "fqn", "value": "x", "parents": True, "parents_depth": "far"}, "is a number"),
        ({"method": "fqn", "value": "x", "indirect_selection": "greedy"}, "unknown indirect selection"),
        (["tag:x"], "a text or a mapping"),
        ("selector:again", "selectors in a circle: again -> again"),
        ({"method": "selector", "value": "agian"}, "did you mean 'again'"),
    ],
)
def test_a_wrong_definition_is_refused(graph: AssetGraph, definition: object, message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        select(graph, selector="again", selectors=selectors(("again", definition)))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"selector": []}, "no list 'selectors'"),
        ({"selectors": [{"name": "x"}]}, "selector 1 .* needs a 'name' and a 'definition'"),
        (
            {"selectors": [{"name": n, "definition": "*", "default": True} for n in "ab"]},
            "more than one selector with 'default: true'",
        ),
    ],
)
def test_a_wrong_file_is_refused(document: object, message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        read_selectors(document)


def test_a_selector_stands_alone(graph: AssetGraph) -> None:
    with pytest.raises(SelectionError, match="cannot go together"):
        select(graph, ["customers"], selector="raw", selectors=selectors(("raw", "tag:raw")))
