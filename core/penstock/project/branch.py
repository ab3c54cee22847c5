"""An environment that penstock.yml does not name: a branch's, with the settings of its base. Kept in a file of its own folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

from penstock.errors import ConfigError, UsageError
from penstock.system.files import private_folder, write_private

STATE = ".penstock"
_FOLDER = "environments"
_FILE = "environment.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """`made_at` and `until` are epoch seconds; what is there after `until` may be dropped. `folder` holds all that is its own."""

    name: str
    base: str
    made_at: float
    until: float | None = None


def checked_name(name: str) -> str:
    """The name, which is that of a folder too. Raises UsageError."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise UsageError(
            f"'{name}' cannot name an environment",
            hint="letters, digits, '.', '_' and '-', at most 63 of them",
        )
    return name


def branch_folder(state_dir: Path, name: str) -> Path:
    return state_dir / _FOLDER / checked_name(name)


def read_branch(state_dir: Path, name: str) -> Branch | None:
    """None when no branch has an environment of that name. Raises ConfigError for a file that cannot be read."""
    if not _NAME.fullmatch(name) or ".." in name:
        return None
    path = state_dir / _FOLDER / name / _FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Branch)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        if not os.access(state_dir, os.X_OK):
            return None  # nobody but its owner knows what is there: nothing is wrong with this environment
        raise ConfigError(f"the environment '{name}' is another user's", where=str(path)) from None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        raise ConfigError(
            f"the environment '{name}' cannot be read", where=str(path), hint=f"penstock env drop {name}"
        ) from None


def write_branch(state_dir: Path, branch: Branch) -> None:
    folder = private_folder(branch_folder(state_dir, branch.name))
    write_private(folder / _FILE, msgspec.json.encode(branch))


def branch_names(state_dir: Path) -> tuple[str, ...]:
    """The folders of branches, also of those whose file is not there (a copy that was cut short)."""
    try:
        return tuple(sorted(one.name for one in (state_dir / _FOLDER).iterdir() if one.is_dir()))
    except (FileNotFoundError, NotADirectoryError):
        return ()
