"""A secret in any of its written forms, alone or within a text, does not come through."""

from __future__ import annotations

import base64
import json
import string
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.system.redaction import Secrets, without_url_passwords

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqh\r\nkiG9w0BAQEFAASC/+Bg==\n-----END PRIVATE KEY-----\n"
WORDS = st.text(string.printable + "éß漢😀", min_size=8, max_size=40).filter(
    lambda word: len(word.strip()) >= 8 and sum(c.isalnum() for c in word) >= 6 and "*" not in word
)


@given(value=WORDS, before=st.text(string.ascii_letters + ":/ ", max_size=7))
def test_no_form_of_a_value_is_left(value: str, before: str) -> None:
    secrets = Secrets([value])
    for text in (
        value,
        json.dumps({"v": value}),
        json.dumps({"v": value}, ensure_ascii=False),
        json.dumps(json.dumps([value])),
        quote(value, safe=""),
        quote_plus(value),
        repr(value),
    ):
        assert secrets.redact(f"{before}{text}").count("****") >= 1
        assert value not in secrets.redact(f"{before}{text}")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode((before + value).encode()).decode()
        assert "****" in secrets.redact(encoded)


def test_each_line_of_a_key() -> None:
    secrets = Secrets([PEM])
    for line in PEM.splitlines():
        assert secrets.redact(f"cannot use {line}!") == "cannot use ****!"
    assert "MIIEvQ" not in secrets.redact(PEM)
    assert "MIIEvQ" not in secrets.redact(PEM.replace("\r\n", "\n"))
    assert "MIIEvQ" not in secrets.redact(json.dumps(PEM))
    assert "MIIEvQ" not in secrets.redact(PEM.replace("\r\n", "\n").replace("\n", "\\n"))


def test_the_values_of_a_json_key_file() -> None:
    document = json.dumps({"type": "service", "private_key": PEM, "nested": [{"id": "a1b2c3d4e5"}]}, indent=1)
    secrets = Secrets([document])
    assert secrets.redact("key a1b2c3d4e5 refused") == "key **** refused"
    assert "kiG9w0" not in secrets.redact(PEM)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:p4ssw0rd@host:5432/db",
        "cannot reach postgresql+psycopg://me:p4ss:w0rd@host/db?x=1",
        "redis://:p4ssw0rd@host",
        "see https://user:p4ssw0rd@proxy:8080 and https://plain.example/a@b",
    ],
)
def test_the_password_of_any_url(text: str) -> None:
    shown = without_url_passwords(text)
    assert "w0rd" not in shown
    assert "host" in shown or "proxy" in shown


def test_what_is_no_password_stays() -> None:
    for text in ("http://a.b:80/x@y", "12:30 mail a@b.example", "see https://x.example: then me@home"):
        assert without_url_passwords(text) == text


def test_a_url_that_is_a_secret_hides_its_password_alone() -> None:
    secrets = Secrets(["postgres://me:pa%24sw0rd@host/db"])
    assert secrets.redact("password pa$sw0rd is wrong") == "password **** is wrong"


def test_values_under_secret_names() -> None:
    secrets = Secrets()
    secrets.add_named(
        {
            "user": "somebody",
            "password": "hunter22",
            "threads": 4,
            "nested": [{"api_key": "k3y-value", "refresh-token": 99887766}],
            "auth": {"method": "signed-in"},
            "dsn": "mysql://u:qwertz1@h/d",
            "secrets": [{"type": "http", "region": "eu-west-1", "bearer_token": "b34rer"}],
            "keyfile_json": {"type": "service_account", "project_id": "shop-prod", "private_key": "p3m-text"},
            "credentials": {"auth_type": "Client", "client_id": "id-of-client"},
        }
    )
    for value in (
        "hunter22",
        "k3y-value",
        "99887766",
        "signed-in",
        "qwertz1",
        "b34rer",
        "p3m-text",
        "id-of-client",
    ):
        assert secrets.redact(f"<{value}>") == "<****>"
    plain = "somebody http://h eu-west-1 service_account shop-prod.marts.orders Client"
    assert (
        secrets.redact(plain) == plain
    )  # kinds and places beside a secret are ordinary words of every message


def test_variables_by_their_names() -> None:
    secrets = Secrets()
    folder = {"PWD": "/usr/bin", "OLDPWD": "/usr", "SSH_AUTH_SOCK": "/dev/null", "USE_TOKEN": "true"}
    secrets.add_environ(
        {**folder, "GITHUB_TOKEN": "ghp_abcdef", "DB_PASSWORD": "/not/there", "HOME": "/root"}
    )
    assert secrets.redact("/usr/bin /dev/null /root true") == "/usr/bin /dev/null /root true"
    assert secrets.redact("ghp_abcdef /not/there") == "**** ****"


def test_four_letters_are_hidden_in_any_writing() -> None:
    secrets = Secrets(["x.y+"])
    assert secrets.redact("x.y+ x.y%2B eC55Kw== 782e792b") == "**** **** **** ****"


def test_short_values_are_no_secret() -> None:
    secrets = Secrets(["1", "dev", ""])
    assert len(secrets) == 0
    assert secrets.redact("dev 1") == "dev 1"
