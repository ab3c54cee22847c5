"""Audits of reuse: which are drawn, what is audited at all, and when a difference is a wrong reuse."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from penstock.assets import AssetKey, Recipe
from penstock.change import Judged, MadeFrom
from penstock.change.audit import audited, compared, drawn
from penstock.change.records import Input

ORDERS = AssetKey("duckdb:x", "raw.orders")
KEYS = [AssetKey("duckdb:x", f"main.m{number}") for number in range(4000)]
WAS = MadeFrom(
    recipe=Recipe(form="table", settings="s", template="t"),
    reads={ORDERS: None},
    inputs={ORDERS: Input("v1", 10)},
    output="rows a",
    run=7,
    at=0.0,
)
NOW = replace(WAS, run=9)


def test_a_run_draws_its_share_and_always_the_same_one() -> None:
    first = {key for key in KEYS if drawn(0.05, 8, key)}
    assert 120 <= len(first) <= 280
    assert first == {key for key in KEYS if drawn(0.05, 8, key)}
    assert first != {key for key in KEYS if drawn(0.05, 9, key)}
    assert first <= {key for key in KEYS if drawn(0.1, 8, key)}
    assert not any(drawn(0.0, 8, key) for key in KEYS)
    assert all(drawn(1.0, 8, key) for key in KEYS)


@pytest.mark.parametrize("code", ["same", "unread"])
def test_what_promises_the_same_rows_is_audited(code: str) -> None:
    found = audited(
        Judged(reuse=True, code=code, reason="same code, same inputs since run 7", facts={"a": "b"})
    )
    assert found == Judged(
        reuse=False,
        code="audit",
        reason="built to audit its reuse: same code, same inputs since run 7",
        facts={"a": "b"},
    )


@pytest.mark.parametrize(("reuse", "code"), [(True, "lag"), (False, "code"), (False, "undecided")])
def test_what_promises_nothing_is_not(reuse: bool, code: str) -> None:
    assert audited(Judged(reuse=reuse, code=code, reason="")) is None


@pytest.mark.parametrize(
    ("was", "before", "now", "outcome", "words"),
    [
        (WAS, "rows a", NOW, "same", ""),
        (WAS, "rows a", replace(NOW, output="rows b"), "differs", ""),
        (WAS, "rows c", replace(NOW, output="rows b"), "unsure", "was changed between"),
        (
            WAS,
            "rows a",
            replace(NOW, output="rows b", inputs={ORDERS: Input("v2")}),
            "unsure",
            "it reads changed",
        ),
        (WAS, "rows a", replace(NOW, output="rows b", inputs={}), "unsure", "it reads changed"),
        (WAS, "rows a", None, "unsure", "moved"),
        (WAS, None, NOW, "unsure", "moved"),
        (None, "rows a", NOW, "unsure", "moved"),
    ],
)
def test_only_the_same_inputs_prove_a_reuse_wrong(
    was: MadeFrom | None, before: str | None, now: MadeFrom | None, outcome: str, words: str
) -> None:
    found = compared(was, before, now)
    assert found.outcome == outcome
    assert words in found.reason
    assert bool(found.reason) == (outcome == "unsure")
