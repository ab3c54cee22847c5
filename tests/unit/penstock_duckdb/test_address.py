"""Where a DuckDB database is, told without opening it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from penstock.errors import ConfigError
from penstock.integration import Connection, WarehouseContext
from penstock_duckdb import INTEGRATION
from penstock_duckdb.address import address_of, database_name, file_of


def connection(path: str, base: Path, **settings: object) -> Connection:
    return Connection(type="duckdb", settings={"path": path, **settings}, base=base)


def test_a_file_inside_the_project_is_named_relative_to_it(tmp_path: Path) -> None:
    address = address_of(connection("../data/shop.duckdb", tmp_path / "transform"), tmp_path)
    assert address.namespace == "duckdb:data/shop.duckdb"
    assert address.resource == address.namespace
    assert (address.slots, address.dialect, address.database) == (1, "duckdb", "shop")


def test_two_ways_to_write_one_path_are_one_address(tmp_path: Path) -> None:
    absolute = address_of(connection(str(tmp_path / "shop.duckdb"), tmp_path / "elsewhere"), tmp_path)
    relative = address_of(connection("./x/../shop.duckdb", tmp_path), tmp_path)
    assert absolute == relative


def test_a_file_outside_the_project_is_named_by_its_whole_path(tmp_path: Path) -> None:
    address = address_of(connection("/data/shop.duckdb", tmp_path), tmp_path)
    assert address.namespace == "duckdb:/data/shop.duckdb"


def test_a_token_in_the_path_is_not_part_of_the_address(tmp_path: Path) -> None:
    address = address_of(connection("md:sales?motherduck_token=s3cret", tmp_path), tmp_path)
    assert address.namespace == "duckdb:md:sales"
    assert address.database == "sales"
    with pytest.raises(ConfigError) as raised:
        file_of(connection("md:sales?motherduck_token=s3cret", tmp_path))
    assert "s3cret" not in str(raised.value)


def test_no_path_is_the_in_memory_database(tmp_path: Path) -> None:
    address = address_of(Connection(type="duckdb", settings={}, base=tmp_path), tmp_path)
    assert (address.namespace, address.database) == ("duckdb::memory:", "memory")


@pytest.mark.parametrize(
    "name",
    [
        "shop.duckdb",
        "my.shop.duckdb",
        "main.duckdb",
        "temp.db",
        "System.db",
        "a b.duckdb",
        "plain",
        ".hidden.db",
    ],
)
def test_the_database_is_named_as_duckdb_names_it(name: str, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / name)) as opened:
        row = opened.execute("SELECT current_database()").fetchone()
    assert row == (database_name(name),)


def test_the_schema_of_a_profile_is_the_default_schema(tmp_path: Path) -> None:
    assert address_of(connection("s.duckdb", tmp_path, schema="dev"), tmp_path).schema == "dev"
    assert address_of(connection("s.duckdb", tmp_path), tmp_path).schema == "main"


def test_another_tools_connection_is_none_of_ours(tmp_path: Path) -> None:
    context = WarehouseContext(
        connection=Connection(type="postgres", settings={}, base=tmp_path), project_root=tmp_path
    )
    assert INTEGRATION.warehouse(context) is None


def test_an_address_costs_no_import_of_duckdb() -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom penstock_duckdb import INTEGRATION\n"
        "from penstock.integration import Connection, WarehouseContext\n"
        "c = Connection(type='duckdb', settings={'path': 'a.duckdb'}, base=Path('.'))\n"
        "INTEGRATION.warehouse(WarehouseContext(connection=c, project_root=Path('.'))).address\n"
        "assert 'duckdb' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
