"""Column lineage: SQL in, column edges out. Knows no tool and does no I/O."""
