"""Trails as pictures: every place and edge is there, boxes do not overlap, curves run forwards, pages need nothing else."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from penstock.service.drawing import dot, label, mermaid, picture
from penstock.service.follow import Branch, Shaping, Trail
from penstock.service.layout import Box, arranged, letters
from penstock.service.page import html


def branch(
    name: str, column: str, *branches: Branch, subtype: str | None = "IDENTITY", expression: str = ""
) -> Branch:
    return Branch(
        name=name,
        column=column,
        kind="table",
        made_by="dbt x",
        subtype=subtype,
        expression=expression,
        branches=branches,
    )


TRAIL = Trail(
    start=Branch(
        name="orders",
        column="amount",
        kind="table",
        made_by="dbt shop",
        shaped_by=(Shaping("users", "id", "JOIN", "o.id = u.id", "resolved", "view", "dbt shop"),),
    ),
    upstream=(
        branch(
            "raw",
            "price",
            branch("api/prices", "price"),
            subtype="TRANSFORMATION",
            expression='"price" < 1 & 2',
        ),
    ),
    downstream=(branch("report", "total", subtype="AGGREGATION", expression="sum(amount)"),),
)


def test_a_page_names_every_place_and_edge() -> None:
    page = html(TRAIL)
    for place in picture(TRAIL).levels:
        assert f'data-name="{label(place)}"' in page or f'data-a="{label(place)}"' in page
    assert drawing(page, "all").count('class="edge ') == len(picture(TRAIL).edges) == 4
    assert "&quot;price&quot; &lt; 1 &amp; 2" in page
    assert "4 edges" in page


def drawing(page: str, name: str) -> str:
    """One of the two pictures of a page."""
    return page[page.index(f'<svg class="{name}"') :].partition("</svg>")[0]


def test_the_picture_of_values_has_no_place_that_nothing_is_tied_to() -> None:
    values = drawing(html(TRAIL), "values")
    assert values.count('class="edge ') == 3
    assert set(re.findall(r'class="box[^"]*" data-name="([^"]*)"', values)) == {
        "orders",
        "raw",
        "api/prices",
        "report",
    }
    assert 'data-name="users.id"' not in values
    assert 'class="edge indirect"' not in values


def test_a_box_tells_what_it_is_and_who_makes_it() -> None:
    page = drawing(html(TRAIL), "all")
    assert page.count('class="kind">table, dbt ') == 4
    assert 'class="kind">view, dbt shop' in page


def test_a_label_is_no_markup_to_mermaid() -> None:
    evil = '<img src=x onerror="alert(1)">#amp;`\n&'
    drawn = mermaid(Trail(start=branch(evil, evil, subtype=None), upstream=None, downstream=()))
    label_text = drawn.splitlines()[1].partition('["')[2].removesuffix('"]')
    assert not set(label_text) & set("<>\"'`&")
    assert re.sub(r"#(\d+);", lambda found: chr(int(found[1])), label_text) == f"{evil}.{evil}".replace(
        "\n", " "
    )


def test_a_page_needs_nothing_from_elsewhere() -> None:
    page = html(TRAIL).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|//\w|src=|@import|url\(", page)
    assert not re.search(r"@[a-z]+@", page), "a part was not filled in"


def test_names_cannot_break_out_of_a_page() -> None:
    evil = "</script><script>alert(1)</script>@body@\"'"
    page = html(
        Trail(start=branch(evil, evil, subtype=None), upstream=None, downstream=(branch(evil + "2", evil),))
    )
    assert "<script>alert" not in page
    assert page.count("<script>") == 1


def test_flowcharts_have_every_edge() -> None:
    assert mermaid(TRAIL).count("-->") == 4
    assert dot(TRAIL).count("->") == 4
    assert '"raw.price" -> "orders.amount" [label="TRANSFORMATION"];' in dot(TRAIL)


names = st.integers(0, 9).map("t{}".format)
ties = st.lists(
    st.tuples(st.tuples(names, st.sampled_from(["a", "b", ""])), st.tuples(names, st.sampled_from(["a", ""])))
)


@given(ties)
def test_boxes_stand_apart_and_curves_run_forwards(
    found: list[tuple[tuple[str, str], tuple[str, str]]],
) -> None:
    forwards = [(source, target) for source, target in found if source[0] < target[0]]
    levels = {("t0", "a"): 0}
    for source, target in forwards:
        levels.setdefault(source, int(source[0][1:]) % 3)
        levels.setdefault(target, int(target[0][1:]) % 3)
    boxes = arranged(levels, forwards)
    assert {asset for asset, _ in levels} == set(boxes)
    for source, target in forwards:
        assert boxes[source[0]].x + boxes[source[0]].width <= boxes[target[0]].x
    several = list(boxes.values())
    assert not any(_overlap(one, other) for at, one in enumerate(several) for other in several[:at])


def _overlap(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    above = one.y + one.height <= other.y or other.y + other.height <= one.y
    return not beside and not above


def test_a_circle_is_drawn() -> None:
    boxes = arranged({("a", "x"): 0, ("b", "x"): 1}, [(("a", "x"), ("b", "x")), (("b", "x"), ("a", "x"))])
    assert set(boxes) == {"a", "b"}


def test_long_names_are_cut_in_the_middle() -> None:
    long = "a_very_long_schema_name__" * 4 + "the_end"
    page = html(Trail(start=branch(long, "x", subtype=None), upstream=None, downstream=()))
    assert "…" in page
    assert "the_end<title>" in page
    assert letters(100) < letters(400)
