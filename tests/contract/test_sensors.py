"""What a sensor sees is told once, over both stores: whoever looks, however many at a time, and whatever happens between."""

from __future__ import annotations

import threading

import pytest

from penstock.store import News, RunStore, Sighting
from tests.contract.stores import Opener

pytestmark = pytest.mark.xdist_group("postgres-store")


def told(one: Sighting) -> News:
    return News(
        id=f"{one.number} {one.key} {one.version}", kind="new" if one.before is None else "changed", body="{}"
    )


def saw(store: RunStore, mark: str = "a", began: float | None = None, **found: str) -> int:
    kept = store.sensors("dev")
    return kept.saw("drops", mark, kept.now() if began is None else began, found, told)


def kinds(store: RunStore) -> list[tuple[str, str]]:
    return [(one.id, one.kind) for one in reversed(store.inbox("dev").latest(100))]


def test_what_was_there_at_first_is_no_news(store: RunStore) -> None:
    assert saw(store, old="1") == 0
    assert saw(store, old="1") == 0
    assert saw(store, old="1", new="1") == 1
    assert saw(store, old="2", new="1") == 1
    assert saw(store, old="2", new="1") == 0
    assert kinds(store) == [("1 new 1", "new"), ("2 old 2", "changed")]
    assert store.inbox("prod").latest(10) == []


def test_a_value_that_comes_again_is_another_event(store: RunStore) -> None:
    for value in "abab":
        saw(store, value=value)
    assert [id_ for id_, _ in kinds(store)] == ["1 value b", "2 value a", "3 value b"]


def test_what_goes_away_for_a_while_is_not_new_when_it_is_back(store: RunStore) -> None:
    saw(store, a="1", b="1")
    assert saw(store) == 0 and saw(store, c="1") == 1
    assert saw(store, a="1", b="1", c="1") == 0
    assert saw(store, a="2") == 1


def test_looking_at_something_else_looks_forward(store: RunStore) -> None:
    saw(store, a="1")
    assert saw(store, mark="b", x="1") == 0
    assert saw(store, mark="b", x="1", y="1") == 1


def test_a_look_that_began_before_anothers_was_kept_says_nothing(store: RunStore) -> None:
    saw(store, value="a")
    began = store.sensors("dev").now()
    assert saw(store, value="b") == 1
    assert saw(store, began=began, value="a") == 0
    assert saw(store, value="b") == 0 and len(kinds(store)) == 1


def test_a_clock_that_is_set_back_keeps_nothing_secret(store: RunStore) -> None:
    saw(store, value="a")
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE automation_sensors SET changed_at = changed_at + 3600")
    assert saw(store, value="b") == 1
    assert saw(store, value="c") == 1


def test_of_many_that_see_the_same_one_tells(opener: Opener) -> None:
    stores = [opener() for _ in range(4)]
    saw(stores[0], a="1")
    made: list[int] = []

    def look(store: RunStore) -> None:
        for number in range(2, 8):
            kept, found = store.sensors("dev"), {"a": "1", **{f"f{n}": "1" for n in range(number)}}
            made.append(kept.saw("drops", "a", kept.now(), found, told))

    threads = [threading.Thread(target=look, args=(store,)) for store in stores]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert sum(made) == 7
    assert sorted(id_.split()[1] for id_, _ in kinds(stores[0])) == [f"f{n}" for n in range(7)]
