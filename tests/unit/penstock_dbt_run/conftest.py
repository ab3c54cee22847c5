"""Real dbt for this suite; the two roads to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock_dbt.config import DbtConfig
from tests.tools.environment import environ_of, real_environment
from tests.unit.penstock_dbt_run.bench import Bench, executable_only
from tests.unit.penstock_dbt_run.shop import write_shop


@pytest.fixture(scope="session")
def environ() -> dict[str, str]:
    return environ_of("1.11")


@pytest.fixture
def shop(tmp_path: Path, environ: dict[str, str]) -> Iterator[Bench]:
    """The project with a warm driver."""
    bench = Bench(write_shop(tmp_path), environ)
    yield bench
    bench.close()


@pytest.fixture(params=["driver", "executable"])
def either(request: pytest.FixtureRequest, tmp_path: Path, environ: dict[str, str]) -> Iterator[Bench]:
    """The project by each of the two roads."""
    command = executable_only(tmp_path, real_environment("1.11")) if request.param == "executable" else None
    bench = Bench(write_shop(tmp_path), environ, DbtConfig(project=".", command=command))
    yield bench
    bench.close()
