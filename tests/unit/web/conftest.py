"""One observed project for all tests of the web server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.command import penstock
from tests.tools.loaded import make
from tests.tools.served import Served, served

HOSTILE = """
models:
  - name: loud
    description: "<script>alert(1)</script><img src=x onerror=alert(2)> \\x1b]0;title\\x07"
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one run of its fast half, and a model whose description tries to be a page."""
    folder = make(tmp_path_factory.mktemp("served") / "loaded")
    models = folder / "transform" / "models"
    models.joinpath("loud.sql").write_text("select id, upper(name) as name from {{ ref('fast_things') }}")
    models.joinpath("loud.yml").write_text(HOSTILE)
    done = penstock(folder, "build", "-s", "raw_fast.things+", "--exclude", "all_things")
    assert done.code == 0, done
    return folder


@pytest.fixture(scope="session")
def site(built: Path) -> Iterator[Served]:
    with served(built) as found:
        found.add("root", "admin", see_data=True)
        yield found
