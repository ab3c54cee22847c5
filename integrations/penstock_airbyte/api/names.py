"""How each destination of Airbyte names schemas, tables and columns: today's rules, and those of the versions before. Pure.

The destination's version is not in the API, so every rule set that may have made a table is kept; the warehouse decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from enum import StrEnum

import msgspec

META = ("_airbyte_raw_id", "_airbyte_extracted_at", "_airbyte_meta", "_airbyte_generation_id")
_META_WITHOUT_GENERATION = META[:3]
_SNOWFLAKE_RESERVED = frozenset(
    {
        "CONSTRAINT",
        "CURRENT_DATE",
        "CURRENT_TIME",
        "CURRENT_TIMESTAMP",
        "CURRENT_USER",
        "LOCALTIME",
        "LOCALTIMESTAMP",
    }
)


class DestinationKind(StrEnum):
    """The destinations whose names are known. OTHER: nothing can be said, so nothing is."""

    SNOWFLAKE = "snowflake"
    BIGQUERY = "bigquery"
    REDSHIFT = "redshift"
    DATABRICKS = "databricks"
    POSTGRES = "postgres"
    DUCKDB = "duckdb"
    S3 = "s3"
    OTHER = "other"


_KINDS = frozenset(kind.value for kind in DestinationKind)


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a destination's rules. `schema`, `table` and `column` turn a wanted name into the stored one.

    `fold` makes the form in which two columns collide; `meta` are the destination's own columns, in the written case.
    `one_schema`: the stream's namespace is ignored. `legacy`: a version before today's.
    """

    schema: Callable[[str], str]
    table: Callable[[str], str]
    column: Callable[[str], str]
    fold: Callable[[str], str] = str.lower
    meta: tuple[str, ...] = META
    one_schema: bool = False
    legacy: bool = False


def kind_of(connector: str) -> DestinationKind:
    """The destination behind the API's `destinationType` ("snowflake", "motherduck", "postgres-strict-encrypt", ...)."""
    word = connector.lower().removeprefix("destination-").removesuffix("-strict-encrypt").strip()
    exact = {
        "motherduck": DestinationKind.DUCKDB,
        "s3-data-lake": DestinationKind.OTHER,
        "databricks-lakehouse": DestinationKind.DATABRICKS,
    }
    if word in exact:
        return exact[word]
    return DestinationKind(word) if word in _KINDS else DestinationKind.OTHER


def rules_of(kind: DestinationKind) -> tuple[Rules, ...]:
    """Today's rules first, then those that older versions of the destination used. Empty where nothing is known."""
    return _RULES.get(kind, ())


def column_names(rules: Rules, fields: Iterable[str]) -> dict[str, str]:
    """Field -> column, in the schema's order. A column that collides with one before it gets `_1`, `_2`, ..."""
    taken = {rules.fold(name) for name in rules.meta}
    names: dict[str, str] = {}
    for field in fields:
        wanted = name = rules.column(field)
        count = 0
        while rules.fold(name) in taken:
            count += 1
            name = f"{wanted}_{count}"
        taken.add(rules.fold(name))
        names[field] = name
    return names


# ---------------------------------------------------------------- the parts of rules


def alphanumeric(name: str) -> str:
    """Accents dropped, white space and everything that is no ASCII letter, digit or underscore made `_`."""
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", name) if not unicodedata.category(c).startswith("M")
    )
    return re.sub(r"[^A-Za-z0-9_]", "_", re.sub(r"\s+", "_", plain))


def java_hash(text: str) -> int:
    """String.hashCode() of the JVM: 32 bits with sign, over UTF-16 units. Destinations shorten names with it."""
    value = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for index in range(0, len(units), 2):
        value = (value * 31 + (units[index] << 8 | units[index + 1])) & 0xFFFFFFFF
    return value - 0x100000000 if value >= 0x80000000 else value


def _no_leading_digit(name: str) -> str:
    return f"_{name}" if name[:1].isdigit() else name


def _short(name: str, most: int) -> str:
    """At most `most` characters: what is longer keeps its beginning and eight of its hash's decimal digits."""
    if len(name) <= most:
        return name
    return f"{name[: most - 9]}_{str(java_hash(name))[-8:]}"


def _short_hex(name: str, most: int) -> str:
    if len(name) <= most:
        return name
    return f"{name[: most - 9]}_{java_hash(name) & 0xFFFFFFFF:x}"


def _snowflake(name: str) -> str:
    told = name
    if "${" in told:
        told = told.replace("$", "_").replace("{", "_").replace("}", "_")
    told = told.upper()
    return f"_{told}" if told in _SNOWFLAKE_RESERVED else told


def _snowflake_before(name: str) -> str:
    """The versions that wrote only letters, digits and underscores."""
    return _no_leading_digit(alphanumeric(name)).upper()


def _bigquery(name: str) -> str:
    told = alphanumeric(name)
    return told if re.match(r"[A-Za-z_]", told) else f"_{told}"


def _bigquery_dataset(name: str) -> str:
    told = alphanumeric(name)
    return told if re.match(r"[A-Za-z0-9]", told) else f"n{told}"


def _redshift(name: str) -> str:
    return _short_hex(_no_leading_digit(alphanumeric(name).lower()), 127)


def _redshift_before(name: str) -> str:
    return alphanumeric(name).lower()


def _databricks(name: str) -> str:
    return _short(_no_leading_digit(alphanumeric(name)), 255)


def _databricks_lower(name: str) -> str:
    return _databricks(name).lower()


def _postgres(name: str) -> str:
    return _short(_no_leading_digit(alphanumeric(name)), 63)


def _postgres_before(name: str) -> str:
    """The versions before: lower case, cut at 63."""
    return alphanumeric(name).lower()[:63]


def _same(name: str) -> str:
    return name


_UPPER_META = tuple(name.upper() for name in META)
_RULES: dict[DestinationKind, tuple[Rules, ...]] = {
    DestinationKind.SNOWFLAKE: (
        Rules(schema=_snowflake, table=_snowflake, column=_snowflake, fold=_same, meta=_UPPER_META),
        Rules(
            schema=_snowflake_before,
            table=_snowflake_before,
            column=_snowflake_before,
            fold=_same,
            meta=_UPPER_META,
            legacy=True,
        ),
    ),
    DestinationKind.BIGQUERY: (Rules(schema=_bigquery_dataset, table=_bigquery, column=_bigquery),),
    DestinationKind.REDSHIFT: (
        Rules(schema=_redshift, table=_redshift, column=_redshift),
        Rules(schema=_redshift_before, table=_redshift_before, column=_redshift_before, legacy=True),
    ),
    DestinationKind.DATABRICKS: (
        Rules(schema=_databricks_lower, table=_databricks_lower, column=_databricks, fold=_same),
        Rules(schema=_databricks_lower, table=_databricks_lower, column=_databricks_lower, legacy=True),
    ),
    DestinationKind.POSTGRES: (
        Rules(schema=_postgres, table=_postgres, column=_postgres, fold=_same),
        Rules(schema=_postgres_before, table=_postgres_before, column=_postgres_before, legacy=True),
    ),
    DestinationKind.DUCKDB: (
        Rules(
            schema=str.lower,
            table=str.lower,
            column=str.lower,
            meta=_META_WITHOUT_GENERATION,
            one_schema=True,
        ),
    ),
}
