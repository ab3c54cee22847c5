"""Where a Databricks workspace is, told from its settings alone: no import of the SDK, no call."""

from __future__ import annotations

from penstock.assets import Relation
from penstock.assets.namespace import namespace_of
from penstock.integration import Address, Connection, text_of, whole_of

_STEPS = 4
_THREADS = 4
_NO_CATALOG = "hive_metastore"


def address_of(connection: Connection) -> Address:
    """The address of a `type: databricks` connection."""
    settings = connection.settings
    namespace = namespace_of("databricks", {"host": host_of(settings)})
    return Address(
        namespace=namespace,
        dialect="databricks",
        resource=namespace,
        slots=_STEPS * (whole_of(settings, "threads") or _THREADS),
        database=catalog_of(settings) or _NO_CATALOG,
        schema=text_of(settings, "schema") or "default",
    )


def host_of(settings: dict[str, object]) -> str:
    """The workspace's host as it is compared: without scheme and path."""
    host = text_of(settings, "host") or ""
    return host.partition("://")[2].strip("/").lower() if "://" in host else host.strip("/").lower()


def url_of(settings: dict[str, object]) -> str:
    """The workspace's URL. dbt's profiles name the host alone."""
    host = (text_of(settings, "host") or "").rstrip("/")
    return host if "://" in host else f"https://{host}"


def catalog_of(settings: dict[str, object]) -> str | None:
    """The default catalog; dbt takes `database` as another word for it."""
    return text_of(settings, "catalog") or text_of(settings, "database")


def relation_at(address: Address, name: str) -> Relation | None:
    """The relation of a name of three parts, each of which may stand in backticks; None when it has other parts."""
    parts: list[str] = []
    rest = name.strip()
    while rest:
        if rest.startswith("`"):
            part, _, rest = rest[1:].partition("`")
            rest = rest.removeprefix(".")
        else:
            part, _, rest = rest.partition(".")
        parts.append(part)
    if len(parts) != 3 or not all(parts):
        return None
    return Relation(address.namespace, address.dialect, parts[0], parts[1], parts[2])
