"""The process of a run that was recorded by a server: `python -m penstock.service.begun ROOT ENVIRONMENT RUN`.

It does the plan that was recorded, and nothing else: no argument says what is run.
"""

from __future__ import annotations

import sys
from pathlib import Path

from penstock.errors import PenstockError
from penstock.run import RunEvent
from penstock.service import retrying
from penstock.service.observe import look
from penstock.service.running import execute
from penstock.service.workspace import open_workspace


def work(root: Path, environment: str, run: str) -> int:
    """The exit code of the run."""
    left = retrying.recorded(open_workspace(root, environment=environment), run)
    workspace = open_workspace(root, environment=environment, options=left.options)
    seen = look(workspace)
    return execute(workspace, seen.graph, left.plan, command="", listener=_unheard, resumed=run).exit_code


def _unheard(event: RunEvent) -> None:
    """Nobody watches: what happened is in the store."""


def main() -> int:
    root, environment, run = sys.argv[1:]
    try:
        return work(Path(root), environment, run)
    except PenstockError as wrong:
        print(f"error: {wrong}", file=sys.stderr)  # noqa: T201  # the log beside the run
        return wrong.exit_code


if __name__ == "__main__":
    sys.exit(main())
