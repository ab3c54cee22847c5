"""What ends a command from outside: Ctrl-C, SIGTERM, a terminal that is closed. None is lost, and each unwinds what was begun.
What they do to a run is decided by the service."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_SOON = 0.01
_WORDS = {signal.SIGTERM: "ended by SIGTERM", signal.SIGHUP: "ended: the terminal was closed"}


class Terminated(KeyboardInterrupt):
    """By `number`, as by Ctrl-C: tools that were started are ended, files and locks given back."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def keep_interrupts() -> None:
    """Python prints and drops an interrupt that falls into a weakref's callback or a finalizer, and the command would go on:
    there it is sent again. (A collection of the garbage of an opened store alone runs hundreds of such callbacks.)"""
    tell = sys.unraisablehook

    def hook(dropped: UnraisableHookArgs) -> None:
        if not issubclass(dropped.exc_type, KeyboardInterrupt):
            tell(dropped)
            return
        import threading

        number = _number(dropped.exc_value)
        if number in _WORDS:
            signal.signal(number, _terminate)
        again = threading.Thread(target=_send_again, args=(number, hook.__code__), daemon=True)
        with contextlib.suppress(RuntimeError):  # the interpreter is ending anyway
            again.start()

    sys.unraisablehook = hook
    for number in _WORDS:
        if signal.getsignal(number) is signal.SIG_DFL:  # what nohup has set stays
            signal.signal(number, _terminate)


def _send_again(number: int, hook: CodeType) -> None:
    """Once the main thread has left the hook: within it the interrupt would be dropped again, however long a busy machine takes."""
    import threading

    main = threading.main_thread().ident
    while any(frame.f_code is hook for frame in _stack(sys._current_frames().get(main or 0))):
        time.sleep(_SOON)
    os.kill(os.getpid(), number)


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


class _Heard:
    """The handler once a signal was heard: a second one would cut off the unwinding of the first."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        pass


def _terminate(number: int, _frame: FrameType | None) -> None:
    heard = _Heard(number)
    for other in _WORDS:
        signal.signal(other, heard)
    raise Terminated(number)


def behind(error: BaseException) -> KeyboardInterrupt | None:
    """The interrupt that a library has made another error of (DuckDB: "Query interrupted"), if there was one."""
    for number in _WORDS:
        if isinstance(heard := signal.getsignal(number), _Heard):
            return Terminated(heard.number)
    return _within(error)


def told(interrupt: BaseException | None) -> tuple[str, int]:
    """What to say of it, and the exit code: 128 and the signal's number, as shells have it. From here on Ctrl-C ends at once."""
    number = _number(interrupt)
    signal.signal(signal.SIGINT, lambda *_: os._exit(128 + signal.SIGINT))
    return _WORDS.get(number, "interrupted"), 128 + number


def code_of(error: BaseException) -> int:
    """When nothing can be written any more: that of the interrupt which was being told, else 1."""
    inner = _within(error)
    return told(inner)[1] if inner is not None else 1


def _within(error: BaseException) -> KeyboardInterrupt | None:
    """The interrupt that was being handled when this error came, be it one that DuckDB has replaced by an error of its own."""
    inner: BaseException | None = error
    while inner is not None and not isinstance(inner, KeyboardInterrupt):
        if type(inner) is RuntimeError and str(inner) == "Query interrupted":
            return KeyboardInterrupt()
        inner = inner.__context__
    return inner


def _number(interrupt: BaseException | None) -> signal.Signals:
    return signal.Signals(interrupt.number) if isinstance(interrupt, Terminated) else signal.SIGINT
