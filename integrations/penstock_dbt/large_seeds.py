"""The contents of seeds that dbt takes no checksum of (more than 1 MiB: it writes the path instead). Reads the files themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from penstock_dbt.layout import Layout
from penstock_manifests.dbt import Checksum, Manifest, Node

_BY_CONTENT = frozenset({"sha256", "sha1", "md5"})


def is_large(node: Node) -> bool:
    """Whether dbt's manifest says nothing of what the seed's file holds."""
    checksum = node.checksum
    return isinstance(checksum, Checksum) and checksum.name not in _BY_CONTENT


def contents(manifest: Manifest, layout: Layout) -> Mapping[str, str]:
    """A digest by unique id. One whose file cannot be read is left out: what it holds is not known."""
    found = {}
    for key, node in manifest.nodes.items():
        if node.resource_type == "seed" and is_large(node):
            try:
                found[key] = _digest(_file(node, manifest.metadata.project_name, layout))
            except OSError:
                continue
    return found


def _file(node: Node, project: str | None, layout: Layout) -> Path:
    own = node.package_name == project
    return (layout.project if own else layout.packages / node.package_name) / (node.original_file_path or "")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
