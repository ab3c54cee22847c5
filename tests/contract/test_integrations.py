"""Every integration of this tree, proved by the suites that anybody's integration is proved by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.testing import (
    IntegrationCase,
    ObservingSuite,
    RunningSuite,
    WarehouseCase,
    WarehouseSuite,
)
from tests.contract import cases
from tests.doubles.databricks import DatabricksDouble
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble
from tests.tools.forked_dbt import environ_of_forked
from tests.tools.postgres import PostgresServer, new_server


class TestDuckdb(ObservingSuite, WarehouseSuite):
    @pytest.fixture
    def case(self, tmp_path: Path) -> IntegrationCase:
        return cases.duckdb_case(tmp_path)

    @pytest.fixture
    def warehouse(self, tmp_path: Path) -> WarehouseCase:
        return cases.duckdb_warehouse(tmp_path)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    started = new_server()
    started.start(fsync=False)
    yield started
    started.remove()


@pytest.mark.slow
class TestPostgres(ObservingSuite, WarehouseSuite):
    @pytest.fixture
    def case(self, tmp_path: Path, server: PostgresServer) -> IntegrationCase:
        return cases.postgres_case(tmp_path, server.url())

    @pytest.fixture
    def warehouse(self, tmp_path: Path, server: PostgresServer) -> WarehouseCase:
        return cases.postgres_warehouse(tmp_path, server.url())


class TestSnowflake(ObservingSuite, WarehouseSuite):
    """Against the stand-in: the connector and the statements are real, Snowflake's answers are what its README says."""

    @pytest.fixture
    def double(self) -> Iterator[SnowflakeDouble]:
        with SnowflakeDouble(Estate()) as double:
            yield double

    @pytest.fixture
    def case(self, tmp_path: Path, double: SnowflakeDouble) -> IntegrationCase:
        return cases.snowflake_case(tmp_path, double)

    @pytest.fixture
    def warehouse(self, tmp_path: Path, double: SnowflakeDouble) -> WarehouseCase:
        return cases.snowflake_warehouse(tmp_path, double)


@pytest.fixture
def workspace() -> Iterator[DatabricksDouble]:
    with DatabricksDouble(cases.databricks_estate()) as double:
        yield double


class TestDatabricks(ObservingSuite, WarehouseSuite):
    """Against a stand-in: it shows that we ask as the SDK and the documents say, not how a real workspace answers."""

    @pytest.fixture
    def case(self, tmp_path: Path, workspace: DatabricksDouble) -> IntegrationCase:
        return cases.databricks_case(tmp_path, workspace)

    @pytest.fixture
    def warehouse(self, tmp_path: Path, workspace: DatabricksDouble) -> WarehouseCase:
        return cases.databricks_warehouse(tmp_path, workspace)


class TestAirbyte(ObservingSuite, RunningSuite):
    @pytest.fixture
    def case(self, tmp_path: Path) -> IntegrationCase:
        return cases.airbyte_case(tmp_path)


@pytest.fixture(scope="module")
def observed_dbt(tmp_path_factory: pytest.TempPathFactory) -> IntegrationCase:
    return cases.dbt_case(tmp_path_factory.mktemp("shop"), environ_of_forked())


@pytest.mark.slow
class TestDbtObserving(ObservingSuite):
    @pytest.fixture
    def case(self, observed_dbt: IntegrationCase) -> IntegrationCase:
        return observed_dbt


@pytest.mark.slow
class TestDbtRunning(RunningSuite):
    @pytest.fixture
    def case(self, tmp_path: Path, request: pytest.FixtureRequest) -> IntegrationCase:
        """What is killed or stopped is one process, as for a user."""
        stopped = any(word in request.node.name for word in ("killed", "lost", "cancelling"))
        return cases.dbt_case(tmp_path, None if stopped else environ_of_forked())
