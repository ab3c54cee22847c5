"""What BASE of `penstock diff BASE` may be, and one clear line for each that it may not. A manifest under version control: no dbt."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import PenstockError
from penstock.report.document import DiffDocument
from penstock.service.diffing import diff
from penstock.service.workspace import open_workspace
from tests.property.diff_projects import MODELS, manifest, project

CHANGED = {**MODELS, "stg_items": MODELS["stg_items"].replace("cents / 100.0", "cents / 10.0")}


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=n", "-c", "user.email=n@example.com"]
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose branch `work` has changed a model since it left `main`."""
    monkeypatch.setenv("PENSTOCK_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "shop").mkdir()
    folder = project(tmp_path / "shop")
    (folder / ".git").rmdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / ".gitignore").write_text(".penstock/\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    git(folder, "checkout", "-qb", "work")
    write(folder, CHANGED)
    git(folder, "commit", "-qam", "two")
    return folder


def write(folder: Path, models: dict[str, str], **metadata: Any) -> None:
    document = manifest(models)
    document["metadata"] |= metadata
    (folder / "head" / "manifest.json").write_text(json.dumps(document))


def told(folder: Path, base: str, environment: str | None = None) -> DiffDocument:
    return diff(open_workspace(folder, environment=environment), base)


def refused(folder: Path, base: str) -> str:
    with pytest.raises(PenstockError) as wrong:
        told(folder, base)
    return str(wrong.value).splitlines()[0]


def test_a_ref_of_git_is_compared_by_its_files(shop: Path) -> None:
    before = _tree(shop / ".git")
    found = told(shop, "main")
    assert found.base_kind == "git"
    assert {one.name for one in found.comparison.assets if one.own} == {"stg_items"}
    assert found.comparison.assets[0].changes[0].edits[0].after == "cents / 10.0"
    assert _tree(shop / ".git") == before
    assert told(shop, "main").comparison == found.comparison  # from what was kept of the base


def test_what_others_did_since_is_left_out(shop: Path) -> None:
    git(shop, "checkout", "-q", "main")
    write(shop, {**MODELS, "stores": "select 1 as store_id from {stg_orders}"})
    git(shop, "commit", "-qam", "three")
    git(shop, "checkout", "-q", "work")
    found = told(shop, "main")
    assert "stores" in found.comparison.untouched
    assert any("1 more commits" in line for line in found.how)


def test_uncommitted_files_count_and_are_told(shop: Path) -> None:
    write(shop, {**CHANGED, "stores": "select store_id + 1 as store_id from {stg_orders}"})
    found = told(shop, "main")
    assert "uncommitted" in found.head
    assert "stores" not in found.comparison.untouched


def test_a_base_that_is_not_there(shop: Path) -> None:
    assert (
        refused(shop, "mian")
        == "there is no environment, no file and no git ref 'mian'; did you mean 'main'?"
    )
    assert refused(shop, "gone/manifest.json") == "there is no file gone/manifest.json"
    assert refused(shop, " ") == "BASE is empty"
    assert refused(shop, "-x") == "there is no environment, no file and no git ref '-x'"


def test_no_repository(tmp_path: Path) -> None:
    assert "is in no git repository" in refused(project(tmp_path), "main")


def test_a_shallow_clone(shop: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", "-b", "work", f"file://{shop}", "shallow")
    assert refused(tmp_path / "shallow", "origin/main") == "git knows no 'origin/main' in this shallow clone"
    git(tmp_path / "shallow", "fetch", "-q", "--depth", "1", "origin", "main:main")
    assert (
        refused(tmp_path / "shallow", "main") == "where this branch left 'main' is not in this shallow clone"
    )


def test_a_manifest_of_another_project(shop: Path) -> None:
    other = shop / "other.json"
    document = manifest(MODELS)
    document["metadata"]["project_name"] = "bakery"
    other.write_text(json.dumps(document))
    assert "is of the project 'bakery', and this is 'shop'" in refused(shop, str(other))


def test_a_manifest_that_cannot_be_read(shop: Path) -> None:
    (shop / "broken.json").write_text('{"metadata": ')
    assert "not a readable manifest" in refused(shop, str(shop / "broken.json"))


def test_an_environment_without_records(shop: Path) -> None:
    (shop / "penstock.yml").write_text((shop / "penstock.yml").read_text() + "environments: {prod: {}}\n")
    assert refused(shop, "prod") == "the run store has nothing of the environment 'prod'"
    git(shop, "branch", "prod")
    assert refused(shop, "prod") == "'prod' is an environment and a ref of git"
    assert refused(shop, "env:prod") == "the run store has nothing of the environment 'prod'"


def test_a_store_that_cannot_be_read(shop: Path) -> None:
    (shop / "penstock.yml").write_text((shop / "penstock.yml").read_text() + "environments: {prod: {}}\n")
    (shop / ".penstock").mkdir()
    (shop / ".penstock" / "penstock.db").write_bytes(b"not a database" * 100)
    assert "penstock.db" in refused(shop, "prod") or "store" in refused(shop, "prod")


def test_a_kept_base_that_is_damaged_is_read_anew(shop: Path, tmp_path: Path) -> None:
    found = told(shop, "main")
    (kept,) = [
        path for path in (tmp_path / "cache").rglob("*.msgpack") if path.parent.parent.name == "revisions"
    ]
    kept.write_bytes(kept.read_bytes()[:100])
    assert told(shop, "main").comparison == found.comparison


def _tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
