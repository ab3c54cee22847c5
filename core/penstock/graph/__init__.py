"""The asset graph: observations merged by relation, immutable, named, selected. Knows no tool and no SQL."""
