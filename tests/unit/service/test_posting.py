"""`penstock diff --post`: one comment, renewed, on loopback doubles of both servers; the token is never told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from penstock.change.revision import Break, Level
from penstock.errors import PenstockError
from penstock.report.document import DiffDocument
from penstock.report.markdown import mark
from penstock.service.posting import post
from penstock.service.workspace import Workspace, open_workspace
from tests.doubles.comments import TOKEN, Comments, github, gitlab
from tests.property.diff_projects import MODELS, compared, project

Servers = tuple[str, Comments, dict[str, str]]


@pytest.fixture(params=["github", "gitlab"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Servers]:
    double = github() if request.param == "github" else gitlab()
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 12}}))
    environ = {
        "github": {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": "shop/data",
            "GITHUB_API_URL": double.url,
            "GITHUB_EVENT_PATH": str(event),
        },
        "gitlab": {
            "GITLAB_TOKEN": TOKEN,
            "CI_API_V4_URL": double.url,
            "CI_PROJECT_ID": "34",
            "CI_MERGE_REQUEST_IID": "7",
        },
    }[request.param]
    yield request.param, double, environ
    double.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DiffDocument, DiffDocument]:
    folder = project(tmp_path_factory.mktemp("shop"))
    changed = {**MODELS, "stores": "select distinct store_id + 1 as store_id from {stg_orders}"}
    return folder, compared(folder, MODELS), compared(folder, changed)


def at(folder: Path, environ: dict[str, str]) -> Workspace:
    return Workspace(open_workspace(folder).project, environ=environ)


def test_a_comment_is_written_once_and_renewed(
    server: Servers, shop: tuple[Path, DiffDocument, DiffDocument]
) -> None:
    where, double, environ = server
    folder, nothing, changes = shop
    double.bodies = dict.fromkeys(range(1, 131), "somebody else's")
    workspace = at(folder, environ)
    assert post(workspace, nothing, where).endswith("comment written")
    assert post(workspace, nothing, where).endswith("says so already")
    assert post(workspace, changes, where).endswith("comment renewed")
    assert len(double.bodies) == 131
    assert "changes data of" in double.bodies[131]
    assert double.bodies[1] == "somebody else's"


def test_a_busy_server_is_asked_again(
    server: Servers, shop: tuple[Path, DiffDocument, DiffDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    where, double, environ = server
    monkeypatch.setattr("penstock.service.posting.time.sleep", lambda seconds: None)
    double.fail = [("GET", 502), ("GET", 429)]
    assert post(at(shop[0], environ), shop[1], where).endswith("comment written")


def test_a_comment_that_may_have_been_written_is_not_written_again(
    server: Servers, shop: tuple[Path, DiffDocument, DiffDocument]
) -> None:
    where, double, environ = server
    double.fail = [("POST", 500)]
    with pytest.raises(PenstockError, match="answered 500"):
        post(at(shop[0], environ), shop[1], where)
    assert [method for method, _ in double.asked].count("POST") == 1


def test_a_refusal_says_what_the_token_needs(
    server: Servers, shop: tuple[Path, DiffDocument, DiffDocument]
) -> None:
    where, _, environ = server
    name = "GITHUB_TOKEN" if where == "github" else "GITLAB_TOKEN"
    workspace = at(shop[0], {**environ, name: "another-token-entirely"})
    with pytest.raises(PenstockError, match="answered 401") as wrong:
        post(workspace, shop[1], where)
    assert "another-token-entirely" not in str(wrong.value)
    assert "token" in (wrong.value.hint or "")
    assert "another-token-entirely" not in workspace.project.redact("header another-token-entirely")


def test_a_job_that_is_about_no_request(
    server: Servers, shop: tuple[Path, DiffDocument, DiffDocument]
) -> None:
    where, _, environ = server
    missing = {"GITHUB_EVENT_PATH", "CI_MERGE_REQUEST_IID"}
    few = {name: value for name, value in environ.items() if name not in missing}
    with pytest.raises(PenstockError, match=r"not about a pull request|CI_MERGE_REQUEST_IID is not set"):
        post(at(shop[0], few), shop[1], where)
    with pytest.raises(PenstockError, match="TOKEN is not set"):
        post(at(shop[0], {}), shop[1], where)


def test_what_somebody_else_wrote_is_left(
    server: Servers, shop: tuple[Path, DiffDocument, DiffDocument]
) -> None:
    where, double, environ = server
    workspace = at(shop[0], environ)
    quoted = f"{mark(shop[1])} is how it begins"
    double.bodies, double.authors = {1: quoted}, {1: 99}
    assert post(workspace, shop[1], where).endswith("comment written")
    assert post(workspace, shop[2], where).endswith("comment renewed")
    assert double.bodies[1] == quoted
    assert len(double.bodies) == 2


def test_two_projects_and_environments_have_a_comment_each(
    server: Servers, shop: tuple[Path, DiffDocument, DiffDocument]
) -> None:
    where, double, environ = server
    workspace = at(shop[0], environ)
    several = [
        replace(shop[2], **names)
        for names in ({}, {"project": "a -- b -->"}, {"environment": "prod"}, {"base_kind": "git"})
    ]
    for _ in range(2):
        for one in several:
            post(workspace, one, where)
    assert len(double.bodies) == len({mark(one) for one in several}) == 4
    assert all(mark(one).count("--") == 2 and mark(one).count(">") == 1 for one in several)


def test_a_comment_that_was_deleted_meanwhile_is_written_anew(
    server: Servers, shop: tuple[Path, DiffDocument, DiffDocument]
) -> None:
    where, double, environ = server
    workspace = at(shop[0], environ)
    post(workspace, shop[1], where)
    double.fail = [("PATCH" if where == "github" else "PUT", 404)]
    assert post(workspace, shop[2], where).endswith("comment written")
    assert "changes data of" in double.bodies[2]


def test_a_rate_limit_is_waited_for_when_it_is_short(
    server: Servers, shop: tuple[Path, DiffDocument, DiffDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    where, double, environ = server
    waited: list[float] = []
    monkeypatch.setattr("penstock.service.posting.time.sleep", waited.append)
    double.fail, double.headers = [("POST", 403)], {"Retry-After": "7"}
    assert post(at(shop[0], environ), shop[1], where).endswith("comment written")
    assert waited == [7.0]
    double.fail, double.headers = (
        [("GET", 403)],
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"},
    )
    with pytest.raises(PenstockError, match="answered 403, and wants to be asked again in"):
        post(at(shop[0], environ), shop[1], where)
    assert waited == [7.0]


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_names_what_is_missing(
    status: int, server: Servers, shop: tuple[Path, DiffDocument, DiffDocument]
) -> None:
    where, double, environ = server
    double.fail = [("GET", status)]
    with pytest.raises(PenstockError, match=f"answered {status}") as wrong:
        post(at(shop[0], environ), shop[1], where)
    assert {"github": "pull-requests: write", "gitlab": "project access token"}[where] in (
        wrong.value.hint or ""
    )


def test_a_comment_that_would_be_too_long_says_what_it_leaves_out(
    server: Servers, shop: tuple[Path, DiffDocument, DiffDocument]
) -> None:
    where, double, environ = server
    found = shop[2].comparison
    breaks = tuple(
        Break(asset=f"m{at}", message=f"m{at}: its SQL reads what is gone " * 8) for at in range(5000)
    )
    long = replace(shop[2], comparison=replace(found, breaks=breaks, level=Level.BREAKS))
    assert post(at(shop[0], environ), long, where).endswith("comment written")
    (body,) = double.bodies.values()
    limit = {"github": 65_536, "gitlab": 1_000_000}[where]
    assert limit * 0.9 < len(body) <= limit
    shown = body.count("\n- ❌")
    assert f"\n- and {5000 - shown} more\n" in body
    assert "5,000 things" in body and "_Left out to fit a comment: " in body
