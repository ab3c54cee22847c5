"""What a user can get wrong: one clear message each, dbt's own words where it has some, never a traceback, nothing left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from penstock.errors import ConfigError, NoProjectError, PenstockError, ToolError, ToolMissing
from penstock.integration import Outcome
from penstock_dbt.config import DbtConfig
from penstock_dbt.invoke import parse
from tests.tools.environment import environ_of
from tests.unit.penstock_dbt_run.bench import Bench, Ran, tables
from tests.unit.penstock_dbt_run.shop import FILES, PROFILES, PROJECT, write_shop

pytestmark = pytest.mark.slow

ITEMS = ("seed.shop.people", "model.shop.stg_people")
MISTAKES: dict[str, tuple[dict[str, str | None], str]] = {
    "YAML": ({"models/x.yml": "models:\n  - name: [\n"}, "Error reading shop: x.yml"),
    "Jinja": ({"models/x.sql": "select {{ nope( }}\n"}, "unexpected '}', expected ')'"),
    "no such ref": ({"models/x.sql": "select * from {{ ref('gone') }}\n"}, "depends on a node named 'gone'"),
    "variable unset": ({"models/x.sql": "select {{ env_var('NEEDED') }}\n"}, "NEEDED"),
    "two of a name": (
        {"models/a/x.sql": "select 1\n", "models/b/x.sql": "select 1\n"},
        'two models with the name "x"',
    ),
    "unknown key": ({"dbt_project.yml": PROJECT + "modelpaths: [x]\n"}, "modelpaths"),
    "a name with a space": ({"models/my x.sql": "select 1 as x\n"}, "cannot contain spaces"),
}


def failed_whole(ran: Ran, words: str) -> None:
    assert ran.outcomes == dict.fromkeys(ITEMS, Outcome.ERROR)
    assert ran.outcome is Outcome.ERROR
    for text in (ran.finished.message or "", ran.end_of(ITEMS[0]).message or ""):
        assert words in text and "Traceback" not in text


def test_mistakes_in_the_project_and_their_repair(shop: Bench) -> None:
    """One worker lives through all of them, and builds when they are mended."""
    for what, (changes, words) in MISTAKES.items():
        write_shop(shop.root, changes)
        ran = shop.run(*ITEMS)
        failed_whole(ran, words)
        assert not ran.finished.retryable, what
        write_shop(shop.root, dict.fromkeys(changes))
        write_shop(shop.root)
    assert shop.run(*ITEMS).outcome is Outcome.SUCCESS


def test_a_mistake_is_dbt_s_message_also_when_only_parsing(shop: Bench) -> None:
    write_shop(shop.root, {"models/x.sql": "select * from {{ ref('gone') }}\n"})
    with pytest.raises(ConfigError, match="depends on a node named 'gone'"):
        parse(shop.observe_context(), shop.root, shop.config)


def test_called_wrongly(mostly: Bench) -> None:
    ran = mostly.run(*ITEMS, args=["--nonsense"])
    failed_whole(ran, "--nonsense")
    assert not ran.finished.retryable


def test_a_file_that_another_process_holds(shop: Bench) -> None:
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(shop.root / "shop.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None and holder.stdin is not None
    holder.stdout.readline()
    ran = shop.run(*ITEMS)
    holder.communicate()
    failed_whole(ran, "lock")
    assert ran.finished.retryable
    assert shop.run(*ITEMS).outcome is Outcome.SUCCESS


def test_a_project_edited_between_two_steps(shop: Bench) -> None:
    assert shop.run(*ITEMS).outcome is Outcome.SUCCESS
    schema = FILES["models/schema.yml"].split("unit_tests:")[0].replace("customers", "stg_people")
    changes = {"models/orders.sql": "select 42 as id\n", "models/schema.yml": schema}
    write_shop(shop.root, {**changes, "models/customers.sql": None, "tests/no_empty_names.sql": None})
    ran = shop.run("model.shop.orders", "model.shop.customers")
    assert ran.outcomes == {"model.shop.orders": Outcome.SUCCESS, "model.shop.customers": Outcome.ERROR}
    assert tables(shop.root / "shop.duckdb")["orders"] == 1


def test_packages_are_installed_when_they_are_missing(tmp_path: Path, environ: dict[str, str]) -> None:
    package = tmp_path / "elsewhere" / "helpers"
    (package / "macros").mkdir(parents=True)
    (package / "dbt_project.yml").write_text('name: helpers\nversion: "1.0"\nmacro-paths: [macros]\n')
    (package / "macros" / "two.sql").write_text("{% macro two() %}2{% endmacro %}\n")
    root = write_shop(
        tmp_path / "project",
        {
            "packages.yml": "packages:\n  - local: ../elsewhere/helpers\n",
            "models/two.sql": "select {{ helpers.two() }} as n\n",
        },
    )
    never = Bench(root, environ, DbtConfig(project=".", deps="never"))
    with pytest.raises((ConfigError, ToolError), match="dbt deps"):
        parse(never.observe_context(), root, never.config)
    bench = Bench(root, environ)
    assert bench.run("model.shop.two").outcome is Outcome.SUCCESS
    bench.close()


def test_wrong_profile_target_and_adapter_are_refused_before_anything_starts(shop: Bench) -> None:
    def refused(kind: type[PenstockError], words: str, **options: object) -> None:
        with pytest.raises(kind, match=words):
            shop.run(*ITEMS, **options)
        assert not list((shop.root / ".penstock").glob("dbt/*/*/worker-*")), "a worker was started"

    refused(ConfigError, "no target 'qa' .there: dev, prod.", target="qa")
    refused(ConfigError, "profile 'x' is not in profiles.yml", profile="x")
    write_shop(shop.root, {"profiles.yml": PROFILES.replace("type: duckdb", "type: snowflake")})
    refused(ToolMissing, "no adapter for 'snowflake'.*it has: duckdb")
    write_shop(shop.root, {"profiles.yml": PROFILES.replace("dev:", "dev: [")})
    refused(ConfigError, "broken YAML")
    write_shop(shop.root, {"profiles.yml": None})
    shop.environ["HOME"] = str(shop.root)
    refused(ConfigError, "no profiles.yml at .*")


def test_no_dbt_at_all(tmp_path: Path) -> None:
    root = write_shop(tmp_path, {"profiles.yml": PROFILES.replace("duckdb", "homemade")})
    environ = {**environ_of("1.11"), "PATH": "/nonexistent"}
    del environ["VIRTUAL_ENV"]
    # The environment of the tests may have a dbt of its own (the extra `dbt`), which has no such adapter either.
    with pytest.raises(ToolMissing, match=r"for (the adapter )?'homemade'"):
        Bench(root, environ).run(*ITEMS)


def test_no_project(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(NoProjectError, match="no dbt_project"):
        Bench(tmp_path, environ).run(*ITEMS)
