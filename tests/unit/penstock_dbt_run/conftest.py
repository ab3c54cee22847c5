"""Real dbt for this suite; the two backends to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock_dbt.config import DbtConfig
from tests.tools.environment import real_environment
from tests.tools.forked_dbt import environ_of_forked
from tests.tools.parsed import as_parsed_before
from tests.unit.penstock_dbt_run.bench import Bench, executable_only
from tests.unit.penstock_dbt_run.shop import write_shop


@pytest.fixture(scope="session")
def environ() -> dict[str, str]:
    return environ_of_forked()


@pytest.fixture
def shop(tmp_path: Path, environ: dict[str, str]) -> Iterator[Bench]:
    """The project with a warm worker."""
    bench = Bench(as_parsed_before(write_shop(tmp_path)), environ)
    yield bench
    bench.close()


_ALSO_LONG = pytest.param("executable", marks=pytest.mark.long)


def _by(backend: str, root: Path, environ: dict[str, str]) -> Bench:
    as_parsed_before(write_shop(root))
    command = executable_only(root, real_environment("1.11")) if backend == "executable" else None
    return Bench(root, environ, DbtConfig(project=".", command=command))


@pytest.fixture(params=["worker", _ALSO_LONG])
def mostly(request: pytest.FixtureRequest, tmp_path: Path, environ: dict[str, str]) -> Iterator[Bench]:
    """The project by each of the two backends, the slower one only in the long suite."""
    bench = _by(request.param, tmp_path, environ)
    yield bench
    bench.close()
