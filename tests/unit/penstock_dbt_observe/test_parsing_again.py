"""When the manifest that was parsed last still holds: the inputs of a project, by stat, then by content, and variables by value."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from penstock_dbt.freshness import ParseRecord, load_record, record, save_record, still_holds
from penstock_dbt.layout import layout_of, project_inputs
from penstock_dbt.observe import reads_what_is_gone
from penstock_manifests.dbt import read_manifest
from tests.unit.penstock_dbt_observe.observing import node

MANIFEST = Path("manifest.json")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    files = {
        "dbt_project.yml": "name: shop\nmodel-paths: [models, more/models]\ntarget-path: out\n",
        "models/a.sql": "select '{{ env_var(\"REGION\", 'eu') }}'",
        "models/deep/b.yml": "version: 2",
        "models/.hidden/x.sql": "select 1",
        "models/.swp": "",
        "more/models/c.sql": "select 1",
        "macros/m.sql": "",
        "seeds/s.csv": "id\n1\n",
        "out/manifest.json": "{}",
        "dbt_packages/other/models/p.sql": "",
        ".git/HEAD": "",
        "README.md": "",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def inputs(project: Path) -> list[Path]:
    return project_inputs(layout_of(project))


def names(project: Path) -> set[str]:
    return {path.relative_to(project).as_posix() for path in inputs(project)}


def test_every_file_and_folder_that_a_parse_reads(project: Path) -> None:
    found = names(project)
    assert found >= {
        "dbt_project.yml", "packages.yml", "dependencies.yml", "package-lock.yml", "selectors.yml", "dbt_packages",
        "models", "models/a.sql", "models/deep", "models/deep/b.yml", "more/models", "more/models/c.sql", "macros/m.sql",
        "seeds/s.csv", "snapshots", "tests", "analyses", "functions",
    }  # fmt: skip
    assert not [name for name in found if name.startswith(("out", "dbt_packages/", ".git", "README"))]
    assert not [name for name in found if "/." in name]


def test_paths_may_be_the_project_itself(project: Path) -> None:
    (project / "dbt_project.yml").write_text("name: shop\nmodel-paths: ['.']\n")
    (project / "target").mkdir()
    (project / "target" / "big.json").write_text("")
    found = names(project)
    assert "models/a.sql" in found and "README.md" in found
    assert not [name for name in found if name.startswith(("target/", "dbt_packages/"))]


def test_a_package_from_this_machine_counts(project: Path) -> None:
    local = project.parent / "lib"
    (local / "macros").mkdir(parents=True)
    (local / "dbt_project.yml").write_text("name: lib")
    (local / "macros" / "x.sql").write_text("")
    (project / "packages.yml").write_text("packages: [{local: ../lib}, {package: a/b, version: 1.0.0}]")
    assert local / "macros" / "x.sql" in inputs(project)


@pytest.mark.parametrize(
    "text", ["", "- a\n- b", "model-paths: '{{ x }}'", "model-paths: [1]", ": : :", "\x00"]
)
def test_a_project_file_that_cannot_be_read_leaves_the_defaults(project: Path, text: str) -> None:
    (project / "dbt_project.yml").write_text(text)
    assert project / "models" in layout_of(project).sources


def kept(project: Path, **environ: str) -> ParseRecord:
    return record(MANIFEST, inputs(project), environ)


def test_unchanged_it_holds(project: Path, tmp_path: Path) -> None:
    was = kept(project)
    save_record(tmp_path / "parsed.json", was)
    again = load_record(tmp_path / "parsed.json")
    assert again == was
    assert still_holds(was, inputs(project), {})


def test_a_touched_file_of_the_same_content_holds(project: Path) -> None:
    was = kept(project)
    os.utime(project / "models" / "a.sql", (1, 1))
    assert still_holds(was, inputs(project), {})


def edit(project: Path) -> None:
    (project / "models" / "a.sql").write_text("select 2")


def edit_without_another_size(project: Path) -> None:
    path = project / "more" / "models" / "c.sql"
    path.write_text("select 2")
    os.utime(path, ns=(1, 1))


def add(project: Path) -> None:
    (project / "models" / "deep" / "new.sql").write_text("select 1")


def remove(project: Path) -> None:
    (project / "macros" / "m.sql").unlink()


def rename(project: Path) -> None:
    (project / "models" / "a.sql").rename(project / "models" / "z.sql")


def packages(project: Path) -> None:
    (project / "packages.yml").write_text("packages: []")


@pytest.mark.parametrize(
    "change",
    [edit, edit_without_another_size, add, remove, rename, packages],
    ids=lambda change: change.__name__,
)
def test_a_change_is_seen(project: Path, change: object) -> None:
    was = kept(project)
    assert callable(change)
    change(project)
    assert not still_holds(was, inputs(project), {})


def test_a_file_that_is_not_an_input_may_change(project: Path) -> None:
    was = kept(project)
    (project / "README.md").write_text("more")
    (project / "out" / "run_results.json").write_text("{}")
    assert still_holds(was, inputs(project), {})


def test_the_variables_that_the_project_reads(project: Path) -> None:
    was = kept(project, REGION="eu", OTHER="1", SECRET="hush")
    assert list(was.variables) == ["REGION"]
    assert "eu" not in was.variables.values()
    assert still_holds(was, inputs(project), {"REGION": "eu", "OTHER": "2"})
    assert not still_holds(was, inputs(project), {"REGION": "us"})
    assert not still_holds(was, inputs(project), {})


def test_the_variables_that_its_packages_read(project: Path) -> None:
    package = project / "dbt_packages" / "other" / "models"
    (package / "p.sql").write_text("{{ env_var('PACKAGED') }}")
    was = record(MANIFEST, inputs(project), {"PACKAGED": "1"}, project / "dbt_packages")
    assert list(was.variables) == ["PACKAGED", "REGION"]
    assert not still_holds(was, inputs(project), {"PACKAGED": "2"})


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense"])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "parsed.json").write_text(text)
    assert load_record(tmp_path / "parsed.json") is None
    assert load_record(tmp_path / "absent.json") is None


@pytest.mark.parametrize(
    ("reader", "gone"), [("model.shop.a", True), ("snapshot.shop.a", True), ("test.shop.a", False)]
)
def test_what_reads_what_is_gone_has_the_project_read_whole(reader: str, gone: bool) -> None:
    nodes = {
        reader: node(reader, depends_on={"nodes": ["model.shop.disabled", "model.shop.b"]}),
        "model.shop.b": node("model.shop.b"),
    }
    head = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"}
    manifest = read_manifest(json.dumps({"metadata": head, "nodes": nodes, "sources": {}}).encode()).content
    assert reads_what_is_gone(manifest) is gone
