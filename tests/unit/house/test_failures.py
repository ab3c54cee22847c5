"""A test that fails shows whole what its commands have printed: the last line tells what failed, and it may fail only once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.command import Done, penstock

LONG = "\n".join(f"{number} one line of many" for number in range(100))


def test_a_message_is_shown_whole() -> None:
    done = Done(1, LONG, f"{LONG}\nthe error")
    with pytest.raises(AssertionError) as told:
        assert done.code == 0, done
    shown = str(told.value).replace(" ", "")
    for line in (*LONG.splitlines(), "the error"):
        assert line.replace(" ", "") in shown


def test_what_a_command_has_printed_is_shown_with_whatever_fails_after_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = penstock(tmp_path, "run", "--nothing-of-the-kind")
    shown = capsys.readouterr().out
    assert "$ penstock run --nothing-of-the-kind exit 2" in shown
    assert done.err and done.err in shown
