"""Who is let in and who is not, in plain words and without a secret; faults of the network."""

from __future__ import annotations

import base64
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from penstock.assets import Relation
from penstock.errors import ConfigError, PenstockError, ToolError
from penstock.integration import Cancellation, Connection, QueryCancelled, SqlCheck
from penstock_snowflake.credentials import login_of
from penstock_snowflake.warehouse import SnowflakeWarehouse
from tests.doubles.snowflake.server import SnowflakeDouble

USERS = Relation("snowflake://acme-main", "snowflake", "SHOP", "RAW", "USERS")


def warehouse_with(double: SnowflakeDouble, base: Path, **settings: Any) -> SnowflakeWarehouse:
    told = double.settings(database="shop", connect_seconds=5, **settings)
    return SnowflakeWarehouse(Connection(type="snowflake", settings=told, base=base))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"password": "wrong-and-secret"}, "the user or the password is wrong"),
        ({"role": "NOBODY"}, "the role does not exist"),
        ({"authenticator": "oauth", "token": "old-and-secret"}, "the user or the password is wrong"),
        ({"authenticator": "oauth", "token": ""}, "needs a token"),
        ({"password": ""}, "neither a password nor a key nor a token"),
        ({"oauth_client_id": "x", "authenticator": "oauth", "token": "t"}, "refresh token"),
        ({"private_key_path": "nowhere.p8"}, "cannot be read"),
        ({"private_key": "no-key-and-secret"}, "no private key that can be read"),
    ],
)
def test_who_is_not_let_in_is_told_why_without_a_secret(
    double: SnowflakeDouble, tmp_path: Path, settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(PenstockError, match=told) as caught:
        warehouse_with(double, tmp_path, **settings).row_counts([USERS])
    text = f"{caught.value.what} {caught.value.hint}"
    assert "secret" not in text and "\n" not in text
    assert caught.value.hint


def test_a_token_lets_in(double: SnowflakeDouble, tmp_path: Path) -> None:
    double.estate.tokens.add("good-token")
    for authenticator in ("oauth", "jwt", "programmatic_access_token"):
        warehouse = warehouse_with(
            double, tmp_path, authenticator=authenticator, token="good-token", password=""
        )
        assert warehouse.row_counts([USERS])[USERS].rows == 2


@pytest.mark.parametrize("form", ["pem", "encrypted", "base64", "file"])
def test_a_key_is_read_as_dbt_reads_it(tmp_path: Path, form: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    no_lock, pkcs8 = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
    der = key.private_bytes(serialization.Encoding.DER, pkcs8, no_lock)
    pem = key.private_bytes(serialization.Encoding.PEM, pkcs8, no_lock)
    locked = key.private_bytes(
        serialization.Encoding.PEM, pkcs8, serialization.BestAvailableEncryption(b"pw")
    )
    (tmp_path / "key.p8").write_bytes(pem)
    settings = {
        "pem": {"private_key": pem.decode()},
        "encrypted": {"private_key": locked.decode(), "private_key_passphrase": "pw"},
        "base64": {"private_key": base64.b64encode(der).decode()},
        "file": {"private_key_path": "key.p8"},
    }[form]
    connection = Connection(
        type="snowflake", settings={"account": "a", "user": "u", **settings}, base=tmp_path
    )
    assert login_of(connection) == {"user": "u", "private_key": der, "authenticator": "SNOWFLAKE_JWT"}
    wrong = Connection(
        type="snowflake", settings={**connection.settings, "private_key_passphrase": "no"}, base=tmp_path
    )
    if form == "encrypted":
        with pytest.raises(ConfigError, match="no private key"):
            login_of(wrong)


def test_the_registered_key_lets_in_and_no_other_does(double: SnowflakeDouble, tmp_path: Path) -> None:
    no_lock, pkcs8 = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
    own, other = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    double.estate.keys["PENSTOCK"] = own.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pems = [key.private_bytes(serialization.Encoding.PEM, pkcs8, no_lock).decode() for key in (own, other)]
    warehouse = warehouse_with(double, tmp_path, private_key=pems[0], password="")
    assert warehouse.row_counts([USERS])[USERS].rows == 2
    with pytest.raises(PenstockError, match="the key does not fit the user") as caught:
        warehouse_with(double, tmp_path, private_key=pems[1], password="").row_counts([USERS])
    assert "PRIVATE" not in f"{caught.value.what} {caught.value.hint}"
    with pytest.raises(PenstockError, match="the key does not fit the user"):
        warehouse_with(double, tmp_path, private_key=pems[0], password="", user="SOMEBODY").row_counts(
            [USERS]
        )


def test_nothing_listens_there(tmp_path: Path) -> None:
    settings = {
        "account": "a",
        "host": "127.0.0.1",
        "port": 1,
        "protocol": "http",
        "user": "u",
        "password": "p",
    }
    connection = Connection(type="snowflake", settings={**settings, "connect_seconds": 2}, base=tmp_path)
    with pytest.raises(ToolError) as caught:
        SnowflakeWarehouse(connection).row_counts([USERS])
    assert caught.value.hint and "\n" not in caught.value.what


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503, "body": {}},
        {"status": 429, "body": {}},
        {"status": 200, "drop": True, "after": True},
        {"status": 502, "body": {}, "after": True},
    ],
)
def test_a_passing_fault_is_waited_out_and_nothing_runs_twice(
    double: SnowflakeDouble, tmp_path: Path, fault: dict[str, Any]
) -> None:
    double.fault(path="/queries/v1/query-request", **fault)
    assert warehouse_with(double, tmp_path).row_counts([USERS])[USERS].rows == 2
    assert len(double.sql) == 1


def test_a_session_that_expires_is_renewed(double: SnowflakeDouble, tmp_path: Path) -> None:
    checks = warehouse_with(double, tmp_path).run_checks(
        [SqlCheck(id=str(n), sql=f"SELECT {n}") for n in (1, 2)]
    )
    assert next(checks).failures == 1
    for session in double.sessions.values():
        session.expired = True
    assert next(checks).failures == 2


def test_a_check_cannot_write(double: SnowflakeDouble, tmp_path: Path) -> None:
    sqls = ["DELETE FROM SHOP.RAW.USERS", "/* select */ drop table SHOP.RAW.USERS", "-- x\n CALL p()"]
    checks = [SqlCheck(id=sql, sql=sql) for sql in sqls]
    results = list(warehouse_with(double, tmp_path).run_checks(checks))
    assert all(result.failures is None and "SELECT or WITH" in str(result.error) for result in results)
    assert not double.sql
    good = [SqlCheck(id="c", sql="/* why */ -- and how\n (SELECT count(*) FROM SHOP.RAW.USERS)")]
    assert [result.failures for result in warehouse_with(double, tmp_path).run_checks(good)] == [2]


def test_a_running_query_is_cancelled_in_snowflake_too(double: SnowflakeDouble, tmp_path: Path) -> None:
    cancel = Cancellation()
    results = warehouse_with(double, tmp_path).run_checks(
        [SqlCheck(id="x", sql="SELECT count(*) FROM range(100000000000) a")], cancel
    )

    def cancel_once_it_runs() -> None:
        while not double.statements:
            time.sleep(0.02)
        cancel.cancel()

    threading.Thread(target=cancel_once_it_runs, daemon=True).start()
    with pytest.raises(QueryCancelled):
        list(results)
    begun = time.monotonic()
    while double.statements[0].status == "RUNNING" and time.monotonic() < begun + 60:
        time.sleep(0.05)
    assert double.statements[0].status == "FAILED_WITH_ERROR"
