"""The ASGI application: the table of routes behind the shield, each call in a thread, errors as problems."""

from __future__ import annotations

import asyncio
import re
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from typing import ParamSpec, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route as Place
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from penstock.errors import ConfigError, PenstockError
from penstock.service.accounts import Accounts, RunStore, open_for_people
from penstock.service.people import STRANGER, NotAllowed, Right, View
from penstock.service.serving import Serving
from penstock.web import static
from penstock.web.answers import Answers, Sent, Stands, packed, tag
from penstock.web.arrivals import LARGEST_EVENT, Arrivals
from penstock.web.gate import Closed, Gate
from penstock.web.metrics import metrics
from penstock.web.openapi import document
from penstock.web.problems import problem_of, problem_response
from penstock.web.recording import recorded, refused
from penstock.web.routes import Answer, Call, Route
from penstock.web.schema import Problem
from penstock.web.shield import SLOWEST_BODY, Shield
from penstock.web.stream import Hub, stream
from penstock.web.table import routes

P = ParamSpec("P")
T = TypeVar("T")
Q = TypeVar("Q", bound=msgspec.Struct)
THREADS = 8
_WORD = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
_PAGE = re.compile(r"^(/[^/.\\\x00][^/\\\x00]*)*/[^/.\\\x00]*$")  # no hidden part, no file's ending
_KEY = re.compile(r"^[\x21-\x7e]{1,200}$")
_JSON = "application/json"


