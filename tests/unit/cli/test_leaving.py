"""A command that is watched (coverage, a profiler, a debugger) ends as any program does: who watches writes down what was seen."""

from __future__ import annotations

import subprocess
import sys

import pytest

ENDED = """
import atexit, sys
atexit.register(print, "what was there before is called")
{watch}
sys.argv = ["penstock", "{word}"]
from penstock.cli.main import main
main()
"""


@pytest.mark.parametrize(
    ("watch", "word", "code"),
    [
        ("sys.settrace(lambda *_: None)", "--version", 0),
        ("sys.setprofile(lambda *_: None)", "no-such-command", 2),
        (
            "sys.settrace(lambda *_: None); import click; del click.exceptions.NoArgsIsHelpError  # as in 8.1",
            "no-such-command",
            2,
        ),
    ],
)
def test_who_watches_a_command_sees_its_end(watch: str, word: str, code: int) -> None:
    program = ENDED.format(watch=watch, word=word)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == code, done
    assert done.stdout.endswith("what was there before is called\n"), done


def test_without_a_command_the_help_is_shown_and_is_no_error() -> None:
    done = subprocess.run([sys.executable, "-m", "penstock"], capture_output=True, text=True, check=False)
    shown = done.stdout + done.stderr
    assert shown.startswith("Usage: penstock") and "Commands:" in shown
    assert "Error:" not in shown
