"""The asset graph: observations merged by relation, immutable, named, selected. Knows no tool and no SQL."""

from penstock.graph.graph import AssetGraph

__all__ = ["AssetGraph"]
