"""The client against a loopback server: authorisation, tolerance, lists that move, faults. The SDK is the real one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from airbyte_api import AirbyteAPI
from airbyte_api.models import SchemeClientCredentials, Security

from penstock.integration.jobs import ProblemKind
from penstock_airbyte.api.client import Client, whole
from penstock_airbyte.api.problems import ApiProblem
from penstock_airbyte.api.tokens import Credentials
from penstock_airbyte.api.transport import Transport
from penstock_manifests.airbyte.api import Read
from tests.doubles.airbyte import AirbyteDouble, ConnectionRecord, Estate, StreamRecord

APPLICATION = Credentials(client_id="id", client_secret="secret")


def _estate(connections: int = 1, **words: Any) -> Estate:
    return Estate(
        workspaces=[{"workspaceId": "w", "name": "W"}],
        sources=[
            {"sourceId": "s", "name": "S", "sourceType": "faker", "workspaceId": "w", "configuration": None}
        ],
        destinations=[
            {
                "destinationId": "d",
                "name": "D",
                "destinationType": "postgres",
                "workspaceId": "w",
                "configuration": {"host": "db", "port": 5432, "database": "x", "password": "hunter2"},
            }
        ],
        connections=[
            ConnectionRecord(
                id=f"c{n:04}",
                name=f"C{n}",
                source_id="s",
                destination_id="d",
                workspace_id="w",
                streams=[{"name": "users", "syncMode": "full_refresh_overwrite"}],
                **words,
            )
            for n in range(connections)
        ],
        streams={"s": [StreamRecord(name="users", fields=[["id"], ["address"], ["address", "city"]])]},
    )


class _Pauses:
    """Stands for waiting: remembers for how long."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def pauses() -> _Pauses:
    return _Pauses()


@pytest.fixture
def double() -> Iterator[AirbyteDouble]:
    with AirbyteDouble(_estate()) as running:
        yield running


def _client(
    double: AirbyteDouble, pauses: _Pauses, credentials: Credentials = APPLICATION
) -> Iterator[Client]:
    transport = Transport(double.url, credentials)
    try:
        yield Client(transport, pause=pauses)
    finally:
        transport.close()


@pytest.fixture
def client(double: AirbyteDouble, pauses: _Pauses) -> Iterator[Client]:
    yield from _client(double, pauses)


def test_the_unmodified_sdk_works_against_the_double(double: AirbyteDouble) -> None:
    security = Security(
        client_credentials=SchemeClientCredentials(
            client_id="id", client_secret="secret", token_url=f"{double.url}/applications/token"
        )
    )
    with AirbyteAPI(server_url=double.url, security=security, timeout_ms=20_000) as api:
        made = api.jobs.create_job(request={"connection_id": "c0000", "job_type": "sync"})
        assert made.job_response is not None
        job = api.jobs.get_job(request={"job_id": made.job_response.job_id})
        assert job.job_response is not None and job.job_response.connection_id == "c0000"
        listed = api.connections.list_connections(request={"limit": 100})
        assert listed.connections_response is not None
        assert [one.name for one in listed.connections_response.data] == ["C0"]
        assert api.workspaces.list_workspaces(request={}).workspaces_response is not None


def test_one_token_serves_until_it_ends(double: AirbyteDouble, client: Client) -> None:
    client.workspaces()
    client.connections(["w"])
    client.sources(["w"])
    assert [one.path for one in double.seen].count("/api/public/v1/applications/token") == 1


def test_a_revoked_token_is_replaced_once(double: AirbyteDouble, client: Client) -> None:
    client.workspaces()
    double.routes.tokens.clear()
    assert client.workspaces()[0].name == "W"
    assert [one.path for one in double.seen].count("/api/public/v1/applications/token") == 2


def test_a_server_that_reads_json_only(pauses: _Pauses) -> None:
    with AirbyteDouble(_estate(), strict_token=True) as double:
        for client in _client(double, pauses):
            assert client.workspaces()


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        (Credentials(token="t0ken"), {"bearer": "t0ken", "credentials": None}),
        (Credentials(username="u", password="p"), {"basic": ("u", "p"), "credentials": None}),
    ],
)
def test_bearer_and_basic(credentials: Credentials, words: dict[str, Any], pauses: _Pauses) -> None:
    with AirbyteDouble(_estate(), **words) as double:
        for client in _client(double, pauses, credentials):
            assert client.workspaces() and client.sources(["w"]) and client.connections(["w"]).rows


@pytest.mark.parametrize(
    "credentials", [Credentials(client_id="id", client_secret="wrong"), Credentials(token="expired-token")]
)
def test_wrong_credentials_are_one_clear_problem(
    double: AirbyteDouble, pauses: _Pauses, credentials: Credentials
) -> None:
    for client in _client(double, pauses, credentials):
        with pytest.raises(ApiProblem) as caught:
            client.workspaces()
        assert caught.value.kind is ProblemKind.UNAUTHORIZED
        assert "wrong" not in str(caught.value) and "expired-token" not in str(caught.value)
    assert pauses.seconds == []


def test_a_page_instead_of_json_is_no_answer(pauses: _Pauses) -> None:
    with AirbyteDouble(_estate()) as double:
        transport = Transport(double.url.removesuffix("/api/public/v1"), Credentials(token="x"))
        with pytest.raises(ApiProblem) as caught:
            Client(transport, pause=pauses).workspaces()
        assert caught.value.kind is ProblemKind.FOREIGN
        assert "server" in str(caught.value.hint)
        transport.close()


