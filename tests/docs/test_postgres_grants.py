"""The grants of the how-to are enough, and a role without them is told what it lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from penstock.errors import ToolError
from penstock.integration import WriteMode
from tests.support import ROOT
from tests.tools.postgres import PostgresServer, new_server
from tests.unit.penstock_duckdb.loading import line
from tests.unit.penstock_postgres.loading import PostgresLoading

pytestmark = pytest.mark.slow
PAGE = ROOT / "docs" / "how-to" / "postgres.md"
_WHOLE, _SCHEMAS, _READER = range(3)


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    started = new_server()  # roles are the whole server's: each test has its own
    started.start(fsync=False)
    yield started
    started.remove()


def grant(url: str, *blocks: int) -> None:
    """Run these blocks of the page, in the database of the test."""
    found = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    name = url.rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as session:
        for block in blocks:
            session.execute(found[block].replace("DATABASE shop", f"DATABASE {name}"))


def as_role(url: str, role: str) -> str:
    return url.replace("postgres@", f"{role}@")


def load(root: Path, url: str) -> None:
    root.mkdir(exist_ok=True)
    loading = PostgresLoading(root, url)
    table = loading.table({"v": "integer"}, WriteMode.APPEND)
    loading.load([line({"v": 1})], table)


def test_the_loading_role_may_load(server: PostgresServer, tmp_path: Path) -> None:
    url = server.url()
    grant(url, _WHOLE)
    load(tmp_path, as_role(url, "penstock"))


def test_schemas_made_beforehand_are_enough(server: PostgresServer, tmp_path: Path) -> None:
    url = server.url()
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("CREATE ROLE penstock LOGIN")
        session.execute("CREATE SCHEMA raw AUTHORIZATION penstock")
    with pytest.raises(ToolError, match="permission denied for database") as told:
        load(tmp_path, as_role(url, "penstock"))
    assert "docs/how-to/postgres.md" in str(told.value.hint)
    grant(url, _SCHEMAS)
    load(tmp_path / "again", as_role(url, "penstock"))


def test_the_reader_counts_checks_and_reads_the_catalog_without_more(
    server: PostgresServer, tmp_path: Path
) -> None:
    url = server.url()
    grant(url, _WHOLE)
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("CREATE SCHEMA raw_shop")
        session.execute("CREATE SCHEMA analytics")
        session.execute("CREATE TABLE raw_shop.users AS SELECT 1 AS id")
        session.execute("CREATE VIEW analytics.seen AS SELECT id FROM raw_shop.users")
        session.execute("CREATE ROLE stranger LOGIN")
    stranger = PostgresLoading(tmp_path, as_role(url, "stranger")).warehouse
    tables = {table.relation.identifier: table for page in stranger.pages() for table in page.tables}
    assert "raw_shop.users" in str(tables["seen"].sql)
    with pytest.raises(ToolError, match="permission denied"):
        stranger.row_counts([tables["users"].relation])
    grant(url, _READER)
    reader = PostgresLoading(tmp_path, as_role(url, "penstock_reader")).warehouse
    assert reader.row_counts([tables["users"].relation])[tables["users"].relation].rows == 1
