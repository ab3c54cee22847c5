"""Each integration is given what it listens to of the command line, and nothing of another's."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from penstock.errors import UsageError
from penstock.integration import NoOptions, given, understood
from penstock.service.flags import flags_said
from penstock.service.planning import step_options
from penstock.service.workspace import open_workspace
from penstock_dbt.options import DbtOptions, options_of

PROJECT = """
name: shop
warehouses: {main: {type: duckdb, path: shop.duckdb}}
dbt: {transform: {project: .}}
airbyte:
  ingest:
    connections:
      shop: {source: {command: [connector], config: {}}, destination: main}
"""


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    pages: int = 1


def test_a_record_takes_its_own_options_and_leaves_the_rest() -> None:
    assert understood({"pages": 3, "target": "prod"}, Mine) == {"pages": 3}
    assert given({"pages": 3, "target": "prod"}, Mine) == Mine(pages=3)
    assert given({"target": "prod"}, Mine) == Mine()
    assert understood({"pages": 3}, NoOptions) == {}
    with pytest.raises(UsageError, match="a value that it cannot have"):
        given({"pages": "three"}, Mine)


def test_what_comes_later_wins() -> None:
    options = options_of({"target": "dev", "threads": 2, "pages": 3}, {"target": "prod"})
    assert options == DbtOptions(target="prod", threads=2)


def test_flags_of_dbt_go_to_dbt_alone(tmp_path: Path) -> None:
    (tmp_path / "penstock.yml").write_text(PROJECT)
    workspace = open_workspace(tmp_path, options={"target": "prod", "indirect_selection": "eager"})
    told = step_options(workspace, {"full_refresh": True, "from_scratch": ["shop/users#table"]})
    assert told == {
        "dbt/transform": {"target": "prod", "full_refresh": True},
        "airbyte/ingest": {"from_scratch": ["shop/users#table"]},
    }
    assert workspace.context("airbyte", "ingest", may_call=False).options == {}
    assert workspace.context("dbt", "transform", may_call=False).options == {"target": "prod"}


def test_flags_by_which_other_data_is_made_are_told_without_their_secrets() -> None:
    assert flags_said(
        {
            "dbt/a": {"empty": True, "threads": 4, "full_refresh": True, "target": "prod"},
            "dbt/b": {
                "sample": "3 days",
                "vars": "{token: hunter2}",
                "args": ["--args", "{k: hunter2}", "--x=hunter2", "-ehunter2"],
            },
            "dbt/c": {"full_refresh": True, "threads": 2},
            "airbyte/ingest": {"from_scratch": ["shop/users#table"]},
        }
    ) == {
        "dbt/a": "--empty --target prod",
        "dbt/b": "--sample '3 days' --vars -- --args --x -e",
    }
