"""Journeys through the web pages in a real headless Chromium, on a dbt project with DuckDB and a real server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools import walking
from tests.tools.browsing import Site
from tests.tools.command import COFFEE, copied, environ, penstock, real_dbt  # noqa: F401
from tests.tools.loaded import make
from tests.tools.walking import Walker

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("journeys")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(COFFEE, tmp_path_factory.mktemp("journeys") / "coffee")


@pytest.fixture(scope="module")
def walker() -> Iterator[Walker]:
    """One Chromium for all of them."""
    found = walking.walker()
    yield found
    found.close()


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    found = Site(folder)
    yield found
    _, err = found.close()
    assert "Traceback" not in err, err


@pytest.fixture
def built(folder: Path) -> None:
    """The launch has built it, unless a journey is walked alone."""
    if not (folder / "coffee.duckdb").exists():
        assert penstock(folder, "build").code == 0


def test_a_launch_is_watched_to_its_failure_and_retried(walker: Walker, site: Site, folder: Path) -> None:
    model = folder / "models" / "cups.sql"
    good = model.read_text()
    model.write_text(good.replace("cents", "cent"))

    def mend(_: str) -> str:
        model.write_text(good)
        return "mended"

    try:
        walker.walk("launch", site, mend)
    finally:
        model.write_text(good)


@pytest.mark.usefixtures("built")
def test_a_log_is_searched_and_saved(walker: Walker, site: Site) -> None:
    walker.walk("log", site)


@pytest.mark.usefixtures("built")
def test_a_column_is_found_and_followed_to_its_field(walker: Walker, site: Site) -> None:
    """After a build: before it the warehouse knows no columns."""
    walker.walk("column", site)


@pytest.mark.usefixtures("built")
def test_groups_that_were_closed_stay_closed(walker: Walker, site: Site) -> None:
    walker.walk("groups", site)


@pytest.mark.usefixtures("built")
def test_each_page_fits_a_phone(walker: Walker, site: Site) -> None:
    walker.walk("phone", site)


@pytest.mark.usefixtures("built")
def test_no_page_keeps_anybody_out(walker: Walker, site: Site) -> None:
    walker.walk("access", site)


@pytest.mark.usefixtures("real_dbt")
def test_a_run_is_steered_from_the_graph_to_its_comparison(walker: Walker, tmp_path: Path) -> None:
    folder = make(tmp_path / "loaded")
    site = Site(folder)

    def kill(words: str) -> str:
        owner = penstock(folder, "runs", words.split()[1], "--json").json()["run"]["owner"]
        os.kill(owner["pid"], signal.SIGKILL)
        (folder / "release").touch()
        return "killed"

    try:
        walker.walk("steer", site, kill)
    finally:
        site.close()


@pytest.mark.usefixtures("built")
def test_a_reader_logs_in_and_starts_nothing(walker: Walker, folder: Path) -> None:
    password = "correct horse battery staple"  # no secret: of a server that ends with this test
    added = subprocess.run(
        [sys.executable, "-m", "penstock", "users", "add", "reader", "--role", "viewer"],
        cwd=folder, input=f"{password}\n{password}\n", env=environ(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    site = Site(folder)
    try:
        walker.walk("login", site, password=password)
    finally:
        site.close()
