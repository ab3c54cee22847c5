"""Who an event comes from: signatures and tokens as their senders make them, and what is not theirs."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from penstock import registry
from penstock.commandline import EventForm
from penstock.service.signatures import FORMS, Sent, signature, told

SECRET = "correct horse battery staple"
NOW = 1_800_000_000
BODY = json.dumps({"id": "order-7", "kind": "closed"}).encode()
DBT = json.dumps(
    {"eventId": "wev_1", "eventType": "job.run.completed", "data": {"runStatus": "Success"}}
).encode()
AIRBYTE = json.dumps({"text": "done", "data": {"jobId": 9988, "success": True}}).encode()


def mac(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def form(name: str) -> EventForm:
    found = FORMS.get(name) or registry.declarations()[name].events
    assert found is not None
    return found


def taken(name: str, body: bytes = BODY, token: str | None = None, **headers: str) -> Any:
    sent = Sent(headers={key.replace("_", "-"): one for key, one in headers.items()}, body=body, token=token)
    return told(form(name), SECRET, sent, NOW)


GITHUB = {"x_github_delivery": "72d3162e", "x_github_event": "push"}


@pytest.mark.parametrize(
    ("name", "given", "identity", "kind"),
    [
        ("github", {"x_hub_signature_256": f"sha256={mac(BODY)}", **GITHUB}, "72d3162e", "push"),
        ("dbt", {"body": DBT, "authorization": mac(DBT)}, "wev_1", "job.run.completed Success"),
        ("airbyte", {"body": AIRBYTE, "token": SECRET}, "9988:success", "success"),
        ("airbyte", {"body": AIRBYTE, "authorization": f"Bearer {SECRET}"}, "9988:success", "success"),
        ("token", {"authorization": f"bearer {SECRET}", "idempotency_key": "k1"}, "k1", ""),
        ("signed", {"x_penstock_signature": signature(SECRET, BODY, NOW)}, "order-7", "closed"),
        ("signed", {"x_penstock_signature": signature(SECRET, BODY, NOW - 299)}, "order-7", "closed"),
    ],
)
def test_what_its_sender_signs_is_taken(name: str, given: dict[str, Any], identity: str, kind: str) -> None:
    found = taken(name, **given)
    assert (found.id, found.kind) == (identity, kind)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("github", {}),
        ("github", {"x_hub_signature_256": mac(BODY)}),  # without its prefix
        ("github", {"x_hub_signature_256": "sha256="}),
        ("github", {"x_hub_signature_256": f"sha1={mac(BODY)}"}),
        ("github", {"x_hub_signature_256": f"sha256={mac(BODY, 'another secret')}"}),
        ("github", {"x_hub_signature_256": f"sha256={mac(BODY)}", "body": BODY + b" "}),
        ("github", {"authorization": f"Bearer {SECRET}"}),  # who signs is not believed for a token
        ("github", {"token": SECRET}),
        ("dbt", {"body": DBT, "authorization": mac(BODY)}),
        ("dbt", {"body": DBT, "authorization": f"Bearer {mac(DBT)}"}),
        ("dbt", {"body": DBT, "authorization": "\u00e9" * 64}),
        ("airbyte", {"body": AIRBYTE}),
        ("airbyte", {"body": AIRBYTE, "token": ""}),
        ("airbyte", {"body": AIRBYTE, "token": SECRET[:-1]}),
        ("airbyte", {"body": AIRBYTE, "token": SECRET, "authorization": "Bearer wrong"}),
        ("token", {"authorization": SECRET}),
        ("token", {"authorization": f"Basic {SECRET}"}),
        ("token", {"authorization": "Bearer "}),
        ("signed", {"x_penstock_signature": signature(SECRET, BODY, NOW - 301)}),
        ("signed", {"x_penstock_signature": signature(SECRET, BODY, NOW + 301)}),
        ("signed", {"x_penstock_signature": signature(SECRET, BODY, NOW).replace(str(NOW), str(NOW + 1))}),
        ("signed", {"x_penstock_signature": signature("another secret", BODY, NOW)}),
        ("signed", {"x_penstock_signature": f"t={NOW},v1={mac(BODY)}"}),  # the time is not signed
        ("signed", {"x_penstock_signature": f"v1={mac(BODY)}"}),
        ("signed", {"x_penstock_signature": signature(SECRET, BODY, NOW) + ",v1=" + "0" * 64}),
    ],
)
def test_what_is_not_theirs_is_refused(name: str, given: dict[str, Any]) -> None:
    assert taken(name, **given) is None


def test_a_signed_request_that_is_sent_again_is_the_same_event() -> None:
    body = b"not even JSON"
    first, later = (signature(SECRET, body, NOW - seconds) for seconds in (0, 1))
    one, again, other = (taken("signed", body, x_penstock_signature=one) for one in (first, first, later))
    assert one.id == again.id != other.id
    assert first.rpartition("=")[2] not in one.id  # what is kept signs nothing


def test_a_token_without_a_key_tells_of_something_new_each_time() -> None:
    one, two = (taken("token", authorization=f"Bearer {SECRET}") for _ in range(2))
    assert one.id != two.id


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"eventId": {"a": 1}}', b"\xff\xfe", b"null", b""])
def test_a_hostile_body_is_only_bytes(body: bytes) -> None:
    found = taken("dbt", body, authorization=mac(body))
    assert len(found.id) == 64 and found.kind == ""


def test_an_id_is_short_and_printable() -> None:
    strange = json.dumps({"eventId": "a b\n" * 500, "eventType": "x\x1b[31m" * 100}).encode()
    found = taken("dbt", strange, authorization=mac(strange))
    assert len(found.id) == 64 and len(found.kind) == 100 and found.kind.isprintable()
