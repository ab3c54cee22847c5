"""The age of data: propagated from what was loaded, as it was read; and whether a promise is kept and will be."""

from __future__ import annotations

import random
import time
from math import inf

import pytest

from penstock.assets import AssetKey, Window
from penstock.automation import (
    AsOf,
    Clock,
    Fresh,
    FreshnessState,
    Made,
    Shape,
    foreseen,
    judged,
    path_p90,
    ready_at,
)
from penstock.automation.cron import read_ticks

HOUR = 3600.0


def key(name: str) -> AssetKey:
    return AssetKey("duckdb:shop", name)


def made(*spans: tuple[float, float], tested: bool = True) -> list[Made]:
    return [Made(started_at=a, ended_at=b, tested=tested) for a, b in spans]


def shape(parents: dict[str, str], *, loaded: str = "", through: str = "", timeless: str = "") -> Shape:
    return Shape(
        parents={key(child): tuple(key(one) for one in above.split()) for child, above in parents.items()},
        loaded=frozenset(map(key, loaded.split())),
        through=frozenset(map(key, through.split())),
        timeless=frozenset(map(key, timeless.split())),
    )


SHOP = shape(
    {"stg": "raw other", "mart": "stg country", "board": "mart"},
    loaded="raw other",
    through="stg board",
    timeless="country",
)


def test_a_table_is_as_old_as_what_it_read() -> None:
    clock = Clock(
        SHOP,
        {key("raw"): made((100, 110)), key("other"): made((50, 60)), key("mart"): made((200, 210))},
    )
    assert clock.at(key("board"), 500).at == 50
    assert [one.name for one in clock.chain(key("board"), 500)] == ["board", "mart", "stg", "other"]


def test_rebuilt_on_old_data_is_stale() -> None:
    """The build is new, the data is not."""
    builds = {key("raw"): made((100, 110)), key("other"): made((100, 110)), key("mart"): made((200, 210))}
    before = Clock(SHOP, builds).at(key("mart"), 1000)
    builds[key("mart")] += made((900, 910))
    assert Clock(SHOP, builds).at(key("mart"), 1000).at == before.at == 100


def test_data_that_was_loaded_after_the_build_is_not_in_it() -> None:
    builds = {
        key("raw"): made((100, 110), (300, 310)),
        key("other"): made((300, 310)),
        key("mart"): made((200, 210)),
    }
    clock = Clock(SHOP, builds)
    assert clock.at(key("stg"), 1000).at == 300  # a view shows what is there now
    assert clock.at(key("mart"), 1000).unknown == key("other")  # nothing was there when it was read
    builds[key("mart")] += made((305, 320))
    assert (
        Clock(SHOP, builds).at(key("mart"), 1000).at == 100
    )  # the sync of 300 ended at 310: not read at 305
    builds[key("mart")] += made((311, 320))
    assert Clock(SHOP, builds).at(key("mart"), 1000).at == 300


def test_a_sync_without_rows_makes_newer_too() -> None:
    """What was asked and had nothing new is verified up to then."""
    builds = {key("raw"): made((100, 110), (400, 401)), key("other"): made((400, 401))}
    assert Clock(SHOP, builds).at(key("stg"), 1000).at == 400


def test_an_old_backfill_turns_nothing_green() -> None:
    one = shape({"mart": "raw"}, loaded="raw")
    daily = Made(started_at=5000, ended_at=5010, window=Window(4000, 6000))
    backfill = Made(started_at=9000, ended_at=9010, window=Window(1000, 2000))
    builds = {key("raw"): made((4900, 4950), (8900, 8950)), key("mart"): [daily]}
    assert Clock(one, builds).at(key("mart"), 9999).at == 4900
    builds[key("mart")].append(backfill)
    assert Clock(one, builds).at(key("mart"), 9999).at == 4900
    builds[key("mart")].append(Made(started_at=9100, ended_at=9110, window=Window(8000, 10000)))
    assert Clock(one, builds).at(key("mart"), 9999).at == 8900


def test_only_tested_data_counts_where_that_is_promised() -> None:
    one = shape({"mart": "raw"}, loaded="raw")
    builds = {
        key("raw"): made((100, 110), (300, 310)),
        key("mart"): [*made((200, 210)), *made((400, 410), tested=False)],
    }
    assert Clock(one, builds).at(key("mart"), 999).at == 300
    assert Clock(one, builds, tested=True).at(key("mart"), 999).at == 100


def test_a_promise_may_look_at_some_sources_only() -> None:
    builds = {key("raw"): made((100, 110)), key("other"): made((50, 60)), key("mart"): made((200, 210))}
    assert Clock(SHOP, builds, only=frozenset({key("raw")})).at(key("mart"), 999).at == 100


