"""Ctrl-C before a run has begun: one line, exit code 1, whatever was being done."""

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


# Python drops what is raised in these two; the finder stands for any moment at which garbage is collected.
DROPPED = """
import signal, sys, weakref
class Held:
    pass
class Finalized:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "penstock.cli.plan":
            held = {held}
            del held
            import time
            time.sleep(600)
sys.meta_path.insert(0, Interrupting())
sys.argv[1:] = ["plan"]
from penstock.__main__ import main
main()
"""
CALLBACK = """Held(); kept = weakref.ref(held, lambda _: signal.raise_signal(signal.SIGINT))"""


@pytest.mark.parametrize("held", [CALLBACK, "Finalized()"])
def test_it_is_not_lost_where_python_drops_it(held: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DROPPED.format(held=held)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stdout, done.stderr.lstrip()) == (1, "", "error: interrupted\n")
