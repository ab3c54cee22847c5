"""A remote Airbyte from the command line: the example project against the stand-in, with real dbt on DuckDB."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.cli.scheduled import read_command
from penstock.service.deciding import Policies
from penstock.service.workspace import open_workspace
from penstock.store import open_store
from tests.doubles.airbyte import AirbyteDouble
from tests.doubles.airbyte.landing import land_in_duckdb
from tests.doubles.airbyte.shop import CRM_SYNC, SHOP, SHOP_SYNC, shop_estate
from tests.support import ROOT
from tests.tools.command import Done, environ, penstock, start
from tests.tools.jobs import wait
from tests.tools.parsed import as_parsed_before
from tests.tools.served import served

EXAMPLE = ROOT / "examples" / "airbyte_api"
PACE = json.dumps({"first": 0.1, "slowest": 0.3, "doubt": 2.0, "limited": 0.3, "recancel": 1.0})
SECRETS = ("hidden-password", "hidden-token", "hidden-key", "top-secret-of-the-client")


class Project:
    """The example in a folder of its own, and the server that it talks to."""

    def __init__(self, root: Path, double: AirbyteDouble) -> None:
        self.root = root
        self.double = double
        self.env = environ(
            AIRBYTE_SERVER=double.url,
            AIRBYTE_CLIENT_ID="id",
            AIRBYTE_CLIENT_SECRET="top-secret-of-the-client",
            PENSTOCK_AIRBYTE_PACE=PACE,
        )

    def __call__(self, *arguments: str, code: int = 0) -> Done:
        done = penstock(self.root, *arguments, env=self.env)
        assert done.code == code, done
        return done

    def setting(self, old: str, new: str) -> None:
        file = self.root / "penstock.yml"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def let_go(self) -> None:
        """Syncs that go on end now."""
        with self.double.lock:
            for job in self.double.estate.jobs:
                job.script = [(0.0, "succeeded")]

    @property
    def triggers(self) -> int:
        return sum(self.double.triggers.values())


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    root = tmp_path / "shop"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".penstock", "*.duckdb", "target", "logs"))
    (root / ".git").mkdir()
    as_parsed_before(root / "transform")
    estate = shop_estate(root / "shop.duckdb")
    for connection in estate.connections:
        connection.sync_seconds = 0.5
    credentials = ("id", "top-secret-of-the-client")
    with AirbyteDouble(estate, land=land_in_duckdb, credentials=credentials) as double:
        yield Project(root, double)


@pytest.mark.slow
def test_syncs_and_models_end_to_end(project: Project) -> None:
    done = project("build")
    assert "succeeded" in done.out
    assert project.triggers == 2
    upstream = project("lineage", "customer_revenue.revenue", "--upstream").out
    assert "Shop/orders.amount" in upstream and "stream" in upstream
    assert "outside penstock" not in project("status").out

    # A sync that is recent enough serves: nothing is started, and it is said whose it was.
    project.setting("sync: always", "sync: always\n    max_age: 1h")
    again = project("build", "--refresh")
    assert project.triggers == 2
    assert "job 1" in again.out and "ago" in again.out

    # What Airbyte starts by itself is foretold, from when it began last, and newer data is expected by it.
    with (project.root / "penstock.yml").open("a") as file:
        file.write("\npolicies:\n  - {select: crm_contacts, fresh: {fail: 12h}, build: never}\n")
    ticks = project("automation", "next", "airbyte: CRM", "--json").json()["ticks"]
    assert {one["schedule"] for one in ticks} == {"airbyte: CRM"}
    assert ticks[0]["run"] == "started there by itself (every 6 hours)"
    (promise,) = project("freshness", "--json").json()["promises"]
    assert (promise["name"], promise["state"]) == ("crm_contacts", "ok") and promise["ready_at"], promise

    # No secret of the server or of ours is anywhere in what was printed or kept.
    texts = [done.out, done.err, again.out, again.err, project("doctor").out]
    kept = [path.read_bytes() for path in (project.root / ".penstock").rglob("*") if path.is_file()]
    for secret in SECRETS:
        assert all(secret not in text for text in texts)
        assert all(secret.encode() not in content for content in kept)


def offered(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page has a box for each sync that may be billed, and starts none unasked."""
    for name in ("AIRBYTE_SERVER", "AIRBYTE_CLIENT_ID", "AIRBYTE_CLIENT_SECRET"):
        monkeypatch.setenv(name, project.env[name])
    shop, crm = "connection:Shop", "connection:CRM"
    with served(project.root) as site:
        root = site.add("root", "admin")

        def told(start: str) -> set[str]:
            plan = root.post("/api/v1/plans", {"select": [f"{shop} {crm}"], "start": start}).json()
            built = sum(item["decision"] == "build" for item in plan["items"])
            assert built == sum(one["assets"] for one in plan["asks"] if one["started"]), plan
            assert {one["select"] for one in plan["asks"]} == {shop, crm}
            return {one["select"] for one in plan["asks"] if one["started"]}

        assert [told(start) for start in ("never", "ask", "always", crm)] == [
            set(),
            set(),
            {shop, crm},
            {crm},
        ]
        partly = site.add("sees-a-part", "operator", shop)
        for person, start in ((root, "connection:none"), (partly, "connection:none"), (partly, crm)):
            assert person.post("/api/v1/plans", {"select": [shop], "start": start}).status == 400
    assert project.triggers == 0


