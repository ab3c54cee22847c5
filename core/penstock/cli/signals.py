"""Ctrl-C is never lost. What it does to a run is decided by the service."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_SOON = 0.02  # seconds: by then the callback has returned


def keep_interrupts() -> None:
    """Python prints and drops an interrupt that falls into a weakref's callback or a finalizer, and the command would go on:
    there it is sent again. (A collection of the garbage of an opened store alone runs hundreds of such callbacks.)"""
    tell = sys.unraisablehook

    def hook(dropped: UnraisableHookArgs) -> None:
        if not issubclass(dropped.exc_type, KeyboardInterrupt):
            tell(dropped)
            return
        import threading

        again = threading.Timer(_SOON, os.kill, (os.getpid(), signal.SIGINT))
        again.daemon = True
        with contextlib.suppress(RuntimeError):  # the interpreter is ending anyway
            again.start()

    sys.unraisablehook = hook
