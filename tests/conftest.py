"""What every suite can be told on the command line."""

from __future__ import annotations

import pytest

from penstock.testing.evidence import pytest_terminal_summary  # noqa: F401


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what is found into the golden files; every change is then to be read and judged",
    )
    parser.addoption(
        "--lineage-seed",
        type=int,
        default=None,
        metavar="N",
        help="another seed for the generated queries of lineage: other queries than those that always run",
    )
    parser.addoption(
        "--lineage-queries",
        type=int,
        default=120,
        metavar="N",
        help="how many generated queries are run against DuckDB to prove lineage (2000 and more for a release)",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))
