"""Ctrl-C, SIGTERM and a closed terminal before a run has begun: one line and 128 + the signal, whatever was being done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from penstock.cli.signals import behind
from penstock.errors import ToolError

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
    assert (done.returncode, done.stdout, done.stderr.lstrip()) == (130, "", "error: interrupted\n")


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
import threading
begin = threading.Thread.start
def held_up(self):  # a busy machine: what sends it again is quicker than who has dropped it
    import time
    begin(self)
    time.sleep(0.2)
threading.Thread.start = held_up
from penstock.__main__ import main
main()
"""
CALLBACK = """Held(); kept = weakref.ref(held, lambda _: signal.raise_signal(signal.SIGINT))"""
TERMINATED = """Held(); kept = weakref.ref(held, lambda _: signal.raise_signal(signal.SIGTERM))"""


@pytest.mark.parametrize(
    ("held", "code", "words"),
    [
        (CALLBACK, 130, "interrupted"),
        ("Finalized()", 130, "interrupted"),
        (TERMINATED, 143, "ended by SIGTERM"),
    ],
)
def test_it_is_not_lost_where_python_drops_it(held: str, code: int, words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DROPPED.format(held=held)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr.lstrip()) == (code, "", f"error: {words}\n")


# A library that stops at a signal may say so by an error of its own.
TURNED = """
import signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "penstock.cli.plan":
            try:
                signal.raise_signal(signal.{name})
            except KeyboardInterrupt:
                pass
            raise RuntimeError("Query interrupted")
sys.meta_path.insert(0, Interrupting())
sys.argv[1:] = ["plan"]
from penstock.__main__ import main
main()
"""


def test_another_error_that_has_the_words_is_itself() -> None:
    turned = RuntimeError("Query interrupted")
    assert behind(ToolError("model orders: Query interrupted by its timeout")) is None
    error = ToolError("shop.duckdb could not be read")
    error.__context__ = turned
    assert [type(behind(one)) for one in (turned, error)] == [KeyboardInterrupt, KeyboardInterrupt]


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("SIGINT", 130, "interrupted"),
        ("SIGTERM", 143, "ended by SIGTERM"),
        ("SIGHUP", 129, "ended: the terminal was closed"),
    ],
)
def test_it_is_no_defect_where_a_library_tells_it_otherwise(name: str, code: int, words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TURNED.format(name=name)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr.lstrip()) == (code, "", f"error: {words}\n")


# What was begun is ended on the way out: here a tool that would go on for ten minutes, and that says when it has begun.
BEGUN = """
import os, signal, subprocess, sys
class Waiting:
    def find_spec(self, name, path=None, target=None):
        if name == "penstock.cli.plan":
            child = subprocess.Popen(["sleep", "600"], start_new_session=True)
            try:
                print(child.pid, flush=True)
                child.wait()
            except BaseException:
                child.kill()
                child.wait()
                raise
sys.meta_path.insert(0, Waiting())
sys.argv[1:] = ["plan"]
from penstock.__main__ import main
main()
"""


def begun(ignored: signal.Signals | None = None) -> tuple[subprocess.Popen[str], int]:
    command = [sys.executable, "-c", BEGUN]
    if ignored is not None:
        command = ["/bin/sh", "-c", f'trap \'\' {ignored.value}; exec "$0" "$@"', *command]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    return running, int(running.stdout.readline())


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (signal.SIGINT, "error: interrupted\n"),
        (signal.SIGTERM, "error: ended by SIGTERM\n"),
        (signal.SIGHUP, "error: ended: the terminal was closed\n"),
    ],
)
def test_what_ends_it_ends_what_it_has_begun(number: signal.Signals, said: str) -> None:
    running, child = begun()
    running.send_signal(number)
    _, err = running.communicate(timeout=60)
    assert (running.returncode, err.lstrip()) == (128 + number, said)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_the_exit_code_says_it_where_nobody_reads_it() -> None:
    running, _child = begun()
    assert running.stderr is not None
    running.stderr.close()
    running.send_signal(signal.SIGTERM)
    assert running.wait(60) == 143
    assert running.stdout is not None
    running.stdout.close()


def test_nohup_is_kept_to() -> None:
    running, child = begun(ignored=signal.SIGHUP)
    running.send_signal(signal.SIGHUP)
    running.send_signal(signal.SIGTERM)  # what came first would have ended it
    _, err = running.communicate(timeout=60)
    assert (running.returncode, err.lstrip()) == (143, "error: ended by SIGTERM\n")
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
