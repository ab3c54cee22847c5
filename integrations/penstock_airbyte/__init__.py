"""Airbyte for penstock: streams and the tables they land in, and syncs. The entry points name its modules."""
