"""Real dbt, in environments that are made once and kept: `real_environment("1.11")` gives the folder of its executables."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import uv

# What each minor version of dbt-core is tested with. An adapter of its time, and a duckdb that this adapter knows.
REQUIREMENTS = {
    "1.8": ["dbt-core>=1.8,<1.9", "dbt-duckdb>=1.8,<1.9", "duckdb<1.2"],
    "1.9": ["dbt-core>=1.9,<1.10", "dbt-duckdb>=1.9,<1.10", "duckdb<1.4"],
    "1.10": ["dbt-core>=1.10,<1.11", "dbt-duckdb>=1.10,<1.11"],
    "1.11": ["dbt-core>=1.11,<1.12", "dbt-duckdb>=1.11,<1.12"],
    "1.11-postgres": ["dbt-core>=1.11,<1.12", "dbt-postgres>=1.10,<1.11"],
    "1.11-snowflake": ["dbt-core>=1.11,<1.12", "dbt-snowflake>=1.10,<1.12"],
    # Not a dbt: it stands for Snowflake, and imports only beside connector 4.
    "fakesnow": ["fakesnow[server]>=0.12,<0.13", "snowflake-connector-python[pandas]>=4.8,<5"],
}


def cache_folder() -> Path:
    """$PENSTOCK_TEST_CACHE, else a folder that outlives the checkout."""
    return Path(os.environ.get("PENSTOCK_TEST_CACHE") or Path.home() / ".cache" / "penstock-tests")


def make_environment(folder: Path, wanted: Sequence[str]) -> None:
    """A new environment of this Python in `folder`, with those packages. uv is the one beside this Python, whatever
    PATH says. Raises CalledProcessError where a package cannot be installed."""
    environ = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    binary = uv.find_uv_bin()
    venv = [binary, "venv", "-q", "--clear", "--python", sys.executable, str(folder)]
    subprocess.run(venv, env=environ, check=True)
    install = [binary, "pip", "install", "-q", "--python", str(folder / "bin" / "python"), *wanted]
    subprocess.run(install, env=environ, check=True)


def real_environment(version: str) -> Path:
    """`bin` of an environment with that minor version of dbt-core and dbt-duckdb; made by uv when it is not there."""
    folder = cache_folder() / f"dbt-{version}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    ready = folder / "ready"
    with (folder.parent / f"dbt-{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.is_file():
            make_environment(folder, REQUIREMENTS[version])
            ready.touch()
    return folder / "bin"


def environ_of(version: str) -> dict[str, str]:
    """The environment of a user whose dbt is that one: nothing of the environment that the tests run in."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "VIRTUAL_ENV": str(real_environment(version).parent),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
