"""Exactly these nodes, whatever their names and however many: a run_results.json of our own that `result:success` selects from.

Lists of names also take a folder of the same name, cannot name unit tests, and cost seconds at a thousand nodes.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from penstock.system.files import private_folder, write_private
from penstock_dbt.locate import Dbt

_UNSELECTABLE = ("operation.", "macro.", "doc.", "group.")


class Part(msgspec.Struct, frozen=True):
    """One invocation of a step: dbt's command and its exact nodes."""

    command: str
    unique_ids: tuple[str, ...]


def parts(unique_ids: Iterable[str], *, clone: bool = False) -> tuple[Part, ...]:
    """The invocations that a step needs: one. `clone` takes the place of `build`. But `dbt build` runs a unit test only with its model; without, `dbt test` does,
    afterwards: it reads the columns of what its model reads."""
    wanted = tuple(unique_ids)
    if clone:
        return (Part("clone", wanted),)
    models = frozenset(one for one in wanted if one.startswith("model."))
    alone = tuple(one for one in wanted if one.startswith("unit_test.") and not _with_its_model(one, models))
    rest = tuple(one for one in wanted if one not in alone)
    found = (Part("build", rest), Part("test", alone))
    return tuple(part for part in found if part.unique_ids)


def _with_its_model(unit_test: str, models: frozenset[str]) -> bool:
    """unit_test.shop.orders.adds_up is of model.shop.orders; unit_test.shop.orders.adds_up_v2 may be of model.shop.orders.v2."""
    _, package, model, name = (*unit_test.split(".", 3), "", "", "")[:4]
    of = f"model.{package}.{model}"
    if of in models:
        return True
    return any(one.startswith(f"{of}.v") and name.endswith("_" + one[len(of) + 1 :]) for one in models)


def selectable(unique_ids: Iterable[str]) -> list[str]:
    """Those that a selector can name: hooks run with every invocation, by themselves."""
    return [unique_id for unique_id in unique_ids if not unique_id.startswith(_UNSELECTABLE)]


def selection_flags(unique_ids: Iterable[str], folder: Path, dbt: Dbt) -> list[str]:
    """Flags that select exactly these; `folder` is made, and must live as long as the invocation."""
    private_folder(folder)
    write_private(folder / "run_results.json", run_results(selectable(unique_ids), dbt.version))
    return ["--select", "result:success", "--state", str(folder), "--indirect-selection", "empty"]


def run_results(unique_ids: Iterable[str], dbt_version: str) -> bytes:
    """A run_results.json in which each of these has succeeded, in the schema that every dbt since 1.8 reads."""
    when = "1970-01-01T00:00:00.000000Z"
    return msgspec.json.encode(
        {
            "metadata": {
                "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
                "dbt_version": dbt_version,
                "generated_at": when,
                "invocation_id": None,
                "env": {},
            },
            "results": [_result(unique_id) for unique_id in unique_ids],
            "elapsed_time": 0.0,
            "args": {},
        }
    )


def _result(unique_id: str) -> dict[str, object]:
    return {
        "status": "success",
        "timing": [],
        "thread_id": "",
        "execution_time": 0.0,
        "adapter_response": {},
        "message": None,
        "failures": None,
        "unique_id": unique_id,
        "compiled": None,
        "compiled_code": None,
        "relation_name": None,
    }
