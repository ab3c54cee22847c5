"""The example of docs/how-to/write-an-integration.md, as a stranger has it: two wheels in an environment, and nothing of this tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import uv

from tests.support import ROOT

pytestmark = pytest.mark.slow

EXAMPLE = ROOT / "examples" / "integration"


def call(*command: str | Path, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))
    }
    environ["UV_PYTHON_DOWNLOADS"] = "never"
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example's project and tests, and `env`, an environment with both wheels."""
    home = tmp_path_factory.mktemp("stranger")
    for source in (ROOT, EXAMPLE):
        call(
            sys.executable,
            *("-m", "build", "--wheel", "--no-isolation", "--outdir", home / "wheels"),
            source,
            cwd=home,
        )
    python = home / "env" / "bin" / "python"
    binary = uv.find_uv_bin()
    call(binary, "venv", "-q", "--python", sys.executable, home / "env", cwd=home)
    wheels = sorted((home / "wheels").glob("*.whl"))
    assert len(wheels) == 2
    call(binary, "pip", "install", "-q", "--python", python, *wheels, "pytest", cwd=home)
    shutil.copytree(EXAMPLE / "shop", home / "shop")
    shutil.copytree(EXAMPLE / "tests", home / "tests")
    shutil.rmtree(EXAMPLE / "build", ignore_errors=True)
    return home


def test_it_is_found_observed_and_run(home: Path) -> None:
    penstock, shop = home / "env" / "bin" / "penstock", home / "shop"
    seen = json.loads(call(penstock, "assets", "--json", cwd=shop).stdout)
    assert {asset["name"] for asset in seen["assets"]} == {"orders", "revenue"}
    call(penstock, "run", cwd=shop)
    assert (shop / "output" / "revenue.csv").read_text() == "revenue\n30\n"
    ran = json.loads(call(penstock, "runs", "latest", "--json", cwd=shop).stdout)
    assert [(item["name"], item["state"]) for item in ran["items"]] == [
        ("orders", "success"),
        ("revenue", "success"),
    ]
    assert "2 scripts" in call(penstock, "doctor", cwd=shop, check=False).stdout


def test_its_flags_are_offered_and_heard(home: Path) -> None:
    penstock, shop = home / "env" / "bin" / "penstock", home / "shop"
    shown = call(penstock, "run", "--help", cwd=shop).stdout
    assert "Flags of scripts:" in shown and "--limit ROWS" in shown
    script = shop / "scripts" / "lenient.sh"
    script.write_text('false; echo "limit $LIMIT" > "$OUT"\n')
    call(penstock, "run", "lenient", "--limit", "3", cwd=shop)
    assert (shop / "output" / "lenient.csv").read_text() == "limit 3\n"
    strict = call(penstock, "run", "lenient", "--strict", cwd=shop, check=False)
    assert strict.returncode == 1 and "exit code 1" in strict.stdout, strict
    script.unlink()


def test_its_own_suite_passes_there(home: Path) -> None:
    told = call(home / "env" / "bin" / "python", "-m", "pytest", "-q", "tests", cwd=home).stdout
    assert "passed" in told and "failed" not in told
