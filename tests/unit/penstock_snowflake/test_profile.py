"""The connection of a dbt profile, as the project file's `{dbt: transform}` follows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.service.workspace import open_workspace
from penstock_snowflake.config import SnowflakeConfig

PROFILES = """
shop:
  target: dev
  outputs:
    dev: {type: snowflake, account: acme-my_team, user: "{{ env_var('SF_USER') }}", private_key_path: keys/key.p8, role: R,
          warehouse: WH, database: analytics, schema: marts, threads: 8, query_tag: of-dbt, client_session_keep_alive: false}
"""


def test_the_catalog_is_read_over_the_profile_of_dbt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SF_USER", "LOADER")
    project = tmp_path / "transform"
    project.mkdir()
    (project / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    (project / "profiles.yml").write_text(PROFILES)
    (tmp_path / "penstock.yml").write_text(
        "warehouses: {main: {dbt: transform}}\ndbt: {transform: {project: transform}}\n"
    )
    workspace = open_workspace(tmp_path)
    found = workspace.catalog_context("main", may_call=False)
    assert found is not None and found[0].name == "snowflake"
    config = found[1].config
    assert isinstance(config, SnowflakeConfig)
    assert (config.user, config.database, config.warehouse) == ("LOADER", "analytics", "WH")
    assert config.private_key_path == str(project / "keys" / "key.p8")
    address = workspace.warehouse("main").address
    assert (address.namespace, address.database, address.slots) == (
        "snowflake://acme-my-team",
        "ANALYTICS",
        32,
    )
