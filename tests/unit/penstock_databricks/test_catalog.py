"""Asking a workspace for its catalog: who is let in, what is left out, what is repeated. The unmodified SDK against the stand-in."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from penstock.errors import PenstockError
from penstock.integration import EVERYTHING, Connection, Scope
from penstock.integration.jobs import ProblemKind, RemoteProblem
from penstock_databricks.address import address_of, relation_at
from penstock_databricks.catalog import Reading, _Tables
from penstock_databricks.client import Client, _decoded
from tests.doubles.databricks import DatabricksDouble, Estate, table

CATALOGS = "/api/2.1/unity-catalog/catalogs"


@pytest.fixture
def double() -> Iterator[DatabricksDouble]:
    tables = [
        table("shop.raw.users", {"Id": "bigint", "wörter": "string"}, comment="Users"),
        table("shop.raw.Mixed.dots `x`"),
        table("shop.private.salaries"),
    ]
    with DatabricksDouble(Estate(tables=tables)) as started:
        yield started


def connection(double: DatabricksDouble, **settings: Any) -> Connection:
    told = {"host": double.url, "token": double.token, "catalog": "shop"} | settings
    return Connection(type="databricks", settings=told, base=Path())


def reading(double: DatabricksDouble, **settings: Any) -> Reading:
    told = connection(double, **settings)
    return Reading(Client(told), address_of(told), ("shop",))


def names(found: Reading, scope: Scope = EVERYTHING) -> list[str]:
    return [str(one.relation) for page in found.pages(scope) for one in page]


def test_names_stay_as_they_are_and_empty_pages_do_not_end_a_list(double: DatabricksDouble) -> None:
    double.estate.page, double.estate.empty_pages = 1, True
    found = [one for page in reading(double).pages(Scope()) for one in page]
    assert [one.relation.identifier for one in found] == ["salaries", "users", "Mixed.dots `x`"]
    assert found[1].columns == (("Id", "bigint"), ("wörter", "string"))


def test_a_schema_that_is_not_permitted_is_said_and_the_rest_is_there(double: DatabricksDouble) -> None:
    double.estate.denied.add("shop.private")
    found = reading(double)
    assert names(found) == ["shop.raw.users", "shop.raw.Mixed.dots `x`"]
    (told,) = found.denied
    assert "shop.private" in told and "USE SCHEMA" in told


def test_a_schema_that_is_dropped_between_two_reads_is_said(double: DatabricksDouble) -> None:
    body = {"error_code": "SCHEMA_DOES_NOT_EXIST", "message": "Schema 'shop.private' does not exist."}
    double.fault(path="/tables", status=404, body=body)
    found = reading(double)
    assert len(names(found)) == 2
    assert "does not exist" in found.denied[0]


def test_a_scope_asks_for_nothing_else(double: DatabricksDouble) -> None:
    relation = relation_at(address_of(connection(double)), "shop.raw.users")
    assert relation is not None
    assert names(reading(double), Scope(relations=frozenset({relation}))) == ["shop.raw.users"]
    assert not any("private" in path for _, path, _ in double.seen)


def test_a_database_of_the_scope_is_read_though_the_connection_names_another(
    double: DatabricksDouble,
) -> None:
    double.estate.tables.append(table("other.raw.users"))
    assert names(reading(double), Scope(database="other", schemas=("raw", "not_made_yet"))) == [
        "other.raw.users"
    ]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 503},
        {"status": 500, "body": {"error_code": "INTERNAL_ERROR", "message": "oops"}},
        {"status": 502, "body": "<html>bad gateway</html>"},
        {"drop": True},
    ],
)
def test_what_passes_is_asked_again(double: DatabricksDouble, fault: dict[str, Any]) -> None:
    double.fault(path="/tables", **fault)
    assert len(names(reading(double))) == 3


def test_pages_that_go_round_in_a_circle_are_an_error(double: DatabricksDouble) -> None:
    double.fault(path="/tables", status=200, body={"tables": [], "next_page_token": "same"}, times=None)
    with pytest.raises(PenstockError, match="circle"):
        names(reading(double))


def test_a_truncated_answer_is_an_error(double: DatabricksDouble) -> None:
    double.fault(
        path="/tables", status=200, body='{"tables": [{"na', content_type="application/json", times=None
    )
    with pytest.raises(PenstockError):
        names(reading(double))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"token": "wrong-token-of-mine"}, "credentials are not accepted"),
        ({"token": None}, "no credentials"),
        ({"token": None, "auth_type": "oauth"}, "browser"),
        ({"token": None, "client_id": "id", "client_secret": "wrong-secret"}, "credentials are not accepted"),
    ],
)
def test_wrong_credentials_are_one_line_without_them(
    double: DatabricksDouble, settings: dict[str, Any], expected: str
) -> None:
    with pytest.raises(PenstockError) as error:
        Client(connection(double, **settings)).get(CATALOGS)
    assert expected in error.value.what and error.value.hint
    told = f"{error.value.what} {error.value.hint}"
    assert "\n" not in told
    assert not any(str(value) in told for name, value in settings.items() if "token" in name and value)
    assert "wrong-secret" not in told


def test_the_sdk_prints_nothing_of_its_own(double: DatabricksDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a handler Python prints a library's warnings."""
    told: list[logging.LogRecord] = []
    last = logging.Handler()
    monkeypatch.setattr(last, "emit", told.append)
    monkeypatch.setattr(logging, "lastResort", last)
    monkeypatch.setattr(logging.getLogger("databricks.sdk"), "propagate", False)
    monkeypatch.setattr(logging.getLogger("databricks.sdk"), "handlers", [])
    double.fault(path="/.well-known", status=404, body={})
    assert Client(connection(double)).get(CATALOGS)["catalogs"]
    assert not told


def test_a_missing_grant_is_no_wrong_token(double: DatabricksDouble) -> None:
    body = {"error_code": "PERMISSION_DENIED", "message": "User lacks it"}
    double.fault(path="/catalogs", status=403, body=body)
    with pytest.raises(RemoteProblem) as error:
        Client(connection(double)).get(CATALOGS)
    assert error.value.kind is ProblemKind.FORBIDDEN


def test_a_service_principal_is_let_in(double: DatabricksDouble) -> None:
    settings = {"token": None, "client_id": "id", "client_secret": "hidden-secret"}
    assert Client(connection(double, **settings)).get(CATALOGS)["catalogs"]
    assert len(double.issued) == 1


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.b.c", ("a", "b", "c")),
        ("`a.b`.c.`d e`", ("a.b", "c", "d e")),
        ("a.b", None),
        ("a..c", None),
        ("a.b.c.d", None),
    ],
)
def test_names_of_three_parts(double: DatabricksDouble, name: str, parts: tuple[str, ...] | None) -> None:
    found = relation_at(address_of(connection(double)), name)
    assert (found.parts if found else None) == parts


def test_a_page_in_words_that_only_lenient_readers_take_is_read(double: DatabricksDouble) -> None:
    """A lone surrogate in a comment, as Python's own JSON writer sends it."""
    double.estate.tables.append(table("shop.raw.torn", comment="cut \ud83d"))
    assert "shop.raw.torn" in names(reading(double))


@pytest.mark.parametrize("text", ["<html>a proxy</html>", "[]", "null"])
def test_an_answer_that_is_no_page_is_one_clear_error(text: str) -> None:
    with pytest.raises((RemoteProblem, msgspec.ValidationError), match=r"answer|Expected"):
        _decoded(text.encode(), _Tables, "here")
