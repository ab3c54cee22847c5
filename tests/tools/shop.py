"""examples/shop on a PostgreSQL server of the tests."""

from __future__ import annotations

from urllib.parse import urlsplit


def variables(url: str) -> dict[str, str]:
    """What the example's profile reads for its target `postgres`."""
    parts = urlsplit(url)
    return {
        "SHOP_PGHOST": str(parts.hostname),
        "SHOP_PGPORT": str(parts.port),
        "SHOP_PGUSER": str(parts.username),
        "SHOP_PGDATABASE": parts.path[1:],
    }
