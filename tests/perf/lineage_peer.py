"""A packaged peer of lineage, in an environment of its own, on the same artefacts: what it costs and what it finds.

dbt-colibri reads the manifest and the catalog and gives columns by columns, without subtypes, filters, joins or spans.
What it gives is counted, not trusted; how much of our DIRECT edges it has is told beside it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from penstock.lineage.project.derive import ProjectLineage
from penstock.lineage.project.model_lineage import ModelLineage
from tests.corpus.projects import Project
from tests.support import ROOT, unzip_corpus
from tests.tools.environment import make_environment

NAME = "dbt-colibri==0.3.7"
_CACHE = ROOT / ".cache" / "bench"
_AT_MOST = 420
_DIRECT = 3  # IDENTITY, TRANSFORMATION, AGGREGATION come first among the subtypes

Pair = tuple[str, str, str, str]
"""Upstream node, its column, model, its column: in small letters."""


class Peer(NamedTuple):
    """CPU seconds (of `_AT_MOST` wall seconds at most), and what was found; None where it did not end."""

    cpu: float
    ended: bool
    pairs: set[Pair]
    complaints: int


def peer(name: str) -> Peer | str:
    """Runs the peer on a corpus; a sentence where it cannot be installed."""
    program = _installed()
    if program is None:
        return f"{NAME} cannot be installed here"
    target = _CACHE / name
    target.mkdir(parents=True, exist_ok=True)
    unzip_corpus(name, target)
    command = [str(program), "generate", "--light", "--manifest", str(target / "manifest.json")]
    command += ["--catalog", str(target / "catalog.json"), "--output-dir", str(target / "out")]
    before, ended, told = _used(), True, ""
    env = {**os.environ, "DO_NOT_TRACK": "1"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_AT_MOST, env=env)
        told = done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        ended = False
    used = _used() - before
    result = target / "out" / "colibri-manifest.json"
    pairs = _pairs(json.loads(result.read_bytes())) if ended and result.exists() else set()
    complaints = sum("error" in line.lower() or "warning" in line.lower() for line in told.splitlines())
    return Peer(used, ended, pairs, complaints)


def _installed() -> Path | None:
    home = _CACHE / "peer"
    program = home / "bin" / "colibri"
    if not program.exists():
        try:
            make_environment(home, [NAME])
        except (subprocess.CalledProcessError, FileNotFoundError):
            return None
    return program


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def _pairs(document: dict[str, Any]) -> set[Pair]:
    edges = document["lineage"]["edges"]
    return {
        (edge["source"], edge["sourceColumn"].lower(), edge["target"], edge["targetColumn"].lower())
        for edge in edges
        if edge.get("sourceColumn") and edge.get("targetColumn")
    }


def ours(loaded: Project, estate: ProjectLineage, nodes: dict[tuple[str, ...], str]) -> set[Pair]:
    """Our DIRECT edges in the peer's words; `nodes` are dbt's ids by relation."""
    found: set[Pair] = set()
    for model in loaded.models:
        found.update(_direct(model.key, estate.models[model.key], nodes))
    return found


def _direct(key: str, lineage: ModelLineage, nodes: dict[tuple[str, ...], str]) -> set[Pair]:
    return {
        (
            nodes[lineage.relations[row.relation]],
            lineage.names[row.name].lower(),
            key,
            lineage.names[row.output].lower(),
        )
        for row in lineage.rows
        if row.output >= 0
        and row.relation >= 0
        and row.subtype < _DIRECT
        and lineage.relations[row.relation] in nodes
    }
