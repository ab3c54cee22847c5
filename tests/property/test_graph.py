"""What holds for every graph: merging knows no order of observations, names find what they show, orders respect edges."""

from __future__ import annotations

from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.assets import (
    AssetKey,
    AssetKind,
    Column,
    DeclaredAs,
    FieldMap,
    Finding,
    Observation,
    ObservedAsset,
    ObservedCheck,
    ObservedProducer,
    Relation,
    Role,
)
from penstock.graph import AssetGraph
from penstock.graph.select import select

_PLACES = (("duckdb:a.duckdb", "duckdb"), ("postgres://h:5432", "postgres"))
_RESOURCES = (
    ("model", AssetKind.TABLE),
    ("source", AssetKind.TABLE),
    ("table", AssetKind.TABLE),
    ("view", AssetKind.VIEW),
    ("stream", AssetKind.STREAM),
    ("exposure", AssetKind.EXPOSURE),
)
# Few names, so that different tools often mean one relation, and names often collide.
_NAMES = ("orders", "Orders", "a.b", "x y")


def _asset(at: int, bits: int) -> ObservedAsset:
    """An asset out of the bits of a number: one draw each, where hypothesis would need dozens."""

    def pick(count: int) -> int:
        nonlocal bits
        bits, chosen = divmod(bits, count)
        return chosen

    resource_type, kind = _RESOURCES[pick(len(_RESOURCES))]
    name = _NAMES[pick(len(_NAMES))]
    namespace, dialect = _PLACES[pick(2)]
    relation = Relation(namespace, dialect, "db", ("raw", "RAW", "marts")[pick(3)], name) if pick(4) else None
    produced = bool(pick(2))
    role = Role.PRODUCES if produced else (Role.DECLARES, Role.CATALOGS)[pick(2)]
    return ObservedAsset(
        id=f"{resource_type}.shop.{name}.{at}",
        kind=kind,
        name=name,
        resource_type=resource_type,
        relation=relation if kind is not AssetKind.STREAM else None,
        upstream=tuple({f"#{pick(6)}" for _ in range(pick(3))}),
        role=role,
        declared_as=DeclaredAs("source", "shop", "raw", name) if resource_type == "source" else None,
        producer="maker" if produced else None,
        description="told" if pick(2) else "",
        columns=tuple(Column(column, (None, "int")[pick(2)]) for column in ("id", "ID")[: pick(3)]),
        tags=("x", "y")[: pick(3)],
        fqn=("shop", name) if pick(2) else (),
        rows=pick(3) or None,
        attributes={"loader": str(pick(2))} if pick(2) else {},
    )


def _observation(tool: int, numbers: list[int]) -> Observation:
    drawn = [_asset(at, number) for at, number in enumerate(numbers)]
    ids = {f"#{at}": asset.id for at, asset in enumerate(drawn)}
    assets = tuple(
        ObservedAsset(
            **{name: getattr(asset, name) for name in asset.__struct_fields__}
            | {"upstream": tuple(ids[mark] for mark in asset.upstream if mark in ids)}
        )
        for asset in drawn
    )
    known = list(ids.values())
    return Observation(
        integration=f"tool{tool}",
        instance="main",
        taken_at=float(tool),
        assets=assets,
        checks=tuple(
            ObservedCheck(id=f"test.{name}", kind="data_test", name="t", assets=(name,)) for name in known
        ),
        producers=(ObservedProducer(id="maker", kind="model"),),
        fields=tuple(
            FieldMap(source_id=known[0], source_column="a", target_id=name, target_column="b")
            for name in known
        ),
        findings=(Finding(code="note", message="the same words from each"),),
    )


_NUMBERS = st.lists(st.integers(0, 2**40), max_size=6)
ESTATES = st.tuples(_NUMBERS, _NUMBERS, _NUMBERS).map(
    lambda drawn: [_observation(tool, numbers) for tool, numbers in enumerate(drawn)]
)
_POINTS = st.integers(0, 7)


def _shape(edges: set[tuple[int, int]]) -> AssetGraph:
    """A graph of eight assets with these edges (upstream, downstream); circles are allowed."""
    return AssetGraph.of(
        [
            Observation(
                integration="tool",
                instance="main",
                taken_at=1.0,
                assets=tuple(
                    ObservedAsset(
                        id=f"a{at}",
                        kind=AssetKind.TABLE,
                        name=f"a{at}",
                        resource_type="model",
                        upstream=tuple(f"a{above}" for above, below in edges if below == at),
                    )
                    for at in range(8)
                ),
            )
        ]
    )


SHAPES = st.sets(st.tuples(_POINTS, _POINTS), max_size=14).map(_shape)
_FORWARD = st.tuples(_POINTS, _POINTS).map(lambda pair: (min(pair), max(pair)))
SOUND = st.sets(_FORWARD, max_size=14).map(_shape)


