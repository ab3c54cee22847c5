"""What the suites have shown of each warehouse, and what only a stand-in has: gathered from the tests, told at the end of them.

Tell it in your own tests by importing the hook into their conftest.py:

from penstock.testing.evidence import pytest_terminal_summary  # noqa: F401
"""

from __future__ import annotations

from collections import defaultdict

import pytest

PROPERTY = "penstock_evidence"
Evidence = tuple[str, str, str, str]  # warehouse, capability, what is real, what stands in


def told(passed: set[Evidence], failed: set[Evidence]) -> list[str]:
    """One paragraph per warehouse."""
    lines: list[str] = []
    warehouses: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for warehouse, capability, real, stands_in in passed | failed:
        warehouses[warehouse, real, stands_in].add(capability)
    for (warehouse, real, stands_in), capabilities in sorted(warehouses.items()):
        bad = {one[1] for one in failed if one[0] == warehouse}
        shown = ", ".join(name + (" (failed)" if name in bad else "") for name in sorted(capabilities))
        lines.append(f"{warehouse}: {shown}")
        lines.append(f"  really exercised: {real or 'not said'}")
        if stands_in:
            lines.append(f"  only a stand-in shows: {stands_in}")
    return lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    found: dict[str, set[Evidence]] = {"passed": set(), "failed": set()}
    for outcome, evidence in found.items():
        for report in terminalreporter.getreports(outcome):
            properties = getattr(report, "user_properties", ())
            evidence.update(tuple(value) for name, value in properties if name == PROPERTY)
    if lines := told(found["passed"], found["failed"]):
        terminalreporter.section("what the warehouse suites have shown")
        for line in lines:
            terminalreporter.write_line(line)
