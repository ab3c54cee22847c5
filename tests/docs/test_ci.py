"""The jobs of the page about CI are YAML of the right shape, and each penstock command in them is one that there is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import click
import pytest
import yaml

from penstock.cli.main import cli
from tests.support import ROOT

PAGES = ("review-changes-in-ci.md", "branch-environments.md")


def blocks(name: str, language: str) -> list[str]:
    text = (ROOT / "docs/how-to" / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def jobs() -> tuple[dict[Any, Any], dict[str, Any]]:
    github, gitlab = (yaml.safe_load(block) for block in blocks(PAGES[0], "yaml"))
    return github, gitlab


def commands() -> Iterator[str]:
    github, gitlab = jobs()
    for step in github["jobs"]["diff"]["steps"]:
        if "run" in step:
            yield step["run"]
    yield from gitlab["penstock diff"]["script"]
    for page in PAGES:
        for block in blocks(page, ""):
            yield from block.strip().splitlines()


def test_the_jobs_have_what_they_need() -> None:
    github, gitlab = jobs()
    assert github[True] == "pull_request"  # `on`, as YAML 1.1 reads it
    assert github["permissions"]["pull-requests"] == "write"
    checkout = github["jobs"]["diff"]["steps"][0]
    assert checkout["with"]["fetch-depth"] == 0
    assert all({"uses", "run"} & step.keys() for step in github["jobs"]["diff"]["steps"])
    job = gitlab["penstock diff"]
    assert job["variables"]["GIT_DEPTH"] == "0"
    assert job["cache"]["paths"] == [".cache/penstock"]
    assert all(isinstance(line, str) for line in job["script"])


@pytest.mark.parametrize(
    "command", sorted({one.split("#")[0].strip() for one in commands() if one.startswith("penstock ")})
)
def test_each_command_is_one(command: str) -> None:
    words = shlex.split(re.split(r"\s>>?\s", command)[0])[1:]
    context = click.Context(cli, **cli.context_settings)
    found = cli.get_command(context, words[0])
    rest = words[1:]
    while isinstance(found, click.Group):
        found, rest = found.get_command(context, rest[0]), rest[1:]
    assert found is not None
    found.make_context(words[0], rest, parent=context).close()
