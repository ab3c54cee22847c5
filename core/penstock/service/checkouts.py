"""The project's files as they were at a commit, in the user's cache. Reads git, and writes nothing into the user's repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

from penstock.errors import PenstockError, UsageError, nearest_names
from penstock.system.files import private_folder
from penstock.system.locks import locked

_KEPT = 12


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """What a name of git stands for. `behind`: so many commits that the name has and this work does not, and that are left out."""

    name: str
    commit: str
    tree: str
    behind: int = 0

    @property
    def short(self) -> str:
        return self.commit[:10]


class Repository:
    """The git repository that a folder lies in."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
        top = self._git("rev-parse", "--show-toplevel")
        self.top = Path(top) if top else None

    @property
    def prefix(self) -> Path:
        """The folder, relative to the repository's top."""
        assert self.top is not None
        return self._folder.resolve().relative_to(self.top.resolve())

    def has(self, name: str) -> bool:
        return (
            not name.startswith("-")
            and self._git("rev-parse", "--verify", "-q", f"{name}^{{commit}}") is not None
        )

    def base(self, name: str) -> Commit:
        """Where this work left `name`: what others have done there since is no part of the comparison. Raises UsageError."""
        if self.top is None:
            raise UsageError(
                f"'{name}' cannot be looked up: {self._folder} is in no git repository",
                hint="name an environment, or a manifest of the version to compare with",
            )
        commit = (
            self._git("rev-parse", "--verify", "-q", f"{name}^{{commit}}")
            if not name.startswith("-")
            else None
        )
        if commit is None:
            raise self._unknown(name)
        if self._git("rev-parse", "--verify", "-q", "HEAD") is None:
            raise UsageError(f"'{name}' cannot be compared with: nothing has been committed here yet")
        left = self._git("merge-base", commit, "HEAD")
        if left is None and self._shallow:
            raise UsageError(
                f"where this branch left '{name}' is not in this shallow clone",
                hint="fetch the history: git fetch --unshallow (GitHub Actions: fetch-depth: 0; GitLab: GIT_DEPTH: 0)",
            )
        left = left or commit
        behind = self._git("rev-list", "--count", f"{left}..{commit}") or "0"
        tree = self._git("rev-parse", f"{left}^{{tree}}")
        if tree is None:
            raise UsageError(
                f"the commit {left[:10]} cannot be read", hint="is the clone complete? try: git fsck"
            )
        return Commit(name=name, commit=left, tree=tree, behind=int(behind))

    @property
    def head(self) -> str:
        return self._git("rev-parse", "--short=10", "HEAD") or ""

    @property
    def changed_files(self) -> int:
        """How many files differ from the last commit, below the project."""
        return len((self._git("status", "--porcelain", "--", ".") or "").splitlines())

    @property
    def _shallow(self) -> bool:
        return self._git("rev-parse", "--is-shallow-repository") == "true"

    def _unknown(self, name: str) -> UsageError:
        if self._shallow:
            return UsageError(
                f"git knows no '{name}' in this shallow clone",
                hint="fetch the history: git fetch --unshallow (GitHub Actions: fetch-depth: 0; GitLab: GIT_DEPTH: 0)",
            )
        known = (self._git("for-each-ref", "--format=%(refname:short)") or "").split()
        near = nearest_names(name, known)
        guess = f"; did you mean '{near[0]}'?" if near else ""
        return UsageError(
            f"there is no environment, no file and no git ref '{name}'{guess}",
            hint="BASE is a branch, tag or commit, an environment of penstock.yml, or a manifest",
        )

    def files(self, commit: Commit, cache: Path) -> Path:
        """A folder with the `tree` of the commit and a place for what is made of it; made once for one tree."""
        folder = private_folder(cache / "revisions") / commit.tree
        with locked(folder.with_suffix(".lock")):
            if not (folder / "tree").is_dir():
                self._write(commit, folder)
            os.utime(folder)
        _forget_old(folder.parent)
        return folder

    def _write(self, commit: Commit, folder: Path) -> None:
        """By an index of our own: the user's index, worktrees and branches stay as they are."""
        shutil.rmtree(folder, ignore_errors=True)
        made = private_folder(folder / "partial")
        index = {"GIT_INDEX_FILE": str(folder / "index")}
        self._must(["read-tree", commit.tree], index)
        self._must(["checkout-index", "--all", "--force", f"--prefix={made}/"], index)
        private_folder(made / ".git")  # the search for penstock.yml ends here
        made.rename(folder / "tree")

    def _must(self, words: list[str], more: Mapping[str, str]) -> None:
        done = self._call(words, more)
        if done is None or done.returncode != 0:
            said = (
                (done.stderr.strip().splitlines() or [""])[-1] if done is not None else "git is not installed"
            )
            raise PenstockError(
                f"git could not write out the base: {said}", hint="is the clone complete? try: git fsck"
            )

    def _git(self, *words: str) -> str | None:
        """What git prints; None when it fails."""
        done = self._call(list(words), {})
        return done.stdout.strip() if done is not None and done.returncode == 0 else None

    def _call(self, words: list[str], more: Mapping[str, str]) -> subprocess.CompletedProcess[str] | None:
        try:
            return subprocess.run(
                ["git", *words],
                cwd=self._top_or_folder(words),
                env={**self._environ, **more, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        except FileNotFoundError:
            return None

    def _top_or_folder(self, words: list[str]) -> Path:
        return self.top if words[0] in ("read-tree", "checkout-index") and self.top else self._folder


def _forget_old(folder: Path) -> None:
    """The newest few are kept."""
    kept = sorted((one for one in folder.iterdir() if one.is_dir()), key=lambda one: -one.stat().st_mtime)
    for old in kept[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
        old.with_suffix(".lock").unlink(missing_ok=True)
