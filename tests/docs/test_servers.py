"""What the pages about servers have somebody type, or put into a manifest or a unit, is what the program takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import click
import pytest
import yaml

from penstock.cli.main import cli
from tests.support import ROOT

PAGES = (
    "web",
    "automation",
    "freshness",
    "alerts",
    "kubernetes",
    "several-coordinators",
    "run-store-on-postgres",
)


def text_of(page: str) -> str:
    return (ROOT / "docs" / "how-to" / f"{page}.md").read_text(encoding="utf-8")


def manifests() -> list[dict[str, Any]]:
    found = []
    for page in PAGES:
        for block in re.findall(r"^```yaml\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE):
            found += [
                one for one in yaml.safe_load_all(block) if isinstance(one, dict) and "apiVersion" in one
            ]
    return found


def pods(node: object) -> Iterator[dict[str, Any]]:
    """Every part that has containers."""
    if isinstance(node, dict):
        if "containers" in node:
            yield node
        for part in node.values():
            yield from pods(part)


def commands() -> set[tuple[str, ...]]:
    typed: set[tuple[str, ...]] = set()
    for page in PAGES:
        text = text_of(page)
        lines = re.findall(r"^(?:ExecStart=\S*/)?(penstock .*)$", text, re.MULTILINE)
        inline = re.findall(r"`(penstock [^`\n]+)`", text)
        for line in (*lines, *inline):
            words = tuple(shlex.split(line, comments=True))
            if "..." not in words and not {"ASSET", "TEST"} & set(words):
                typed.add(words)
    for container in (one for found in manifests() for pod in pods(found) for one in pod["containers"]):
        typed.add(tuple(container.get("command", ())))
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            typed.add(tuple(container.get(probe, {}).get("exec", {}).get("command", ())))
    return {words for words in typed if words[:1] == ("penstock",)}


def parsed(command: click.Command, words: Sequence[str], parent: click.Context | None = None) -> None:
    """Down to the command that would be run; nothing is. Raises UsageError."""
    with command.make_context(command.name or "penstock", list(words), parent=parent) as context:
        rest = [*context._protected_args, *context.args]
        if isinstance(command, click.Group) and rest:
            _, found, rest = command.resolve_command(context, rest)
            assert found is not None
            parsed(found, rest, context)


@pytest.mark.parametrize("words", sorted(commands()), ids=" ".join)
def test_each_command_is_taken(words: tuple[str, ...]) -> None:
    parsed(cli, words[1:])


def test_there_are_those_of_users_tokens_and_manifests() -> None:
    found = {words for line in commands() for words in (line[1:3], line[3:4])}
    assert {("users", "add"), ("tokens", "add"), ("up",), ("-e", "prod")} <= found


def test_a_manifest_fits_together() -> None:
    """What is mounted is a volume, what is probed is a port that is listened on, and whom it selects it makes."""
    served = next(one for one in cli.get_command(click.Context(cli), "web").params if one.name == "port")  # type: ignore[union-attr]
    for found in manifests():
        spec = found["spec"]
        if "selector" in spec and found["kind"] == "Deployment":
            assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]
        for pod in pods(found):
            volumes = {one["name"] for one in pod.get("volumes", ())}
            for container in pod["containers"]:
                assert {one["name"] for one in container.get("volumeMounts", ())} <= volumes
                ports = {one["containerPort"] for one in container.get("ports", ())}
                probed = container.get("readinessProbe", {}).get("tcpSocket", {}).get("port")
                assert probed is None or probed in ports
                if {"up", "web"} & set(container.get("command", ())):
                    assert ports == {served.default}
