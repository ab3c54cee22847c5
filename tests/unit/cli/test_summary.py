"""The line that says how much of a plan there is to do."""

from __future__ import annotations

import msgspec

from penstock.cli.plan import summary
from penstock.plan import Decision
from tests.tools.scripted import asset, check, plan


def test_what_is_reused_is_counted_as_what_it_is() -> None:
    made = plan(asset("a"), check("of_a", "a"), check("other", "a"))
    assert summary(made) == "1 asset to build, 2 checks"
    first, second, third = made.items
    left = msgspec.structs.replace(second, decision=Decision.REUSE)
    assert summary(plan(first, left, third)) == "1 asset to build, 2 checks (1 reused)"
    reused = [msgspec.structs.replace(one, decision=Decision.REUSE) for one in (first, second, third)]
    assert summary(plan(*reused)) == "0 assets to build, 1 up to date, 2 checks (2 reused)"
    failed = msgspec.structs.replace(reused[1], verdict="fail")
    assert summary(plan(failed, reused[2])) == "0 assets to build, 2 checks (2 reused, 1 of them failed)"