def kept(estate: list[Observation]) -> tuple[AssetGraph, bytes]:
    file = BytesIO()
    return AssetGraph.of(estate, file), file.getvalue()


@given(ESTATES, st.permutations(range(3)))
def test_merging_knows_no_order(estate: list[Observation], order: list[int]) -> None:
    there, stored = kept(estate)
    back, stored_back = kept([estate[at] for at in order])
    assert (there.hash, stored) == (back.hash, stored_back)
    assert list(there.assets.values()) == list(back.assets.values())
    assert there.findings == back.findings


@given(ESTATES)
def test_merging_loses_nothing(estate: list[Observation]) -> None:
    graph = AssetGraph.of(estate)
    keys = {(ref.integration, ref.id): key for ref, key in graph.by_ref.items()}
    for seen in estate:
        for asset in seen.assets:
            merged = graph.assets[keys[seen.integration, asset.id]]
            assert set(asset.tags) <= set(merged.tags)
            assert bool(merged.description) >= bool(asset.description)
            assert {column.name.lower() for column in asset.columns} <= {
                column.name.lower() for column in graph.columns(merged.key)
            }
            if asset.role is Role.CATALOGS and merged.producer is not None:
                continue  # who makes it knows better what it is made from
            for parent in asset.upstream:
                above = keys[seen.integration, parent]
                assert above == merged.key or above in graph.upstream[merged.key]
    assert len(graph.checks) == sum(len(seen.checks) for seen in estate)


@given(ESTATES)
def test_stored_bytes_give_the_same_graph(estate: list[Observation]) -> None:
    graph, data = kept(estate)
    again = AssetGraph.stored(data)
    for part in ("hash", "assets", "upstream", "checks", "producers", "findings", "fields", "rows", "order"):
        assert getattr(again, part) == getattr(graph, part), part
    assert all(again.columns(key) == graph.columns(key) for key in graph.assets)


@given(ESTATES)
def test_a_shown_name_finds_its_asset_and_no_other(estate: list[Observation]) -> None:
    graph = AssetGraph.of(estate)
    for key in graph.assets:
        assert graph.find(graph.names.shown(key)).key == key


@given(SOUND)
def test_the_order_respects_every_edge(graph: AssetGraph) -> None:
    assert sorted(graph.order) == sorted(graph.assets)
    assert graph.cycle == ()
    position = {key: at for at, key in enumerate(graph.order)}
    for key, above in graph.upstream.items():
        assert all(position[parent] < position[key] for parent in above)


@given(SHAPES)
def test_a_cycle_is_told_exactly_when_there_is_one(graph: AssetGraph) -> None:
    circular = {key for key in graph.assets if key in _beyond(graph, key)}
    assert sorted(graph.order) == sorted(graph.assets)
    assert bool(graph.cycle) == bool(circular)
    assert set(graph.cycle) <= circular
    for key, following in zip(graph.cycle, (*graph.cycle[1:], *graph.cycle[:1]), strict=True):
        assert key in graph.upstream[following]


@given(SHAPES, _POINTS, st.integers(0, 3) | st.none(), st.booleans())
def test_a_walk_reaches_what_single_steps_reach(
    graph: AssetGraph, at: int, depth: int | None, upstream: bool
) -> None:
    step = graph.upstream if upstream else graph.downstream
    start = AssetKey("tool:main", f"a{at}")
    expected, edge, steps = {start: 0}, {start}, 0
    while edge and (depth is None or steps < depth):
        steps += 1
        edge = {after for key in edge for after in step.get(key, ())} - set(expected)
        expected |= dict.fromkeys(edge, steps)
    assert graph.walk([start], upstream=upstream, depth=depth) == expected


@given(SHAPES)
def test_upstream_and_downstream_are_each_others_inverse(graph: AssetGraph) -> None:
    forth = {(parent, key) for key, above in graph.upstream.items() for parent in above}
    assert forth == {(key, child) for key, below in graph.downstream.items() for child in below}


@given(SHAPES, _POINTS, st.integers(1, 3) | st.none(), st.booleans())
@settings(max_examples=50)
def test_a_walk_in_a_selection_is_that_of_the_graph(
    graph: AssetGraph, at: int, depth: int | None, upstream: bool
) -> None:
    steps = depth or ""
    term = f"{steps}+a{at}" if upstream else f"a{at}+{steps}"
    start = AssetKey("tool:main", f"a{at}")
    assert select(graph, [term]).assets == set(graph.walk([start], upstream=upstream, depth=depth))


def _beyond(graph: AssetGraph, start: AssetKey) -> set[AssetKey]:
    """All that at least one step upward reaches."""
    reached: set[AssetKey] = set()
    edge = set(graph.upstream.get(start, ()))
    while edge:
        reached |= edge
        edge = {after for key in edge for after in graph.upstream.get(key, ())} - reached
    return reached
