"""Secrets in kept SQL are hidden as text, and never as names; equal texts stay equal, others others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.system.redaction import Secrets
from penstock.system.sql_secrets import without_secrets

TOKEN = "k9Zp3-Tr0ub4dor"


def test_a_secret_is_hidden_in_texts_and_comments() -> None:
    hidden = without_secrets(f"select '{TOKEN}' as a -- {TOKEN}\n/* {TOKEN} */ from t", [TOKEN])
    assert TOKEN not in hidden and hidden.count("****") == 3
    assert hidden.startswith("select '****") and hidden.endswith("*/ from t")


def test_a_quote_in_it_is_doubled_in_sql() -> None:
    assert "hunter" not in without_secrets("select 'it''s hunter2' as a", ["it's hunter2"])


def test_a_name_that_is_also_a_password_stays_a_name() -> None:
    sql = 'select postgres.a, \'postgres\' as b from "postgres"."public"."orders" as postgres'
    hidden = without_secrets(sql, ["postgres"])
    assert hidden.count("postgres") == 3 and "'****" in hidden


def test_texts_with_different_secrets_stay_different() -> None:
    one, other = (without_secrets(f"select '{value}'", [value]) for value in ("first-secret", "other-secret"))
    assert one != other and one == without_secrets("select 'first-secret'", ["first-secret", "other-secret"])


def test_words_that_are_everywhere_are_no_secrets() -> None:
    assert (
        without_secrets("select 'dev' as a, 'open' as b", ["dev", "open"]) == "select 'dev' as a, 'open' as b"
    )


@pytest.mark.parametrize(
    "text",
    [
        "select 1 as \"it's\", 'hunterpass' as k",
        r"select 'it\'s', 'hunterpass' as k",
        'select "hunterpass" as k',
        "select $$hunterpass$$, $a$ hunterpass $a$",
        "select `it's`, 'hunterpass'",
        "select [it's], 'hunterpass'",
        "select 1 # it's\n, 'hunterpass'",
        "select 1 // it's\n, 'hunterpass'",
        "select '''it's''', 'hunterpass'",
        "select 'never closed hunterpass",
        "/* never closed hunterpass",
    ],
)
def test_it_is_hidden_however_a_dialect_quotes(text: str) -> None:
    assert "hunterpass" not in without_secrets(text, ["hunterpass"])


def test_a_number_is_no_name() -> None:
    assert "4111222233" not in without_secrets("select 4111222233 as card", ["4111222233"])


def test_a_name_that_holds_a_password_stays_a_name() -> None:
    sql = 'select postgres_id, `postgres`.b from "postgres_raw"."t" join [postgres].[t] on 1 = 1'
    assert without_secrets(sql, ["postgres"]) == sql


# Pieces of which no reading of the quotes can make a name of the secret.
_HOSTILE = st.lists(
    st.sampled_from(["it's", "\\", "`", "$$", "#", "//", "a", " ", '"', "[", "]", "--", "/*", "\n"]),
    max_size=8,
)


@given(_HOSTILE.map("".join))
def test_no_quoting_leaves_it_readable(around: str) -> None:
    """In a text by the plainest reading: whatever stands before it."""
    sql = f"select '{around.replace(chr(39), chr(39) * 2)} hunterpass'"
    assert "hunterpass" not in without_secrets(sql, ["hunterpass"])


_VALUES = st.sampled_from(
    [TOKEN, "hunterpass", "it's so", "a\\b\\c\\", "****ab12", "päßwörter", "12345678", "select", "two words"]
)


@given(_VALUES, st.text(max_size=40))
def test_hiding_twice_is_hiding_once(value: str, around: str) -> None:
    secrets = Secrets([value])
    once = secrets.redact_sql(f"select '{around}{value}' -- {value}")
    assert secrets.redact_sql(once) == once
