"""What a step's folder says can be read by the next version of penstock: a run that was left is resumed after an upgrade."""

from __future__ import annotations

from pathlib import Path

from penstock.integration import ItemKind, StepItem
from penstock_dbt.request import Folder, Request

FORMER = b'{"items":[["model.a.b","asset"]],"road":"driver","dbt":"dbt 1.11","hooks":[true,false],"fail_fast":true}'


def test_what_penstock_0_1_0_wrote(tmp_path: Path) -> None:
    (tmp_path / "request.json").write_bytes(FORMER)
    read = Folder(tmp_path).request()
    items = (StepItem("model.a.b", ItemKind.ASSET),)
    assert read == Request(items=items, backend="worker", dbt="dbt 1.11", hooks=(True, False), fail_fast=True)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    request = Request(items=(StepItem("model.a.b", ItemKind.ASSET, "{}"),), backend="executable", dbt="dbt 2")
    folder = Folder(tmp_path)
    assert folder.request() is None
    folder.write_request(request)
    assert folder.request() == request
