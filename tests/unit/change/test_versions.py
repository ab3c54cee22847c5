"""Versions of views: of what is read through them those columns count that are read, as long as the SQL is the one that was made."""

from __future__ import annotations

from msgspec.structs import replace

from penstock.assets import Recipe
from penstock.change import MadeFrom, Want, version
from penstock.change.noted import with_marks
from penstock.change.shape import Outside, edit_between
from penstock.change.versions import marks, output_version
from penstock.integration import Content

OUTSIDE = Outside(columns=lambda _parts: ("id", "a", "b"))


def shown(sql: str) -> Content:
    return Content(kind="view", columns=(("id", "int"), ("a", "int"), ("b", "int")), definition=sql)


def made(sql: str, was: MadeFrom | None = None) -> MadeFrom:
    recipe = Recipe(form="view", settings="", template=sql)
    output = str(output_version(shown(sql)))
    plain = MadeFrom(
        recipe=recipe, reads={}, inputs={}, output=output, run=1, at=0.0, sql=sql, dialect="duckdb"
    )
    return with_marks(plain, was, shown(sql), OUTSIDE)


FIRST = "select id, a, b from t"
ONE = "select id, a + 1 as a, b from t"
WHERE = "select id, a, b from t where a > 0"


def test_an_edit_of_one_column_is_none_of_another() -> None:
    first = made(FIRST)
    second = made(ONE, first)
    for columns, same in ((("b", "id"), True), (("a",), False), (("a", "b"), False), ((), True)):
        want = Want(False, columns)
        assert (version(shown(FIRST), want, first) == version(shown(ONE), want, second)) is same


def test_an_edit_of_the_rows_is_one_of_all() -> None:
    first = made(FIRST)
    assert version(shown(FIRST), Want(False, ()), first) != version(
        shown(WHERE), Want(False, ()), made(WHERE, first)
    )


def test_a_column_that_the_warehouse_names_may_be_any() -> None:
    """`max(a)` of another query keeps its name, and is written as nothing that an edit could name."""
    first, second = (
        made(f"with c as (select a + {more} as a from t) select max(a) from c") for more in (1, 2)
    )
    edit = edit_between(first.sql, second.sql, "duckdb", OUTSIDE)
    assert edit.whole
    assert {*marks("now", ("max(a)",), {"": "was", "max(a)": "was"}, edit).values()} == {"now"}


def test_another_list_of_columns_is_an_edit_of_all() -> None:
    """`coalesce(a, 0)` and `coalesce(a, 1)` are called `coalesce` by some."""
    edit = edit_between("select coalesce(a, 0) from t", "select coalesce(a, 1) from t", "postgres", OUTSIDE)
    assert marks("now", ("coalesce",), {"": "was", "coalesce": "was"}, edit)["coalesce"] == "now"


def test_what_somebody_else_defined_is_another_view() -> None:
    first = made(FIRST)
    assert version(shown(ONE), Want(False, ("b",)), first) != version(
        shown(FIRST), Want(False, ("b",)), first
    )
    assert version(shown(ONE), Want(False, ("b",))) != version(shown(FIRST), Want(False, ("b",)))


def test_who_is_a_view_itself_reads_shapes() -> None:
    want = Want(False, shape=True)
    assert version(shown(FIRST), want) == version(shown(WHERE), want)
    other = replace(shown(FIRST), columns=(("id", "int"), ("a", "text"), ("b", "int")))
    assert version(other, want) != version(shown(FIRST), want)
