"""Ctrl-C before a command has begun: one line, exit code 1, whatever was being imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

# What a signal does: the interrupt is raised from within whatever runs, here the import of that module.
PROGRAM = """
import sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
sys.argv[1:] = ["plan"]
from penstock.__main__ import main
main()
"""


@pytest.mark.parametrize(
    "module", ["click", "penstock.cli.main", "penstock.cli.streams", "penstock.cli.plan"]
)
def test_it_is_one_line(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(module=module)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.lstrip()) == (1, "", "error: interrupted\n")
