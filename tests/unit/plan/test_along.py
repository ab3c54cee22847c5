"""What goes along in one step with what it reads is told as built; what may still be left is not."""

from __future__ import annotations

from msgspec.structs import replace

from penstock.plan import UNDECIDED, Decision, PlanItem
from penstock.plan.along import Along
from tests.tools.scripted import asset, check


def told(*items: PlanItem) -> dict[str, tuple[str, str]]:
    along = Along({item.key: item for item in items})
    return {item.name: (one.code, one.reason) for item in items for one in (along.told(item),)}


def undecided(name: str, *above: str, batch: str | None = "t") -> PlanItem:
    item = asset(name, *above, batch=batch)
    return replace(item, code=UNDECIDED, reason=f"reads x.y, which changes: decided when {above[0]} is done")


A = replace(asset("a", batch="t"), code="code")
LOADED = replace(asset("loaded"), code="sync")


def test_what_waits_for_its_own_batch_alone_goes_along() -> None:
    tested = replace(check("of_b", "b", batch="t"), code=UNDECIDED, reason="checks b: decided when b is done")
    found = told(A, undecided("b", "a"), tested, undecided("c", "b", "of_b"))
    assert found["b"] == ("along", "reads x.y, which changes: built in one step with a")
    assert found["of_b"] == ("along", "checks b: run in one step with b")
    assert found["c"][0] == "along"
    assert found["a"][0] == "code"


def test_what_waits_for_something_else_too_is_decided_then() -> None:
    found = told(
        A, LOADED, undecided("b", "a", "loaded"), undecided("c", "b"), undecided("d", "a", batch=None)
    )
    assert {found[name][0] for name in "bcd"} == {UNDECIDED}
    apart = replace(undecided("e", "a"), apart=(A.key,))
    assert told(A, apart)["e"][0] == UNDECIDED


def test_a_reused_verdict_that_stands_is_no_certain_build() -> None:
    stands = replace(check("of_a", "a", batch="t"), decision=Decision.REUSE, verdict="fail")
    assert told(A, stands, undecided("b", "a", "of_a"))["b"][0] == UNDECIDED
