"""`penstock up` while nobody can be reached, killed meanwhile: every message arrives, and the recovery after it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from email import message_from_string
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from penstock.store import Letter, open_store
from tests.doubles.alerts import HttpDouble, MailDouble
from tests.tools.command import environ, penstock, start
from tests.tools.loaded import make

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("alerts-outage")]

NAMES = ("slack", "pager", "teams", "hook")
ENV = environ(HOOK="whsec-of-the-test")


class Receivers:
    """Five that can be away, each in its own way, and come back at the same address."""

    def __init__(self) -> None:
        self.http = {name: HttpDouble() for name in NAMES}
        self.mail = MailDouble()

    def go(self) -> None:
        self.http["slack"].close()  # refused
        self.http["pager"].status = 500
        self.http["teams"].status = 0  # times out
        self.http["hook"].status, self.http["hook"].says = 429, {"Retry-After": "2"}
        self.mail.busy = True

    def come(self) -> None:
        self.http["slack"] = HttpDouble(self.http["slack"].port)
        for double in self.http.values():
            double.status, double.says = 200, {}
        self.mail.busy = False

    def close(self) -> None:
        for double in self.http.values():
            double.close()
        self.mail.close()

    def channels(self) -> dict[str, Any]:
        url = {name: double.url for name, double in self.http.items()}
        sent = {"from": "penstock@shop.test", "to": ["team@shop.test"], "tls": "none"}
        return {
            "slack": {"type": "slack", "token": "xoxb-1", "channel": "#data", "server": url["slack"]},
            "mail": {"type": "smtp", "host": "127.0.0.1", "port": self.mail.port, **sent},
            "pager": {"type": "pagerduty", "key": "key", "server": url["pager"]},
            "teams": {"type": "teams", "url": url["teams"]},
            "hook": {"type": "webhook", "url": url["hook"], "secret": "${HOOK}"},
        }

    def subjects(self) -> dict[str, list[str]]:
        """What each was told, first lines only."""
        mails = [message_from_string(text, policy=default) for text in self.mail.got]
        bodies = {name: [body for _, _, body in double.got] for name, double in self.http.items()}
        return {
            "slack": [body["text"].splitlines()[0].strip("*") for body in bodies["slack"]],
            "mail": [str(one["Subject"]) for one in mails],
            "pager": [body["event_action"] for body in bodies["pager"]],
            "teams": [body["attachments"][0]["content"]["body"][0]["text"] for body in bodies["teams"]],
            "hook": [body["event"] for body in bodies["hook"]],
        }


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    found = Receivers()
    yield found
    found.close()


def project(root: Path, receivers: Receivers) -> Path:
    """One failing sync that forty models wait for."""
    folder = make(root, slow={"fail_after": 3, "error": "the API is gone"})
    for number in range(39):
        model = folder / "transform" / "models" / f"made_{number}.sql"
        model.write_text("select id from {{ ref('slow_things') }}")
    channels = receivers.channels()
    document = json.loads((folder / "penstock.yml").read_text())
    document["alerts"] = {"channels": channels, "routes": [{"to": list(channels)}]}
    (folder / "penstock.yml").write_text(json.dumps(document, indent=1))
    return folder


def unsent(folder: Path) -> list[Letter]:
    store = open_store("sqlite:///.penstock/penstock.db", root=folder)
    try:
        return store.alerts("dev").waiting()
    finally:
        store.close()


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 900
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def mended(folder: Path) -> None:
    document = json.loads((folder / "penstock.yml").read_text())
    connections = document["airbyte"]["ingest"]["connections"]
    connections["slow"]["source"] = connections["fast"]["source"]
    (folder / "penstock.yml").write_text(json.dumps(document, indent=1))


def test_every_message_arrives_after_an_outage_and_a_kill(tmp_path: Path, receivers: Receivers) -> None:
    folder = project(tmp_path / "loaded", receivers)
    assert penstock(folder, "alerts", "check", env=ENV).out == "0 messages sent\n"
    receivers.go()
    assert penstock(folder, "build", env=ENV).code == 1

    killed = start(folder, "up", "--no-web", env=ENV)
    until(lambda: sum(one.tries > 0 for one in unsent(folder)) == 5)
    killed.kill()
    killed.communicate()
    assert not any(receivers.subjects().values())

    receivers.come()
    second = start(folder, "up", "--no-web", env=ENV)
    until(lambda: not unsent(folder))
    first = receivers.subjects()
    assert {name: len(said) for name, said in first.items()} == dict.fromkeys(first, 1), first
    assert first["pager"] == ["trigger"] and first["hook"] == ["opened"] and "slow" in first["mail"][0]
    (hook,) = [body for _, _, body in receivers.http["hook"].got]
    assert hook["kind"] == "sync.failed" and len(hook["affected"]) == 41  # one message for all that waits

    mended(folder)
    assert penstock(folder, "retry", env=ENV).code == 0
    until(lambda: all(len(said) == 2 for said in receivers.subjects().values()) and not unsent(folder))
    second.terminate()
    out, err = second.communicate(timeout=60)
    assert "Traceback" not in err and out.count("recovered") == 1, (out, err)
    last = receivers.subjects()
    assert last["pager"] == ["trigger", "resolve"] and last["hook"] == ["opened", "closed"]
    assert all(last[name][1].startswith("Recovered:") for name in ("slack", "mail", "teams")), last
    keys = {body["dedup_key"] for _, _, body in receivers.http["pager"].got}
    assert len(keys) == 1
