"""What takes much memory for a moment, done in a process that ends: `python -m penstock.service.own_process WORK ROOT ENVIRONMENT
[MODULE:FUNCTION]`.

For a server, which would hold that memory for as long as it lives. Decides nothing.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from penstock.errors import PenstockError
from penstock.service.columnrecords import Columns
from penstock.service.columns import column_graph, definitions_mark, kept_columns
from penstock.service.observe import GraphView, look
from penstock.service.scheduled import CommandOf
from penstock.service.workspace import Workspace, open_workspace
from penstock.system.own import own_program


def columns_apart(workspace: Workspace, seen: GraphView) -> Columns:
    """As `column_graph`: derived there, read here."""
    known = kept_columns(workspace, seen, definitions_mark(workspace))
    if known is None and _done("columns", workspace) is not None:
        known = kept_columns(workspace, seen, definitions_mark(workspace), whole=False)
    # Here, where it came to nothing there: the reason is raised, or the project has changed meanwhile.
    return known if known is not None else column_graph(workspace, seen)


def doctor_apart(workspace: Workspace, command_of: CommandOf) -> dict[str, Any]:
    """As `penstock doctor --offline --json`: it looks into every tool and warehouse driver that is installed."""
    told = _done("doctor", workspace, f"{command_of.__module__}:{command_of.__qualname__}")
    return _doctor(workspace, command_of) if told is None else msgspec.json.decode(told)


def _done(work: str, workspace: Workspace, *more: str) -> bytes | None:
    """What the process wrote; None when it failed."""
    project = workspace.project
    words = own_program("penstock.service.own_process", work, str(project.root), project.environment, *more)
    done = subprocess.run(
        words, env=dict(workspace.environ), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return done.stdout if done.returncode == 0 else None


def _doctor(workspace: Workspace, command_of: CommandOf) -> dict[str, Any]:
    from penstock.service import health
    from penstock.service.doctorpage import doctor_document

    return doctor_document(health.examine(workspace, command_of, may_call=False))


def _named(name: str) -> CommandOf:
    """How schedules are read is the command line's affair: whoever serves it says where that function is."""
    module, _, function = name.partition(":")
    found: CommandOf = getattr(importlib.import_module(module), function)
    return found


def main() -> int:
    work, root, environment, *more = sys.argv[1:]
    try:
        workspace = open_workspace(Path(root), environment=environment)
        if work == "doctor":
            sys.stdout.buffer.write(msgspec.json.encode(_doctor(workspace, _named(*more))))
        else:
            column_graph(workspace, look(workspace))
    except PenstockError:
        return 1  # whoever asked does it again, and tells why
    return 0


if __name__ == "__main__":
    sys.exit(main())
