"""`penstock diff --post`: one comment, renewed, on loopback doubles of both servers; the token is never told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.errors import PenstockError
from penstock.report.document import DiffDocument
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