@pytest.mark.slow
def test_a_billed_sync_is_started_only_when_somebody_says_so(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.setting("sync: always", "sync: ask")
    planned = project("plan").out + project("plan").err
    assert "starts only when you say so" in planned
    offered(project, monkeypatch)
    asked = "nobody can be asked here"
    for unsaid, told in (
        ((), asked),
        (("--start", ""), "--start is empty"),
        (("--start", " "), "--start is empty"),
    ):
        done = project("run", "-s", "connection:Shop", *unsaid, code=2)
        assert told in done.err
        assert project.triggers == 0
    assert project("run", "-s", "connection:Shop", "--start", "connection:Shopp", code=2).out == ""
    project("run", "-s", "connection:Shop connection:CRM", "--start", "connection:Shop")
    assert project.double.triggers == {SHOP_SYNC: 1}
    project.setting("sync: ask", "sync: never")
    done = project("run", "-s", "connection:CRM", "--start", "always", "--refresh", code=2)
    assert "says never" in done.err
    assert CRM_SYNC not in project.double.triggers


@pytest.mark.slow
def test_a_killed_coordinator_goes_on_with_the_same_job(project: Project) -> None:
    for connection in project.double.estate.connections:
        connection.sync_seconds = 3600.0
    running = start(project.root, "run", "-s", "connection:*", env=project.env)
    wait(lambda: project.triggers == 1)
    project.let_go()  # both load one file, one after the other
    wait(lambda: project.triggers == 2)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    project.let_go()
    done = project("run", "--resume")
    assert "succeeded" in done.out
    assert project.triggers == 2 and project.double.cancels == {}


@pytest.mark.slow
def test_an_unreachable_server_leaves_what_it_said_last(project: Project) -> None:
    project("refresh")
    project.double.fault(path="/", status=503, times=None)
    done = project("assets", "--refresh")
    assert "Shop/orders" in done.out
    assert "not refreshed" in done.err
    assert project("lineage", "customer_revenue").code == 0


WRONG = [
    ("server: ${AIRBYTE_SERVER", "server: ${NOPE", 2, "NOPE"),
    ("sync: always", "sync: sometimes", 2, "sync"),
    ("sync: always", "sync: always\n    max_age: soon", 2, "invalid duration 'soon'"),
    ("sync: always", "snyc: always", 2, "did you mean 'sync'"),
    ("sync: always", "sync: always\n    workspaces: [Data teem]", 2, "no workspace 'Data teem'"),
    ("destinations: {Shop DuckDB: main}", "destinations: {Shop DuckDB: mian}", 2, "mian"),
]


@pytest.mark.parametrize(("old", "new", "code", "expected"), WRONG)
def test_a_wrong_word_is_one_clear_line(
    project: Project, old: str, new: str, code: int, expected: str
) -> None:
    project.setting(old, new)
    if "NOPE" in new:
        file = project.root / "penstock.yml"
        file.write_text(file.read_text().replace("NOPE:-http://127.0.0.1:8006/api/public/v1", "NOPE"))
    done = project("refresh", code=code)
    assert expected in done.err


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 200, "body": "<html>sign in</html>"}, "not with JSON"),
        ({"status": 401}, "credentials"),
        ({"status": 403, "body": {"title": "forbidden"}}, "forbidden"),
        pytest.param({"status": 500}, "HTTP 500", marks=pytest.mark.long),
    ],
)
def test_a_server_that_does_not_answer_is_one_clear_line(
    project: Project, fault: dict[str, object], expected: str
) -> None:
    project.double.fault(path="/workspaces", times=None, **fault)
    done = project("refresh", code=1)
    assert expected in done.err
    assert "ok" not in [
        line.split()[0] for line in project("doctor", code=1).out.splitlines() if "airbyte/cloud" in line
    ]


