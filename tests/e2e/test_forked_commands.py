"""The processes that the tests fork their commands and each dbt from: what one is given, or does to itself, is no other one's."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.tools.command import environ, penstock
from tests.tools.environment import real_environment
from tests.tools.forked_dbt import environ_of_forked, forked_environment
from tests.tools.ready import ready

pytestmark = pytest.mark.slow


def test_folder_environment_and_exit_code_are_of_one_command(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name / ".git").mkdir(parents=True)
        (tmp_path / name / "penstock.yml").write_text(
            f"name: {name}\nwarehouses: {{main: {{type: duckdb, path: '${{PLACE_OF_THE_TEST}}'}}}}\n"
        )
    told, untold = environ(None, PLACE_OF_THE_TEST="w.duckdb"), environ(None)
    assert ready().serves(told) and ready().serves(untold)
    assert penstock(tmp_path / "one", "no-such-command", env=told).code == 2
    done = penstock(tmp_path / "one", "assets", "--json", env=told)
    assert (done.code, done.json()["project"]) == (0, "one"), done
    done = penstock(tmp_path / "other", "assets", "--json", env=untold)
    assert (done.code, "PLACE_OF_THE_TEST" in done.err, done.out) == (2, True, ""), done
    done = penstock(tmp_path / "other", "assets", "--json", env=told)
    assert (done.code, done.json()["project"]) == (0, "other"), done


def test_who_asks_and_goes_away_takes_nobody_with_it(tmp_path: Path) -> None:
    """A test that is interrupted while its command works: others go on asking."""
    asked = {"folder": str(tmp_path), "arguments": ["--version"], "environ": environ(None), "umask": 0o22}
    server, surroundings = ready(), environ(None)
    read, write = os.pipe()
    os.close(read)
    with tempfile.TemporaryFile("w+") as request, tempfile.TemporaryFile("w+") as out:
        json.dump(asked, request)
        request.flush()
        socket.send_fds(server._pipe, [b"."], [request.fileno(), out.fileno(), out.fileno(), write])
        os.close(write)
    assert server.run(tmp_path, ["--version"], surroundings, 60).returncode == 0


SCRIPT = """
import os, signal, sys
import dbt.adapters.factory, dbt.cli.main, dbt_common.context
signal.signal(signal.SIGINT, lambda number, frame: print("interrupted", flush=True))
known = dbt.adapters.factory.FACTORY.adapters, dbt_common.context.try_get_invocation_context(), os.listdir("/proc/self/task")
own = os.getcwd(), os.environ.get("PLACE"), os.getppid(), sys.argv[1:]
print(*own, "dbt.task.build" in sys.modules, *known[:2], len(known[2]), flush=True)
for line in sys.stdin:
    print("told", line, end="", flush=True)
sys.exit(7)
"""


@pytest.fixture
def asked(tmp_path: Path) -> subprocess.Popen[str]:
    (tmp_path / "script.py").write_text(SCRIPT)
    return subprocess.Popen(
        [forked_environment() / "python", tmp_path / "script.py", "a", "b"],
        cwd=tmp_path,
        env={**environ_of_forked(), "PLACE": "here"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_forked_dbt_is_a_child_like_any_other(asked: subprocess.Popen[str], tmp_path: Path) -> None:
    assert asked.stdout is not None and asked.stdin is not None
    first = asked.stdout.readline()
    assert first == f"{tmp_path} here {os.getpid()} ['a', 'b'] True {{}} None 1\n", (
        "it has been forked, knows its parent, nothing of what was parsed before, and has one thread"
    )
    asked.send_signal(signal.SIGINT)
    assert asked.stdout.readline() == "interrupted\n"
    out, _ = asked.communicate("a word\n")
    assert (out, asked.returncode) == ("told a word\n", 7)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_forked_dbt_ends_with_the_process_that_stands_for_it(
    asked: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert asked.stdout is not None and asked.stdout.readline()
    os.killpg(asked.pid, number)
    assert asked.stdout.read() == "", "its end of the pipe is closed"
    asked.communicate()
    assert asked.returncode == -number


def test_what_is_no_script_is_run_by_the_interpreter_itself() -> None:
    python = forked_environment() / "python"
    done = subprocess.run(
        [python, "-c", "import dbt, sys; print(sys.executable, dbt.__path__, sys.flags.isolated)"],
        env=environ_of_forked(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    packages = python.parents[1] / "lib" / next(real_environment("1.11").parent.glob("lib/*")).name
    assert done.stdout == f"{python} ['{packages / 'site-packages' / 'dbt'}'] 0\n"
