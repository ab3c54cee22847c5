"""The eight rules that keep automation from storms, each on a virtual clock over a small estate."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from typing import Any

import msgspec
import pytest

from penstock.assets import AssetKey
from penstock.automation import Fresh
from penstock.automation.cron import EveryTicks, read_ticks
from penstock.automation.evaluate import LADDER, evaluate, key_at
from penstock.automation.simulate import Load, Setting, Simulation
from penstock.automation.world import Built, Limits, Promised, Quiet, Rule, Seen, Tried, Version, World

HOUR = 3600.0
DAY = 86400.0
READS = {"stg": "raw other", "mart": "stg", "hot": "raw", "board": "mart"}


def key(name: str) -> AssetKey:
    return AssetKey("duckdb:shop", name)


def simulation(
    rule: Rule | None = None, *, loads: list[Load] | None = None, limits: Limits | None = None, **given: Any
) -> Simulation:
    """`raw` and `other` are loaded; all was built at -1 from what was loaded then."""
    order = [key(one) for one in READS]
    promises = given.pop("promises", {})
    reads: dict[str, str] = given.pop("reads", READS)
    setting = Setting(
        order=order,
        reads={key(one): tuple(map(key, above.split())) for one, above in reads.items()},
        rules=dict.fromkeys(order, rule or Rule(build="change", settle=60.0)) | given.pop("rules", {}),
        limits=limits or Limits(),
        promises=promises,
        takes=dict.fromkeys(order, (10.0, 12.0, 9.0, 11.0)),
        names={one: one.name for one in order},
    )
    made = Simulation(setting, loads or [], start=-1.0, **given)
    made.begin([key("raw"), key("other")], -1.0)
    return made


def load(at: float, *names: str, rows: bool = True) -> Load:
    return Load(ended_at=at, started_at=at - 5.0, assets=tuple(map(key, names)), rows=rows)


def built(one: Simulation) -> dict[str, int]:
    return {asset.name: sum(days.values()) for asset, days in one.found.builds.items() if days}


def test_1_changes_during_a_run_make_one_further_plan_over_their_union() -> None:
    during = [load(100.0 + 2 * n, "raw" if n % 2 else "other") for n in range(60)]
    one = simulation(Rule(build="change", settle=0.0), loads=during)
    one.run(HOUR)
    ends = [at for at, _ in one.found.waves]
    assert all(later - earlier >= 9.0 for earlier, later in pairwise(ends))
    assert len(ends) <= 9  # 60 changes within 120 s, runs of about 30 s: never one run for each


def test_2_what_was_built_of_this_code_and_data_is_not_built_again() -> None:
    one = simulation(
        loads=[load(100.0, "raw"), load(2000.0, "raw", rows=False), load(4000.0, "other", rows=False)]
    )
    one.run(30 * DAY)
    assert built(one) == {"stg": 1, "hot": 1, "mart": 1, "board": 1} and len(one.found.waves) == 1


def test_2_it_compares_with_the_table_as_it_is_now_so_a_revert_builds() -> None:
    one = simulation(loads=[load(100.0, "raw")])
    one.run(HOUR)
    one.versions[key("raw")].append(Version(HOUR + 1, one.versions[key("raw")][0].token))
    one._push(HOUR + 2)
    one.run(2 * HOUR)
    assert built(one)["hot"] == 2
    # There and back while nobody built: the table is what it was made from.
    back = simulation(Rule(build="change", settle=600.0), loads=[load(100.0, "raw")])
    back.run(200.0)
    back.versions[key("raw")].append(Version(300.0, back.versions[key("raw")][0].token))
    back.run(DAY)
    assert built(back) == {}


def test_3_a_guard_holds_with_its_reason_until_the_day_ends() -> None:
    every = [load(100.0 + 600 * n, "raw") for n in range(200)]
    one = simulation(Rule(build="change", settle=0.0, per_day=3), loads=every)
    one.run(DAY - 1)
    assert built(one)["hot"] == 3 and one.standing[key("hot")].code == "guard"
    assert "guard 3/3" in one.standing[key("hot")].reason and one.standing[key("hot")].at == DAY
    one.run(DAY + HOUR)
    assert built(one)["hot"] > 3


def test_3_runs_of_an_hour_are_counted_too() -> None:
    every = [load(100.0 + 60 * n, "raw") for n in range(120)]
    one = simulation(Rule(build="change", settle=0.0), loads=every, limits=Limits(runs_per_hour=4))
    one.run(HOUR)
    assert len(one.found.waves) == 4


def test_4_what_was_there_before_is_no_change() -> None:
    rule = Rule(build="change", settle=0.0)
    world = World(
        now=1000.0,
        order=[key("hot")],
        reads={key("hot"): (key("raw"),)},
        code={key("hot"): "b"},
        versions={key("raw"): [Version(1.0, "1"), Version(500.0, "2")]},
        built={key("hot"): Built(started_at=100.0, ended_at=110.0, code="a")},
        seen={key("hot"): Seen(mark=rule.mark, since=900.0, code="b")},
    )
    assert evaluate(world, {key("hot"): rule}, Limits(), {}).wave == ()


def test_4_a_new_time_of_day_never_builds_for_a_time_before_it() -> None:
    ticks = read_ticks("0 0 * * *", "UTC")
    rule = Rule(build="schedule", ticks=ticks)
    one = simulation(rule)
    one._seen = dict.fromkeys(one._seen, Seen(mark=rule.mark, since=10.0))
    one.run(DAY - 1)
    assert built(one) == {}
    one.run(DAY + HOUR)
    assert built(one) == {}  # nothing has changed: it was looked at, and found to be the same
    assert len(one.found.waves) == 1


def test_5_the_same_inputs_are_tried_further_and_further_apart_and_then_no_more() -> None:
    one = simulation(
        Rule(build="change", settle=0.0),
        loads=[load(100.0, "raw")],
        fails=lambda asset, _: asset == key("hot"),
    )
    one.run(10 * DAY)
    starts = [at for at, _ in one.found.waves]
    hot = [later - earlier for earlier, later in pairwise(starts)]
    assert len(hot) == len(LADDER) and all(gap >= step for gap, step in zip(hot, LADDER, strict=True))
    assert one.standing[key("hot")].code == "failed" and "release" in one.standing[key("hot")].otherwise


def test_5_new_data_new_code_and_a_person_start_anew() -> None:
    broken = {"hot"}
    one = simulation(
        Rule(build="change", settle=0.0),
        loads=[load(100.0, "raw"), load(DAY, "raw")],
        fails=lambda asset, _: asset.name in broken,
    )
    one.run(DAY - 1)
    assert one.standing[key("hot")].code == "failed"
    broken.clear()
    one.run(DAY + HOUR)
    assert built(one)["hot"] == 1
    other = simulation(
        Rule(build="change", settle=0.0), loads=[load(100.0, "raw")], fails=lambda asset, at: at < DAY
    )
    other.run(DAY)
    assert other.standing[key("hot")].code == "failed"
    other.released[key("hot")] = DAY
    other._look()
    other.run(DAY + HOUR)
    assert built(other)["hot"] == 1


def test_5_nothing_is_loaded_for_what_may_not_be_tried_yet() -> None:
    """A promise is broken because `mart` fails: to load `raw` each time that somebody looks would mend nothing."""
    order = [key(one) for one in ("raw", "stg", "mart", "board")]
    reads = {asset: (above,) for above, asset in pairwise(order)}
    failed = 2000.0
    world = World(
        now=failed + 10,
        order=order,
        reads=reads,
        code=dict.fromkeys(order, "c"),
        versions={key("stg"): [Version(failed - 5, "2")]},
        built=dict.fromkeys(order, Built(started_at=100.0, ended_at=110.0, code="c")),
        as_of=dict.fromkeys(order, 100.0) | {key("raw"): failed - 9, key("stg"): failed - 9},
        startable=frozenset({key("raw")}),
        promised=[Promised(asset=key("board"), as_of=100.0, deadline=400.0, limit=300.0)],
    )
    rules = dict.fromkeys(order, Rule())
    assert evaluate(world, rules, Limits(), {}).wave == tuple(order)
    tried = Tried(key=key_at(world, key("mart"), failed, "c"), times=1, ended_at=failed, why="it broke")
    world = msgspec.structs.replace(world, tried={key("mart"): tried})
    found = evaluate(world, rules, Limits(), {})
    assert found.wave == () and found.due == failed + LADDER[0]
    assert "it broke" in found.standing[key("mart")].reason
    later = msgspec.structs.replace(world, now=failed + LADDER[0] + 1)
    assert evaluate(later, rules, Limits(), {}).wave == tuple(order)
    newer = msgspec.structs.replace(world, versions={key("stg"): [Version(failed + 1, "3")]})
    assert key("mart") in evaluate(newer, rules, Limits(), {}).wave


def test_6_what_a_person_cancelled_waits_for_new_data() -> None:
    one = simulation(
        Rule(build="change", settle=0.0),
        loads=[load(100.0, "raw"), load(DAY, "raw")],
        cancels=lambda wave: wave == 1,
    )
    one.run(DAY - 1)
    assert built(one) == {} and len(one.found.waves) == 1
    assert one.standing[key("hot")].reason == "held: cancelled by a person"
    one.run(DAY + HOUR)
    assert built(one)["hot"] == 1


def test_7_a_plan_that_is_too_large_asks() -> None:
    one = simulation(Rule(build="change", settle=0.0), loads=[load(100.0, "raw")], limits=Limits(max_plan=1))
    one.run(DAY)
    assert one.found.waves == [] and one.standing[key("hot")].code == "max_plan"
    assert "plan of 4 builds is above max_plan 1" in one.standing[key("hot")].reason
    one.released.update(dict.fromkeys(map(key, READS), DAY))
    one._look()
    one.run(DAY + HOUR)
    assert built(one)["board"] == 1


def test_quiet_hours_hold_everything_and_then_one_plan_comes() -> None:
    quiet = Quiet(starts=read_ticks("0 1 * * *", "UTC"), seconds=4 * HOUR, reason="maintenance")
    every = [load(HOUR + 600 * n, "raw") for n in range(20)]
    one = simulation(Rule(build="change", settle=0.0), loads=every, limits=Limits(quiet=(quiet,)))
    one.run(5 * HOUR - 1)
    assert (
        one.found.waves == []
        and "quiet until 1970-01-01 05:00 UTC (maintenance)" in one.standing[key("hot")].reason
    )
    one.run(6 * HOUR)
    assert built(one)["hot"] == 1


def test_build_after_and_updates_on() -> None:
    slow = Rule(build="change", settle=0.0, after=2 * HOUR)
    every = [load(600.0 * n, "raw") for n in range(1, 36)]
    one = simulation(slow, loads=every)
    one.run(6.1 * HOUR)
    assert built(one)["hot"] == 3
    both = simulation(
        Rule(build="change", settle=0.0, updates_on="all"), loads=[load(100.0, "raw"), load(9000.0, "other")]
    )
    both.run(8000.0)
    assert "stg" not in built(both) and both.standing[key("stg")].code == "updates_on"
    both.run(DAY)
    assert built(both)["stg"] == 1


def test_a_promise_is_kept_as_late_as_is_safe_and_never_rebuilt_for_nothing() -> None:
    hourly = [load(HOUR * n + 100.0, "raw", "other") for n in range(48)]
    promises = {key("board"): Fresh(warn=4 * HOUR, fail=5 * HOUR)}
    one = simulation(Rule(build="demand"), loads=hourly, promises=promises)
    one.run(2 * DAY)
    kept = one.found.kept[key("board")]
    assert kept.broken == 0.0 and 10 <= built(one)["board"] <= 17
    assert "hot" not in built(one)  # nothing promises it
    stopped = simulation(Rule(build="demand"), loads=[load(100.0, "raw", "other")], promises=promises)
    stopped.run(10 * DAY)
    assert built(stopped)["board"] == 1
    assert stopped.standing[key("board")].code == "no-newer"
    assert stopped.found.kept[key("board")].avoidable == 0.0 < stopped.found.kept[key("board")].broken


def test_wait_for_all_builds_once_every_parent_is_newer_than_the_tick() -> None:
    rule = Rule(build="schedule", ticks=EveryTicks(DAY, "1d"), wait_for="all", give_up=2 * HOUR)
    one = simulation(
        Rule(build="never"),
        loads=[load(DAY + 600.0, "raw"), load(DAY + 1200.0, "other")],
        rules={key("stg"): rule},
    )
    one._seen = dict.fromkeys(one._seen, Seen(mark=rule.mark, since=0.0))
    one.run(DAY + 700.0)
    assert one.standing[key("stg")].code == "wait_for" and "other is older" in one.standing[key("stg")].reason
    one.run(DAY + HOUR)
    assert built(one) == {"stg": 1}
    one.run(2 * DAY + 3 * HOUR)
    assert built(one) == {"stg": 1} and one.standing[key("stg")].code == "gave-up"


@pytest.mark.parametrize("number", [10_000])
def test_one_evaluation_of_many_assets_is_one_pass(number: int) -> None:
    order = [key(str(n)) for n in range(number)]
    reads = {one: tuple(order[max(0, n - 2) : n]) for n, one in enumerate(order)}
    world = World(
        now=1000.0, order=order, reads=reads, code={}, versions={}, built={}, as_of=dict.fromkeys(order, inf)
    )
    rules = dict.fromkeys(order, Rule(build="change"))
    assert len(evaluate(world, rules, Limits(), {}).standing) == number


def test_a_promise_on_what_is_only_shown_waits_for_newer_data_too() -> None:
    """An exposure is not among what can be built: nothing stands of it, and the next load is looked at all the same."""
    shown = key("dashboard")
    reads = {**READS, "dashboard": "board"}
    hourly = [load(100.0 + HOUR * n, "raw", "other") for n in range(12)]
    promises = {shown: Fresh(warn=2 * HOUR, fail=3 * HOUR)}
    one = simulation(Rule(build="demand"), loads=hourly[3:], promises=promises, reads=reads)
    one.run(12 * HOUR)
    assert one.standing.keys().isdisjoint(promises)
    assert built(one)["board"] >= 4
