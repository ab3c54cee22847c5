"""What an answer that is no success says, as a problem with a hint. Reads the answer, sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from penstock.integration.jobs import ProblemKind
from penstock_airbyte.api.problems import ApiProblem, kind_of

if TYPE_CHECKING:
    import httpx


def refusal(response: httpx.Response) -> ApiProblem:
    status, told = response.status_code, _told(response.content)
    where = response.request.url.copy_with(query=None).path
    kind = kind_of(status)
    if 300 <= status < 400:
        return ApiProblem(
            ProblemKind.FOREIGN,
            f"{where} answered with a redirect (HTTP {status})",
            status=status,
            hint="give the final address as `server`",
        )
    hints = {
        ProblemKind.UNAUTHORIZED: "check the credentials; a token may have expired or been revoked",
        ProblemKind.FORBIDDEN: "the credentials may not see it, or it does not exist any more",
    }
    text = f": {told}" if told else ""
    return ApiProblem(
        kind, f"{where} answered HTTP {status}{text}", status=status, told=told, hint=hints.get(kind)
    )


class _Problem(msgspec.Struct):
    title: str | None = None
    detail: str | None = None
    message: str | None = None
    data: object = None


def _told(body: bytes) -> str:
    """What an error's body says in one short line; a page of HTML says nothing."""
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except msgspec.MsgspecError:
        return ""
    inner = problem.data.get("message") if isinstance(problem.data, dict) else None
    parts = [part for part in (problem.title, inner or problem.message) if isinstance(part, str) and part]
    return " ".join(": ".join(parts).split())[:300]
