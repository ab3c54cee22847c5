"""The suites of warehouse clients on other versions than the locked ones: `python -m tests.tools.clients [NAME==VERSION ...]`.

Each version is installed in a folder of its own that stands before the environment's packages.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support import ROOT

# The lowest that is allowed, and what adapters beside it still take; the newest is the lock's own.
VERSIONS = ("databricks-sdk==0.100.0", "databricks-sdk==0.117.0", "snowflake-connector-python==4.8.1")
_SUITES = {
    "databricks-sdk": ("tests/unit/penstock_databricks", "databricks"),
    "snowflake-connector-python": ("tests/unit/penstock_snowflake", "snowflake"),
}


def passes(requirement: str) -> bool:
    """Whether the unit tests and the contract suites pass with it."""
    own, word = _SUITES[requirement.partition("==")[0]]
    print(f"\n== {requirement}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        uv = [str(Path(sys.executable).with_name("uv")), "pip", "install", "-q", "--python", sys.executable]
        # Only the databricks-sdk needs what the lock has already.
        alone = ["--no-deps"] if word == "databricks" else []
        subprocess.run([*uv, "--target", folder, *alone, requirement], check=True)
        env = {**os.environ, "PYTHONPATH": folder}
        suites = ([own], ["tests/contract", "-k", word])
        return all(
            subprocess.run(
                [sys.executable, "-m", "pytest", "-q", *suite], cwd=ROOT, env=env, check=False
            ).returncode
            == 0
            for suite in suites
        )


if __name__ == "__main__":
    failed = [one for one in sys.argv[1:] or VERSIONS if not passes(one)]
    sys.exit(f"not with {', '.join(failed)}" if failed else 0)
