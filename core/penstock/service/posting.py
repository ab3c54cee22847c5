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
_LONGEST_WAIT = 60.0


class _Refused(ToolError):
    """The server's answer is no: `status`."""

    def __init__(self, thread: _Thread, status: int, wait: float | None = None) -> None:
        said = f"{thread.name}: the server answered {status}"
        if wait is not None:
            said += f", and wants to be asked again in {wait:.0f} s"
        super().__init__(said, hint=thread.refused if status in (401, 403, 404) and wait is None else None)
        self.status = status


class _Thread(msgspec.Struct, frozen=True, kw_only=True):
    """Where the comments of one request are. `one` makes the address of a single comment; `verb` is how it is changed; `author` tells
    whose the token is; `limit` is the most characters of a comment."""

    name: str
    comments: str
    one: Callable[[str], str]
    verb: str
    headers: dict[str, str]
    refused: str
    author: str
    limit: int


def post(workspace: Workspace, document: DiffDocument, where: str) -> str:
    """Write the comment; what became of it, in words. Raises UsageError for a missing variable, ToolError for a refusal."""
    thread = {"github": _github, "gitlab": _gitlab}[where](workspace)
    body = {"body": markdown(document, thread.limit)}
    known = _find(thread, mark(document))
    if known is not None:
        if known[1].strip() == body["body"].strip():
            return f"{thread.name}: the comment says so already"
        try:
            _call(thread, thread.verb, thread.one(known[0]), body)
            return f"{thread.name}: comment renewed"
        except _Refused as refused:
            if refused.status not in (404, 410):  # else somebody has deleted it meanwhile
                raise
    _call(thread, "POST", thread.comments, body)
    return f"{thread.name}: comment written"


def _github(workspace: Workspace) -> _Thread:
    environ = workspace.environ
    token = _needed(environ, "GITHUB_TOKEN", "GH_TOKEN")
    workspace.project.secrets.add(token)
    repository = _needed(environ, "GITHUB_REPOSITORY")
    api = environ.get("GITHUB_API_URL", "https://api.github.com")
    base = f"{api}/repos/{repository}/issues"
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
        author=f"{api}/user",
        limit=65_536,
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
    api = _needed(environ, "CI_API_V4_URL")
    base = f"{api}/projects/{project}/merge_requests/{number}/notes"
    return _Thread(
        name=f"merge request {number}",
        comments=base,
        one=lambda id: f"{base}/{id}",
        verb="PUT",
        headers={"PRIVATE-TOKEN": token},
        author=f"{api}/user",
        limit=1_000_000,
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
    """The comment with the mark, as (id, text), that this token has written: a person may quote it, and an administrator's token
    could write over that."""
    me: dict[str, object] | None = None
    for page in range(1, _MOST_PAGES + 1):
        found = _call(thread, "GET", f"{thread.comments}?per_page={_PAGE}&page={page}", None)
        if not isinstance(found, list):
            raise ToolError(f"{thread.name}: the answer is no list of comments")
        for one in found:
            if isinstance(one, dict) and str(one.get("body") or "").startswith(marked):
                me = _author(thread) if me is None else me
                if _written_by(me, one):
                    return str(one.get("id")), str(one["body"])
        if len(found) < _PAGE:
            return None
    return None


def _author(thread: _Thread) -> dict[str, object]:
    """Whose the token is; {} where that is not told: the token of a job of GitHub is nobody's."""
    try:
        found = _call(thread, "GET", thread.author, None)
    except _Refused:
        return {}
    return found if isinstance(found, dict) else {}


def _written_by(me: Mapping[str, object], comment: Mapping[str, object]) -> bool:
    """As far as the server tells."""
    author = comment.get("user") or comment.get("author")
    if not isinstance(author, dict):
        return True
    if me.get("id") is not None and author.get("id") is not None:
        return bool(me["id"] == author["id"])
    return bool(author.get("type", "Bot") == "Bot")


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
                wait = _told_to_wait(error)
                busy = wait is not None or (error.code >= 500 and method != "POST")
            if not busy or tries == _TRIES or (wait or 0) > _LONGEST_WAIT:
                raise _Refused(thread, error.code, wait) from None
            if wait:
                time.sleep(wait)
                continue
        except (OSError, ValueError) as error:
            if method == "POST" or tries == _TRIES:
                reason = getattr(error, "reason", error)
                raise ToolError(f"{thread.name}: the server cannot be reached: {reason}") from None
        time.sleep(0.2 * 2**tries)
    return None


def _told_to_wait(error: urllib.error.HTTPError) -> float | None:
    """Seconds, of an answer that says: not now. GitHub says so with 403 too."""
    said = error.headers.get("Retry-After", "")
    if said.isdigit() and error.code in (403, 429, 503):
        return float(said)
    if error.code in (403, 429) and error.headers.get("X-RateLimit-Remaining") == "0":
        until = error.headers.get("X-RateLimit-Reset", "")
        return max(1.0, float(until) - time.time()) if until.isdigit() else 1.0
    return 0.0 if error.code == 429 else None


def _once(thread: _Thread, method: str, url: str, body: object) -> object:
    if not url.startswith(("https://", "http://")):
        raise ValueError("its address must begin with https:// or http://")
    data = msgspec.json.encode(body) if body is not None else None
    headers = {"Content-Type": "application/json", "User-Agent": "penstock", **thread.headers}
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=_TIMEOUT) as answer:
        return json.loads(answer.read() or b"null")
