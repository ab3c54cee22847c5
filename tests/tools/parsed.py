"""What dbt remembers of a project that it has parsed, kept from one test run to the next: parsing is a third of a small run."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.tools.environment import cache_folder
from tests.tools.forked_dbt import environ_of_forked, forked_environment

_MEMORY = Path("target", "partial_parse.msgpack")


def as_parsed_before(project: Path) -> Path:
    """The project as dbt 1.11 would have left it: every dbt takes what it remembers, or reads anew what does not fit.
    For projects that several tests begin with; one that a test has made its own is parsed once in any case."""
    kept = cache_folder() / "parsed" / f"{_digest(project)}.msgpack"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            _parse(project, kept)
    (project / "target").mkdir(exist_ok=True)
    shutil.copyfile(kept, project / _MEMORY)
    return project


def _digest(project: Path) -> str:
    found = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(project.rglob("*")):
        if path.is_file():
            found.update(str(path.relative_to(project)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:24]


def _parse(project: Path, kept: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(project, Path(folder, project.name)))
        for seed in copy.rglob(
            "*.csv"
        ):  # a seed remembers its folder: it is to be read anew, as one that was edited
            seed.write_text(seed.read_text() + "edited\n")
        command = [str(forked_environment("1.11") / "dbt"), "--quiet", "parse", "--profiles-dir", "."]
        subprocess.run(command, cwd=copy, env=environ_of_forked("1.11"), check=True)
        shutil.copyfile(copy / _MEMORY, kept.with_suffix(".part"))
        kept.with_suffix(".part").rename(kept)
