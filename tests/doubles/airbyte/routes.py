"""The stand-in's answers, route by route, with the real server's oddities. Who may ask is checked first."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.doubles.airbyte.control import control
from tests.doubles.airbyte.estate import ACTIVE, TERMINAL, Estate, JobRecord

if TYPE_CHECKING:
    from tests.doubles.airbyte.server import AirbyteDouble


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    body: bytes
    authorization: str | None = None
    content_type: str | None = None

    def one(self, name: str, default: str | None = None) -> str | None:
        return self.query.get(name, [default])[0]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def said(status: int, document: Any) -> Answer:
    return Answer(status, json.dumps(document).encode())


def problem(status: int, title: str, message: str = "") -> Answer:
    """An error as RFC 9457 describes it, the message below `data`."""
    return said(
        status,
        {
            "status": status,
            "type": "https://reference.airbyte.com/reference/errors",
            "title": title,
            "detail": "The request could not be processed.",
            "data": {"message": message},
        },
    )


class Routes:
    """Answers requests from the estate. Every change happens under the double's lock."""

    def __init__(
        self,
        double: AirbyteDouble,
        credentials: tuple[str, str] | None,
        bearer: str | None,
        basic: tuple[str, str] | None,
        token_seconds: float,
        strict_token: bool,
        skew: float,
        land: Callable[[Estate, JobRecord], None] | None,
    ) -> None:
        self.triggers: dict[str, int] = {}
        self.cancels: dict[str, int] = {}
        self.skew = skew
        self.token_seconds = token_seconds
        self.tokens: dict[str, float] = {}  # token -> when it ends
        self._double = double
        self._credentials = credentials
        self._bearer = bearer
        self._basic = basic
        self._strict_token = strict_token
        self._land = land

    def answer(self, request: Request, base: str) -> Answer:
        with self._double.lock:
            self._settle()
            if request.path.startswith("/control/"):
                return control(self._double, request)
            if not request.path.startswith(base + "/"):
                return Answer(200, b"<!doctype html><title>Airbyte</title>", content_type="text/html")
            path = request.path[len(base) :].rstrip("/")
            if path == "/applications/token":
                return self._token(request)
            if path == "/health":
                return Answer(200, b"Successful operation", content_type="text/plain")
            if not self._allowed(request):
                return said(401, {"message": "Unauthorized", "_embedded": {"errors": []}, "_links": {}})
            return self._route(request, path)

    def _route(self, request: Request, path: str) -> Answer:
        estate = self._double.estate
        parts = path.strip("/").split("/")
        match (request.method, *parts):
            case ("GET", "workspaces"):
                rows = [{"dataResidency": "auto", "notifications": {}} | row for row in estate.workspaces]
                return self._page(request, rows)
            case ("GET", "sources" | "destinations" as kind):
                return self._page(request, _of_workspaces(request, getattr(estate, kind)))
            case ("GET", "connections"):
                rows = [one.document() for one in estate.connections]
                tags = set(request.query.get("tagIds", ()))
                rows = [
                    row for row in rows if not tags or tags & {tag["tagId"] for tag in row.get("tags", ())}
                ]
                return self._page(request, _of_workspaces(request, rows))
            case ("GET", "connections", identity):
                found = estate.connection(identity)
                return said(200, found.document()) if found else problem(403, "forbidden")
            case ("GET", "sources" | "destinations" as kind, identity):
                rows = [row for row in getattr(estate, kind) if identity in row.values()]
                return said(200, rows[0]) if rows else problem(403, "forbidden")
            case ("GET", "streams"):
                source = request.one("sourceId") or ""
                if source not in estate.streams:
                    return problem(403, "forbidden")
                modes = request.one("destinationId") is not None
                return said(200, [one.document(with_modes=modes) for one in estate.streams[source]])
            case ("GET", "tags"):
                return said(200, {"data": estate.tags})
            case ("GET", "jobs"):
                return self._jobs(request)
            case ("POST", "jobs"):
                return self._trigger(request)
            case ("GET" | "DELETE", "jobs", identity):
                return self._job(request.method, identity)
        return Answer(200, b"<!doctype html><title>Airbyte</title>", content_type="text/html")

    # ------------------------------------------------------------ who asks

    def _token(self, request: Request) -> Answer:
        json_body = "json" in (request.content_type or "")
        if self._strict_token and not json_body:
            return problem(415, "unsupported-media-type")
        if json_body:
            told = json.loads(request.body or b"{}")
        else:
            told = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        if (
            self._credentials is None
            or (told.get("client_id"), told.get("client_secret")) != self._credentials
        ):
            return said(401, {"errorId": secrets.token_hex(8)})
        token = secrets.token_hex(16)
        self.tokens[token] = self._double.clock() + self.token_seconds
        return said(200, {"access_token": token, "token_type": "Bearer", "expires_in": self.token_seconds})

    def _allowed(self, request: Request) -> bool:
        if self._credentials is None and self._bearer is None and self._basic is None:
            return True
        given = request.authorization or ""
        kind, _, word = given.partition(" ")
        if kind == "Basic" and self._basic is not None:
            return base64.b64decode(word).decode() == ":".join(self._basic)
        if kind != "Bearer":
            return False
        return word == self._bearer or self.tokens.get(word, 0.0) > self._double.clock()

    # ------------------------------------------------------------ lists

    def _page(self, request: Request, rows: list[dict[str, Any]]) -> Answer:
        limit = int(request.one("limit", "20") or 20)
        offset = int(request.one("offset", "0") or 0)
        if not 1 <= limit <= 100:
            return problem(400, "bad-request", "limit must be between 1 and 100")
        page = rows[offset : offset + limit]
        following = (
            f"https://elsewhere.example{request.path}?limit={limit}&offset={offset + limit}" if page else ""
        )
        return said(200, {"previous": "", "next": following, "data": page})

    def _jobs(self, request: Request) -> Answer:
        estate, now = self._double.estate, self._double.clock()
        jobs = [job for job in estate.jobs if now >= job.created + job.visible_after]
        connection, kind, status = request.one("connectionId"), request.one("jobType"), request.one("status")
        spaces = set(",".join(request.query.get("workspaceIds", ())).split(",")) - {""}
        if connection:
            jobs = [job for job in jobs if job.connection_id == connection]
        if spaces:
            inside = {one.id for one in estate.connections if one.workspace_id in spaces}
            jobs = [job for job in jobs if job.connection_id in inside]
        # Unless asked, only syncs and resets are listed.
        kinds = {kind} if kind else {"sync", "reset"}
        jobs = [job for job in jobs if job.kind in kinds and (not status or job.status(now) == status)]
        for name, key in (("createdAt", _created), ("updatedAt", _updated)):
            since, until = request.one(f"{name}Start"), request.one(f"{name}End")
            jobs = [job for job in jobs if not since or key(job, now) + self.skew >= _seconds(since)]
            jobs = [job for job in jobs if not until or key(job, now) + self.skew <= _seconds(until)]
        order = request.one("orderBy", "createdAt|ASC") or ""
        field_name, _, direction = order.partition("|")
        if direction not in ("ASC", "DESC") or field_name not in ("createdAt", "updatedAt"):
            return problem(400, "bad-request", f"orderBy: {order}")
        key = _created if field_name == "createdAt" else _updated
        jobs.sort(key=lambda job: (key(job, now), job.id), reverse=direction == "DESC")
        return self._page(request, [job.document(now, self.skew) for job in jobs])

    # ------------------------------------------------------------ jobs

    def _trigger(self, request: Request) -> Answer:
        told = json.loads(request.body or b"{}")
        kind = told.get("jobType", "sync")
        connection = self._double.estate.connection(str(told.get("connectionId")))
        if connection is None:
            return problem(403, "forbidden")
        if kind == "refresh":
            return problem(422, "unprocessable-entity", "Refreshes are not supported in the public API")
        if connection.status != ACTIVE:
            return problem(409, "state-conflict", "Could not fulfill request")
        now = self._double.clock()
        if self._double.estate.running(connection.id, now) is not None:
            return problem(409, "try-again-later", f"A sync is already running for: {connection.id}")
        job = self._double.estate.add_job(connection, "reset" if kind == "clear" else kind, now)
        self.triggers[connection.id] = self.triggers.get(connection.id, 0) + 1
        return said(200, job.document(now, self.skew, bare=True))

    def _job(self, method: str, identity: str) -> Answer:
        estate, now = self._double.estate, self._double.clock()
        job = next((one for one in estate.jobs if str(one.id) == identity), None)
        if job is None or now < job.created + job.visible_after:
            return problem(409, "state-conflict", "Job is not currently running")
        if method == "GET":
            return said(200, job.document(now, self.skew))
        # The real server signals the connection: whatever runs there now is cancelled, whichever id was named.
        running = estate.running(job.connection_id, now)
        if running is None:
            return problem(409, "state-conflict", "Job is not currently running")
        running.cancelled = now
        self.cancels[job.connection_id] = self.cancels.get(job.connection_id, 0) + 1
        return said(200, job.document(now, self.skew, bare=True))

    def _settle(self) -> None:
        """Land what has succeeded since the last request."""
        if self._land is None:
            return
        now = self._double.clock()
        for job in self._double.estate.jobs:
            if not job.landed and job.status(now) in TERMINAL:
                job.landed = True
                if job.kind == "sync" and job.status(now) == "succeeded":
                    self._land(self._double.estate, job)


def _of_workspaces(request: Request, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = set(",".join(request.query.get("workspaceIds", ())).split(",")) - {""}
    return [row for row in rows if not wanted or row.get("workspaceId") in wanted]


def _created(job: JobRecord, now: float) -> float:
    return job.created


def _updated(job: JobRecord, now: float) -> float:
    return job.ended() if job.over(now) else now


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
