"""The words of policies: read at the door, each wrong one a line with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from penstock.assets import AssetKey
from penstock.automation.policy import Policy, laid_over
from penstock.automation.rules import limits_of, rule_of
from penstock.errors import ConfigError
from penstock.project import load_project

KEY = AssetKey("duckdb:shop", "mart")


def project(folder: Path, **parts: Any) -> Any:
    (folder / "penstock.yml").write_text(json.dumps({"name": "shop", **parts}, indent=1))
    return load_project(folder, environment=None, environ={}, integrations=("dbt",))


def policy(folder: Path, *policies: dict[str, Any], **automation: Any) -> tuple[Policy, Any]:
    found = project(folder, policies=[{"select": "*", **one} for one in policies], automation=automation)
    chosen = [(at, one, frozenset({KEY})) for at, one in enumerate(found.document.policies)]
    return laid_over(found, chosen)[KEY], found


def test_later_lines_override_single_fields_and_each_field_knows_its_line(tmp_path: Path) -> None:
    held, found = policy(
        tmp_path,
        {"build": "change", "settle": "5m", "build_after": {"time": "15m", "updates_on": "all"}},
        {"settle": "1m", "guard": {"builds_per_day": 2}},
    )
    rule = rule_of(held, found.document.automation)
    assert (rule.build, rule.settle, rule.after, rule.updates_on, rule.per_day) == (
        "change",
        60.0,
        900.0,
        "all",
        2,
    )
    lines = {field.name: field.line for field in held.fields}
    assert lines["build"] != lines["settle"] and all(":" in line for line in lines.values())


def test_what_holds_for_all_is_the_default(tmp_path: Path) -> None:
    held, found = policy(
        tmp_path, {"build": "change"}, settle="9m", guard={"builds_per_day": 7, "runs_per_hour": 3}
    )
    rule = rule_of(held, found.document.automation)
    assert (rule.settle, rule.per_day) == (540.0, 7) and limits_of(found).runs_per_hour == 3


def test_times_and_quiet_hours(tmp_path: Path) -> None:
    held, found = policy(
        tmp_path,
        {"build": {"cron": "0 7 1 * *", "wait_for": "all"}},
        quiet=[{"from": "22:00", "to": "05:00", "days": "sat-sun", "reason": "maintenance"}],
    )
    rule = rule_of(held, found.document.automation)
    assert rule.build == "schedule" and rule.wait_for == "all" and rule.give_up == 6 * 3600.0
    (quiet,) = limits_of(found).quiet
    saturday = 2 * 86400.0  # 1970-01-03
    assert quiet.until(saturday + 23 * 3600.0) == saturday + 29 * 3600.0
    assert quiet.until(saturday + 12 * 3600.0) is None and quiet.until(23 * 3600.0) is None


@pytest.mark.parametrize(
    ("policies", "automation", "words"),
    [
        ([{"build": {"cron": "0 6 30 2 *"}}], {}, "30 2"),
        ([{"build": {"cron": "0 6 * * *", "timezone": "Europe/Berln"}}], {}, "did you mean 'Europe/Berlin'"),
        ([{"build": "missing", "build_after": {"time": "5m"}}], {}, "build_after goes with build: change"),
        ([{"build": "chnage"}], {}, "build"),
        ([{"build": "change", "settle": "soon"}], {}, "settle: 'soon' is no length of time"),
        ([{"guard": {"builds_per_day": 0}}], {}, "builds nothing"),
        ([{"guard": {"builds_a_day": 1}}], {}, "did you mean 'builds_per_day'"),
        ([{"build": "change"}], {"quiet": [{"from": "late", "to": "05:00"}]}, "are no hours"),
        ([{"build": "change"}], {"max_plan": 0}, "max_plan"),
        ([{"build": "change"}], {"settle": "never"}, "no length of time"),
    ],
)
def test_what_cannot_be_is_one_line_with_its_place(
    tmp_path: Path, policies: list[dict[str, Any]], automation: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError) as wrong:
        held, found = policy(tmp_path, *policies, **automation)
        rule_of(held, found.document.automation)
        limits_of(found)
    assert words in str(wrong.value) and "penstock.yml:" in str(wrong.value)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"fresh": {"warn": "15m", "fail": "10m"}}, "fresh: warn (15m) comes after fail (10m)"),
        ({"build": "never", "build_after": {"time": "1h"}}, "here holds build: never"),
        ({"build": {"cron": "0 6 * * *"}, "build_after": {"time": "1h"}}, "here holds build: a schedule"),
    ],
)
def test_a_policy_against_itself_is_refused_by_whoever_reads_the_file(
    tmp_path: Path, said: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError) as wrong:
        project(tmp_path, policies=[{"select": "tag:nothing", **said}])
    assert "policy of 'tag:nothing'" in str(wrong.value) and words in str(wrong.value)
    assert "penstock.yml:" in str(wrong.value)


OVERLAID = """name: shop
policies:
  - {select: a, fresh: {fail: 4h}}
automation: {settle: 3m}
environments:
  prod:
    automation: {max_plan: 9}
    policies:
      - select: b
        fresh: {warn: 1h, fail: 2h}
"""


def test_lines_are_those_of_the_environment_that_was_asked_for(tmp_path: Path) -> None:
    def read(text: str, environment: str) -> Any:
        (tmp_path / "penstock.yml").write_text(text)
        return load_project(tmp_path, environment=environment, environ={}, integrations=("dbt",))

    (base, prod) = (read(OVERLAID, one) for one in ("dev", "prod"))
    fail, settle, most = (
        ("policies", 0, "fresh", "fail"),
        ("automation", "settle"),
        ("automation", "max_plan"),
    )
    assert (base.place(fail), prod.place(fail)) == ("penstock.yml:3", "penstock.yml:10")
    assert (prod.place(settle), prod.place(most)) == ("penstock.yml:4", "penstock.yml:7")
    assert prod.says(most) and prod.says(settle) and not base.says(most)
    assert prod.place(("policies", 0, "settle")) == "penstock.yml:9"
    with pytest.raises(ConfigError, match=r"penstock.yml:10: .*warn \(3h\) comes after fail"):
        read(OVERLAID.replace("1h", "3h"), "prod")
    read(OVERLAID.replace("1h", "3h"), "dev")


def test_one_policy_may_add_to_what_another_says(tmp_path: Path) -> None:
    policy(tmp_path, {"build": "change"}, {"build_after": {"time": "1h"}})
    policy(tmp_path, {"fresh": {"warn": "10m", "fail": "10m"}}, {"fresh": {"warn": "5m"}})