@pytest.mark.slow
def test_a_removed_field_names_what_it_reaches_and_holds_back_only_that(project: Project) -> None:
    project("build")
    assert "nothing has changed" in project("drift").err
    orders = project.double.estate.streams[SHOP][1]
    orders.fields = [path for path in orders.fields if path != ["status"]]
    done = project("drift", "--discover", code=1)
    assert "Shop/orders.status is gone" in done.out
    (change,) = project("drift", "--json", code=1).json()["changes"]
    assert change["kind"] == "column_removed" and change["column"] == "status"
    assert change["reach"]["read"] == ["stg_orders.status"]
    assert change["reach"]["exposures"] == ["revenue_dashboard"]
    assert change["reach"]["derived"] == ["customer_revenue.revenue"]
    assert change["reach"]["filtered"] == []
    assert change["reach"]["checks"] == []

    # The plan says it before any sync runs; the policy decides what is held back.
    assert "changed at the source" in project("plan").err
    project.setting("sync: always", "sync: always\n    on_drift: block_affected")
    project("refresh")
    decided = {item["name"]: item["decision"] for item in project("plan", "--json").json()["items"]}
    assert decided["stg_orders"] == "skip" and decided["customer_revenue"] == "skip"
    assert (
        decided["orders"] == "build"
        and decided["customers"] == "build"
        and decided["crm_contacts"] == "build"
    )
    project.setting("block_affected", "warn")

    # A sync that has loaded the change ends it.
    project("run", "-s", "connection:Shop", "--refresh")
    project("refresh")
    assert "nothing has changed" in project("drift").err


def test_a_connection_by_hand(project: Project) -> None:
    project("refresh")
    assert "active" in project("airbyte", "check", "Shop").out
    assert "customers" in project("airbyte", "discover", "Shop").out
    assert "public API" in project("airbyte", "state", "Shop", code=2).err
    assert "confirms" in project("airbyte", "clear", "Shop", code=2).err
    project("airbyte", "clear", "Shop", "--yes", "Shop")
    assert [job.kind for job in project.double.estate.jobs] == ["reset"]
    assert project.double.cancels == {}


@pytest.mark.slow
def test_doctor_tells_joins_and_schedules_that_are_too_slow(project: Project) -> None:
    file = project.root / "transform" / "models" / "sources.yml"
    text = file.read_text()
    fresh = (
        "    loaded_at_field: _airbyte_extracted_at\n    freshness: {warn_after: {count: 1, period: hour}}\n"
    )
    file.write_text(
        text.replace("  - name: crm\n    schema: raw\n", f"  - name: crm\n    schema: raw\n{fresh}")
    )
    project("refresh")
    said = project("doctor", code=1).out
    assert "airbyte/cloud/Shop: 2 tables joined: 2 expected" in said
    assert "airbyte/cloud/CRM: syncs every 6 h, but crm_contacts has to be younger than 1 h" in said


@pytest.mark.slow
def test_an_event_has_the_service_asked_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was observed is young enough for hours; an event lets nothing be young enough, once."""
    for name, value in project.env.items():
        monkeypatch.setenv(name, value)
    with (project.root / "penstock.yml").open("a") as file:
        file.write("\nrefresh: 10h\npolicies: [{select: '*', build: change}]\n")
    workspace = open_workspace(project.root)
    store = open_store(workspace.project.store_url(), root=project.root)
    troubles: list[str] = []
    policies = Policies(workspace, store, read_command, troubles.append)

    def asked() -> int:
        before = len(project.double.seen)
        policies()
        return len(project.double.seen) - before

    assert asked() > 0
    assert asked() == 0
    inbox = store.inbox(workspace.project.environment)
    assert inbox.receive("syncs", "1", "success", "")
    assert asked() > 0
    assert not inbox.receive("syncs", "1", "success", "")
    assert asked() == 0
    # Another daemon, or the same after its start, takes what nobody has looked at.
    policies = Policies(workspace, store, read_command, troubles.append)
    assert asked() > 0
    assert troubles == []
    store.close()
