"""What has gone wrong in web servers of orchestrators, tried on ours: paths, hosts, origins, bodies, files, streams."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path

import pytest

from penstock.service.people import Right
from penstock.web.shield import Shield
from penstock.web.table import routes
from tests.tools.browsing import Browser
from tests.tools.served import PASSWORD, Served, served

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("served")]
WRONG = {"/api/v1/openapi.json": "no secret", "/": "the page"}


def raw(site: Served, text: bytes) -> bytes:
    """Bytes as they are, and all that comes back."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as connection:
        connection.sendall(text)
        found = b""
        while part := connection.recv(65_536):
            found += part
        return found


def status_of(reply: bytes) -> int:
    return int(reply.split(b" ", 2)[1])


def test_without_a_login_every_route_is_closed_but_those_named_here(site: Served) -> None:
    stranger = Browser(site.port)
    public = {route.name for route in routes() if route.right is Right.PUBLIC}
    assert public == {"login"}
    for route in routes():
        path = route.path.replace("{run}", "1").replace("{token}", "abc").replace("{incident}", "x")
        if route.name not in public:
            assert stranger.send(route.method, path, {} if route.method == "POST" else None).status == 401, (
                route
            )
    assert stranger.get("/api/v1/events").status == 401


def test_every_place_of_the_application_has_a_right(site: Served) -> None:
    from starlette.routing import Route as Place

    doors = site.app.routes  # type: ignore[attr-defined]  # beside the application: each behind a shield of its own
    inner = site.app.default._app  # type: ignore[attr-defined]  # the application behind the shield
    assert inner.routes and all(isinstance(place, Place) for place in [*inner.routes, *doors]), (
        "no mounts, no websockets"
    )
    assert {place.path for place in doors if place.endpoint._app.right_of is Right.PUBLIC} == {
        "/api/v1/events/{name}",
        "/api/v1/events/{name}/{token}",
    }
    assert all(isinstance(place.endpoint, Shield) for place in doors)
    for place in inner.routes:
        assert isinstance(place.endpoint.right_of, Right), place
    public = {place.path for place in inner.routes if place.endpoint.right_of is Right.PUBLIC}
    assert public == {"/api/v1/login", "/api/v1/openapi.json", "/{path:path}"}


TRICKS = [
    "/api/v1/users/login", "/api/v1/users/configs", "/api/v1/users/health", "/api/v1/users/", "//api/v1/users",
    "/api/v1//users", "/api/v1/users%2f", "/api/v1/login/../users", "/api/v1/login/%2e%2e/users", "/API/V1/USERS",
    "/api/v1/users;/login", "/api/v1/users%00", "/api/v1/users?/login", "/api/v1/users#/login", "/api/v1/users/openapi.json",
    "/x/../api/v1/users", "/api/v1/./users", "/%61pi/v1/users", "http://127.0.0.1/api/v1/login/../users",
]  # fmt: skip


@pytest.mark.parametrize("path", TRICKS)
def test_no_way_of_writing_a_path_leads_past_the_login(site: Served, path: str) -> None:
    reply = raw(site, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    assert b'"users"' not in reply and b'"grants"' not in reply
    assert status_of(reply) in (400, 401, 404, 405) or b"<!doctype html>" in reply.lower(), reply[:300]


@pytest.mark.parametrize(
    "path",
    ["/../../../../etc/passwd", "/..%2f..%2fetc/passwd", "/assets/../../app.py", "/%2e%2e/app.py", "/.git/config",
     "/static/../app.py", "/app.py", "/assets/%00.js", "\\..\\app.py"],
)  # fmt: skip
def test_no_file_but_those_of_the_pages_is_served(site: Served, path: str) -> None:
    reply = raw(site, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert b"root:" not in reply and b"ASGI" not in reply and b"[core]" not in reply
    assert status_of(reply) in (400, 404), reply[:200]


@pytest.mark.parametrize(
    "hosts",
    [(), ("evil.example",), ("127.0.0.1", "evil.example"), ("127.0.0.1.evil.example",), ("127.0.0.1/api/v1/login?",),
     ("127.0.0.1:80@evil.example",), ("",), ("localhost evil",)],
)  # fmt: skip
def test_another_host_is_refused_also_on_loopback(site: Served, hosts: tuple[str, ...]) -> None:
    lines = "".join(f"Host: {host}\r\n" for host in hosts)
    reply = raw(site, f"GET /api/v1/openapi.json HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
    assert status_of(reply) in (400, 421), reply[:200]


@pytest.mark.parametrize(
    "headers",
    [{"X-Penstock": ""}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
     {"Sec-Fetch-Site": "same-site"}, {"X-Penstock": "yes"}],
)  # fmt: skip
def test_another_site_changes_nothing(site: Served, headers: dict[str, str]) -> None:
    root = site.login("root")
    assert root.post("/api/v1/automation/pause", {"why": "forged"}, headers).status == 403
    assert root.get("/api/v1/automation").json()["paused"] is None


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""]
)
def test_a_form_is_no_body(site: Served, kind: str) -> None:
    root = site.login("root")
    assert root.post("/api/v1/plans", {"select": ["free"]}, {"Content-Type": kind}).status == 415


def test_one_origin_and_no_cors(site: Served) -> None:
    root = site.login("root")
    same = root.get("/api/v1/me", {"Origin": f"http://127.0.0.1:{site.port}"})
    assert same.status == 200 and not any(name.startswith("access-control") for name in same.headers)
    assert root.get("/api/v1/me", {"Origin": "http://evil.example"}).status == 403
    assert root.send("OPTIONS", "/api/v1/me", headers={"Origin": "http://evil.example"}).status in (403, 405)


def test_no_websocket(site: Served) -> None:
    upgrade = (
        f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", site.port), timeout=10)
    connection.sendall(upgrade.encode())
    assert b" 101 " not in connection.recv(4096)
    connection.close()


def test_large_and_slow_bodies_are_cut_off(site: Served, built: Path) -> None:
    root = site.login("root")
    assert root.post("/api/v1/plans", {"select": ["x" * 300_000]}).status == 413
    head = "POST /api/v1/login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Penstock: 1\r\nContent-Type: application/json\r\nConnection: close\r\n"
    chunks = b"".join(b"%x\r\n%s\r\n" % (60_000, b" " * 60_000) for _ in range(6)) + b"0\r\n\r\n"
    assert status_of(raw(site, head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)) == 413
    with served(built, slowest=0.2) as hasty:
        assert status_of(raw(hasty, head.encode() + b"Content-Length: 50\r\n\r\n{")) == 408
    assert root.get("/api/v1/me").status == 200


def test_a_range_is_not_listened_to(site: Served) -> None:
    ranges = "bytes=" + ",".join(f"{at}-" for at in range(2_000))
    for path in ("/", "/api/v1/openapi.json"):
        assert Browser(site.port).get(path, {"Range": ranges}).status == 200


@pytest.mark.parametrize(
    "name", ["..", "..%2f..%2fetc", "1%2f..%2f2", "a%00", "%2e%2e%2f", "x" * 200, "1;ls", "-1", "$(id)", "🦆"]
)
def test_an_id_is_a_word(site: Served, name: str) -> None:
    from urllib.parse import quote

    root = site.login("root")
    for path in ("", "/timeline", "/log?step=x"):
        assert root.get(f"/api/v1/runs/{quote(name, safe='%')}{path}").status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"select": ["free"], "options": {"threads": 4}}, {"select": ["free"], "args": ["--help"]},
        {"select": ["free"], "state": "/etc"}, {"select": ["free"], "vars": "{}"}, {"command": "id"},
        {"select": "free"}, {"select": [1]}, [], "x", None, {"select": ["x" * 3_000]},
    ],
)  # fmt: skip
def test_no_body_takes_flags_paths_or_commands(site: Served, body: object) -> None:
    root = site.login("root")
    assert root.send("POST", "/api/v1/plans", raw=json.dumps(body).encode()).status == 400


