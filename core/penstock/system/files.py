"""Files and folders of our own: only their owner can read them (0600, 0700), and a reader sees the old file or the new one.

By mode, never by umask: a umask would reach our children, and with them the user's own files.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from penstock.errors import ConfigError

_FOLDER, _FILE = 0o700, 0o600
_OTHERS = 0o077


def private_folder(folder: Path) -> Path:
    """Make the folder, and every missing one above it, for its owner only. One that is there is left as it is."""
    missing = []
    above = folder
    while not above.is_dir():
        missing.append(above)
        above = above.parent
    for one in reversed(missing):
        try:
            one.mkdir(mode=_FOLDER)
        except FileExistsError:  # another process was quicker; a file in its place is an error
            if not one.is_dir():
                raise
    return folder


def is_file(path: Path) -> bool:
    """False too for a path that no file can have: too long, or with a NUL. It may come from a document of somebody else."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def regular_bytes(path: Path) -> bytes:
    """What a file holds whose name somebody else gave us. Raises OSError, also for what is no file: a pipe is waited for, and
    `/dev/zero` read, for ever."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except ValueError:  # a NUL
        raise OSError(errno.EINVAL, "no file can have this name", str(path)) from None
    with os.fdopen(number, "rb") as file:
        mode = os.fstat(number).st_mode
        if stat.S_ISDIR(mode) or not stat.S_ISREG(mode):
            kind = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
            words = os.strerror(kind) if stat.S_ISDIR(mode) else "it is a device or a pipe, and no file"
            raise OSError(kind, words, str(path))
        return file.read()


def settled(base: Path, name: str = "") -> Path:
    """The path that `name` means in `base`, without links. `~nobody`, and links that lead in a circle, stay as they are. Raises
    ConfigError for what no path can be."""
    try:
        return Path(os.path.realpath(base / os.path.expanduser(name)))  # noqa: PTH111
    except ValueError:
        raise ConfigError(f"no file can be called {name!r}") from None


def close_to_others(path: Path) -> None:
    """Take away what others may do with a file or folder of ours, e.g. one that an earlier version made."""
    with contextlib.suppress(FileNotFoundError, PermissionError):  # another user's: theirs to close
        mode = path.stat().st_mode
        if mode & _OTHERS:
            path.chmod(mode & 0o7777 & ~_OTHERS)


def close_tree(folder: Path) -> None:
    """Close what a child of ours has written into a folder of ours: its umask is the user's, and must stay so."""
    for here, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(here, name)
            if not path.is_symlink():
                close_to_others(path)


def open_private(path: Path, mode: str = "wb", **options: Any) -> IO[Any]:
    """As `path.open`, but a file that is made is its owner's only, whatever the umask."""
    return open(path, mode, opener=_private, **options)  # Path.open takes no opener


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, _FILE)


def touch_private(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, _FILE))


def write_private(path: Path, data: bytes) -> None:
    """Replace the file as a whole. Its folder must be there."""
    with replacing(path) as part:
        part.write(data)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes the place of `path` when the block ends well, and is removed when it does not."""
    part = path.with_name(f".{path.name[:80]}.{os.urandom(6).hex()}")
    try:
        with naming(path), open_private(part, "xb") as file:
            yield file
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """An error of the system says which file it is about: one of writing does not know."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise
