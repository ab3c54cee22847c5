"""The parse that the user's dbt saved is gone on with only where it was made in this very folder."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from penstock_dbt.flags import partial_parse_flags
from tests.unit.penstock_dbt_run.test_locate import settings


def saved(root: Path, *roots: str | None) -> list[str]:
    nodes = {f"seed.a.{at}": {"name": "x" * at, "root_path": one} for at, one in enumerate(roots)}
    target = root / "target"
    target.mkdir(exist_ok=True)
    (target / "partial_parse.msgpack").write_bytes(msgspec.msgpack.encode({"nodes": nodes, "macros": {}}))
    return partial_parse_flags(settings(root, {}))


@pytest.mark.parametrize("others", [(), (None,)])
def test_of_this_folder(tmp_path: Path, others: tuple[str | None, ...]) -> None:
    assert saved(tmp_path, *others, str(tmp_path)) == [
        "--partial-parse-file-path",
        str(tmp_path / "target" / "partial_parse.msgpack"),
    ]
    assert saved(tmp_path, str(tmp_path / "dbt_packages" / "one"), *others) != []


def test_without_seeds(tmp_path: Path) -> None:
    assert saved(tmp_path) != [] and saved(tmp_path, None) != []


@pytest.mark.parametrize("root", ["t", ".", "/the/one/it/was/copied/from", "/" + "long/" * 60])
def test_of_another_folder(tmp_path: Path, root: str) -> None:
    assert saved(tmp_path, root) == []
    assert saved(tmp_path, str(tmp_path), root) == []
    assert saved(tmp_path, root, str(tmp_path / "dbt_packages" / "one")) == []
    assert saved(tmp_path, str(tmp_path / "transform")) == [], "it was one folder further down"
    (tmp_path / "target" / "partial_parse.msgpack").write_bytes(b"")
    assert partial_parse_flags(settings(tmp_path, {})) == []


def test_of_a_long_name(tmp_path: Path) -> None:
    root = tmp_path / ("long" * 50) / ("name" * 50)
    root.mkdir(parents=True)
    assert saved(root, str(root)) != []