def test_what_others_wrote_is_data_and_never_a_page(site: Served) -> None:
    root = site.login("root")
    reply = root.get("/api/v1/asset", name="loud")
    assert "<script>" in reply.json()["description"]
    assert reply.headers["content-type"] == "application/json"
    for found in (
        reply,
        root.get("/"),
        root.get("/api/v1/nothing"),
        root.get("/api/v1/asset?name=<script>x</script>"),
    ):
        assert found.headers["x-content-type-options"] == "nosniff"
        policy = found.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
        assert found.headers["referrer-policy"] == "no-referrer"
        assert "text/html" not in found.headers["content-type"] or b"<script>x" not in found.body
    assert (
        root.get("/api/v1/asset?name=<script>x</script>").headers["content-type"]
        == "application/problem+json"
    )


def test_the_stream_tells_only_of_what_may_be_seen_and_ends_with_the_session(site: Served) -> None:
    limited = site.add("listener", "viewer", "fast_count")
    site.server.hub.look_again = 0.2
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.request("GET", "/api/v1/events?after=0", headers={"Cookie": limited.cookie or ""})
    reply = connection.getresponse()
    assert reply.status == 200
    text = b""
    while b'"state":"succeeded","step":null' not in text:
        text += reply.readline()
    items = {
        json.loads(line[6:]).get("item") for line in text.splitlines() if line.startswith(b'data: {"run"')
    }
    assert any(item and "fast_count" in item for item in items)
    assert all(item is None or "fast_count" in item for item in items), items
    assert limited.post("/api/v1/logout").status == 200
    rest = reply.read()
    assert b"event: leave" in rest
    connection.close()


def test_errors_tell_no_secret_and_no_trace(site: Served) -> None:
    root = site.login("root")
    reply = root.get("/api/v1/assets", select="state:modified")
    assert reply.status == 400 and reply.headers["content-type"] == "application/problem+json"
    for path in (
        "/api/v1/assets?cursor=%ff",
        "/api/v1/runs?limit=0",
        "/api/v1/assets?select=a&select=b",
        "/api/v1/assets?nope=1",
    ):
        found = root.get(path)
        assert found.status == 400 and b"Traceback" not in found.body and PASSWORD.encode() not in found.body


def test_a_proxy_may_keep_the_base_path_or_cut_it_off(built: Path) -> None:
    """The same pages, routes, streams and refusals; the cookie is for that path alone."""
    with served(built, base="/penstock") as site:
        stranger = Browser(site.port)
        reader = site.add("below", "viewer")
        for kept in ("", "/penstock"):
            page = stranger.get(f"{kept}/")
            assert b'<base href="/penstock/">' in page.body
            assert stranger.get(f"{kept}/api/v1/openapi.json").json()["openapi"]
            assert stranger.get(f"{kept}/api/v1/assets").status == 401
            assert stranger.get(f"{kept}/api/v1/events").status == 401
            assert stranger.get(f"{kept}/assets/none.js").status == 404
            assert stranger.get(f"{kept}/?token=made-up").status == 401
            assert reader.get(f"{kept}/api/v1/assets").json()["assets"]
        assert (
            stranger.get("/penstock/penstock/api/v1/openapi.json").headers["content-type"]
            != "application/json"
        )
        login = stranger.post("/penstock/api/v1/login", {"user": "below", "password": PASSWORD})
        assert login.status == 200 and "path=/penstock;" in login.headers["set-cookie"].lower() + ";"
