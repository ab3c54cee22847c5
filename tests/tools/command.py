"""The command line as a user has it: a process of its own, with a real dbt in its environment and a cache of the tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT
from tests.tools.environment import cache_folder, environ_of
from tests.tools.forked_dbt import environ_of_forked
from tests.tools.parsed import as_parsed_before
from tests.tools.ready import ready

SHOP = ROOT / "examples" / "shop"
COFFEE = ROOT / "tests" / "projects" / "coffee"


_OF_THE_TESTS = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")


FORKED = "forked "  # before a version: forked from a process that has imported it
DBT = ContextVar("DBT", default=FORKED + "1.11")  # of a test that names none


def environ(dbt: str | None = "", **extra: str) -> dict[str, str]:
    """The environment of a user whose active environment has that dbt (None: no dbt anywhere)."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _OF_THE_TESTS and not name.startswith(("PENSTOCK_", "DBT_", "PYTEST_"))
    }
    if dbt is None:
        active = {"PATH": "/usr/bin:/bin"}
    else:
        dbt = dbt or DBT.get()
        forked = dbt.startswith(FORKED)
        active = environ_of_forked(dbt.removeprefix(FORKED)) if forked else environ_of(dbt)
    return {
        **kept,
        **active,
        "PENSTOCK_CACHE_DIR": str(cache_folder() / "penstock"),
        "NO_COLOR": "1",
        **extra,
    }


class Done:
    """What a command printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    def json(self) -> Any:
        return json.loads(self.out)

    def __repr__(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def penstock(
    folder: Path, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 300
) -> Done:
    """Run one command in `folder` to its end, in a process that has been forked from one with the imports done."""
    given = environ() if env is None else env
    if ready().serves(given):
        done = ready().run(folder, arguments, given, timeout)
    else:
        done = subprocess.run(
            [sys.executable, "-m", "penstock", *arguments],
            cwd=folder,
            env=dict(given),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    assert "Traceback" not in done.stderr, done.stderr
    told = Done(done.returncode, done.stdout, done.stderr)
    print("$ penstock", *arguments, told)  # shown when the test fails, whatever it is that failed
    return told


def start(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start one command and leave it running, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "penstock", *arguments],
        cwd=folder,
        env=dict(environ() if env is None else env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


@pytest.fixture
def real_dbt() -> Iterator[None]:
    """For a test that kills or interrupts what it has started: dbt is one process there, as for a user."""
    token = DBT.set("1.11")
    yield
    DBT.reset(token)


def copied(project: Path, into: Path) -> Path:
    """A project of its own to build in; the folder is its git root, so that nothing above it is found."""
    left_out = shutil.ignore_patterns(".penstock", "*.duckdb", "target", "logs", "dbt_packages")
    shutil.copytree(project, into, ignore=left_out)
    if project == COFFEE:
        as_parsed_before(into)
    (into / ".git").mkdir()
    return into
