"""Secrets planted wherever one may stand; then every output and every file of ours is searched for each, in each written form."""

from __future__ import annotations

import base64
import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support import ROOT
from tests.tools.command import Done, copied, environ, penstock

pytestmark = pytest.mark.slow

LEAKY = ROOT / "tests" / "projects" / "leaky"
CONNECTOR = ROOT / "tests" / "tools" / "connectors" / "leaky.py"
KEY = "-----BEGIN KEY-----\nPemFirstLineIsLong0\nPemSecondLine+/Long==\n-----END KEY-----\n"
PLANTED = {
    "a literal of a connector's configuration": "LiteralPassw0rd!#1",
    "a variable": "VariableT0ken<&>2",
    "the first line of a file": "PemFirstLineIsLong0",
    "the second line of a file": "PemSecondLine+/Long==",
    "nested in lists": "NestedApiKey'3",
    "a number": "99887766",
    "a rotated token": "RotatedRefresh4",
    "the password of a URL": "Url-Passw0rd5",
    "a password of profiles.yml": "ProfilePassw0rd6",
    "a variable that only dbt reads": "OnlyDbtReads7",
    "a value of a JSON key file": "JsonKeyFileValue8",
    "an index's address": "IndexPassw0rd9",
    "a variable of dbt that SQL holds": "Comp1led'Token10",
}
ENVIRON = {
    "LEAKY_VALUE": PLANTED["a variable"],
    "WAREHOUSE_TOKEN": PLANTED["a variable that only dbt reads"],
    "UV_INDEX_URL": "https://me:" + PLANTED["an index's address"] + "@packages.example/simple",
}


def written(secret: str) -> set[bytes]:
    """The forms in which a tool may write it."""
    raw = secret.encode()
    forms = {
        secret,
        secret.replace("'", "''"),
        json.dumps(secret)[1:-1],
        quote(secret, safe=""),
        repr(secret)[1:-1],
        raw.hex(),
    }
    forms |= {base64.b64encode(b"x" * lead + raw).decode()[3 : -4 or None] for lead in range(3)}
    return {form.encode() for form in forms}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copied(LEAKY, tmp_path_factory.mktemp("leaky") / "leaky")
    (folder / "key.pem").write_text(KEY)
    (folder / "key.json").write_text(
        json.dumps({"type": "service", "private_key": PLANTED["a value of a JSON key file"]})
    )
    text = (folder / "penstock.yml").read_text()
    text = text.replace("PYTHON", sys.executable).replace("LEAKY]", f"{CONNECTOR}]")
    (folder / "penstock.yml").write_text(text)
    return folder


@pytest.fixture(scope="module")
def said(project: Path) -> list[Done]:
    """What every command says, of a run that goes well, of one that fails, and of tools that cannot be reached."""
    done = []
    for mode in ("fail", "well", "check"):
        env = environ(**ENVIRON, LEAKY_MODE=mode)
        done.append(penstock(project, "doctor", env=env))
        done.append(penstock(project, "refresh", env=env))
        done.append(penstock(project, "build", "--refresh", env=env))
        for command in (["plan", "--all"], ["status"], ["assets", "--json"], ["runs", "--json"], ["logs"]):
            done.append(penstock(project, *command, env=env))
        done.append(penstock(project, "runs", "1", "--json", env=env))
        done.append(penstock(project, "lineage", "talked", "--json", env=env))
    # Under variables of its own, and nothing asks for columns after it: what dbt wrote is hidden all the same.
    done.append(penstock(project, "run", "-s", "refuses", "keyed", "--vars", "{fails: 1}", env=env))
    return done


# dbt's own memory of the project, with the variables that it read.
WRITTEN_BY_DBT = frozenset({"partial_parse.msgpack"})


def ours(project: Path) -> Iterator[Path]:
    yield from (
        path for path in (project / ".penstock").rglob("*") if path.is_file() and not path.is_symlink()
    )


def test_they_were_spoken(project: Path, said: list[Done]) -> None:
    """Without this a connector that says nothing would prove everything."""
    logs = "".join(done.out + done.err for done in said)
    for word in ("log plain", "log json", "stdout", "stderr", "cannot login", "from a macro", "refused by"):
        assert word in logs, word
    assert "log plain ****" in logs
    assert (project / "warehouse.duckdb").is_file()


@pytest.mark.parametrize("place", PLANTED)
def test_no_command_shows_it(said: list[Done], place: str) -> None:
    for done in said:
        for form in written(PLANTED[place]):
            for text in (done.out, done.err):
                at = text.find(form.decode())
                assert at < 0, text[max(0, at - 200) : at + 80]


@pytest.mark.parametrize("place", PLANTED)
def test_no_file_keeps_it(project: Path, said: list[Done], place: str) -> None:
    for path in ours(project):
        if path.name.endswith("config.json") or path.name in WRITTEN_BY_DBT:
            continue
        content = path.read_bytes()
        for form in written(PLANTED[place]):
            at = content.find(form)
            assert at < 0, (path, content[max(0, at - 200) : at + 80])


def test_ours_are_the_owners_alone(project: Path, said: list[Done]) -> None:
    everything = [project / ".penstock", *(project / ".penstock").rglob("*")]
    assert len(everything) > 20
    for path in everything:
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not path.is_symlink():
            assert mode & 0o077 == 0, (path, oct(mode))


def test_the_users_own_files_keep_the_users_umask(project: Path, said: list[Done]) -> None:
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((project / "warehouse.duckdb").stat().st_mode) == 0o666 & ~umask
