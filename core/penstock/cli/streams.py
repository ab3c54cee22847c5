"""stdout and stderr as everything is written to them: harmless for a terminal, in any locale, open or closed."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import select
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from penstock.system.redaction import Secrets

# What click.style writes. Any other sequence came with a name or a message of somebody else.
_STYLE = re.compile("(\x1b\\[(?:0|1|2|3[0-7]|9[0-7])m)")
_ASCII = frozenset({"ascii", "us-ascii", "ansi_x3.4-1968", "646"})


class Screen(io.TextIOWrapper):
    """Text of others shows its control characters instead of acting by them; our own colours pass, on a terminal only.
    What is in `secrets` is not shown."""

    secrets: Secrets | None = None

    def write(self, text: str) -> int:
        shown = text if self.secrets is None else self.secrets.redact_results(text)
        with self._named():
            super().write(self._harmless(shown))
        return len(text)

    def flush(self) -> None:
        with self._named():
            super().flush()

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """The system does not say what could not be written. `unread` looks for errors that name nothing: those of readers."""
        try:
            yield
        except OSError as error:
            if error.filename is None and error.errno not in (errno.EPIPE, errno.EIO):
                error.filename = "standard output" if self.fileno() == 1 else "standard error"
            raise

    def control(self, text: str) -> None:
        """Our own sequence, e.g. one that clears the line."""
        super().write(text)

    def _harmless(self, text: str) -> str:
        from penstock.system.terminal import printable

        if "\x1b" not in text or not self.isatty():
            return printable(text)
        parts = _STYLE.split(text)
        return "".join(part if at % 2 else printable(part) for at, part in enumerate(parts))


def prepare() -> None:
    """Make sys.stdout and sys.stderr screens, and give 0, 1 and 2 something to lead to: else the next file that is opened
    would be taken for stdout by a child."""
    while (number := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(number, True)
    os.close(number)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            stream = os.fdopen(1 if name == "stdout" else 2, "w", encoding="utf-8", closefd=False)
            setattr(sys, f"__{name}__", stream)  # it keeps the buffer open
        setattr(sys, name, _screen(stream))


def known_secrets() -> Secrets | None:
    """What stdout and stderr do not show from now on; None when they are not ours."""
    from penstock.system.redaction import Secrets

    screens = [stream for stream in (sys.stdout, sys.stderr) if isinstance(stream, Screen)]
    if not screens:
        return None
    # Not `or`: what knows no secret yet is as false as nothing, and stderr would have its own.
    known = next((screen.secrets for screen in screens if screen.secrets is not None), None)
    known = Secrets() if known is None else known
    for screen in screens:
        screen.secrets = known
    return known


def _screen(stream: TextIO) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper):
        return stream  # a test's or an embedder's own
    # An ASCII locale says that nobody set one: terminals and files take UTF-8.
    encoding = "utf-8" if stream.encoding.lower() in _ASCII else stream.encoding
    return Screen(
        stream.buffer,
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=True,
    )


def flush() -> None:
    """Write what is buffered while an error can still be told."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def unread(error: BaseException | None) -> bool:
    """Whether it says that nobody reads what we print: a pipe lost its reader, or the terminal was closed."""
    if isinstance(error, BrokenPipeError):
        return True
    closed = isinstance(error, OSError) and error.errno == errno.EIO and error.filename is None
    return closed and any(map(_left, (sys.stdout, sys.stderr)))


def discard_unread() -> None:
    """What is still printed to where nobody reads goes nowhere, and raises nothing."""
    for stream in (sys.stdout, sys.stderr):
        if _left(stream):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _left(stream: TextIO) -> bool:
    """By its reader."""
    poll = select.poll()
    poll.register(stream.fileno(), 0)  # errors are always told
    return any(told & (select.POLLERR | select.POLLHUP) for _, told in poll.poll(0))


def abandon() -> None:
    """Nobody reads what is still buffered, or it cannot be written: let the interpreter end without a second error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        try:
            sys.stdout.flush() if number == 1 else sys.stderr.flush()
        except (OSError, ValueError):
            os.dup2(nowhere, number)
