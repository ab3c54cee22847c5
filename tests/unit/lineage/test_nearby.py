"""What is read off the tokens near a name is what the segments of the whole text say."""

from __future__ import annotations

import pytest
from sqlglot import exp

from penstock.lineage.read.nearby import near
from penstock.lineage.read.parse import Reader
from penstock.lineage.read.spans import Spans, _anchor

ITEMS = (
    "a + 1 as x",
    "f(a, b) as x",
    "case when a > 1 then b else c end as x",
    "coalesce(a, (select max(b), 1 from u where c > (a))) as x",
    "extract(year from a) as x",
    "a is distinct from b as x",
    "cast(a as date) x",
    "row_number() over (partition by a, b order by c) as x",
    "1 as x",
    "listagg(a, ',') within group (order by b) as x",
)
CONDITIONS = (
    "a = b",
    "(a = 1 or (b = 2 and c in (1, 2)))",
    "f(1, extract(year from a), b) > c",
    "a in (select b from u where c = 1) and b > 2",
    "exists (select 1 from (select b from u) as v where v.b = a)",
    "case when a = 1 then b else c end = 2",
    "a between b and c",
)
TEXTS = (
    *(f"select distinct {one}, b as y, /* , */ {one}, t.c, {one} from t" for one in ITEMS),
    *(f"with s as (select {one} from t), r as (select {one} from s) select {one} from r" for one in ITEMS),
    *(
        f"select 1 from t left outer join u on {one} cross join v where {one} order by a"
        for one in CONDITIONS
    ),
    *(
        f"select count(a) from t, (select b from u where {one}) as v having {one} limit 1"
        for one in CONDITIONS
    ),
    *(
        f"select a from t group by {one}, f(b, c), {one} having {one} union all select b from u"
        for one in CONDITIONS
    ),
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_place_is_the_same_from_near_as_from_the_whole_text(text: str) -> None:
    reader = Reader("snowflake")
    tokens = reader.tokens(text)
    whole = Spans(text)
    whole.add([])  # a text in pieces is read as a whole
    whole.add(tokens)
    told = 0
    for node in reader.trees(tokens, text)[0].walk():
        anchor = _anchor(node) if node.parent is not None else None
        place = near(tokens, node, *anchor) if anchor is not None else None
        if place is not None and not isinstance(node, exp.Column | exp.Identifier):
            told += 1
            assert place == whole.of(node)
    assert told


def test_words_of_a_clause_in_an_item_do_not_cut_it() -> None:
    text = "select a as x, next value for q over (order by b) as y from t"
    reader = Reader("tsql")
    tokens = reader.tokens(text)
    spans = Spans(text)
    spans.add(tokens)
    item = reader.trees(tokens, text)[0].expressions[1].this
    place = spans.of(item)
    assert place is not None
    assert spans.text(place) == "next value for q over (order by b)"
