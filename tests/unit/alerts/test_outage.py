"""Channels that are away: what is tried again and when, what must not overtake, and a daemon that is killed while it sends."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from penstock.alerts import Routing, Unsendable, deliver, send
from penstock.alerts.deliver import _TRIES
from penstock.project.alerts import Channel, PagerDuty, Slack, Webhook
from penstock.store import AlertStore, Letter
from tests.doubles.alerts import HttpDouble
from tests.support import ROOT
from tests.unit.alerts.test_alerts import SECRET, look, problem, told
from tests.unit.alerts.test_digests import come, daily


def hook(double: HttpDouble) -> Webhook:
    return Webhook(url=f"{double.url}/hook", secret=SECRET)


@pytest.fixture
def other() -> Iterator[HttpDouble]:
    double = HttpDouble()
    yield double
    double.close()


def test_a_recovery_does_not_overtake_its_message(http: HttpDouble, alerts: AlertStore) -> None:
    """A pager that is resolved before it is triggered rings for ever."""
    pager: dict[str, Channel] = {"team": PagerDuty(key="key", server=http.url)}
    look(alerts, problem())
    http.status = 500
    assert deliver(alerts, pager) == 0
    look(alerts)
    http.status = 200
    assert deliver(alerts, pager) == 0  # the trigger is not due yet
    come(alerts)
    assert deliver(alerts, pager) == 2
    assert [body["event_action"] for body in http.to("/v2/enqueue")] == ["trigger", "resolve"]


def test_both_in_one_call_stay_in_order_when_the_first_fails(http: HttpDouble, alerts: AlertStore) -> None:
    pager: dict[str, Channel] = {"team": PagerDuty(key="key", server=http.url)}
    look(alerts, problem())
    look(alerts)
    http.status = 503
    assert deliver(alerts, pager) == 0 and http.refused == ["/v2/enqueue"]
    assert [one.tries for one in alerts.waiting()] == [1, 0]


def test_what_is_given_up_holds_nothing_up(http: HttpDouble, alerts: AlertStore) -> None:
    look(alerts, problem())
    http.status = 404
    assert deliver(alerts, {"team": hook(http)}) == 0
    look(alerts)
    http.status = 200
    assert deliver(alerts, {"team": hook(http)}) == 1
    assert [body["event"] for body in http.to("/hook")] == ["closed"]


def test_a_channel_that_is_away_keeps_back_no_other(
    http: HttpDouble, other: HttpDouble, alerts: AlertStore
) -> None:
    """It is asked once in a call, however much waits for it."""
    http.status = 503
    found: dict[str, Channel] = {"team": hook(http), "pager": PagerDuty(key="key", server=other.url)}
    routes = (Routing(on=("*",), to=("team",)), Routing(on=("check.*",), to=("pager",)))
    many = [problem(cause=f"c{number}") for number in range(50)]
    look(alerts, *many, problem("check.failed", "ids"), routes=routes)
    assert deliver(alerts, found) == 1
    assert len(http.refused) == 1 and len(other.to("/v2/enqueue")) == 1
    assert sorted(one.tries for one in alerts.waiting()) == [0] * 50 + [1]


def test_a_channel_says_when_to_come_again(http: HttpDouble, alerts: AlertStore) -> None:
    http.status, http.says = 429, {"Retry-After": "600"}
    look(alerts, problem(), problem(cause="shop"))
    before = time.time()
    assert deliver(alerts, {"team": Slack(url=f"{http.url}/slack")}) == 0 and len(http.refused) == 1
    with alerts._database.read() as connection:
        due = connection.exec_driver_sql("SELECT due_at FROM alert_outbox").scalars().all()
    assert len(due) == 2 and min(due) >= before + 600
    later = datetime.now(UTC) + timedelta(hours=1)
    http.says = {"Retry-After": format_datetime(later, usegmt=True)}
    letter = Letter(incident="a", channel="hook", event="opened", told=told())
    with pytest.raises(Unsendable) as failed:
        send(hook(http), letter)
    assert failed.value.after == pytest.approx(later.timestamp() - time.time(), abs=60)
    for unread in ("soon", "", "Mon, 01 Jan 2024 00:00:00 +99999999999999999999"):
        http.says = {"Retry-After": unread}
        with pytest.raises(Unsendable) as failed:
            send(hook(http), letter)
        assert failed.value.after == 0.0


def test_a_digest_is_not_given_up_with_its_oldest_letter(http: HttpDouble, alerts: AlertStore) -> None:
    today = (daily(time.time()),)
    look(alerts, problem(), routes=today)
    with alerts._database.write() as connection:
        connection.exec_driver_sql(f"UPDATE alert_outbox SET tries = {_TRIES - 1}")
    look(alerts, problem(), problem(cause="shop"), routes=today)
    come(alerts)
    http.status = 503
    assert deliver(alerts, {"team": hook(http)}) == 0
    assert [one.tries for one in alerts.waiting()] == [_TRIES, 1]
    http.status = 200
    come(alerts)
    assert deliver(alerts, {"team": hook(http)}) == 1
    assert http.to("/hook")[0]["title"] == "Digest: 1 open, 0 recovered"


def test_a_daemon_killed_while_it_sends_sends_again_under_the_same_id(
    http: HttpDouble, alerts: AlertStore, tmp_path: Path
) -> None:
    http.silent = True  # it takes the message, and its answer never comes
    look(alerts, problem(affected=41))
    said = json.dumps({"team": {"type": "webhook", "url": f"{http.url}/hook", "secret": SECRET}})
    sender = subprocess.Popen([sys.executable, "-m", "tests.crash.posting", str(tmp_path), said], cwd=ROOT)
    while not http.got:
        assert sender.poll() is None
        time.sleep(0.02)
    sender.kill()
    sender.wait()
    http.silent = False
    assert deliver(alerts, {"team": hook(http)}) == 0  # the dead one holds it for a while
    come(alerts)
    assert deliver(alerts, {"team": hook(http)}) == 1
    first, second = (headers["webhook-id"] for _, headers, _ in http.got)
    assert first == second and alerts.waiting() == []
