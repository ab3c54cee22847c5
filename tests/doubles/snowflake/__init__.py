"""A stand-in for Snowflake: the wire of its connectors over loopback, DuckDB behind it. What is faithful: README.md."""
