"""The picture of the graph in a headless Chromium, at 5,000 and 20,000 assets: first paint after the data, frames while it moves.

The graph is one that is not there: its answer is made by the server's own layout and given to the page in place of the small project's.
Frames are drawn in software here; the idle ones are the floor of the same machine in the same run.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from functools import partial
from pathlib import Path

import msgspec

from penstock.graph.layout import layout
from penstock.web.schema import GraphDocument, Node
from tests.tools.browsing import Site
from tests.tools.command import COFFEE, copied
from tests.tools.walking import Walker, walker

SIZES = (5_000, 20_000)


def graph(size: int) -> GraphDocument:
    """Three parents each, near ones, in thirteen ranks."""
    chance = random.Random(size)
    across = size // 13
    parents = [
        sorted({max(0, at - across + chance.randrange(-40, 40)) for _ in range(3)} - {at})
        if at >= across
        else []
        for at in range(size)
    ]
    parents = [[up for up in ups if up < at] for at, ups in enumerate(parents)]
    found = layout(parents)
    nodes = tuple(
        Node(id=f"asset_{at}", label=f"asset_{at}", kind="table", type="model", x=found.ranks[at], y=found.rows[at], tool="dbt/t")
        for at in range(size)
    )  # fmt: skip
    edges = tuple((up, at) for at, ups in enumerate(parents) for up in ups)
    return GraphDocument(
        format=1, hash=f"made-{size}", ranks=max(found.ranks) + 1, rows=max(found.rows), nodes=nodes, edges=edges, groups={}
    )  # fmt: skip


def _shown(size: int, line: str) -> str:
    print(f"{size:>6} assets: {line}", flush=True)
    return "read"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Site(copied(COFFEE, Path(folder) / "coffee"))
        browser: Walker | None = None
        try:
            browser = walker()
            for size in SIZES:
                file = Path(folder) / f"{size}.json"
                file.write_bytes(msgspec.json.encode(graph(size)))
                browser.walk("frames", site, partial(_shown, size), graph=str(file))
        finally:
            if browser is not None:
                browser.close()
            site.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
