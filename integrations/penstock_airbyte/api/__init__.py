"""A remote Airbyte, Cloud or self-managed, through its public API. Local connectors are in the package above."""
