"""`init` writes a penstock.yml that penstock reads, whatever the folders are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock import registry
from penstock.project import load_project
from penstock.service.begin import begin

MINIMAL = "name: shop\nversion: '1.0'\nprofile: shop\n"


@pytest.mark.parametrize(
    "name",
    [
        "2024",
        "1.0",
        "on",
        "null",
        "a: b #c",
        "q\"uo'te",
        "- x",
        "{x}",
        "back\\slash",
        "*",
        "ünï",
        "🛒 shop",
        "a\U000e0001b",
        "a\U0010ffffb",
        "a\u2028b",
        "a\x85b",
        "a\ufeffb",
        "\ufeffa",
        "a\x7fb",
        "a\tb",
        "a\x1bb",
        "a\u202eb",
    ],
)
def test_any_folder(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    (root / name).mkdir(parents=True)
    (root / name / "dbt_project.yml").write_text(MINIMAL)
    begin(root, environ={})
    found = load_project(root, environment=None, integrations=registry.names(), environ={})
    assert found.document.name == name
    assert dict(found.document.instances) == {("dbt", "shop"): {"project": name}}


def test_each_project_has_its_warehouse(tmp_path: Path) -> None:
    """Two names with one address are one; without one of its own, nothing would tell what a project's warehouse holds."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "dbt_project.yml").write_text(MINIMAL.replace("shop", name, 1))
    begin(tmp_path, environ={})
    found = load_project(tmp_path, environment=None, integrations=registry.names(), environ={})
    assert found.document.warehouses == {"main": {"dbt": "a"}, "b": {"dbt": "b"}}


@pytest.mark.parametrize("called", ["on", "1.5", "my shop", "a/../b"])
def test_any_project_name(tmp_path: Path, called: str) -> None:
    (tmp_path / "dbt_project.yml").write_text(MINIMAL.replace("shop", f'"{called}"', 1))
    begin(tmp_path, environ={})
    found = load_project(tmp_path, environment=None, integrations=registry.names(), environ={})
    assert len(found.document.instances) == 1
    assert all(isinstance(name, str) for _, name in found.document.instances)
