"""The profile as dbt finds and renders it; what only dbt can render is asked of dbt; secrets stay out of messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.errors import ConfigError, MissingVariable
from penstock_dbt.config import DbtConfig
from penstock_dbt.profiles import NeedsDbt, connection, profiles_file, render
from penstock_dbt.settings import settings_of
from tests.unit.penstock_dbt_run.bench import Bench
from tests.unit.penstock_dbt_run.shop import PROFILES, PROJECT, write_shop

ENVIRON = {"USER_NAME": "ann", "PORT": "5432", "FLAG": "True", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        (7, 7),
        ("{{ env_var('USER_NAME') }}", "ann"),
        ('{{ env_var("USER_NAME") }}', "ann"),
        ("{{ env_var('NOT_SET', 'fallback') }}", "fallback"),
        ("{{ env_var('NOT_SET', 5433) | int }}", 5433),
        ("{{ env_var('PORT') | int }}", 5432),
        ("{{ env_var('PORT') | as_number }}", 5432),
        ("{{ env_var('FLAG') | as_bool }}", True),
        ("{{ env_var('EMPTY') }}", ""),
        ("dbt_{{ env_var('USER_NAME') }}_{{ env_var('NOT_SET', 'x') }}", "dbt_ann_x"),
        (["{{ env_var('USER_NAME') }}", {"a": "{{ env_var('PORT') }}"}], ["ann", {"a": "5432"}]),
    ],
)
def test_env_var_is_rendered_without_dbt(text: Any, value: Any) -> None:
    assert render(text, ENVIRON, "x") == value


@pytest.mark.parametrize(
    "text", ["{{ target.name }}", "{% if 1 %}x{% endif %}", "{{ env_var('A') ~ 'b' }}", "{{ var('x') }}"]
)
def test_other_jinja_is_dbt_s(text: str) -> None:
    with pytest.raises(NeedsDbt):
        render(text, ENVIRON, "x")


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(MissingVariable, match="NOT_SET") as caught:
        render({"password": "{{ env_var('NOT_SET') }}"}, ENVIRON, "dev")
    assert caught.value.variable == "NOT_SET" and caught.value.where == "dev.password"


def bench(root: Path, environ: dict[str, str], **config: Any) -> Bench:
    return Bench(root, {"HOME": str(root / "home"), **environ}, DbtConfig(project=".", **config))


def test_where_profiles_are_looked_for(tmp_path: Path) -> None:
    """Named in penstock.yml, DBT_PROFILES_DIR, the project's own folder, ~/.dbt."""
    write_shop(
        tmp_path,
        {"home/.dbt/profiles.yml": PROFILES, "given/profiles.yml": PROFILES, "conf/profiles.yml": PROFILES},
    )

    def where(environ: dict[str, str], **config: Any) -> Path:
        return profiles_file(settings_of(bench(tmp_path, environ, **config).observe_context())).relative_to(
            tmp_path
        )

    assert where({"DBT_PROFILES_DIR": "given"}, profiles_dir="conf") == Path("conf/profiles.yml")
    assert where({"DBT_PROFILES_DIR": "given"}) == Path("given/profiles.yml")
    assert where({}) == Path("profiles.yml")
    (tmp_path / "profiles.yml").unlink()
    assert where({}) == Path("home/.dbt/profiles.yml")


def test_the_output_that_profile_and_target_name(tmp_path: Path) -> None:
    write_shop(tmp_path)
    found = connection(bench(tmp_path, {}).observe_context())
    assert (found.type, found.settings, found.base) == (
        "duckdb",
        {"path": "shop.duckdb", "threads": 2},
        tmp_path,
    )
    assert connection(bench(tmp_path, {}).observe_context(target="prod")).settings["path"] == "prod.duckdb"
    assert connection(bench(tmp_path, {}, target="prod").observe_context()).settings["path"] == "prod.duckdb"
    assert (
        connection(bench(tmp_path, {"DBT_TARGET": "prod"}).observe_context()).settings["path"]
        == "prod.duckdb"
    )


def test_profile_and_target_may_be_env_vars_themselves(tmp_path: Path) -> None:
    profiles = PROFILES.replace("target: dev", "target: \"{{ env_var('WHERE', 'dev') }}\"")
    project = PROJECT.replace("profile: shop", "profile: \"{{ env_var('WHOSE', 'shop') }}\"")
    write_shop(tmp_path, {"profiles.yml": profiles, "dbt_project.yml": project})
    assert connection(bench(tmp_path, {"WHERE": "prod"}).observe_context()).settings["path"] == "prod.duckdb"
    with pytest.raises(ConfigError, match=r"profile 'other' is not in profiles\.yml \(there: shop\)"):
        connection(bench(tmp_path, {"WHOSE": "other"}).observe_context())


@pytest.mark.slow
def test_what_only_dbt_can_render_is_asked_of_dbt(tmp_path: Path, environ: dict[str, str]) -> None:
    jinja = "{{ (env_var('STEM', 'shop') ~ '.duckdb') if var('plain', true) else 'x' }}"
    profiles = f'shop:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      path: "{jinja}"\n'
    write_shop(tmp_path, {"profiles.yml": profiles})
    context = Bench(tmp_path, {**environ, "STEM": "other"}).observe_context()
    assert connection(context).settings["path"] == "other.duckdb"
    unset = profiles.replace("env_var('STEM', 'shop')", "env_var('STEM_TOO')")
    write_shop(tmp_path, {"profiles.yml": unset})
    with pytest.raises(ConfigError, match="STEM_TOO"):
        connection(context)
