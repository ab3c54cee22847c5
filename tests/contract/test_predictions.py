"""What was expected and what came, in both stores: the first word stands, old rows go, and every row is counted once."""

from __future__ import annotations

import msgspec
import pytest

from penstock.service.predicting import FEW, told
from penstock.store import Coverage, Prediction, RunStore
from penstock.store.predictions import KEPT_EACH
from tests.tools.scripted import key

pytestmark = pytest.mark.xdist_group("postgres-store")


def expected(as_of: float, at: float, asset: str = "a") -> Prediction:
    return Prediction(asset=key(asset), as_of=as_of, made_at=as_of + 1.0, expected_at=at)


def came(one: Prediction, at: float) -> Prediction:
    return msgspec.structs.replace(one, arrived_at=at)


def test_each_is_counted_once_by_how_it_came_out(store: RunStore) -> None:
    kept = store.predictions("dev")
    assert kept.coverage(0.0) == Coverage()
    made = [expected(float(number), 100.0) for number in range(4)]
    kept.write(made, [])
    assert kept.open() == made and kept.coverage(100.0) == Coverage(open=4)
    kept.write([], [came(made[0], 100.0), came(made[1], 101.0)])
    assert kept.open() == made[2:]
    assert kept.coverage(100.0) == Coverage(came=1, late=1, open=2)
    assert kept.coverage(100.5) == Coverage(came=1, late=3)
    assert store.predictions("prod").coverage(100.5) == Coverage()


def test_the_first_word_on_data_of_an_age_stands(store: RunStore) -> None:
    kept = store.predictions("dev")
    kept.write([expected(1.0, 10.0)], [])
    kept.write([expected(1.0, 99.0)], [])
    assert [one.expected_at for one in kept.open()] == [10.0]


def test_the_oldest_of_an_asset_go_and_so_does_what_was_made_long_ago(store: RunStore) -> None:
    kept = store.predictions("dev")
    kept.write([expected(5.0, 10.0, "other")], [])
    for number in range(KEPT_EACH + 3):
        kept.write([expected(float(number), 10.0)], [])
    ages = sorted(one.as_of for one in kept.open() if one.asset == key("a"))
    assert ages == [float(number) for number in range(3, KEPT_EACH + 3)]
    assert len(kept.open()) == KEPT_EACH + 1
    kept.write([expected(1e8, 1e8)], [])
    assert [one.as_of for one in kept.open()] == [1e8]


@pytest.mark.parametrize(
    ("found", "message", "hinted"),
    [
        (Coverage(), "none can be judged yet", True),
        (Coverage(open=2), "none can be judged yet; 2 still open", True),
        (Coverage(came=3, late=1), f"in 3 of 4, too few to judge by ({FEW} are needed)", False),
        (
            Coverage(came=18, late=2, open=1),
            "in 18 of 20 (90%; nine in ten are meant to); 1 still open",
            False,
        ),
        (Coverage(came=15, late=5), "in 15 of 20 (75%; nine in ten are meant to)", True),
    ],
)
def test_doctor_says_how_many_came_true_and_when_that_says_little(
    found: Coverage, message: str, hinted: bool
) -> None:
    line = told(found)
    assert line.ok and line.message.endswith(message) and (line.hint is not None) == hinted
