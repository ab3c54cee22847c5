"""Secrets in kept SQL are hidden as text, and never as names; equal texts stay equal, others others."""

from __future__ import annotations

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


@given(st.text(min_size=6, max_size=20), st.text(max_size=40))
def test_hiding_twice_is_hiding_once(value: str, around: str) -> None:
    secrets = Secrets([value])
    once = secrets.redact_sql(f"select '{around}{value}' -- {value}")
    assert secrets.redact_sql(once) == once
