"""Two forms of one output are refused, and a tool's flag that its tool would refuse is refused before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from penstock.cli.main import cli
from penstock.errors import UsageError


def refused(tmp_path: Path, *words: str) -> str:
    (tmp_path / "dbt_project.yml").write_text("name: p\nprofile: p\n", encoding="utf-8")
    found = CliRunner().invoke(cli, ["-C", str(tmp_path), *words], standalone_mode=False)
    error = found.exception
    assert isinstance(error, UsageError), (found.output, error)
    assert not (tmp_path / ".penstock").exists(), "nothing was done"
    return error.what


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("ls --dot --json", "--json and --dot"),
        ("ls --dot --mermaid", "--dot and --mermaid"),
        ("lineage a --json --html page.html", "--json and --html"),
        ("lineage a --dot --mermaid", "--dot and --mermaid"),
        ("diff main --json --sarif", "--json and --sarif"),
        ("diff main --markdown --sarif", "--markdown and --sarif"),
    ],
)
def test_one_output_has_one_form(tmp_path: Path, words: str, named: str) -> None:
    assert refused(tmp_path, *words.split()).startswith(named)


@pytest.mark.parametrize(
    "words", ["a --check", "--check --html page.html", "--check --direct", "--check --depth 2"]
)
def test_the_check_of_a_project_takes_nothing_of_one_asset(tmp_path: Path, words: str) -> None:
    assert "--check is of the whole project" in refused(tmp_path, "lineage", *words.split())


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        ("--sample", "x"),
        ("--sample", "3 weeks"),
        ("--sample", "three days"),
        ("--event-time-start", "yesterday"),
        ("--event-time-end", "2026-01-01T06:00Z"),
    ],
)
def test_a_text_that_dbt_would_refuse_is_refused_at_the_door(tmp_path: Path, flag: str, text: str) -> None:
    assert f"{flag} {text!r} is not " in refused(tmp_path, "run", flag, text)


@pytest.mark.parametrize("text", ["3 days", "1 Hour", "+2 months", "{start: 2026-01-01, end: 2026-01-02}"])
def test_what_dbt_reads_passes(text: str) -> None:
    from penstock.cli.toolflags import tool_values
    from penstock.service.flags import Scope

    found = tool_values({"tool_sample": text, "tool_event_time_start": "2026-01-31 06:00:00"}, Scope.RUN)
    assert (found["sample"], found["event_time_start"]) == (text, "2026-01-31 06:00:00")
