"""Logging in, roles, tokens and the audit, over a socket."""

from __future__ import annotations

import pytest

from tests.tools.browsing import Browser
from tests.tools.served import PASSWORD, Served

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("served")]


def test_a_session_is_new_at_each_login_and_ends_at_logout(site: Served) -> None:
    planted = Browser(site.port, cookie=f"penstock-{site.port}=planted")
    reply = planted.post("/api/v1/login", {"user": "root", "password": PASSWORD})
    given = reply.headers["set-cookie"]
    assert (
        "planted" not in given
        and "HttpOnly" in given
        and "samesite=lax" in given.lower()
        and "Path=/" in given
    )
    assert planted.get("/api/v1/me").status == 401
    first = Browser(site.port, cookie=given.partition(";")[0])
    again = first.post("/api/v1/login", {"user": "root", "password": PASSWORD})
    assert first.get("/api/v1/me").status == 401, "the session of before is over"
    second = Browser(site.port, cookie=again.headers["set-cookie"].partition(";")[0])
    assert second.get("/api/v1/me").json()["user"] == "root"
    assert second.post("/api/v1/logout").status == 200
    assert second.get("/api/v1/me").status == 401


def test_wrong_passwords_say_nothing_and_are_soon_refused(site: Served) -> None:
    site.add("forgetful", "viewer")
    stranger = Browser(site.port)
    known = stranger.post("/api/v1/login", {"user": "forgetful", "password": "wrong"})
    nobody = stranger.post("/api/v1/login", {"user": "nobody-at-all", "password": "wrong"})
    assert known.status == nobody.status == 403 and known.json() == nobody.json()
    accounts = site.accounts
    from penstock.service.accounts import TooManyTries

    with pytest.raises(TooManyTries):
        for _ in range(20):
            assert accounts.login("forgetful", "wrong", "192.0.2.1") is None
    with pytest.raises(TooManyTries):
        accounts.login("forgetful", PASSWORD, "192.0.2.2")


@pytest.mark.parametrize(
    ("role", "plan", "pause", "users"),
    [
        ("viewer", 403, 403, 403),
        ("operator", 200, 403, 403),
        ("editor", 200, 200, 403),
        ("admin", 200, 200, 200),
    ],
)
def test_each_role_may_what_it_may(site: Served, role: str, plan: int, pause: int, users: int) -> None:
    browser = site.add(f"one-{role}", role)
    assert browser.get("/api/v1/assets").status == 200
    assert browser.post("/api/v1/plans", {"select": ["free"]}).status == plan
    assert browser.post("/api/v1/automation/pause", {"why": "a test"}).status == pause
    browser.post("/api/v1/automation/resume")
    assert browser.get("/api/v1/users").status == users


def test_a_right_of_another_environment_is_none_here(site: Served) -> None:
    browser = site.add("elsewhere", "admin", where="prod")
    assert browser.get("/api/v1/assets").status == 403
    assert browser.get("/api/v1/me").json()["rights"] == []


def test_a_selection_hides_the_rest_everywhere(site: Served) -> None:
    root = site.login("root")
    limited = site.add("limited", "operator", "fast_things fast_count")
    names = {one["name"] for one in limited.get("/api/v1/assets").json()["assets"]}
    assert names == {"fast_things", "fast_count"}
    hidden = {one["name"] for one in root.get("/api/v1/assets").json()["assets"]} - names
    paths = [
        "/api/v1/assets", "/api/v1/assets?select=%2Bfast_things%2B", "/api/v1/status", "/api/v1/graph",
        "/api/v1/graph?focus=fast_things&up=5&down=5", "/api/v1/lineage?of=fast_things",
        "/api/v1/lineage?of=fast_things.id", "/api/v1/search?text=thing", "/api/v1/completions?text=thing", "/api/v1/runs", "/api/v1/runs/1",
        "/api/v1/asset?name=fast_things", "/api/v1/findings", "/api/v1/history?name=fast_things",
    ]  # fmt: skip
    for path in paths:
        reply = limited.get(path)
        assert reply.status == 200, (path, reply)
        found = {name for name in hidden if f'"{name}"' in reply.body.decode()}
        assert found == set(), (path, found)
    assert limited.get("/api/v1/project").json()["assets"] == 2
    for name in hidden:
        for path in ("asset?name=", "lineage?of=", "history?name=", "graph?focus="):
            real, made_up = limited.get(f"/api/v1/{path}{name}"), limited.get(f"/api/v1/{path}no_such_thing")
            assert real.status == made_up.status == 404, (path, name, real, made_up)
            assert real.body.replace(name.encode(), b"?") == made_up.body.replace(b"no_such_thing", b"?")


