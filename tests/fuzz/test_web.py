"""Requests that nobody meant, in great number: whatever comes is answered, and never with a defect."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from penstock.web.table import routes
from tests.tools.command import penstock
from tests.tools.loaded import make
from tests.tools.served import Served, served

pytestmark = [pytest.mark.xdist_group("served")]
Place = tuple[str, str, list[str]]
WORDS = ["free", "fast_things", "+fast_count", "1", "latest", "0", "-1", "*", "", "..", "%00", "\x00", "tag:x", "1+fast_things+2",
         "a b,c", "config.materialized:table", "{{ x }}", "<b>", "\ud83e\udd86", "9" * 30, "select 1", "source:*", "@free", "true",
         "null", "[]", "state:modified", "result:error", "column:loud.name+", "raw_fast.things", "admin", "viewer"]  # fmt: skip
FIELDS = ["select", "exclude", "name", "of", "focus", "cursor", "limit", "up", "down", "group", "collapse", "text", "state", "depth",
          "step", "offset", "attempt", "topics", "after", "user", "hash", "retry_of", "grants", "limits", "checks", "schedule",
          "role", "direct", "token", "seconds", "channels", "open", "by", "days", "run", "flags", "threads", "empty", "id", "kind"]  # fmt: skip
# What is reached beside the table: the door for events, metrics, the stream's neighbours and the pages.
BESIDE = [("POST", "/api/v1/events/github"), ("POST", "/api/v1/events/nobody"), ("POST", "/api/v1/events/{run}/{token}"), ("GET", "/metrics"),
          ("GET", "/api/v1/events/github"), ("GET", "/api/v1/openapi.json"), ("GET", "/"), ("GET", "/assets/{run}")]  # fmt: skip
SIGNED = [
    b"x-hub-signature-256",
    b"x-github-delivery",
    b"x-github-event",
    b"x-penstock-signature",
    b"x-penstock-token",
    b"authorization",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = make(tmp_path_factory.mktemp("fuzzed") / "loaded")
    file = folder / "penstock.yml"
    events = {"github": {"type": "github", "secret": "github-secret-of-the-test"}}
    file.write_text(json.dumps({**json.loads(file.read_text()), "events": events}))
    assert penstock(folder, "run", "-s", "free").code == 0
    with served(folder) as found:
        found.add("root", "admin", see_data=True)
        found.add("limited", "operator", "fast_things")
        yield found


def value(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(8 if depth < 3 else 5)
    if kind < 3:
        return chance.choice(WORDS)
    if kind == 3:
        return chance.choice([0, -1, 1, 2**63, 1.5, True, False, None])
    if kind == 4:
        return chance.choice(["0" * 64, "f" * 64, "x" * 5_000])
    if kind == 5:
        return [value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(FIELDS): value(chance, depth + 1) for _ in range(chance.randrange(5))}


def places() -> list[Place]:
    """Method, path, and the fields that are read there."""
    own = [(one.method, one.path, names(one.query) + names(one.body)) for one in routes()]
    return own + [(method, path, []) for method, path in BESIDE]


def names(kind: type[msgspec.Struct] | None) -> list[str]:
    return [] if kind is None else [one.encode_name for one in msgspec.structs.fields(kind)]


def request(chance: random.Random, cookies: list[bytes], place: Place) -> tuple[dict[str, Any], bytes]:
    method, path, own = place
    fields = own if own and chance.random() < 0.6 else FIELDS
    for part in ("{run}", "{token}", "{incident}"):
        path = path.replace(part, quote(chance.choice(WORDS), safe="", errors="replace"))
    if chance.random() < 0.1:
        at = chance.randrange(len(path) + 1)
        path = path[:at] + chance.choice(["/", "..", "%2e", "//", "?", "%00", "\xff", ";"]) + path[at:]
    query = "&".join(
        f"{chance.choice(fields)}={quote(str(chance.choice(WORDS)), errors='replace')}"
        for _ in range(chance.choice([0, 0, 1, 1, 2, 5]))
    )
    body = b""
    if method == "POST" and not (path == "/api/v1/login" and chance.random() < 0.95):
        told = {
            one: value(chance) for one in chance.sample(fields, chance.randrange(min(4, len(fields) + 1)))
        }
        body = json.dumps(told if chance.random() < 0.8 else value(chance)).encode()
        if chance.random() < 0.05:
            body = body[: len(body) // 2] + bytes([chance.randrange(256)])
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"x-penstock", b"1")]
    headers.append((b"content-length", str(len(body)).encode()))
    if chance.random() < 0.95:
        headers.append((b"cookie", chance.choice(cookies)))
    if chance.random() < 0.1:
        headers.append((chance.choice([b"if-none-match", b"idempotency-key", b"authorization", b"origin", b"accept-encoding",
                                       b"last-event-id"]), chance.choice(WORDS).encode(errors="replace")))  # fmt: skip
    if path.startswith("/api/v1/events/"):
        headers += [
            (name, chance.choice(WORDS).encode(errors="replace")) for name in chance.sample(SIGNED, 2)
        ]
    from urllib.parse import unquote

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "root_path": "",
        "method": method if chance.random() < 0.97 else chance.choice(["PUT", "HEAD", "DELETE", "X"]),
        "path": unquote(path), "raw_path": path.encode(errors="replace"), "query_string": query.encode("latin-1", "replace"),
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    return scope, body


async def send(site: Served, scope: dict[str, Any], body: bytes) -> int:
    status = 0
    given = False

    async def receive() -> dict[str, Any]:
        nonlocal given
        if given:
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def answer(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]

    await asyncio.wait_for(site.app(scope, receive, answer), 60)
    return status


def fuzz(site: Served, number: int, seed: int, only: Place | None = None) -> dict[int, int]:
    people = ("root", "limited")
    cookies = [(site.login(name).cookie or "").encode() for name in people]
    all_places = places()
    chance, found = random.Random(seed), dict[int, int]()

    async def all_of_them() -> None:
        for at in range(number):
            scope, body = request(chance, cookies, only or chance.choice(all_places))
            status = await send(site, scope, body)
            assert 200 <= status < 500 or status in (502, 503), (at, status, scope, body[:2_000])
            found[status] = found.get(status, 0) + 1
            if "logout" in scope["path"]:  # whoever is out meets the door alone from then on
                cookies[:] = [(site.login(name).cookie or "").encode() for name in people]

    asyncio.run(all_of_them())
    assert found.get(401, 0) < number / 5, found
    return found


@pytest.mark.slow
def test_some_hundred_odd_requests_are_answered(site: Served) -> None:
    found = fuzz(site, 500, seed=1)
    assert found.get(200, 0) > 20 and found.get(400, 0) > 50, found


@pytest.mark.long
def test_a_hundred_thousand_odd_requests_are_answered(site: Served) -> None:
    fuzz(site, 100_000, seed=2)


@pytest.mark.long
@pytest.mark.parametrize("place", places(), ids=lambda place: f"{place[0]} {place[1]}")
def test_each_place_alone_is_asked_three_thousand_times(site: Served, place: Place) -> None:
    fuzz(site, 3_000, seed=3, only=place)
