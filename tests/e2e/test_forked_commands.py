"""The process that the tests fork their commands from: what one command is given, or does to itself, is no other one's."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from pathlib import Path

import pytest

from tests.tools.command import environ, penstock
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
