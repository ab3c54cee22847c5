"""The layout of a graph: ranks follow edges, rows keep apart, and a large graph takes no time that anybody notices."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.graph.layout import layout


@st.composite
def graphs(draw: st.DrawFn) -> list[list[int]]:
    number = draw(st.integers(0, 40))
    node = st.integers(0, max(number - 1, 0))
    return [draw(st.lists(node, max_size=5)) for _ in range(number)]


@given(graphs())
def test_any_graph_has_places_that_are_apart(parents: list[list[int]]) -> None:
    found = layout(parents)
    assert len(found.ranks) == len(found.rows) == len(parents)
    by_rank: dict[int, list[float]] = {}
    for rank, row in zip(found.ranks, found.rows, strict=True):
        by_rank.setdefault(rank, []).append(row)
    for rows in by_rank.values():
        rows.sort()
        assert all(b - a >= 0.98 for a, b in itertools.pairwise(rows))
    assert min(found.rows, default=0) == 0 and min(found.ranks, default=0) >= 0
    assert layout(parents) == found


@given(graphs())
def test_without_cycles_an_edge_leads_to_a_higher_rank(parents: list[list[int]]) -> None:
    forward = [[up for up in ups if up < node] for node, ups in enumerate(parents)]
    found = layout(forward)
    for node, ups in enumerate(forward):
        assert all(found.ranks[up] < found.ranks[node] for up in ups)


def test_a_source_stands_beside_its_first_reader() -> None:
    # 0 -> 1 -> 2 -> 3, and 4 is read by 3 alone.
    assert layout([[], [0], [1], [2, 4], []]).ranks == (0, 1, 2, 3, 2)


def test_a_chain_is_a_straight_line() -> None:
    assert set(layout([[node - 1] if node else [] for node in range(50)]).rows) == {0.0}


@pytest.mark.slow
def test_five_thousand_nodes_take_less_than_a_second() -> None:
    chance = random.Random(1)
    ranks = [chance.randrange(13) for _ in range(5_000)]
    parents: list[set[int]] = [set() for _ in ranks]
    for _ in range(16_500):
        one, other = chance.randrange(5_000), chance.randrange(5_000)
        if ranks[one] < ranks[other]:
            parents[other].add(one)
        elif ranks[other] < ranks[one]:
            parents[one].add(other)
    began = time.process_time()
    layout([sorted(ups) for ups in parents])
    assert time.process_time() - began < 1.0