def test_what_nobody_knows_is_unknown_and_never_green() -> None:
    found = Clock(SHOP, {key("raw"): made((100, 110)), key("mart"): made((200, 210))}).at(key("board"), 300)
    assert found.unknown == key("other")
    assert judged(Fresh(warn=None, fail=HOUR), found, 300).state is FreshnessState.UNKNOWN
    # What is known is too old already: that is certain, whatever the rest is.
    assert judged(Fresh(warn=None, fail=10.0), found, 300).state is FreshnessState.FAIL


def test_the_states_follow_the_age() -> None:
    fresh = Fresh(warn=4 * HOUR, fail=6 * HOUR)
    states = [judged(fresh, AsOf(at=0.0), hours * HOUR) for hours in (0, 3.9, 4.1, 6.1)]
    assert [one.state.value for one in states] == ["ok", "ok", "warn", "fail"]
    assert [one.deadline for one in states] == [4 * HOUR, 4 * HOUR, 4 * HOUR, 6 * HOUR]
    assert judged(fresh, AsOf(at=inf), 9e9).state is FreshnessState.OK


def test_by_looks_at_that_hour_only() -> None:
    fresh = Fresh(warn=None, fail=6 * HOUR, by=read_ticks("0 8 * * *", "UTC"))
    loaded_at_3 = AsOf(at=3 * HOUR)
    assert judged(fresh, loaded_at_3, 7 * HOUR).state is FreshnessState.OK
    assert judged(fresh, loaded_at_3, 20 * HOUR).state is FreshnessState.OK  # 17 hours old, but good at 08:00
    late = judged(fresh, loaded_at_3, 32.1 * HOUR)
    assert late.state is FreshnessState.FAIL and late.deadline == 32 * HOUR
    assert judged(fresh, loaded_at_3, 20 * HOUR).deadline == 32 * HOUR


def test_a_breach_is_foreseen() -> None:
    verdict = judged(Fresh(warn=None, fail=HOUR), AsOf(at=0.0), 1800.0)
    assert foreseen(verdict, 3500.0).state is FreshnessState.OK
    assert foreseen(verdict, 3700.0).state is FreshnessState.AT_RISK
    assert foreseen(verdict, None).state is FreshnessState.AT_RISK


def test_newer_data_comes_down_schedule_by_schedule() -> None:
    raw, mart = key("raw"), key("mart")
    loads = ("loads", lambda at: 1000.0 if at < 1000 else 2000.0, frozenset({raw}))
    builds = ("builds", lambda at: (at // 700 + 1) * 700.0, frozenset({mart}))
    takes = {raw: [150.0] * 3, mart: [30.0] * 3}
    assert ready_at([raw, mart], 900.0, [loads, builds], takes) == (1430.0, None)
    assert ready_at([raw, mart], 900.0, [loads], takes) == (None, mart)
    both = ("both", lambda at: 1000.0, frozenset({raw, mart}))
    assert ready_at([raw, mart], 900.0, [both], takes) == (1180.0, None)


def test_the_p90_of_a_path_covers_most_of_what_comes(capsys: pytest.CaptureFixture[str]) -> None:
    """Simulated histories: lognormal with a heavy tail, 20 runs known, the next one predicted."""
    chance = random.Random(7)

    def took(usual: float) -> float:
        return usual * chance.lognormvariate(0, 0.35) * (4 if chance.random() < 0.05 else 1)

    for layers in (3, 8, 20):
        covered, trials = 0, 400
        for _ in range(trials):
            usual = [chance.uniform(5, 200) for _ in range(layers)]
            predicted = path_p90([[took(one) for _ in range(20)] for one in usual])
            covered += sum(took(one) for one in usual) <= predicted
        with capsys.disabled():
            print(f"\n{layers} layers: the p90 of the path covered {covered / trials:.0%}", end="")
        assert 0.78 <= covered / trials <= 0.97


def test_ten_thousand_assets_are_judged_in_a_moment() -> None:
    """A chain of a thousand layers of ten, each table built three times: no recursion, every build looked at once."""
    parents = {
        f"{layer}.{number}": " ".join(f"{layer - 1}.{(number + more) % 10}" for more in (0, 1, 3))
        for layer in range(1, 1000)
        for number in range(10)
    }
    one = shape(parents, loaded=" ".join(f"0.{number}" for number in range(10)))
    builds = {
        key(f"{layer}.{number}"): made(*((start + layer, start + layer + 0.5) for start in (0, 5000, 10000)))
        for layer in range(1000)
        for number in range(10)
    }
    began = time.process_time()
    clock = Clock(one, builds)
    assert clock.at(key("999.0"), 20000).at == 10000
    for number in range(1, 10):
        clock.at(key(f"999.{number}"), 20000)
    spent = time.process_time() - began
    assert spent < 1.0, spent
    assert len(clock.chain(key("999.0"), 20000)) == 1000
    print(f"10,000 assets: {spent * 1000:.0f} ms CPU")
