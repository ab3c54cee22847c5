"""The first project that a process with dbt parses: half of what a small one costs is code that dbt writes for its own classes.

For `dbt_server`, before it forks. What else dbt keeps of a parse is put back, and it connects to nothing.
"""

from __future__ import annotations

import contextlib
import contextvars
import os
import tempfile
from argparse import Namespace
from pathlib import Path

from tests.unit.penstock_dbt_run.shop import PROFILES, write_shop

_OTHER = "{type: postgres, host: localhost, port: 1, user: u, password: p, dbname: d, schema: s}"


def parse_the_first(adapter: str) -> None:
    """One of every kind of node. Raises RuntimeError where it cannot be parsed."""
    profiles = PROFILES if adapter == "duckdb" else f"shop: {{target: dev, outputs: {{dev: {_OTHER}}}}}\n"
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        write_shop(Path(folder), {"profiles.yml": profiles})
        contextvars.copy_context().run(_parse)
    os.environ.clear()
    os.environ.update(before)


def _parse() -> None:
    import dbt.deprecations
    import dbt.flags
    import dbt.tracking
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner
    from dbt_common.events.event_manager_client import cleanup_event_logger

    # The static parser begins threads, and a process that is forked has none of them.
    flags = ("--no-static-parser", "--no-send-anonymous-usage-stats", "--quiet", "--log-level-file", "none")
    result = dbtRunner().invoke([*flags, "parse", "--project-dir", ".", "--profiles-dir", "."])
    if not result.success:
        raise RuntimeError(f"the first project was not parsed: {result.exception}")
    cleanup_event_logger()
    reset_adapters()
    dbt.deprecations.reset_deprecations()
    dbt.flags.set_flags(Namespace(USE_COLORS=True))
    dbt.tracking.active_user = None
