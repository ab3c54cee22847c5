"""One module per schema version. A published one is never edited."""