class Server:
    """All that the endpoints share. Whoever makes it sets `gate`."""

    def __init__(self, serving: Serving, *, base: str = "") -> None:
        self.serving = serving
        self.gate: Gate = Closed()
        self.base = base
        self.table = routes()
        self.pool = ThreadPoolExecutor(THREADS, thread_name_prefix="penstock web")
        self.hub = Hub(serving)
        self.answers = Answers()
        self._lock = threading.Lock()
        self._people: RunStore | None = None
        self._accounts: Accounts | None = None
        self.openapi = msgspec.json.encode(document(self.table, version("penstock")))

    async def aside(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """In a thread: nothing that reads a file, a store or a clock of others runs on the loop."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, partial(work, *arguments, **named))

    def accounts(self) -> Accounts:
        """Opened when somebody needs them first: a reader makes no store."""
        with self._lock:
            if self._accounts is None:
                self._accounts = Accounts(self._written().accounts())
            return self._accounts

    def store(self) -> RunStore:
        """The run store for writing, as for accounts."""
        with self._lock:
            return self._written()

    def _written(self) -> RunStore:
        if self._people is None:
            self._people = open_for_people(self.serving.workspace)
        return self._people

    def close(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.serving.close()
        if self._people is not None:
            self._people.close()

    def allowed(self, request: Request, right: Right) -> View:
        """Raises Refused for a stranger, NotAllowed for somebody without the right."""
        who = STRANGER if right is Right.PUBLIC else self.gate.who(request)
        if who is None:
            words = "open the URL that penstock web printed" if self.gate.login == "none" else "log in first"
            raise Refused(Problem(title="nobody is logged in", status=401, hint=words))
        view = View(self.serving, who)
        if not who.may(right, view.environment):
            raise NotAllowed(f"this needs the right {right.value}", hint="ask who gives rights here")
        return view


class Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


def application(server: Server, *, hosts: tuple[str, ...], slowest: float = SLOWEST_BODY) -> ASGIApp:
    """The whole server as one ASGI application."""
    places = [Place(route.path, _Endpoint(server, route), methods=[route.method]) for route in server.table]
    places += [
        Place("/api/v1/events", _Events(server), methods=["GET"]),
        Place("/metrics", _Metrics(server), methods=["GET"]),
        Place("/api/v1/openapi.json", _Document(server), methods=["GET"]),
        Place("/{path:path}", _Files(server), methods=["GET"]),
    ]
    handlers = {HTTPException: _http, Exception: _defect}
    app = Starlette(routes=places, exception_handlers=handlers)  # type: ignore[arg-type]  # handlers of narrower exceptions
    app.router.redirect_slashes = False
    inside = Shield(app, hosts=hosts, slowest=slowest)
    # Other systems cannot send our header, and need none: no browser knows their secret.
    door = Arrivals(server.serving, server.store, server.aside)
    arrivals = Shield(door, hosts=hosts, slowest=slowest, largest=LARGEST_EVENT, marked=False)
    doors = [Place(path, arrivals) for path in ("/api/v1/events/{name}", "/api/v1/events/{name}/{token}")]
    return Router(routes=doors, redirect_slashes=False, default=inside)


class _Endpoint:
    """One route of the table. Its right is asked for before anything of the request is read."""

    right_of: Right

    def __init__(self, server: Server, route: Route) -> None:
        self._server = server
        self._route = route
        self.right_of = route.right
        self._read_body = msgspec.json.Decoder(route.body) if route.body is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        response = await self._server.aside(self._answered, request, body)
        await response(scope, receive, send)

    def _answered(self, request: Request, body: bytes) -> Response:
        try:
            call = self._called(request, body)
            return self._respond(
                request, self._sent(call, "gzip" in request.headers.get("accept-encoding", ""))
            )
        except Exception as error:
            return failure(self._server, request, error)

    def _sent(self, call: Call, pack: bool) -> Sent:
        route = self._route
        if route.stands is Stands.ONCE:
            return self._made(call, pack)
        who, serving = call.view.who, call.serving
        moment = serving.moment() if route.stands is Stands.SEEN else serving.lately_moment()
        place = tuple(sorted(call.place.items()))
        question = (route.name, pack, place, call.query, who.grants, who.limits)
        return self._server.answers.get(question, moment, lambda: self._made(call, pack))

    def _made(self, call: Call, pack: bool) -> Sent:
        """The work itself, and its answer as bytes."""
        route = self._route
        answer = route.handle(call) if route.method == "GET" else recorded(route, call)
        found = answer if isinstance(answer, Answer) else Answer(body=answer, status=route.status)
        body = msgspec.json.encode(found.body)
        headers = {
            "cache-control": "private, no-cache",
            "vary": "Cookie, Authorization, Accept-Encoding",
            **found.headers,
        }
        if "link" in headers and self._server.base:
            headers["link"] = headers["link"].replace("</", f"<{self._server.base}/", 1)
        if route.method == "GET":
            headers["etag"] = tag(body)
        data, told = packed(body, headers, pack)
        return Sent(body=data, headers=told, status=found.status, session=found.session)

    def _called(self, request: Request, body: bytes) -> Call:
        route, server = self._route, self._server
        try:
            view = server.allowed(request, route.right)
        except NotAllowed as no:
            if route.method != "GET" and (who := server.gate.who(request)) is not None:
                refused(server.accounts, route, View(server.serving, who), _peer(request), no.what)
            raise
        place = {name: _word(value) for name, value in request.path_params.items()}
        return Call(
            view=view,
            gate=server.gate,
            accounts=server.accounts,
            session=server.gate.cookie.read(request),
            query=_query(request, route.query),
            body=self._read_body.decode(body or b"{}") if self._read_body else None,
            place=place,
            key=_key(request.headers.get("idempotency-key")),
            peer=_peer(request),
        )

    def _respond(self, request: Request, sent: Sent) -> Response:
        if sent.etag and sent.etag in request.headers.get("if-none-match", ""):
            headers = {name: value for name, value in sent.headers.items() if name != "content-encoding"}
            return Response(status_code=304, headers=headers)
        response = Response(sent.body, sent.status, dict(sent.headers), media_type=_JSON)
        if sent.session is not None:
            cookie = self._server.gate.cookie
            cookie.give(response, sent.session) if sent.session else cookie.take(response)
        return response


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


def _query(request: Request, kind: type[Q]) -> Q:
    pairs = request.query_params.multi_items()
    said = dict(pairs)
    if len(said) != len(pairs):
        raise msgspec.ValidationError("a parameter is given twice")
    return msgspec.convert(said, kind, strict=False)


def _word(value: str) -> str:
    """A part of a path, at the door: a number, an id or a plain name."""
    if not _WORD.match(value):
        raise Refused(Problem(title="not found", status=404))
    return value


def _key(value: str | None) -> str | None:
    if value is not None and not _KEY.match(value):
        raise msgspec.ValidationError("Idempotency-Key: 1 to 200 printable characters")
    return f"web:{value}" if value is not None else None


def failure(server: Server, request: Request, error: Exception) -> Response:
    if isinstance(error, ConfigError) and not _sees_all(server, request):
        error = ConfigError("it cannot be read now")
    problem = error.problem if isinstance(error, Refused) else problem_of(error, _redact(server))
    if problem is None:
        words = _redact(server)("".join(traceback.format_exception(error)))
        print(words, file=sys.stderr)  # noqa: T201  # the server's log; the client is told nothing
        problem = Problem(title="a defect of penstock; the server's log says more", status=500)
    return problem_response(problem)


def _sees_all(server: Server, request: Request) -> bool:
    """What stands in penstock.yml may name what is hidden from who sees a part, and is not for strangers."""
    try:
        who = server.gate.who(request)
    except PenstockError:
        return False
    return who is not None and who.sees_all(server.serving.environment)


def _redact(server: Server) -> Callable[[str], str]:
    return server.serving.redact


async def _http(request: Request, error: HTTPException) -> Response:
    return problem_response(Problem(title=str(error.detail).lower(), status=error.status_code))


async def _defect(request: Request, error: Exception) -> Response:
    return problem_response(Problem(title="a defect of penstock; the server's log says more", status=500))


class _Events:
    right_of = Right.VIEW

    def __init__(self, server: Server) -> None:
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            view = await self._server.aside(self._server.allowed, request, self.right_of)
            response: Response = await stream(
                self._server.hub,
                self._server.aside,
                view,
                request,
                _query,
                lambda: self._still(request, view),
            )
        except Exception as error:
            response = await self._server.aside(failure, self._server, request, error)
        await response(scope, receive, send)

    def _still(self, request: Request, view: View) -> View | None:
        try:
            return self._server.allowed(request, self.right_of)
        except (Refused, NotAllowed):
            return None
        except ConfigError:  # what is wrong in penstock.yml is told by what is asked; a browser would not come back to a stream
            return view if self._server.gate.who(request) == view.who else None


class _Metrics:
    right_of = Right.VIEW

    def __init__(self, server: Server) -> None:
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._server.aside(self._answered, Request(scope, receive))
        await response(scope, receive, send)

    def _answered(self, request: Request) -> Response:
        try:
            return metrics(self._server.allowed(request, self.right_of))
        except Exception as error:
            return failure(self._server, request, error)


class _Document:
    right_of = Right.PUBLIC

    def __init__(self, server: Server) -> None:
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = "gzip" in Request(scope).headers.get("accept-encoding", "")
        body, headers = packed(self._server.openapi, {"cache-control": "no-cache"}, accepted)
        response = Response(body, 200, dict(headers), media_type=_JSON)
        await response(scope, receive, send)


class _Files:
    """The page and its files hold nothing of the project: they are public. `?token=` on the page begins a session."""

    right_of = Right.PUBLIC

    def __init__(self, server: Server) -> None:
        self._server = server
        self._files = static.files(base=server.base)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answered(Request(scope))(scope, receive, send)

    def _answered(self, request: Request) -> Response:
        path = "/" + request.path_params["path"]
        token = request.query_params.get("token") if path == "/" else None
        if token is not None:
            return self._begun(token)
        known = self._files.get(path)
        if known is None and _PAGE.match(path) and not path.startswith("/api/"):
            known = self._files["/"]  # a page of the front end
        if known is None:
            return problem_response(Problem(title="not found", status=404))
        headers = {"etag": known.etag, "cache-control": known.cache}
        if known.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(known.body, 200, headers, media_type=known.kind)

    def _begun(self, token: str) -> Response:
        secret = self._server.gate.by_url(token)
        if secret is None:
            problem = Problem(
                title="this URL was used, or is not known",
                status=401,
                hint="open the newest that was printed",
            )
            return problem_response(problem)
        response = RedirectResponse(f"{self._server.base}/", 303, {"cache-control": "no-store"})
        self._server.gate.cookie.give(response, secret)
        return response
