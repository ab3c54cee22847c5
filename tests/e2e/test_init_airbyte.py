"""`penstock init` beside a remote Airbyte: it asks the server and writes what it found, secrets by name only."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.doubles.airbyte import AirbyteDouble
from tests.doubles.airbyte.shop import shop_estate
from tests.support import ROOT
from tests.tools.command import environ, penstock

DBT = ROOT / "examples" / "airbyte_api" / "transform"


def test_init_asks_the_server(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    shutil.copytree(DBT, tmp_path / "transform")
    with AirbyteDouble(shop_estate(tmp_path / "shop.duckdb")) as double:
        env = environ(AIRBYTE_SERVER=double.url, AIRBYTE_CLIENT_ID="id", AIRBYTE_CLIENT_SECRET="secret")
        done = penstock(tmp_path, "init", env=env)
        assert done.code == 0 and "2 connections" in done.out
        text = (tmp_path / "penstock.yml").read_text()
        assert "client_secret: ${AIRBYTE_CLIENT_SECRET}" in text and "secret: secret" not in text
        assert "# connection: Shop, 2 streams, active" in text
        assets = penstock(tmp_path, "assets", "--refresh", env=env)
        assert assets.code == 0 and "Shop/orders" in assets.out


def test_init_without_an_answer_still_writes(tmp_path: Path) -> None:
    shutil.copytree(DBT, tmp_path / "transform")
    env = environ(AIRBYTE_SERVER="http://127.0.0.1:9", AIRBYTE_TOKEN="t")
    done = penstock(tmp_path, "init", env=env)
    assert done.code == 0 and "could not be asked" in done.out
    assert "token: ${AIRBYTE_TOKEN}" in (tmp_path / "penstock.yml").read_text()
