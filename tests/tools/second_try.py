"""A second try for tests, told at the end with what the first one met. Rooms that know no process, server or clock have none.

A test that fails once in thousands says something about the program, but nothing about the change at hand.
"""

from __future__ import annotations

from pathlib import Path

import pytest

_TESTS = Path(__file__).parents[1]
# Rooms without a process, a server or a clock, where what fails once fails each time, and suites that count what is lost by chance.
_CERTAIN = tuple(
    _TESTS / room
    for room in (
        "crash", "docs", "fuzz", "property", "unit/change", "unit/graph", "unit/house", "unit/lineage", "unit/manifests", "unit/plan", "unit/project",
        "unit/report",
    )
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    uncertain = {
        path
        for path in {item.path for item in items}
        if not any(path.is_relative_to(room) for room in _CERTAIN)
    }
    for item in items:
        if item.path in uncertain:
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    failed = {report.nodeid for kind in ("failed", "error") for report in terminalreporter.getreports(kind)}
    for report in terminalreporter.getreports("rerun"):
        if report.nodeid in failed:
            continue
        terminalreporter.section(f"failed at first, to be looked into: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)
