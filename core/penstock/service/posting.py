"""One comment of a pull or merge request, written or renewed: found by a mark within it. Tokens come from the CI's variables."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from penstock.errors import ToolError, UsageError
from penstock.report.document import DiffDocument
from penstock.report.markdown import mark, markdown
from penstock.service.workspace import Workspace

_TIMEOUT = 30.0
_TRIES = 4
_PAGE = 100
_MOST_PAGES = 50


class _Thread(msgspec.Struct, frozen=True, kw_only=True):
    """Where the comments of one request are. `one` makes the address of a single comment; `verb` is how it is changed."""

    name: str
    comments: str
    one: Callable[[str], str]
    verb: str
    headers: dict[str, str]
    refused: str


def post(workspace: Workspace, document: DiffDocument, where: str) -> str:
    """Write the comment; what became of it, in words. Raises UsageError for a missing variable, ToolError for a refusal."""
    thread = {"github": _github, "gitlab": _gitlab}[where](workspace)
    body = {"body": markdown(document)}
    known = _find(thread, mark(document))
    if known is None:
        _call(thread, "POST", thread.comments, body)
        return f"{thread.name}: comment written"
    if known[1].strip() == body["body"].strip():
        return f"{thread.name}: the comment says so already"
    _call(thread, thread.verb, thread.one(known[0]), body)
    return f"{thread.name}: comment renewed"


def _github(workspace: Workspace) -> _Thread:
    environ = workspace.environ
    token = _needed(environ, "GITHUB_TOKEN", "GH_TOKEN")
    workspace.project.secrets.add(token)
    repository = _needed(environ, "GITHUB_REPOSITORY")
    base = f"{environ.get('GITHUB_API_URL', 'https://api.github.com')}/repos/{repository}/issues"
    number = _pull_request(environ)
    return _Thread(
        name=f"pull request {number}",
        comments=f"{base}/{number}/comments",
        one=lambda id: f"{base}/comments/{id}",
        verb="PATCH",
        headers={
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        refused="the job needs `permissions: pull-requests: write`; a fork's job has a token that may only read",
    )


def _pull_request(environ: Mapping[str, str]) -> int:
    """The number, from the event that started the job, else from its ref (refs/pull/12/merge)."""
    path = environ.get("GITHUB_EVENT_PATH")
    try:
        event = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
        for name in ("pull_request", "issue"):
            if isinstance(event.get(name), dict):
                return int(event[name]["number"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass  # the ref may tell
    parts = environ.get("GITHUB_REF", "").split("/")
    if len(parts) > 2 and parts[1] == "pull" and parts[2].isdigit():
        return int(parts[2])
    raise UsageError(
        "this job is not about a pull request: neither GITHUB_EVENT_PATH nor GITHUB_REF names one",
        hint="run it `on: pull_request`, or print the comment with --markdown",
    )


def _gitlab(workspace: Workspace) -> _Thread:
    environ = workspace.environ
    token = _needed(environ, "GITLAB_TOKEN")
    workspace.project.secrets.add(token)
    number = _needed(environ, "CI_MERGE_REQUEST_IID")
    project = urllib.parse.quote(_needed(environ, "CI_PROJECT_ID"), safe="")
    base = f"{_needed(environ, 'CI_API_V4_URL')}/projects/{project}/merge_requests/{number}/notes"
    return _Thread(
        name=f"merge request {number}",
        comments=base,
        one=lambda id: f"{base}/{id}",
        verb="PUT",
        headers={"PRIVATE-TOKEN": token},
        refused="GITLAB_TOKEN must be a project access token with the scope `api`: a job's own token may not comment",
    )


def _needed(environ: Mapping[str, str], *names: str) -> str:
    for name in names:
        if environ.get(name):
            return environ[name]
    raise UsageError(
        f"the environment variable {names[0]} is not set",
        hint="--post is for a job of GitHub Actions or GitLab; elsewhere print the comment with --markdown",
    )


def _find(thread: _Thread, marked: str) -> tuple[str, str] | None:
    """The comment with the mark, as (id, text)."""
    for page in range(1, _MOST_PAGES + 1):
        found = _call(thread, "GET", f"{thread.comments}?per_page={_PAGE}&page={page}", None)
        if not isinstance(found, list):
            raise ToolError(f"{thread.name}: the answer is no list of comments")
        for one in found:
            if isinstance(one, dict) and str(one.get("body") or "").startswith(marked):
                return str(one.get("id")), str(one["body"])
        if len(found) < _PAGE:
            return None
    return None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes where the CI says, and nowhere else."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _call(thread: _Thread, method: str, url: str, body: object) -> object:
    """One request, tried again where the server is busy. A comment that was written and not answered may be written twice: a GET
    and a change are safe, so only those are tried again after a lost answer."""
    for tries in range(1, _TRIES + 1):
        try:
            return _once(thread, method, url, body)
        except urllib.error.HTTPError as error:
            with error:
                busy = error.code == 429 or (error.code >= 500 and method != "POST")
            if not busy or tries == _TRIES:
                hint = thread.refused if error.code in (401, 403, 404) else None
                raise ToolError(f"{thread.name}: the server answered {error.code}", hint=hint) from None
        except (OSError, ValueError) as error:
            if method == "POST" or tries == _TRIES:
                reason = getattr(error, "reason", error)
                raise ToolError(f"{thread.name}: the server cannot be reached: {reason}") from None
        time.sleep(0.2 * 2**tries)
    return None


def _once(thread: _Thread, method: str, url: str, body: object) -> object:
    if not url.startswith(("https://", "http://")):
        raise ValueError("its address must begin with https:// or http://")
    data = msgspec.json.encode(body) if body is not None else None
    headers = {"Content-Type": "application/json", "User-Agent": "penstock", **thread.headers}
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=_TIMEOUT) as answer:
        return json.loads(answer.read() or b"null")
