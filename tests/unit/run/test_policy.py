"""What penstock.yml and the command line say about runs, as the policy that the engine follows."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from penstock.assets import Hold
from penstock.errors import ConfigError, UsageError
from penstock.integration import Step
from penstock.project import load_project
from penstock.run import Overlap, RemoteJob, RunPolicy
from penstock.service.control import Control, attached, policy_of, resources_of
from tests.tools.scripted import asset, plan

DOCUMENT = """
dbt: {transform: {project: .}}
airbyte: {ingest: {type: local}, cloud: {type: api}}
pools: {window: 2}
runs:
  retries: 1
  backoff: {first: 10s, factor: 3, most: 1m, jitter: 0}
  timeouts: {total: 6h}
  max_steps: 8
  group: nightly
  overlap: reject
  steps:
    airbyte/ingest/shop: {on_timeout: keep}
    airbyte: {retries: 3, pools: {window: 1}, priority: 10, resources: {AIR: 1}}
    airbyte/ingest: {timeouts: {total: 8h, heartbeat: 30m}}
"""


def read(folder: Path, text: str = DOCUMENT, control: Control = Control()) -> RunPolicy:  # noqa: B008
    (folder / "penstock.yml").write_text(text)
    project = load_project(folder, environment=None, integrations=("dbt", "airbyte"), environ={})
    return policy_of(project.document.runs, control, fail_fast=False)


def step(integration: str, instance: str, identity: str) -> Step:
    return Step(id=identity, integration=integration, instance=instance, kind="sync", items=())


def test_what_refines_more_wins_and_the_rest_is_inherited(tmp_path: Path) -> None:
    policy = read(tmp_path)
    model = policy.of(step("dbt", "transform", "dbt/transform/1"))
    assert (model.attempts, model.total_timeout, model.holds, model.priority) == (2, 6 * 3600, (), 0)
    assert [model.pause(number, random.Random()) for number in (1, 2, 3)] == [10, 30, 60]
    cloud = policy.of(step("airbyte", "cloud", "airbyte/cloud/shop"))
    assert (cloud.attempts, cloud.total_timeout, cloud.holds) == (4, 6 * 3600, (Hold("window"),))
    shop = policy.of(step("airbyte", "ingest", "airbyte/ingest/shop"))
    assert (shop.attempts, shop.total_timeout, shop.heartbeat_timeout) == (4, 8 * 3600, 1800)
    assert (shop.on_timeout, cloud.on_timeout) == (RemoteJob.KEEP, RemoteJob.CANCEL)
    assert (policy.group, policy.overlap, policy.max_steps) == ("nightly", Overlap.REJECT, 8)


def test_what_was_typed_wins_over_all(tmp_path: Path) -> None:
    policy = read(tmp_path, control=Control(retries=0, timeout="90s", group="now", on_exit="keep"))
    for one in (step("dbt", "transform", "a"), step("airbyte", "ingest", "airbyte/ingest/shop")):
        chosen = policy.of(one)
        assert (chosen.attempts, chosen.total_timeout, chosen.on_exit) == (1, 90, RemoteJob.KEEP)
    assert (policy.group, policy.overlap) == ("now", Overlap.REJECT)


def test_what_was_typed_stays_with_the_plan(tmp_path: Path) -> None:
    rules = load_project(_file(tmp_path), environment=None, integrations=("dbt",), environ={}).document.runs
    first = attached(plan(asset("a")), Control(retries=2, group="g"), rules)
    assert first.control == {"retries": 2, "group": "g"}
    assert attached(first, Control(retries=5), rules).control == {"retries": 5, "group": "g"}
    with pytest.raises(UsageError, match="needs a group"):
        attached(plan(asset("a")), Control(overlap="queue"), rules)


def test_resources_of_workers_by_tool(tmp_path: Path) -> None:
    (tmp_path / "penstock.yml").write_text(DOCUMENT)
    project = load_project(tmp_path, environment=None, integrations=("dbt", "airbyte"), environ={})
    assert resources_of(project.document.runs, ("dbt", "airbyte")) == {"airbyte": {"AIR": 1.0}}


def _file(folder: Path) -> Path:
    (folder / "penstock.yml").write_text("dbt: {transform: {project: .}}\n")
    return folder


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("retris: 2", r"penstock.yml:3: unknown key 'retris'; did you mean 'retries'\? \(in runs\)"),
        ("retries: -1", "runs.retries: retries cannot be less than 0"),
        ("max_steps: 0", "runs.max_steps: max_steps must be at least 1"),
        ("overlap: queu", "runs.overlap: Invalid enum value 'queu'"),
        ("timeouts: {total: soon}", "runs.timeouts.total: 'soon' is no length of time"),
        ("timeouts: {totl: 1h}", r"unknown key 'totl'; did you mean 'total'\? \(in runs.timeouts\)"),
        ("backoff: 1 minute", "runs.backoff: '1 minute' is no length of time"),
        ("backoff: {jitter: 2}", "runs.backoff.jitter: jitter is a part: from 0 to 1"),
        ("backoff: {factor: 0.5}", "runs.backoff.factor: factor must be at least 1"),
        ("backoff: {frist: 5s}", r"unknown key 'frist'; did you mean 'first'\? \(in runs.backoff\)"),
        ("steps: {dbd: {retries: 1}}", r"runs.steps.dbd: no tool or instance 'dbd'; did you mean 'dbt'\?"),
        ("steps: {dbt/transfrom: {retries: 1}}", r"did you mean 'dbt/transform'\?"),
        ("steps: {dbt: {group: x}}", r"unknown key 'group' \(in runs.steps.dbt\)"),
        ("pools: {wndow: 1}", r"no pool 'wndow'; did you mean 'window'\?"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, wrong: str, words: str) -> None:
    text = f"pools: {{window: 2}}\nruns:\n  {wrong}\ndbt: {{transform: {{project: .}}}}\n"
    with pytest.raises(ConfigError, match=words):
        read(tmp_path, text)


def test_a_pool_without_a_slot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"penstock.yml:1: pools.x: a pool has at least one slot"):
        read(tmp_path, "pools: {x: 0}\n")
