"""Programs of ours as processes of their own: how one is begun. Starts none."""

from __future__ import annotations

import sys


def own_program(module: str, *arguments: str) -> list[str]:
    """The command of one of our modules. Without -P the folder that somebody stands in comes before the standard library: a
    `json.py` of theirs would be run."""
    return [sys.executable, "-P", "-m", module, *arguments]
