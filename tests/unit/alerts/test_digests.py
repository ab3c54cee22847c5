"""Digests, and the channels for the rest: a service through apprise, and a file. Real child process, real file, loopback server."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from penstock.alerts import Routing, Unsendable, deliver, send
from penstock.alerts.message import lines
from penstock.project.alerts import Apprise, Channel, File, Webhook
from penstock.service.alerting import routing, settings
from penstock.service.observe import look as look_around
from penstock.service.workspace import open_workspace
from penstock.store import AlertStore, Letter
from tests.doubles.alerts import HttpDouble
from tests.unit.alerts.test_alerts import look, problem, told

DAY = 86400.0


def daily(at: float) -> Routing:
    return Routing(on=("*",), to=("team",), digest=lambda after: at)


def come(alerts: AlertStore) -> None:
    """The time of the digest is there."""
    with alerts._database.write() as connection:
        connection.exec_driver_sql("UPDATE alert_outbox SET due_at = 0 WHERE due_at IS NOT NULL")


def channel(http: HttpDouble) -> dict[str, Channel]:
    return {"team": Webhook(url=f"{http.url}/hook", secret="a secret of the webhook")}


def test_what_waits_for_a_digest_is_one_message(http: HttpDouble, alerts: AlertStore) -> None:
    tomorrow = daily(time.time() + DAY)
    look(
        alerts,
        problem(),
        problem(cause="shop", title="shop failed in run 8", severity="page"),
        routes=(tomorrow,),
    )
    look(alerts, problem(), routes=(tomorrow,))
    assert deliver(alerts, channel(http)) == 0 and len(alerts.waiting()) == 3
    come(alerts)
    assert deliver(alerts, channel(http)) == 1 and alerts.waiting() == []
    (message,) = http.to("/hook")
    assert message["event"] == "digest" and message["title"] == "Digest: 1 open, 1 recovered"
    first, second = message["why"].splitlines()
    assert first.startswith("- [warn] crm failed in run 7") and "and 34 more; penstock retry 7" in first
    assert second.startswith("- Recovered: shop failed in run 8")


def test_the_end_of_what_went_out_in_a_digest_is_in_the_next(http: HttpDouble, alerts: AlertStore) -> None:
    tomorrow = daily(time.time() + DAY)
    look(alerts, problem(), routes=(tomorrow,))
    come(alerts)
    assert deliver(alerts, channel(http)) == 1
    look(alerts, routes=(tomorrow,))
    assert deliver(alerts, channel(http)) == 0
    come(alerts)
    assert deliver(alerts, channel(http)) == 1
    assert http.to("/hook")[1]["title"] == "Digest: 0 open, 1 recovered"


def test_a_route_that_tells_at_once_comes_before_one_that_waits(http: HttpDouble, alerts: AlertStore) -> None:
    now = Routing(on=("sync.failed",), to=("team",))
    look(alerts, problem(), problem("check.failed", "ids"), routes=(daily(time.time() + DAY), now))
    assert deliver(alerts, channel(http)) == 1
    assert http.to("/hook")[0]["kind"] == "sync.failed"


def test_a_digest_is_whole_however_much_waits(http: HttpDouble, alerts: AlertStore) -> None:
    many = [problem(cause=f"c{number}", title=f"c{number} failed") for number in range(70)]
    look(alerts, *many, routes=(daily(time.time() + DAY),))
    come(alerts)
    assert deliver(alerts, channel(http)) == 1
    assert http.to("/hook")[0]["title"] == "Digest: 70 open, 0 recovered"


def test_a_digest_that_cannot_be_sent_is_tried_again_whole(http: HttpDouble, alerts: AlertStore) -> None:
    look(alerts, problem(), problem(cause="shop"), routes=(daily(time.time() + DAY),))
    come(alerts)
    http.status = 503
    assert deliver(alerts, channel(http)) == 0
    assert [one.tries for one in alerts.waiting()] == [1, 1]
    http.status = 200
    come(alerts)
    assert deliver(alerts, channel(http)) == 1 and alerts.waiting() == []


def letter(event: str = "opened") -> Letter:
    return Letter(incident="a", channel="any", event=event, told=told())


def test_apprise_tells_any_other_service(http: HttpDouble) -> None:
    pytest.importorskip("apprise")
    url = http.url.replace("http://", "json://")
    assert send(Apprise(url=f"{url}/notify"), letter()) == "sent"
    (body,) = http.to("/notify")
    assert body["title"] == "[warn] crm failed in run 7" and "penstock retry 7" in body["message"]
    http.status = 500
    with pytest.raises(Unsendable, match="could not send") as failed:
        send(Apprise(url=f"{url}/notify"), letter())
    assert failed.value.again and url not in str(failed.value)
    with pytest.raises(Unsendable, match="none that apprise knows") as failed:
        send(Apprise(url="nothing-of-the-kind://x"), letter())
    assert not failed.value.again


def test_a_file_takes_whole_messages(tmp_path: Path) -> None:
    file = File(path=str(tmp_path / "alerts.log"))
    send(file, letter())
    send(file, letter("closed"))
    text = (tmp_path / "alerts.log").read_text()
    assert text.count("UTC  [warn] crm failed in run 7\n") == 1 and "UTC  Recovered: crm" in text
    assert "    Do: penstock retry 7\n" in text and len(text.splitlines()) == 2 + len(lines(letter())) + 2
    with pytest.raises(Unsendable, match="No such file or directory"):
        send(File(path=str(tmp_path / "gone" / "alerts.log")), letter())


def test_a_file_is_below_the_project_and_a_digest_has_its_hour(tmp_path: Path) -> None:
    (tmp_path / "penstock.yml").write_text(
        "name: shop\n"
        "automation: {timezone: Europe/Berlin}\n"
        "alerts:\n"
        "  channels: {log: {type: file, path: alerts.log}}\n"
        '  routes: [{to: [log], digest: "09:00 mon-fri"}]\n'
    )
    workspace = open_workspace(tmp_path)
    found = settings(workspace)
    assert found.channels == {"log": File(path=str(tmp_path / "alerts.log"))}
    (route,) = routing(workspace, look_around(workspace), found)
    saturday = 1_795_867_200.0  # 2026-11-28 12:00 UTC
    assert route.waits(saturday) == saturday + DAY + 20 * 3600.0  # Monday 09:00 in Berlin