def test_what_is_hidden_is_as_unknown_as_what_is_not_there(site: Served) -> None:
    """Neither an error, a suggestion nor a walk tells that there is something of that name."""
    limited = site.add("guesser", "operator", "fast_count")
    made_up = "fast_thingz"
    selections = ("{}", "{}+", "+{}+", "@{}", "column:{}.id+", "fast_count {}", "fast_count,{}+", "{}.sql")
    for selection in selections:
        for path in ("assets", "status", "graph", "freshness"):
            replies = [
                limited.get(f"/api/v1/{path}", select=selection.format(name))
                for name in ("fast_things", made_up)
            ]
            same = [
                (reply.status, reply.body.replace(name.encode(), b"?"))
                for reply, name in zip(replies, ("fast_things", made_up), strict=True)
            ]
            assert same[0] == same[1] and same[0][0] in (400, 404), (path, selection, same)
            assert b"did you mean 'fast_things" not in same[1][1]
    for name in ("fast_things", made_up):
        reply = limited.post("/api/v1/plans", {"select": [name]})
        assert reply.status == 404 and reply.body.count(b"fast_things") == (name == "fast_things"), reply
        for column in ("", ".id", ".idd", ".id.x"):
            reply = limited.get("/api/v1/lineage", of=f"{name}{column}")
            assert reply.status == 404 and b"column" not in reply.body, (name, column, reply)
    counts = limited.get("/api/v1/columns", name="fast_count").json()["columns"]
    assert {(one["upstream"], one["used_by"]) for one in counts} == {(0, 0)}
    plan = limited.post("/api/v1/plans", {"select": ["fast_count"], "checks": False})
    assert plan.status == 200 and b"fast_things" not in plan.body, plan


def test_columns_are_counted_as_the_page_of_each_counts_them(site: Served) -> None:
    root = site.login("root")
    told = {}
    for one in root.get("/api/v1/columns", name="fast_things").json()["columns"]:
        edges = root.get("/api/v1/lineage", of=f"fast_things.{one['name']}").json()["edges"]
        above = {
            (e["source_asset"], e["source_column"])
            for e in edges
            if e["direction"] == "upstream" and e["source_column"]
        }
        below = [e for e in edges if e["direction"] == "downstream" and e["distance"] == 1]
        told[one["name"]] = (one["upstream"], one["used_by"])
        assert told[one["name"]] == (len(above), len(below)), one
    assert any(upstream and used_by for upstream, used_by in told.values()), told


def test_starting_needs_the_right_on_every_asset_of_the_plan(site: Served) -> None:
    limited = site.add("half", "operator", "fast_things fast_count")
    assert limited.post("/api/v1/plans", {"select": ["fast_things"], "checks": False}).status == 200
    assert limited.post("/api/v1/plans", {"select": ["+fast_things"], "checks": False}).status == 403
    assert limited.post("/api/v1/plans", {}).status == 403
    assert limited.post("/api/v1/runs/1/cancel").status == 403
    assert limited.get("/api/v1/automation").status == 403


def test_promises_and_incidents_name_nothing_that_is_hidden(site: Served) -> None:
    root = site.login("root")
    (whole,) = [
        one for one in root.get("/api/v1/freshness").json()["promises"] if one["name"] == "fast_count"
    ]
    assert whole["chain"] == ["fast_count", "fast_things", "raw_fast.things"]
    ends = site.add("ends", "operator", "fast_count raw_fast.things")
    (told,) = ends.get("/api/v1/freshness").json()["promises"]
    assert told["chain"] == ["fast_count", "raw_fast.things"] and "fast_things" not in told["why"]
    (incident,) = ends.get("/api/v1/incidents").json()["incidents"]
    assert incident["affected"] == ["fast_count"]
    assert "(" not in told["line"] and b"loud" not in ends.get("/api/v1/policy", name="fast_count").body
    source = site.add("source", "viewer", "raw_fast.things")
    (alone,) = source.get("/api/v1/incidents").json()["incidents"]
    assert alone["cause"] == "raw_fast.things" and "fast_count" not in str(alone)
    other = site.add("outsider", "operator", "free loud")
    for path in ("freshness", "incidents"):
        assert b"fast" not in other.get(f"/api/v1/{path}").body
    assert other.get("/api/v1/policy", name="fast_count").status == 404
    assert other.post(f"/api/v1/incidents/{incident['id']}/mute", {"seconds": 60}).status == 403
    assert ends.post(f"/api/v1/incidents/{incident['id']}/mute", {"seconds": 60}).status == 200
    (muted,) = root.get("/api/v1/incidents").json()["incidents"]
    assert muted["muted_by"] == "ends"
    assert ends.post(f"/api/v1/incidents/{incident['id']}/mute", {"seconds": 0}).status == 200


