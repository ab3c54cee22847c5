"""Incidents and their messages: opened once, grouped, told again, closed; every channel; outages and other daemons."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from email import message_from_string
from email.policy import default

import msgspec
import pytest

from penstock.alerts import Problem, Routing, Unsendable, decide, deliver, send
from penstock.assets import AssetKey
from penstock.project.alerts import Channel, PagerDuty, Slack, Smtp, Teams, Webhook
from penstock.store import AlertsKnown, AlertStore, Incident, IncidentSummary, Letter, RunStore
from tests.doubles.alerts import HttpDouble, MailDouble

SECRET = "a secret of the webhook"
ORDERS = AssetKey("duckdb:shop", "orders")


def told(title: str = "crm failed in run 7", severity: str = "warn", affected: int = 40) -> IncidentSummary:
    return IncidentSummary(
        kind="sync.failed",
        cause="crm",
        severity=severity,
        title=title,
        why="HTTP 503 <!channel>",
        since=1_800_000_000.0,
        affected=("board (exposure)", *(f"model_{n}" for n in range(affected - 1))),
        exposures=1,
        command="penstock retry 7",
        environment="prod",
        project="shop",
    )


def problem(kind: str = "sync.failed", cause: str = "crm", **given: object) -> Problem:
    return Problem(kind=kind, cause=cause, told=told(**given), assets=frozenset({ORDERS}))  # type: ignore[arg-type]  # words of told()


ROUTE = Routing(on=("*",), to=("team",))


@pytest.fixture
def mail() -> Iterator[MailDouble]:
    double = MailDouble()
    yield double
    double.close()


def look(alerts: AlertStore, *problems: Problem, routes: tuple[Routing, ...] = (ROUTE,)) -> list[Letter]:
    kinds = ("sync.failed", "check.failed", "fresh.fail")
    return list(alerts.reconcile(lambda known: decide(problems, known, routes, kinds)).letters)


def events(letters: list[Letter]) -> list[tuple[str, str]]:
    return [(letter.channel, letter.event) for letter in letters]


def test_a_root_cause_is_told_once_and_its_end_too(alerts: AlertStore) -> None:
    assert events(look(alerts, problem())) == [("team", "opened")]
    assert look(alerts, problem()) == []
    assert events(look(alerts)) == [("team", "closed")]
    assert look(alerts) == []


def test_what_was_there_at_the_first_look_is_no_news(store: RunStore) -> None:
    kept = store.alerts("dev")
    assert look(kept, problem()) == []
    assert [one.quiet for one in kept.incidents()] == [True]
    assert look(kept) == []  # nobody was told of it, so nobody is told of its end
    assert events(look(kept, problem())) == [("team", "opened")]


def test_what_went_wrong_since_somebody_watches_is_news_at_the_first_look_too() -> None:
    def first(begun: float) -> list[Letter]:
        known = AlertsKnown(now=1_800_000_100.0, open=[], lately={}, first=True)
        return list(decide([problem()], known, [ROUTE], ["sync.failed"], begun).letters)

    assert first(1_800_000_001.0) == []
    assert events(first(1_799_999_999.0)) == [("team", "opened")]


def test_worse_or_more_is_told_and_less_is_not(alerts: AlertStore) -> None:
    look(alerts, problem(affected=3))
    assert events(look(alerts, problem(affected=5))) == [("team", "updated")]
    assert look(alerts, problem(affected=4)) == []
    assert events(look(alerts, problem(affected=4, severity="page"))) == [("team", "updated")]


def test_repeat_and_mute() -> None:
    known_to = msgspec.structs.replace(told(), channels=("team",))
    incident = Incident(id="a", kind="sync.failed", cause="crm", told=known_to, opened_at=0.0, told_at=0.0)
    again = Routing(on=("sync.*",), to=("team",), repeat=3600.0)

    def at(now: float, one: Incident = incident) -> list[Letter]:
        known = AlertsKnown(now=now, open=[one], lately={}, first=False)
        return list(decide([problem()], known, [again], ["sync.failed"]).letters)

    assert at(3000.0) == [] and events(at(3700.0)) == [("team", "updated")]
    muted = Incident(
        id="a", kind="sync.failed", cause="crm", told=told(), opened_at=0.0, told_at=0.0, muted_until=9000.0
    )
    assert at(3700.0, muted) == []


def test_what_comes_and_goes_is_said_once(alerts: AlertStore) -> None:
    said = []
    for _ in range(6):
        said += look(alerts, problem())
        look(alerts)
    assert len(said) == 3 and "comes and goes" in said[-1].told.title


def test_a_kind_that_was_not_looked_for_stays_open(alerts: AlertStore) -> None:
    look(alerts, problem(kind="schedule.failed"))
    assert look(alerts) == []
    assert len(alerts.incidents(open_only=True)) == 1


def test_routes_choose_by_kind_and_selection_and_give_a_severity(alerts: AlertStore) -> None:
    routes = (
        Routing(on=("sync.*",), to=("team", "pager"), severity="page"),
        Routing(on=("*",), to=("team",)),
        Routing(on=("*",), to=("other",), assets=frozenset({AssetKey("duckdb:shop", "else")})),
        Routing(on=("*",), to=("orders",), assets=frozenset({ORDERS})),
        Routing(on=("check.*",), to=("checks",)),
    )
    letters = look(alerts, problem(), routes=routes)
    assert {letter.channel: letter.told.severity for letter in letters} == {
        "team": "page",
        "pager": "page",
        "orders": "warn",
    }
    # Whoever was told of it is told of its end, whatever the routes say by then.
    assert {letter.channel for letter in look(alerts, routes=())} == {"team", "pager", "orders"}


def channels(http: HttpDouble, mail: MailDouble) -> dict[str, Channel]:
    return {
        "slack": Slack(url=f"{http.url}/slack"),
        "bot": Slack(token="xoxb-1", channel="#data", server=http.url),
        "mail": Smtp(host="127.0.0.1", port=mail.port, sender="p@shop.test", to=["a@shop.test"], tls="none"),
        "pager": PagerDuty(key="key", server=http.url),
        "teams": Teams(url=f"{http.url}/teams"),
        "hook": Webhook(url=f"{http.url}/hook", secret=SECRET),
    }


def test_every_channel_gets_the_message_and_the_recovery(
    http: HttpDouble, mail: MailDouble, alerts: AlertStore
) -> None:
    found = channels(http, mail)
    to_all = (Routing(on=("*",), to=tuple(found)),)
    look(alerts, problem(), routes=to_all)
    assert deliver(alerts, found) == 6
    look(alerts, routes=to_all)
    assert deliver(alerts, found) == 6 and deliver(alerts, found) == 0

    text = http.to("/slack")[0]["text"]
    assert "crm failed in run 7" in text and "penstock retry 7" in text and "and 34 more" in text
    assert "board (exposure), model_0" in text and "<!channel>" not in text
    first, second = http.to("/api/chat.postMessage")
    assert first["channel"] == "#data" and "thread_ts" not in first and second["thread_ts"].endswith(".0001")
    trigger, resolve = http.to("/v2/enqueue")
    assert (trigger["event_action"], resolve["event_action"]) == ("trigger", "resolve")
    assert trigger["dedup_key"] == resolve["dedup_key"] and trigger["payload"]["severity"] == "warning"
    assert http.to("/teams")[0]["attachments"][0]["content"]["type"] == "AdaptiveCard"
    one, two = (message_from_string(text, policy=default) for text in mail.got)
    assert one["Subject"] == "[warn] crm failed in run 7" and two["In-Reply-To"] == one["Message-ID"]
    assert two["Subject"] == "Recovered: crm failed in run 7"

    at = next(number for number, (path, _, _) in enumerate(http.got) if path == "/hook")
    headers, body = http.got[at][1], http.raw[at]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(SECRET.encode(), signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_an_outage_is_survived_and_nothing_is_sent_twice(
    http: HttpDouble, mail: MailDouble, alerts: AlertStore, store: RunStore
) -> None:
    found = {"team": channels(http, mail)["slack"]}
    look(alerts, problem())
    http.status = 503
    assert deliver(alerts, found) == 0
    waiting = alerts.waiting()
    assert [(one.tries, one.trouble) for one in waiting] == [(1, "it answered 503 Service Unavailable")]
    assert deliver(alerts, found) == 0  # not due yet: the channel is given time
    http.status = 200
    alerts.unsent(waiting[0], "hurried on by the test", 0.0)
    assert deliver(store.alerts("prod"), found) == 1
    assert alerts.waiting() == [] and len(http.got) == 1


def test_a_letter_that_a_killed_daemon_had_taken_is_sent_by_another(
    http: HttpDouble, mail: MailDouble, alerts: AlertStore
) -> None:
    found = {"team": channels(http, mail)["slack"]}
    look(alerts, problem())
    assert len(alerts.take(0.0)) == 1  # taken, and never sent: its time is up at once
    assert deliver(alerts, found) == 1
    look(alerts)
    assert len(alerts.take(60.0)) == 1  # another daemon is at it
    assert deliver(alerts, found) == 0


@pytest.mark.parametrize(
    ("status", "again"), [(500, True), (429, True), (404, False), (401, False), (302, False)]
)
def test_what_a_channel_answers_decides_whether_it_is_tried_again(
    http: HttpDouble, status: int, again: bool
) -> None:
    http.status = status
    letter = Letter(incident="a", channel="hook", event="opened", told=told())
    with pytest.raises(Unsendable) as failed:
        send(Webhook(url=f"{http.url}/hook", secret=SECRET), letter)
    assert failed.value.again is again and SECRET not in str(failed.value)


def test_a_channel_that_is_gone_is_said(alerts: AlertStore) -> None:
    look(alerts, problem())
    assert deliver(alerts, {}) == 0
    assert alerts.waiting()[0].trouble == "no channel 'team' in penstock.yml"


def test_a_name_with_a_line_break_makes_no_second_header(mail: MailDouble) -> None:
    channel = Smtp(host="127.0.0.1", port=mail.port, sender="p@shop.test", to=["a@shop.test"], tls="none")
    letter = Letter(incident="a", channel="mail", event="opened", told=told("x\r\nBcc: evil@shop.test"))
    send(channel, letter)
    assert message_from_string(mail.got[0], policy=default)["Bcc"] is None


def test_nobody_answers(http: HttpDouble) -> None:
    url = http.url
    http.close()
    with pytest.raises(Unsendable, match="cannot be reached") as failed:
        send(Teams(url=url), Letter(incident="a", channel="teams", event="opened", told=told()))
    assert failed.value.again
