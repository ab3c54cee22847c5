"""Where a Snowflake account is, told from the settings alone: no import of the connector, no call."""

from __future__ import annotations

from penstock.errors import ConfigError
from penstock.integration import Address, Connection, text_of, whole_of
from penstock_snowflake.naming import stored_name

_STEPS = 4  # so many steps with all their threads may work at once, unless `pools` says otherwise
_THREADS = 4


def address_of(connection: Connection) -> Address:
    """The address of a `type: snowflake` connection."""
    namespace = f"snowflake://{account_of(connection)}"
    settings = connection.settings
    return Address(
        namespace=namespace,
        dialect="snowflake",
        resource=namespace,
        slots=_STEPS * (whole_of(settings, "threads") or _THREADS),
        database=_stored(settings, "database"),
        schema=_stored(settings, "schema"),
    )


def account_of(connection: Connection) -> str:
    """The account as its host name has it: one spelling, whoever names it. Empty where nothing names it."""
    told = text_of(connection.settings, "account") or ""
    bare = told.removeprefix("https://").partition(".snowflakecomputing.")[0]
    if any(sign in bare for sign in "/@ "):
        raise ConfigError(
            f"'{bare}' is not the name of a Snowflake account",
            hint="write organisation-account (acme-main), or locator.region.cloud",
        )
    return bare.replace("_", "-").lower()


def _stored(settings: dict[str, object], name: str) -> str | None:
    told = text_of(settings, name)
    return None if told is None else stored_name(told)