def test_sql_and_logs_need_a_right_of_their_own(site: Served) -> None:
    blind, seeing = site.add("blind", "admin"), site.login("root")
    of = "/api/v1/lineage?of=loud.name"
    assert any(edge["expression"] for edge in seeing.get(of).json()["edges"])
    assert not any(edge["expression"] for edge in blind.get(of).json()["edges"])
    step = seeing.get("/api/v1/runs/1").json()["steps"][0]["id"]
    assert seeing.get("/api/v1/runs/1/log", step=step).status == 200
    told = seeing.get("/api/v1/sql", name="loud").json()
    marked = {one["column"]: told["sql"][one["start"] : one["end"]] for one in told["marks"]}
    assert marked["name"] == "upper(name)" and "id" in marked
    assert blind.get("/api/v1/sql", name="loud").status == 403
    assert blind.get("/api/v1/runs/1/log", step=step).status == 403


def test_a_token_has_what_it_was_given_and_never_more_than_its_person(site: Served) -> None:
    person = site.add("maker", "operator", "fast_things fast_count")
    body = {"about": "ci", "days": 1, "limits": [{"role": "admin", "see_data": True}]}
    made = person.post("/api/v1/tokens", body).json()
    program = Browser(site.port)
    bearer = {"Authorization": f"Bearer {made['token']}", "X-Penstock": ""}
    assert len(program.get("/api/v1/assets", bearer).json()["assets"]) == 2
    assert program.get("/api/v1/users", bearer).status == 403
    assert program.send("POST", "/api/v1/tokens", body, bearer).status == 403, "a token makes no tokens"
    plan = {"select": ["fast_things"], "checks": False}
    assert program.send("POST", "/api/v1/plans", plan, bearer).status == 200
    viewer = {"about": "", "limits": [{"role": "viewer", "select": "fast_things"}]}
    less = {"Authorization": f"Bearer {person.post('/api/v1/tokens', viewer).json()['token']}"}
    assert [one["name"] for one in program.get("/api/v1/assets", less).json()["assets"]] == ["fast_things"]
    assert program.send("POST", "/api/v1/plans", plan, less).status == 403
    other = site.login("root")
    assert made["token"] not in other.get("/api/v1/tokens").body.decode()
    assert other.post(f"/api/v1/tokens/{made['id']}/revoke").status == 200
    assert program.get("/api/v1/assets", bearer).status == 401
    # Beside a token, good or bad, a cookie counts for nothing.
    assert other.get("/api/v1/me", bearer).status == 401


def test_nobody_gives_more_than_everything_of_theirs(site: Served) -> None:
    partly = site.add("partly", "admin", "fast_things")
    assert partly.get("/api/v1/users").status == 403
    mine = {"name": "partly", "grants": [{"role": "admin"}]}
    assert partly.post("/api/v1/users/grant", mine).status == 403
    root = site.login("root")
    made = {"name": "new-one", "password": PASSWORD, "grants": [{"role": "viewer"}]}
    assert root.post("/api/v1/users", made).status == 201
    assert site.login("new-one").get("/api/v1/me").json()["rights"] == ["view"]
    assert root.post("/api/v1/users/remove", {"name": "new-one"}).status == 200
    assert Browser(site.port).post("/api/v1/login", {"user": "new-one", "password": PASSWORD}).status == 403


def test_the_audit_tells_who_did_and_who_tried(site: Served) -> None:
    viewer = site.add("curious", "viewer")
    assert viewer.post("/api/v1/plans", {"select": ["free"]}).status == 403
    root = site.login("root")
    hash_of = "0" * 64
    assert root.post("/api/v1/runs", {"select": ["free"], "hash": hash_of}).status == 409
    rows = root.get("/api/v1/audit", limit=10).json()["entries"]
    assert rows[0]["outcome"].startswith("failed: the plan has changed") and rows[0]["plan"] == hash_of
    assert (rows[1]["who"], rows[1]["action"], rows[1]["outcome"]) == ("root", "start", "asked")
    mine = viewer.get("/api/v1/audit").json()["entries"]
    assert {one["who"] for one in mine} == {"curious"}
    assert ("plan", "refused") in {(one["action"], one["outcome"].partition(":")[0]) for one in mine}
    assert PASSWORD not in root.get("/api/v1/audit", limit=1000).body.decode()
