"""Events at the real server: signed or refused, small enough, kept once, and nothing told to strangers."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest

from penstock.cli.scheduled import read_command
from penstock.errors import ConfigError
from penstock.service.inbox import sources, trouble
from penstock.service.signatures import signature
from penstock.service.workspace import open_workspace
from tests.tools.browsing import Browser, Reply
from tests.tools.served import Served
from tests.unit.web.conftest import EVENTS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("served")]


def send(site: Served, path: str, body: bytes = b"{}", **headers: str) -> Reply:
    """As another system does: without our header."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return Browser(site.port).send(
        "POST", f"/api/v1/events/{path}", raw=body, headers={"X-Penstock": "", **said}
    )


def kept(site: Served, name: str) -> list[Any]:
    found = site.login("root").get("/api/v1/automation/events", limit=1000).json()["events"]
    return [one for one in found if one["name"] == name]


def test_a_signed_event_is_kept_once_and_its_secrets_are_not(site: Served) -> None:
    secret = EVENTS["orders_ready"]["secret"]
    body = json.dumps({"id": "o-1", "kind": "closed", "said": secret}).encode()
    replies = [
        send(site, "orders_ready", body, X_Penstock_Signature=signature(secret, body, int(time.time())))
        for _ in range(2)
    ]
    assert [(one.status, one.json()["message"]) for one in replies] == [
        (202, "taken"),
        (202, "known already"),
    ]
    (event,) = kept(site, "orders_ready")
    assert (event["id"], event["kind"], event["handled_at"], event["ticks"]) == ("o-1", "closed", None, [])
    assert secret not in event["body"] and '"said"' in event["body"]


def test_what_others_send_today(site: Served) -> None:
    push = b'{"ref": "refs/heads/main"}'
    digest = hmac.new(EVENTS["github"]["secret"].encode(), push, hashlib.sha256).hexdigest()
    told = {"X_GitHub_Delivery": "d-1", "X_GitHub_Event": "push", "X_Hub_Signature_256": f"sha256={digest}"}
    assert send(site, "github", push, **told).status == 202
    assert [one["kind"] for one in kept(site, "github")] == ["push"]
    synced = json.dumps({"data": {"jobId": 5, "success": False}}).encode()
    assert send(site, f"airbyte/{EVENTS['airbyte']['token']}", synced).status == 202
    bearer = {"Authorization": f"Bearer {EVENTS['airbyte']['token']}"}
    assert send(site, "airbyte", synced, **bearer).json()["message"] == "known already"
    assert [one["id"] for one in kept(site, "airbyte")] == ["5:no-success"]


def test_strangers_learn_nothing(site: Served) -> None:
    before = len(kept(site, "orders_ready"))
    wrong = send(site, "orders_ready")
    assert wrong.status == 401
    assert send(site, "orders_ready", X_Penstock_Signature="t=1,v1=" + "0" * 64).status == 401
    assert send(site, "airbyte/wrong").status == 401
    for name in ("nobody", "Orders_ready", "..", "orders_ready%00", "x" * 500):
        reply = send(site, name)
        assert (reply.status, reply.body) == (401, wrong.body), "which names there are is not told"
    assert Browser(site.port).get("/api/v1/events/orders_ready").status == 405
    assert len(kept(site, "orders_ready")) == before


def test_a_login_is_no_signature_and_a_signature_is_no_login(site: Served) -> None:
    root = site.login("root")
    assert root.post("/api/v1/events/orders_ready").status == 401
    bearer = {"Authorization": f"Bearer {EVENTS['airbyte']['token']}"}
    assert Browser(site.port).get("/api/v1/automation/events", bearer).status == 401
    viewer = site.add("events-viewer", "viewer")
    assert viewer.get("/api/v1/automation/events").status == 403


def test_a_body_has_a_limit_of_its_own(site: Served) -> None:
    secret = EVENTS["orders_ready"]["secret"]
    body = json.dumps({"id": "large", "more": ""}).encode().ljust(900_000)
    signed = signature(secret, body, int(time.time()))
    assert send(site, "orders_ready", body, X_Penstock_Signature=signed).status == 202
    assert send(site, "orders_ready", Content_Length="1048577").status == 413
    assert max(len(one["body"]) for one in kept(site, "orders_ready")) <= 4_000
    assert send(site, "orders_ready", b"x", Content_Type="text/plain").status == 415
    assert send(site, "orders_ready", Host="evil.example").status == 421
    assert send(site, "orders_ready", Origin="http://evil.example").status == 403


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"type": "githib", "secret": "x" * 20}, "no type 'githib'; did you mean 'github'?"),
        ({"type": "github", "token": "x" * 20}, "type github needs a secret, and no token"),
        ({"type": "airbyte", "secret": "x" * 20}, "type airbyte needs a token, and no secret"),
        ({"type": "signed"}, "type signed needs a secret"),
        ({"type": "signed", "secret": "short"}, "the secret is shorter than 16 characters"),
        ({"type": "signed", "secrt": "x" * 20}, "unknown key 'secrt'"),
    ],
)
def test_what_cannot_be_is_said_with_its_line(tmp_path: Path, given: dict[str, str], said: str) -> None:
    (tmp_path / "penstock.yml").write_text(json.dumps({"name": "x", "events": {"hook": given}}))
    with pytest.raises(ConfigError) as wrong:
        sources(open_workspace(tmp_path))
    assert said in wrong.value.what and (wrong.value.where or "").startswith("penstock.yml:1")


def test_a_schedule_waits_for_an_event_that_there_is(tmp_path: Path) -> None:
    from penstock.service.automation import status

    one = {"name": "closing", "on": "order", "run": "build"}
    document = {"name": "x", "events": {"orders": {"type": "token", "token": "x" * 20}}, "schedules": [one]}
    (tmp_path / "penstock.yml").write_text(json.dumps(document))
    with pytest.raises(ConfigError, match="no event 'order'; did you mean 'orders'"):
        status(open_workspace(tmp_path), read_command)


def test_what_keeps_events_out_is_said_in_a_line(tmp_path: Path) -> None:
    hook = {"type": "github", "secret": "${NOT_SET_BY_ANYBODY}"}
    (tmp_path / "penstock.yml").write_text(json.dumps({"name": "x", "events": {"hook": hook}}))
    found = trouble(open_workspace(tmp_path))
    assert found is not None and "NOT_SET_BY_ANYBODY" in found and "\n" not in found
    (tmp_path / "penstock.yml").write_text(json.dumps({"name": "x"}))
    assert trouble(open_workspace(tmp_path)) is None
