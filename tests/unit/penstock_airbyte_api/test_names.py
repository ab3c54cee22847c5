"""Names that destinations give: a table of cases per destination, and properties that hold for every name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock_airbyte.api.names import (
    DestinationKind,
    alphanumeric,
    column_names,
    java_hash,
    kind_of,
    rules_of,
)

SF, BQ, RS = DestinationKind.SNOWFLAKE, DestinationKind.BIGQUERY, DestinationKind.REDSHIFT
DB, PG, DD = DestinationKind.DATABRICKS, DestinationKind.POSTGRES, DestinationKind.DUCKDB
LONG = "a" * 70
LONGER = "b" * 130

# (destination, wanted, schema, table, column), by today's rules
NOW = [
    (SF, "users", "USERS", "USERS", "USERS"),
    (SF, "my-stream", "MY-STREAM", "MY-STREAM", "MY-STREAM"),
    (SF, "My Stream", "MY STREAM", "MY STREAM", "MY STREAM"),
    (SF, "1st", "1ST", "1ST", "1ST"),
    (SF, "a.b", "A.B", "A.B", "A.B"),
    (SF, "héllo", "HÉLLO", "HÉLLO", "HÉLLO"),
    (SF, 'quo"te', 'QUO"TE', 'QUO"TE', 'QUO"TE'),
    (SF, "a${b}c", "A__B_C", "A__B_C", "A__B_C"),
    (SF, "a{b}c", "A{B}C", "A{B}C", "A{B}C"),
    (SF, "current_date", "_CURRENT_DATE", "_CURRENT_DATE", "_CURRENT_DATE"),
    (SF, "localtime", "_LOCALTIME", "_LOCALTIME", "_LOCALTIME"),
    (SF, "order", "ORDER", "ORDER", "ORDER"),
    (SF, LONG, LONG.upper(), LONG.upper(), LONG.upper()),
    (BQ, "users", "users", "users", "users"),
    (BQ, "Users", "Users", "Users", "Users"),
    (BQ, "my-stream", "my_stream", "my_stream", "my_stream"),
    (BQ, "my  stream", "my_stream", "my_stream", "my_stream"),
    (BQ, "1st", "1st", "_1st", "_1st"),
    (BQ, "_hidden", "n_hidden", "_hidden", "_hidden"),
    (BQ, "*star", "n_star", "_star", "_star"),
    (BQ, "spécial", "special", "special", "special"),
    (BQ, "a.b.c", "a_b_c", "a_b_c", "a_b_c"),
    (BQ, "Straße", "Stra_e", "Stra_e", "Stra_e"),
    (BQ, "日本", "n__", "__", "__"),
    (RS, "users", "users", "users", "users"),
    (RS, "Users", "users", "users", "users"),
    (RS, "My-Stream", "my_stream", "my_stream", "my_stream"),
    (RS, "1st", "_1st", "_1st", "_1st"),
    (RS, "crème brûlée", "creme_brulee", "creme_brulee", "creme_brulee"),
    (RS, "a$b", "a_b", "a_b", "a_b"),
    (DB, "Users", "users", "users", "Users"),
    (DB, "my-Stream", "my_stream", "my_stream", "my_Stream"),
    (DB, "1st", "_1st", "_1st", "_1st"),
    (DB, "camelCase", "camelcase", "camelcase", "camelCase"),
    (DB, "ÀB", "ab", "ab", "AB"),
    (DB, "a b", "a_b", "a_b", "a_b"),
    (PG, "users", "users", "users", "users"),
    (PG, "Users", "Users", "Users", "Users"),
    (PG, "my-Stream", "my_Stream", "my_Stream", "my_Stream"),
    (PG, "1st", "_1st", "_1st", "_1st"),
    (PG, "naïve", "naive", "naive", "naive"),
    (PG, "a\tb", "a_b", "a_b", "a_b"),
    (PG, "a" * 63, "a" * 63, "a" * 63, "a" * 63),
    (SF, "SELECT", "SELECT", "SELECT", "SELECT"),
    (SF, "tab\tname", "TAB\tNAME", "TAB\tNAME", "TAB\tNAME"),
    (SF, "current_user", "_CURRENT_USER", "_CURRENT_USER", "_CURRENT_USER"),
    (SF, "${", "__", "__", "__"),
    (SF, "ß", "SS", "SS", "SS"),
    (BQ, "select", "select", "select", "select"),
    (BQ, "9", "9", "_9", "_9"),
    (BQ, "a__b", "a__b", "a__b", "a__b"),
    (BQ, "a/b\\c", "a_b_c", "a_b_c", "a_b_c"),
    (BQ, "ﬁeld", "field", "field", "field"),
    (RS, "ÄÖÜ", "aou", "aou", "aou"),
    (RS, "a b  c", "a_b_c", "a_b_c", "a_b_c"),
    (RS, "9lives", "_9lives", "_9lives", "_9lives"),
    (RS, "x" * 127, "x" * 127, "x" * 127, "x" * 127),
    (RS, "ORDER", "order", "order", "order"),
    (DB, "Order Details", "order_details", "order_details", "Order_Details"),
    (DB, "a.b", "a_b", "a_b", "a_b"),
    (DB, "é", "e", "e", "e"),
    (DB, "z" * 255, "z" * 255, "z" * 255, "z" * 255),
    (PG, "Order Details", "Order_Details", "Order_Details", "Order_Details"),
    (PG, "select", "select", "select", "select"),
    (PG, "日本", "__", "__", "__"),
    (PG, "a.b.c", "a_b_c", "a_b_c", "a_b_c"),
    (PG, "_x", "_x", "_x", "_x"),
    (DD, "Order Details", "order details", "order details", "order details"),
    (DD, "É", "é", "é", "é"),
    (DD, "a.b", "a.b", "a.b", "a.b"),
    (DD, "Users", "users", "users", "users"),
    (DD, "my-Stream", "my-stream", "my-stream", "my-stream"),
    (DD, "1st", "1st", "1st", "1st"),
]


@pytest.mark.parametrize(("kind", "wanted", "schema", "table", "column"), NOW)
def test_todays_names(kind: DestinationKind, wanted: str, schema: str, table: str, column: str) -> None:
    rules = rules_of(kind)[0]
    assert (rules.schema(wanted), rules.table(wanted), rules.column(wanted)) == (schema, table, column)


BEFORE = [
    (SF, "my-stream", "MY_STREAM"),
    (SF, "1st", "_1ST"),
    (SF, "héllo", "HELLO"),
    (RS, "1st", "1st"),
    (RS, LONGER, LONGER),
    (DB, "camelCase", "camelcase"),
    (PG, "Users", "users"),
    (PG, "my-Stream", "my_stream"),
    (PG, LONG, "a" * 63),
]


@pytest.mark.parametrize(("kind", "wanted", "column"), BEFORE)
def test_names_of_versions_before(kind: DestinationKind, wanted: str, column: str) -> None:
    before = rules_of(kind)[-1]
    assert before.legacy
    assert before.column(wanted) == column


def test_long_names_keep_their_beginning_and_a_hash() -> None:
    assert java_hash("hello") == 99162322  # as every JVM computes it
    assert java_hash("polygenelubricants") == -2147483648
    assert java_hash("") == 0
    name = rules_of(PG)[0].table(LONG)
    assert name == "a" * 54 + "_" + str(java_hash(LONG))[-8:]
    assert len(name) == 63
    assert rules_of(RS)[0].table(LONGER) == "b" * 118 + "_" + format(java_hash(LONGER) & 0xFFFFFFFF, "x")
    assert rules_of(DB)[0].table("c" * 300) == "c" * 246 + "_" + str(java_hash("c" * 300))[-8:]


COLLISIONS = [
    (SF, ["id", "ID", "Id"], ["ID", "ID_1", "ID_2"]),
    (SF, ["_airbyte_raw_id"], ["_AIRBYTE_RAW_ID_1"]),
    (BQ, ["a-b", "a_b", "A_B"], ["a_b", "a_b_1", "A_B_2"]),
    (BQ, ["_airbyte_meta", "x"], ["_airbyte_meta_1", "x"]),
    (RS, ["a b", "a-b"], ["a_b", "a_b_1"]),
    (DB, ["a", "A"], ["a", "A"]),
    (DB, ["a.b", "a_b"], ["a_b", "a_b_1"]),
    (PG, ["a", "A"], ["a", "A"]),
    (PG, ["é", "e"], ["e", "e_1"]),
    (PG, ["a b", "a_b", "a_b_1"], ["a_b", "a_b_1", "a_b_1_1"]),
    (DD, ["id", "ID"], ["id", "id_1"]),
    (DD, ["_airbyte_generation_id"], ["_airbyte_generation_id"]),
]


@pytest.mark.parametrize(("kind", "fields", "columns"), COLLISIONS)
def test_columns_that_collide(kind: DestinationKind, fields: list[str], columns: list[str]) -> None:
    assert list(column_names(rules_of(kind)[0], fields).values()) == columns


CONNECTORS = [
    ("snowflake", SF), ("destination-snowflake", SF), ("bigquery", BQ), ("redshift", RS), ("databricks", DB),
    ("databricks-lakehouse", DB), ("postgres", PG), ("postgres-strict-encrypt", PG), ("duckdb", DD), ("motherduck", DD),
    ("s3", DestinationKind.S3), ("s3-data-lake", DestinationKind.OTHER), ("clickhouse", DestinationKind.OTHER),
    ("", DestinationKind.OTHER),
]  # fmt: skip


@pytest.mark.parametrize(("connector", "kind"), CONNECTORS)
def test_connectors(connector: str, kind: DestinationKind) -> None:
    assert kind_of(connector) is kind


TABLE_KINDS = [SF, BQ, RS, DB, PG, DD]


@given(st.sampled_from(TABLE_KINDS), st.lists(st.text(min_size=1, max_size=80), unique=True, max_size=12))
def test_columns_of_one_table_never_collide(kind: DestinationKind, fields: list[str]) -> None:
    for rules in rules_of(kind):
        names = column_names(rules, fields)
        folded = [rules.fold(name) for name in names.values()]
        assert list(names) == fields
        assert len(set(folded)) == len(folded)
        assert not set(folded) & {rules.fold(name) for name in rules.meta}


@given(st.sampled_from(TABLE_KINDS), st.text(min_size=1, max_size=300))
def test_names_are_stable(kind: DestinationKind, name: str) -> None:
    """What a destination has made of a name it makes of it again: a second sync lands in the same table."""
    for rules in rules_of(kind):
        assert rules.table(name) == rules.table(name)
        once = rules.table(name)
        short_negative = "-" in once  # a cut name ends in digits of a hash, which may begin with its sign
        if "_" + once != rules.table(once) and kind is not SF and not short_negative:
            assert rules.table(once) == once


@given(st.text(max_size=60))
def test_alphanumeric_leaves_only_what_identifiers_may_hold(name: str) -> None:
    made = alphanumeric(name)
    assert all(c.isascii() and (c.isalnum() or c == "_") for c in made)
    assert alphanumeric(made) == made
