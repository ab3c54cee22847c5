"""The door for events of other systems. Who knows the secret of a source of penstock.yml may tell of something, and no more."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from penstock.errors import PenstockError
from penstock.service import inbox
from penstock.service.accounts import RunStore
from penstock.service.people import Right
from penstock.service.serving import Serving
from penstock.service.signatures import Sent
from penstock.web.problems import problem_response
from penstock.web.schema import Problem, Told

LARGEST_EVENT = 1_048_576
FORMAT = 1


class Arrivals:
    """202 once the event is committed, also when it was known. A stranger learns nothing of what is wrong here."""

    right_of = Right.PUBLIC

    def __init__(
        self, serving: Serving, store: Callable[[], RunStore], aside: Callable[..., Awaitable[Response]]
    ) -> None:
        self._serving = serving
        self._store = store
        self._aside = aside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        response = await self._aside(self._answered, request, body)
        await response(scope, receive, send)

    def _answered(self, request: Request, body: bytes) -> Response:
        if request.method != "POST":
            return problem_response(Problem(title="method not allowed", status=405))
        twice = Counter(request.headers.keys())
        headers = {name: value for name, value in request.headers.items() if twice[name] == 1}
        sent = Sent(headers=headers, body=body, token=request.path_params.get("token"))
        try:
            return self._taken(request.path_params["name"], sent)
        except (inbox.Unknown, inbox.NotTheirs):  # told alike: which names there are is nobody's business
            return problem_response(
                Problem(title="no such source, or its signature or token is wrong", status=401)
            )
        except PenstockError as wrong:
            self._log(str(wrong))
            return problem_response(Problem(title="events cannot be taken now", status=503))

    def _taken(self, name: str, sent: Sent) -> Response:
        new = inbox.receive(self._serving.workspace, self._store, name, sent)
        told = Told(format=FORMAT, message="taken" if new else "known already")
        return Response(msgspec.json.encode(told), 202, media_type="application/json")

    def _log(self, words: str) -> None:
        told = self._serving.redact(words)
        print(f"an event was refused: {told}", file=sys.stderr)  # noqa: T201  # the server's log
