"""`/metrics`: Prometheus' text form, for those who may see everything, with a bounded number of series."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import insert

from penstock.assets import Hold
from penstock.run import create_run
from penstock.service import metrics
from penstock.service.metrics import Exposition
from penstock.service.workspace import open_workspace
from penstock.store import Took, open_store, schema
from tests.tools.scripted import asset, plan
from tests.tools.served import Served

SAMPLE = re.compile(
    r'penstock_[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? (\+Inf|-?\d+(\.\d+)?(e-?\d+)?)'
)


@pytest.mark.slow
@pytest.mark.xdist_group("served")
def test_every_line_is_what_prometheus_reads(site: Served) -> None:
    reply = site.login("root").get("/metrics")
    assert reply.status == 200 and reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = reply.body.decode().splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    assert [line for line in samples if not SAMPLE.fullmatch(line)] == []
    assert 'penstock_runs_recent{outcome="succeeded",trigger="person"} 1' in samples
    counters = [line.split()[2] for line in lines if line.endswith(" counter")]
    assert counters == ["penstock_runs_total"], "what is counted in a window may go down"
    assert 'penstock_incidents_open{severity="page"} 1' in samples
    ages = [line for line in samples if line.startswith("penstock_asset_age_seconds")]
    assert {re.search(r'asset="(.*?)"', line)[1] for line in ages} <= {"fast_count", "all_things"}  # type: ignore[index]
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names)) and len(samples) < 200


@pytest.mark.slow
@pytest.mark.xdist_group("served")
def test_strangers_are_told_nothing(site: Served) -> None:
    from tests.tools.browsing import Browser

    assert Browser(site.port).get("/metrics").status == 401


def test_labels_are_escaped_and_series_bounded() -> None:
    out = Exposition()
    out.name("asset_age_seconds", "gauge", "x")
    out.sample("asset_age_seconds", 1.5, asset='a"b\\c\nd')
    assert out.text().splitlines()[-1] == 'penstock_asset_age_seconds{asset="a\\"b\\\\c\\nd"} 1.5'
    for number in range(5000):
        out.sample("asset_age_seconds", number, asset=str(number))
    assert len(out.text().splitlines()) < 1100


def test_how_long_daemons_take_is_told_of_the_slowest(tmp_path: Path) -> None:
    store = open_store("sqlite:///store.db", root=tmp_path)
    kept = store.automation("dev")
    kept.beat("a", "", took=Took())
    kept.beat("b", "", took=Took(decision=0.25, write=0.01))
    kept.beat("c", "", took=Took(decision=0.5))
    out = Exposition()
    metrics._automation(out, store, "dev")
    store.close()
    assert "penstock_decision_duration_seconds 0.5" in out.text().splitlines()
    assert "penstock_store_write_seconds 0.01" in out.text().splitlines()


def test_the_counter_of_runs_is_of_all_environments(tmp_path: Path) -> None:
    """Their numbers are one row: that of one environment alone would jump by the runs of the others."""
    store = open_store("sqlite:///store.db", root=tmp_path)
    for environment in ("dev", "dev", "prod"):
        create_run(store, msgspec.structs.replace(plan(asset("a")), environment=environment))
    out = Exposition()
    metrics._runs(out, store, "dev")
    store.close()
    assert {"penstock_runs_total 3", "penstock_runs_active 2"} <= set(out.text().splitlines())


def test_pools_tell_what_is_held_and_what_is_waited_for(tmp_path: Path) -> None:
    """Of runs that go on: two steps of one pool, one at work, one waiting."""
    (tmp_path / "penstock.yml").write_text("name: shop\npools: {warehouse: 2, other: 1}\n")
    workspace, store = open_workspace(tmp_path), open_store("sqlite:///store.db", root=tmp_path)
    held = asset("a", holds=(Hold("warehouse", slots=2),)), asset("b", holds=(Hold("warehouse"),))
    whole = msgspec.structs.replace(plan(*held), environment=workspace.project.environment)
    run = create_run(store, whole)
    with store._database.write() as connection:
        for item, state in zip(whole.items, ("running", "waiting"), strict=True):
            values = {"items": f'["{item.key}"]', "state": state, "id": item.name, "run_id": run.id}
            step = {"integration": item.ref.integration, "instance": item.ref.instance, "kind": "build"}
            kept = {"environment": "dev", "created_at": 0.0, "attempts": 0}
            connection.execute(insert(schema.steps).values(**values, **step, **kept))
    out = Exposition()
    metrics._pools(out, workspace, store)
    store.close()
    assert [line for line in out.text().splitlines() if not line.startswith("#")] == [
        'penstock_steps_queued{pool="other"} 0',
        'penstock_steps_queued{pool="warehouse"} 1',
        'penstock_pool_slots{pool="other",state="all"} 1',
        'penstock_pool_slots{pool="other",state="used"} 0',
        'penstock_pool_slots{pool="warehouse",state="all"} 2',
        'penstock_pool_slots{pool="warehouse",state="used"} 2',
    ]
