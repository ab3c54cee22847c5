"""`reuse` of penstock.yml: what it may say, and what it may not, in one line."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.errors import ConfigError
from penstock.project.positions import Located, read_yaml
from penstock.project.reuse import read_reuse


def located() -> Located:
    return Located(data={}, lines={})


@pytest.mark.parametrize(
    ("value", "on", "lag"),
    [
        (None, True, 0.0),
        ("auto", True, 0.0),
        (True, True, 0.0),
        (False, False, 0.0),
        ("off", False, 0.0),
        ({"max_lag": "45m"}, True, 2700.0),
        ({"audit": "1%"}, True, 0.0),
    ],
)
def test_said_well(value: Any, on: bool, lag: float) -> None:
    found = read_reuse(value, located(), "penstock.yml")
    assert (found.on, found.lag_seconds) == (on, lag)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("sometimes", "reuse: 'sometimes' is neither auto nor off"),
        ({"mode": [1]}, "neither auto nor off"),
        ({"volatile": ["day"]}, "reuse.volatile: .* is not known"),
        ({"max_lag": 5}, "reuse.max_lag: 5 is no duration"),
        ({"max_lag": "soon"}, "'soon' is no duration"),
        ({"volatile": "weekly"}, "reuse.volatile: 'weekly' is not known"),
        ({"mode": False, "max_lag": "1h"}, "contradicts itself"),
        ({"mode": False, "audit": "1%"}, "contradicts itself"),
        ({"audit": "1"}, "'1' is no share"),
        ({"audit": "101%"}, "'101%' is no share"),
        ({"audit": "-1%"}, "'-1%' is no share"),
        ({"audit": 1}, "reuse.audit"),
        ({"max_lags": "1h"}, "did you mean 'max_lag'?"),
        ([1], "reuse"),
    ],
)
def test_said_badly(value: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as raised:
        read_reuse(value, located(), "penstock.yml")
    assert "\n" not in raised.value.what


@pytest.mark.parametrize(("text", "share"), [("0%", 0.0), ("1%", 0.01), ("2.5 %", 0.025), ("100%", 1.0)])
def test_a_share_to_audit(text: str, share: float) -> None:
    assert read_reuse({"audit": text}, located(), "penstock.yml").audit_share == pytest.approx(share)


def test_what_an_environment_says_has_its_line() -> None:
    said = read_yaml("environments:\n  prod:\n    reuse: maybe\n", "penstock.yml")
    with pytest.raises(ConfigError) as raised:
        read_reuse("maybe", said, "penstock.yml")
    assert raised.value.where == "penstock.yml:3"
