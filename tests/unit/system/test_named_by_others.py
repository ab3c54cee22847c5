"""Paths come out of documents of others: what is no file is refused at once, and nothing waits for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from penstock import registry
from penstock.cli.scheduled import read_command
from penstock.errors import ConfigError
from penstock.project import load_project
from penstock.service.health import examine
from penstock.service.workspace import Workspace
from penstock.system.files import regular_bytes, settled


def odd(folder: Path, name: str) -> Path:
    if name == "pipe":
        os.mkfifo(folder / "pipe")
    if name == "circle":
        (folder / "circle").symlink_to("circle")
    return folder / name


@pytest.mark.parametrize("name", ["pipe", "circle", "/dev/zero", "/dev/null", ".", "a\0b", "x" * 5000])
def test_only_files_are_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError):
        regular_bytes(odd(tmp_path, name))


def test_a_path_is_settled_or_refused(tmp_path: Path) -> None:
    assert settled(tmp_path, "circle/../x") == tmp_path / "x"
    assert settled(odd(tmp_path, "circle")) == tmp_path / "circle"
    assert settled(tmp_path, "~nobody-of-this-machine/x").name == "x"
    with pytest.raises(ConfigError, match="no file can be called"):
        settled(tmp_path, "a\0b")


PARTS = (
    "dbt: {{s: {{manifest: {0}, warehouse: m}}}}",
    "dbt: {{s: {{manifest: m.json, catalog: {0}}}}}",
    "warehouses: {{m: {{type: duckdb, path: {0}}}}}",
    "warehouses: {{m: {{type: duckdb, path: w.duckdb, attach: [{{path: {0}, alias: z}}]}}}}",
    "alerts: {{channels: {{f: {{type: file, path: {0}}}}}}}",
)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", ["pipe", "circle", "/dev/zero", '"a\\0b"', "~nobody-of-this-machine/x"])
def test_doctor_gets_to_its_end(tmp_path: Path, part: str, name: str) -> None:
    odd(tmp_path, name)
    (tmp_path / "penstock.yml").write_text("name: x\n" + part.format(name) + "\n")
    project = load_project(tmp_path, environment=None, integrations=registry.names(), environ={})
    assert examine(Workspace(project, environ={}), read_command).lines
