"""stdout closed or full, locales without our characters, names of folders and files that are no text: work is done, or one line says why not."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.tools.command import environ, penstock

NAME = "été\x1b[2J\x1b[31m\u202ex"
TABLE = ROOT / "tests" / "tools" / "connectors" / "table.py"
COMMAND = [sys.executable, "-m", "penstock"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    rows = {"schema": {"id": {"type": "integer"}}, "key": ["id"], "rows": [{"id": 1}]}
    (tmp_path / "data.json").write_text(json.dumps({"users": rows}))
    source = {"command": [sys.executable, str(TABLE)], "config": {"data": str(tmp_path / "data.json")}}
    connection = {"source": source, "destination": "été", "schema": "raw"}
    document = {
        "name": "été",
        "warehouses": {"été": {"type": "duckdb", "path": "w.duckdb"}},
        "airbyte": {"ingest": {"connections": {"shop": connection}}},
    }
    (tmp_path / "penstock.yml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def shell(folder: Path, redirection: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    script = f'exec "$@" {redirection}'
    return subprocess.run(
        ["/bin/sh", "-c", script, "sh", *COMMAND, *arguments],
        cwd=folder,
        env={**environ(None), **env},
        capture_output=True,
        timeout=120,
        check=False,
    )


_ALONE = [pytest.param(one, marks=pytest.mark.long) for one in (">&-", "<&-")]


@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-", *_ALONE])
def test_closed_streams_are_no_failure(project: Path, closed: str) -> None:
    done = shell(project, closed, "run")
    assert done.returncode == 0, done
    assert b"Traceback" not in done.stderr + done.stdout
    document = penstock(project, "runs", "1", "--json", env=environ(None)).json()
    assert document["run"]["state"] == "succeeded", document


def test_a_full_disk_is_one_line(project: Path) -> None:
    done = shell(project, ">/dev/full", "assets", "--json")
    assert done.returncode == 1
    told = ["error: standard output: No space left on device", "  free some space there"]
    assert done.stderr.decode().splitlines()[-2:] == told
    assert b"Exception ignored" not in done.stderr


def test_a_reader_that_went_away_is_silence(project: Path) -> None:
    done = shell(project, "| head -c 0; exit $?", "assets", "--json")
    assert done.stderr == b""


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        pytest.param({"PYTHONIOENCODING": "latin-1"}, marks=pytest.mark.long),
    ],
    ids=str,
)
def test_any_locale(project: Path, locale: dict[str, str]) -> None:
    for command in (["doctor"], ["assets", "-s", "漢"], ["--help"], ["lineage", NAME]):
        done = shell(project, "", *command, **locale)
        assert done.returncode in (0, 2), done
        assert b"internal error" not in done.stderr
        assert b"Traceback" not in done.stderr


def test_a_name_cannot_drive_the_terminal(project: Path) -> None:
    piped = shell(project, "", "lineage", NAME)
    assert b"\x1b" not in piped.stderr
    assert "\\u202ex" in piped.stderr.decode()
    master, slave = pty.openpty()
    subprocess.run(
        [*COMMAND, "lineage", NAME], cwd=project, env=environ(None), stdout=slave, stderr=slave, check=False
    )
    os.close(slave)
    seen = os.read(master, 65536)
    os.close(master)
    assert b"\x1b[2J" not in seen
    assert "\u202e" not in seen.decode()


def test_a_folder_whose_name_is_no_text(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff"))
    folder.mkdir()
    (folder / "penstock.yml").write_text("name: x\n")
    for command in ("assets", "run", "status"):
        done = shell(folder, "", command)
        assert done.returncode == 2
        assert done.stderr.decode().splitlines() == [
            f"error: the name of the folder {tmp_path}/b\\xff is not UTF-8",
            "  rename it",
        ]


def mounted(folder: Path, options: str, command: str) -> subprocess.CompletedProcess[bytes]:
    """A shell command in `folder` where that is a file system of its own, which ends with the command; skips where nobody may mount."""
    apart = ["unshare", "--mount", "--map-root-user"]
    try:
        allowed = subprocess.run(
            [*apart, "mount", "--bind", folder, folder], capture_output=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if allowed.returncode:
        pytest.skip("nobody may mount here")
    script = f'mount {options} && cd "$0" && {command}'
    return subprocess.run(
        [*apart, "/bin/sh", "-ec", script, folder],
        env=environ(None),
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_who_reads_works_where_nothing_can_be_written(project: Path) -> None:
    asked = " ".join(COMMAND)
    done = mounted(
        project,
        '--bind "$0" "$0" && mount -o remount,ro,bind "$0"',
        f"{asked} assets; ! test -e .penstock",
    )
    said = done.stderr.decode()
    assert done.returncode == 0, said
    assert "airbyte/ingest" in done.stdout.decode()
    assert said.startswith(f"{project}/.penstock cannot be written: nothing of this is kept\n")
    assert "rror" not in said


def test_a_full_disk_is_named(project: Path) -> None:
    script = f"cp ../penstock.yml . && (head -c 200000 /dev/zero > room || true) 2> /dev/null; {' '.join(COMMAND)} assets"
    inner = project / "small"
    inner.mkdir()
    done = mounted(inner, '-t tmpfs -o size=68k none "$0"', script)
    assert done.returncode == 1
    lines = done.stderr.decode().splitlines()
    assert lines[-2].startswith(f"error: {inner}") and "No space left on device" in lines[-2], lines
