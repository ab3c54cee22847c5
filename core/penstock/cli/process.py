"""What concerns the whole process and only the command line may decide: how other libraries log."""

from __future__ import annotations

import logging


def quiet_libraries() -> None:
    """sqlglot logs each statement that it does not know; lineage tells them as findings, with their places."""
    logging.getLogger("sqlglot").disabled = True