def test_nobody_listens(pauses: _Pauses) -> None:
    transport = Transport("http://127.0.0.1:9/api/public/v1", Credentials(token="x"))
    with pytest.raises(ApiProblem) as caught:
        Client(transport, pause=pauses).workspaces()
    assert caught.value.kind is ProblemKind.UNREACHABLE
    assert len(pauses.seconds) == 3
    transport.close()


def test_reads_are_tried_again_and_limits_waited_for(
    double: AirbyteDouble, client: Client, pauses: _Pauses
) -> None:
    double.fault(path="/workspaces", status=502, body="<html>bad gateway</html>", times=2)
    assert client.workspaces()
    assert len(pauses.seconds) == 2 and max(pauses.seconds) < 2
    double.fault(path="/workspaces", status=429, body={"message": "You are being rate limited."})
    assert client.workspaces()
    assert pauses.seconds[-1] >= 60


def test_a_trigger_is_never_tried_again(double: AirbyteDouble, client: Client, pauses: _Pauses) -> None:
    double.fault(path="/jobs", method="POST", status=502, after=True)
    with pytest.raises(ApiProblem) as caught:
        client.trigger("c0000")
    assert caught.value.passing
    assert double.triggers == {"c0000": 1}
    assert pauses.seconds == []
    assert [job.id for job in client.all_jobs("c0000")] == [1]


def test_actors_are_read_without_their_secrets(client: Client) -> None:
    (destination,) = client.destinations(["w"])
    assert destination.place == {"host": "db", "port": 5432, "database": "x"}
    assert client.sources(["w"])[0].type == "faker"


def test_streams_with_nested_fields(client: Client) -> None:
    (stream,) = client.streams("s", "d")
    assert stream.property_fields == (("id",), ("address",), ("address", "city"))


ODD: list[dict[str, Any]] = [
    {"status": "hibernating"},
    {"tags": None, "createdAt": None},
    {"configurations": None},
    {
        "configurations": {
            "streams": [{"name": "u", "syncMode": "telepathy", "mappers": [{"type": "hashing"}]}]
        }
    },
    {"namespaceDefinition": "somewhere", "brandNew": {"deep": [1, 2]}},
    {"schedule": {"scheduleType": "lunar"}},
]


@pytest.mark.parametrize("extra", ODD)
def test_words_of_other_versions_are_tolerated(
    double: AirbyteDouble, client: Client, extra: dict[str, Any]
) -> None:
    double.estate.connections[0].extra = extra
    found = client.connections(["w"])
    assert [one.connection_id for one in found.rows] == ["c0000"]
    assert found.notes == ()


@pytest.mark.parametrize("extra", [{"tags": "none"}, {"schedule": 7}, {"prefix": ["a"]}])
def test_a_field_of_another_shape_is_left_out_and_noted(
    double: AirbyteDouble, client: Client, extra: dict[str, Any]
) -> None:
    double.estate.connections[0].extra = extra
    found = client.connections(["w"])
    assert [one.connection_id for one in found.rows] == ["c0000"]
    assert len(found.notes) == 1 and next(iter(extra)) in found.notes[0]


def test_a_row_without_an_id_is_noted(double: AirbyteDouble, client: Client) -> None:
    double.estate.workspaces.append({"name": "no id"})
    double.estate.connections[0].extra = {"connectionId": ""}
    assert [one.workspace_id for one in client.workspaces()] == ["w"]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 199, 250])
def test_lists_are_read_to_their_end(count: int, pauses: _Pauses) -> None:
    with AirbyteDouble(_estate(count)) as double:
        for client in _client(double, pauses):
            found = client.connections(["w"])
            assert len(found.rows) == count and found.complete
            asked = [one for one in double.seen if one.path.endswith("/connections")]
            assert len(asked) <= count // 99 + 1


@pytest.mark.parametrize("seed", range(20))
def test_lists_without_an_order_lose_no_row(seed: int) -> None:
    chance = random.Random(seed)
    rows = [str(n) for n in range(chance.randrange(1, 420))]

    def page(limit: int, offset: int) -> Read:
        chance.shuffle(rows)
        found = tuple(rows[offset : offset + limit])
        return Read(rows=found, count=len(found))

    assert set(whole(page, str).rows) == set(rows)


@pytest.mark.parametrize("seed", range(20))
def test_rows_that_stay_are_found_while_others_come_and_go(seed: int) -> None:
    """Every page sees one row added or removed at a random place: what was there all the time must be listed."""
    chance = random.Random(seed)
    rows = [f"stays-{n}" for n in range(300)]

    def page(limit: int, offset: int) -> Read:
        if chance.random() < 0.5:
            rows.insert(chance.randrange(len(rows)), f"comes-{chance.random()}")
        else:
            comers = [row for row in rows if row.startswith("comes")]
            if comers:
                rows.remove(chance.choice(comers))
        found = tuple(rows[offset : offset + limit])
        return Read(rows=found, count=len(found))

    assert {f"stays-{n}" for n in range(300)} <= set(whole(page, str).rows)


def test_the_servers_clock_is_known(pauses: _Pauses) -> None:
    with AirbyteDouble(_estate(), skew=3600.0) as double:
        for client in _client(double, pauses):
            client.workspaces()
            assert 3590 < client.offset < 3610
