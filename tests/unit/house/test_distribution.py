"""What is shipped is what is written: the wheel and the sdist hold every source file, and the entry points load."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT

SOURCE_ROOTS = ("core", "manifests", "integrations")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    subprocess.run(
        [sys.executable, str(ROOT / "hatch_build.py")], check=True
    )  # or whoever builds the pages has done it then
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def sources(root: str) -> set[str]:
    return {
        path.relative_to(ROOT / root).as_posix()
        for path in (ROOT / root).rglob("*")
        if path.is_file() and not {"__pycache__", "node_modules"} & set(path.parts)
    }


def test_the_wheel_holds_every_source_file(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
    everything = set().union(*(sources(root) for root in SOURCE_ROOTS))
    assert shipped == {name for name in everything if not name.startswith("ui/")}


def test_the_wheel_holds_the_built_web_pages(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        page = archive.read("penstock/web/static/index.html").decode()
    assert "<script" in page


def test_the_sdist_needs_no_node(built: Path) -> None:
    """It carries the pages with the stamp of the source beside them, so that nothing is built again."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "core/penstock/web/static/index.html",
        "core/penstock/web/static/.stamp",
        "hatch_build.py",
    } <= names


def test_the_sdist_holds_every_source_file(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        shipped = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {f"{root}/{name}" for root in SOURCE_ROOTS for name in sources(root)}
    assert wanted - shipped == set()
    assert {"LICENSE", "README.md", "pyproject.toml", "examples/shop/penstock.yml"} <= shipped


def test_every_integration_keeps_the_contract() -> None:
    from penstock import registry

    assert set(registry.names()) >= {
        "airbyte",
        "checks",
        "databricks",
        "dbt",
        "duckdb",
        "postgres",
        "snowflake",
    }
    for name in registry.names():
        assert registry.integration(name).name == name
