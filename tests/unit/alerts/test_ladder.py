"""A trouble that changes its kind is one incident: worse is an update, milder is not over, and what comes and goes is said thrice."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from penstock.alerts import Problem, Routing, decide, send
from penstock.alerts.message import lines, subject
from penstock.project.alerts import PagerDuty
from penstock.store import AlertStore, IncidentSummary, Letter, RunStore
from tests.doubles.alerts import HttpDouble

KINDS = ("fresh.at_risk", "fresh.warn", "fresh.fail", "schedule.failed", "schedule.missed")
SEVERITY = {"fresh.at_risk": "info", "fresh.warn": "warn", "fresh.fail": "page"}
WORDS = {
    "fresh.at_risk": "will be too old",
    "fresh.warn": "is older than wished",
    "fresh.fail": "is too old",
}
ALL = Routing(on=("*",), to=("team",))


def stale(kind: str, *names: str, cause: str = "raw.orders") -> Problem:
    told = IncidentSummary(
        kind=kind,
        cause=cause,
        severity=SEVERITY.get(kind, "warn"),
        title=f"{names[0] if names else cause} {WORDS.get(kind, 'did not run')}",
        why="because of raw.orders",
        since=1_800_000_000.0,
        affected=names,
    )
    return Problem(kind=kind, cause=cause, told=told)


def look(alerts: AlertStore, *problems: Problem, routes: Sequence[Routing] = (ALL,)) -> list[Letter]:
    return list(alerts.reconcile(lambda known: decide(problems, known, routes, KINDS)).letters)


def said(letters: Sequence[Letter]) -> list[str]:
    return [subject(letter) for letter in letters]


def test_a_promise_that_gets_worse_and_better_is_one_incident(alerts: AlertStore) -> None:
    found = [said(look(alerts, stale(kind, "board"))) for kind in KINDS[:3]]
    assert found == [
        ["[info] board will be too old"],
        ["Update: [warn] board is older than wished"],
        ["Update: [page] board is too old"],
    ]
    (one,) = alerts.incidents()
    assert (one.kind, one.told.severity) == ("fresh.fail", "page")
    assert look(alerts, stale("fresh.warn", "board")) == []  # milder, and not over
    (one,) = alerts.incidents()
    assert one.closed_at is None and one.told.title == "board is older than wished"
    assert said(look(alerts)) == ["Recovered: board is older than wished"]


def test_a_promise_that_is_kept_again_has_recovered_though_it_is_at_risk(alerts: AlertStore) -> None:
    look(alerts, stale("fresh.warn", "board"))
    assert said(look(alerts, stale("fresh.at_risk", "board"))) == [
        "Recovered: board is older than wished",
        "[info] board will be too old",
    ]


def test_two_promises_on_one_source_are_two_troubles(alerts: AlertStore) -> None:
    """One of them is kept again while the other gets late: that is no wish that became a failure."""
    look(alerts, stale("fresh.fail", "board"))
    assert said(look(alerts, stale("fresh.warn", "orders"))) == [
        "Recovered: board is too old",
        "[warn] orders is older than wished",
    ]


def test_what_another_source_makes_late_now_was_never_kept_meanwhile(alerts: AlertStore) -> None:
    look(alerts, stale("fresh.warn", "board"))
    for cause in ("raw.crm", "raw.orders", "raw.crm"):
        assert look(alerts, stale("fresh.warn", "board", cause=cause)) == []
    worse = look(alerts, stale("fresh.fail", "board", cause="raw.crm"))
    assert said(worse) == ["Update: [page] board is too old"]
    assert said(look(alerts)) == ["Recovered: board is too old"]
    assert len(alerts.incidents()) == 1


def test_it_began_when_it_began(alerts: AlertStore) -> None:
    """Not when it was tried for the last time, nor when a promise at risk would be broken."""
    look(alerts, stale("fresh.at_risk", "board"))
    later = stale("fresh.warn", "board")
    later = replace(later, told=replace(later.told, since=later.told.since + 600))
    (told,) = look(alerts, later)
    assert told.told.since == 1_800_000_000.0


def test_only_what_is_more_than_other_words_is_news(alerts: AlertStore) -> None:
    def news(*problems: Problem) -> list[str]:
        decided = alerts.reconcile(lambda known: decide(problems, known, (), KINDS))
        return [one.told.title for one in decided.news]

    assert news(stale("fresh.warn", "board", "orders")) == ["board is older than wished"]
    assert news(stale("fresh.warn", "orders")) == []
    assert news(stale("fresh.fail", "orders")) == ["orders is too old"]
    assert news() == ["orders is too old"]


def test_a_promise_that_joins_another_is_said_to_go_on_there(alerts: AlertStore) -> None:
    look(alerts, stale("fresh.fail", "board"))
    look(alerts, stale("fresh.fail", "board"), stale("fresh.warn", "orders"))
    letters = look(alerts, stale("fresh.fail", "board", "orders"))
    assert said(letters) == [
        "Part of another incident now: orders is older than wished",
        "Update: [page] board is too old",
    ]
    assert lines(letters[0])[0] == "It goes on as: board is too old"
    assert said(look(alerts)) == ["Recovered: board is too old"]


def test_who_was_told_of_what_joins_is_told_of_the_end(alerts: AlertStore) -> None:
    routes = (Routing(on=("fresh.warn",), to=("team",)), Routing(on=("fresh.fail",), to=("pager",)))
    look(alerts, stale("fresh.fail", "board"), stale("fresh.warn", "orders"), routes=routes)
    look(alerts, stale("fresh.fail", "board", "orders"), routes=routes)
    assert {letter.channel for letter in look(alerts, routes=routes)} == {"team", "pager"}


def test_whoever_is_told_first_when_it_gets_worse_is_told_of_it_as_new(alerts: AlertStore) -> None:
    routes = (Routing(on=("fresh.warn",), to=("team",)), Routing(on=("fresh.fail",), to=("pager",)))
    look(alerts, stale("fresh.warn", "board"), routes=routes)
    worse = look(alerts, stale("fresh.fail", "board"), routes=routes)
    assert [(one.channel, one.event) for one in worse] == [("pager", "opened")]
    over = look(alerts, routes=routes)
    assert [(one.channel, one.event) for one in over] == [("team", "closed"), ("pager", "closed")]


@pytest.mark.parametrize("longest", [1, 2, 3])
def test_what_comes_and_goes_is_bounded_however_short_the_promise(alerts: AlertStore, longest: int) -> None:
    """Promises of seconds: every look finds another state."""
    letters = []
    for _ in range(20):
        for kind in KINDS[:longest]:
            letters += look(alerts, stale(kind, "board"))
        letters += look(alerts)
    events = [letter.event for letter in letters]
    assert events.count("opened") == events.count("closed") == 3
    assert events.count("updated") == 3 * (longest - 1)


def test_neither_the_first_look_nor_a_mute_hides_that_it_got_worse(
    alerts: AlertStore, store: RunStore
) -> None:
    fresh = store.alerts("dev")
    assert look(fresh, stale("fresh.warn", "board")) == []
    assert said(look(fresh, stale("fresh.fail", "board"))) == ["[page] board is too old"]
    assert said(look(fresh)) == ["Recovered: board is too old"]

    look(alerts, stale("fresh.warn", "board"))
    (one,) = alerts.incidents()
    assert alerts.mute(one.id, "kim", 2e9)
    assert look(alerts, stale("fresh.warn", "board", "orders")) == []
    assert said(look(alerts, stale("fresh.fail", "board"))) == ["Update: [page] board is too old"]


def test_a_schedule_that_failed_and_is_missed_then_has_not_recovered(alerts: AlertStore) -> None:
    look(alerts, stale("schedule.failed", cause="nightly"))
    assert look(alerts, stale("schedule.missed", cause="nightly")) == []
    assert said(look(alerts)) == ["Recovered: nightly did not run"]


def test_a_pager_resolves_what_has_joined(http: HttpDouble) -> None:
    letter = Letter(incident="a", channel="pager", event="joined", told=stale("fresh.warn", "orders").told)
    send(PagerDuty(key="key", server=http.url), letter)
    (body,) = http.to("/v2/enqueue")
    assert body["event_action"] == "resolve" and "payload" not in body
