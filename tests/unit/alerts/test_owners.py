"""Routes to the owners of what failed, and the ping whose silence tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.alerts import Problem, Routing, Unsendable, call, decide
from penstock.assets import AssetKey
from penstock.errors import ConfigError
from penstock.service.alerting import heard, settings
from penstock.service.workspace import open_workspace
from penstock.store import AlertsKnown, IncidentSummary, open_store
from tests.doubles.alerts import HttpDouble


@pytest.fixture
def http() -> Iterator[HttpDouble]:
    double = HttpDouble()
    yield double
    double.close()


def channels(whose: tuple[str, ...], **route: Any) -> list[str]:
    told = IncidentSummary(
        kind="asset.failed", cause="orders", severity="warn", title="orders failed", why="x", since=0.0
    )
    problem = Problem(
        kind="asset.failed",
        cause="orders",
        told=told,
        assets=frozenset({AssetKey("d", "orders")}),
        owners=whose,
    )
    known = AlertsKnown(now=1000.0, open=(), lately={}, first=False)
    found = decide([problem], known, [Routing(on=("*",), **route)], ["asset.failed"])
    return [letter.channel for letter in found.letters]


FILE = {"log": {"type": "file", "path": "alerts.log"}}
OWNERS = {"finance": ["finance-slack"], "Kim": ["kim-mail", "team"]}


def test_owners_are_told_each_channel_once() -> None:
    assert channels(("Kim", "finance"), to=("team",), owners=OWNERS) == ["team", "kim-mail", "finance-slack"]
    assert channels((), to=("team",), owners=OWNERS) == ["team"]
    assert channels(("Kim",), to=("team",)) == ["team"]


def test_a_ping_is_one_call(http: HttpDouble) -> None:
    call(http.url)
    assert [body for _, _, body in http.got] == [{"penstock": "alive"}]
    http.status = 503
    with pytest.raises(Unsendable):
        call(http.url)


def test_a_daemon_that_does_not_look_is_not_heard(tmp_path: Path) -> None:
    """A thread beside it that pings on would hide that it hangs."""
    store = open_store(f"sqlite:///{tmp_path / 'runs.db'}", root=tmp_path)
    assert not heard(store, "dev")
    store.automation("dev").beat("me", "waiting")
    assert heard(store, "dev") and not heard(store, "prod")
    store.close()


@pytest.mark.parametrize(
    ("alerts", "words"),
    [
        ({"routes": [{"to": ["owner"]}]}, "no owners are named"),
        ({"owners": {"finance": ["tame"]}}, "owner 'finance': no channel 'tame'"),
        ({"channels": FILE, "routes": [{"to": ["log"], "digest": "nine"}]}, "'nine' is no time of day"),
        (
            {"channels": FILE, "routes": [{"to": ["log"], "digest": "09:00", "repeat": "1h"}]},
            "is not repeated",
        ),
        (
            {
                "channels": {"pd": {"type": "pagerduty", "key": "k"}},
                "routes": [{"to": ["pd"], "digest": "09:00"}],
            },
            "'pd' is a pager",
        ),
        ({"ping": {"url": "https://ping.example.com", "every": "often"}}, "is no length of time"),
    ],
)
def test_what_cannot_be_is_one_line_with_its_place(
    tmp_path: Path, alerts: dict[str, Any], words: str
) -> None:
    (tmp_path / "penstock.yml").write_text(json.dumps({"name": "shop", "alerts": alerts}, indent=1))
    with pytest.raises(ConfigError) as wrong:
        settings(open_workspace(tmp_path))
    assert words in str(wrong.value) and "penstock.yml:" in str(wrong.value)
