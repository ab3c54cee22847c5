"""What is off the path of --help and of a cached list: start-up time is a feature."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import unzip_corpus
from tests.tools.command import environ, penstock

HEAVY = (
    "sqlalchemy",
    "alembic",
    "httpx",
    "duckdb",
    "sqlglot",
    "airbyte_api",
    "dask",
    "rich",
    "jsonschema",
    "asyncio",
    "psutil",
    "filelock",
    "platformdirs",
)


def loaded(folder: Path, *arguments: str) -> set[str]:
    """The heavy modules that a command has imported by its end."""
    code = (
        "import sys\n"
        "from penstock.cli.main import main\n"
        f"sys.argv = ['penstock', *{list(arguments)!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print(sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environ(None),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names = done.stderr.splitlines()[-1]
    return {name for name in HEAVY if f"'{name}'" in names}


def test_help(tmp_path: Path) -> None:
    assert loaded(tmp_path, "--help") == set()
    assert loaded(tmp_path, "run", "--help") == set()


@pytest.fixture
def artefacts(tmp_path: Path) -> Path:
    unzip_corpus("jaffle", tmp_path)
    (tmp_path / "penstock.yml").write_text(
        "dbt:\n  jaffle: {manifest: manifest.json, catalog: catalog.json}\n"
    )
    return tmp_path


def test_a_cached_list(artefacts: Path) -> None:
    assert penstock(artefacts, "assets", env=environ(None)).code == 0
    assert loaded(artefacts, "assets") == set()


def test_an_unchanged_list_reads_no_document_again(artefacts: Path) -> None:
    first = penstock(artefacts, "assets", env=environ(None))
    manifest = artefacts / "manifest.json"
    stat = manifest.stat()
    manifest.write_bytes(b"x" * stat.st_size)
    import os

    os.utime(manifest, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert penstock(artefacts, "assets", env=environ(None)).out == first.out
    os.utime(manifest)
    assert penstock(artefacts, "assets", env=environ(None)).code == 2
