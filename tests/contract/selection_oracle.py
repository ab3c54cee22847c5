"""What dbt itself selects: run by the Python of an environment with dbt-core, it drives dbt's own NodeSelector on a manifest.

Usage: python selection_oracle.py MANIFEST PROJECT_ROOT REQUESTS ANSWERS. `REQUESTS` is a JSON list of {select, exclude,
indirect, selector, selectors}; `ANSWERS` becomes a list of {ids} or {error}, the set that `dbt ls --resource-type all` lists.
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from importlib import import_module
from pathlib import Path
from typing import Any


def load(manifest: Path) -> Any:
    """The manifest as dbt holds it in memory."""
    contracts = import_module("dbt.contracts.graph.manifest")
    nodes = import_module("dbt.contracts.graph.nodes")
    document = json.loads(manifest.read_text())
    loaded = contracts.Manifest.from_writable_manifest(contracts.WritableManifest.from_dict(document))
    for key, node in document["nodes"].items():
        if (
            "test_metadata" in node
        ):  # decoded as a singular test, which comes first among dbt's kinds of nodes
            loaded.nodes[key] = nodes.GenericTestNode.from_dict(node)
    return loaded


def main(manifest_path: str, root: str, requests: str, answers: str) -> None:
    flags = import_module("dbt.flags")
    manifest = load(Path(manifest_path))
    linker = import_module("dbt.compilation").Linker()
    linker.link_graph(manifest)
    graph = import_module("dbt.graph").Graph(linker.graph)
    types = import_module("dbt.task.list").ListTask.ALL_RESOURCE_VALUES
    contexts = import_module("dbt_common.events.contextvars")
    found = []
    with contexts.task_contextvars(project_root=root):
        for request in json.loads(Path(requests).read_text()):
            flags.set_flags(
                Namespace(
                    INDIRECT_SELECTION=request.get("indirect", "eager"),
                    WARN_ERROR=None,
                    WARN_ERROR_OPTIONS=import_module("dbt_common.helper_types").WarnErrorOptions([]),
                )
            )
            found.append(answer(request, graph, manifest, types))
    Path(answers).write_text(json.dumps(found))


def answer(request: dict[str, Any], graph: Any, manifest: Any, types: Any) -> dict[str, Any]:
    dbt = import_module("dbt.graph")
    selectors = import_module("dbt.config.selectors")
    try:
        if request.get("selector"):
            config = selectors.SelectorConfig.selectors_from_dict(request["selectors"])
            spec = config[request["selector"]]["definition"]
        else:
            include = request.get("select") or None
            spec = dbt.parse_difference(include, request.get("exclude") or None)
        selector = dbt.ResourceTypeSelector(
            graph=graph,
            manifest=manifest,
            previous_state=None,
            resource_types=types,
            include_empty_nodes=True,
        )
        return {"ids": sorted(selector.get_selected(spec, warn_on_no_nodes=False))}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main(*sys.argv[1:])
