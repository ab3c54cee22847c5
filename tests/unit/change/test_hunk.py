"""The smallest place in which two texts differ, as a person reads it."""

from __future__ import annotations

import pytest

from penstock.change.hunk import told
from penstock.change.shape import Edit


@pytest.mark.parametrize(
    ("old", "new", "edit", "words"),
    [
        (
            "select a / 100 as m from t",
            "select a / 100.0 as m from t",
            Edit(changed=("m",)),
            "column m: a / 100 -> a / 100.0",
        ),
        (
            "select a from t where shown_at is not null",
            "select a from t where shown_at is not null and a > 10",
            Edit(whole=True),
            "shown_at is not null -> shown_at is not null and a > 10",
        ),
        ("select a from t where b > 1", "select a from t where b > 2", Edit(whole=True), "b > 1 -> b > 2"),
        ("select a from t", "select a, b from t", Edit(added=("b",)), "column +b: a -> a, b"),
        ("select a, b from t", "select b, a from t", Edit(moved=True), "order of columns: "),
        (
            "select lower(email) as email from t",
            "select trim(lower(email)) as email from t",
            Edit(changed=("email",)),
            "column email: lower(email) -> trim(lower(email))",
        ),
        (
            "select g(f(a)) as x from t",
            "select g(a) as x from t",
            Edit(changed=("x",)),
            "column x: f(a) -> a",
        ),
        (
            "select u, max(o.at) as last_at from o group by u",
            "select u, min(o.at) as last_at from o group by u",
            Edit(changed=("last_at",)),
            "column last_at: max(o.at) -> min(o.at)",
        ),
        (
            "select a from p where p.back_at is null",
            "select a from p where p.back_at is null and p.u > 5",
            Edit(whole=True),
            "p.back_at is null -> p.back_at is null and p.u > 5",
        ),
        (
            "select round(p.price, 2) as a from p",
            "select round(p.price, 0) as a from p",
            Edit(changed=("a",)),
            "column a: round(p.price, 2) -> round(p.price, 0)",
        ),
        (
            "select a from t where b in (1, 2)",
            "select a from t where b in (1)",
            Edit(whole=True),
            "b in (1, 2) -> b in (1)",
        ),
        ("select a, 2 from t", "select a, 3 from t", Edit(whole=True), "2 -> 3"),
        (
            "select x from (select 2) as t",
            "select x from (select 3) as t",
            Edit(whole=True),
            "2 -> 3",
        ),
        ("select 'x", "select 'y", Edit(whole=True), "its SQL changed"),
    ],
)
def test_the_place(old: str, new: str, edit: Edit, words: str) -> None:
    assert told(old, new, "duckdb", edit).startswith(words)
