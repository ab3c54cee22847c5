"""Calls to one workspace through the SDK's authentication and transport, answers as raw JSON. The SDK is imported here only.

Its dataclasses are not used: they decode a word that they do not know to None, and cost three times the time of a catalog.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from penstock.errors import ToolError, ToolMissing
from penstock.integration import Cancellation, Connection, QueryCancelled, text_of
from penstock.integration.jobs import ProblemKind, RemoteProblem
from penstock_databricks.address import host_of, url_of

if TYPE_CHECKING:
    from databricks.sdk.core import ApiClient
    from databricks.sdk.errors.base import DatabricksError

_TRIES = 4
Json = dict[str, Any]  # what the API takes and answers
T = TypeVar("T")
_AZURE = ("azure_client_id", "azure_client_secret")


class Page(Protocol):
    """One page of a list, as the API sends it."""

    @property
    def next_page_token(self) -> str | None: ...


P = TypeVar("P", bound=Page)


class Client:
    """One workspace. `get` is repeated where that can help; `post` is sent once. Thread-safe; nothing is sent before the first call."""

    def __init__(self, connection: Connection) -> None:
        self.place = host_of(connection.settings)
        self._connection = connection
        self._lock = threading.Lock()
        self._api: ApiClient | None = None

    def get(self, path: str, query: Json | None = None, *, tries: int = _TRIES) -> Json:
        """Raises RemoteProblem."""
        return _repeated(lambda: self._call("GET", path, query=query), tries)

    def post(self, path: str, body: Json) -> Json:
        """Raises RemoteProblem. Whether something was done is open when the problem's kind is not in REFUSED."""
        return self._call("POST", path, body=body)

    def paged(self, path: str, query: Json, cancel: Cancellation | None = None) -> Iterator[Json]:
        """Every page."""
        yield from self._pages(
            path, query, cancel, self.get, lambda page: page.get("next_page_token") or None
        )

    def paged_as(
        self, path: str, query: Json, kind: type[P], cancel: Cancellation | None = None
    ) -> Iterator[P]:
        """Every page, decoded from its bytes: no dicts of what nobody reads. Raises msgspec.ValidationError too."""

        def read(path: str, query: Json) -> P:
            answer = _repeated(lambda: self._sent("GET", path, query=query, raw=True), _TRIES)
            return _decoded(answer, kind, self.place)

        yield from self._pages(path, query, cancel, read, lambda page: page.next_page_token or None)

    def _pages(
        self,
        path: str,
        query: Json,
        cancel: Cancellation | None,
        read: Callable[[str, Json], T],
        following: Callable[[T], str | None],
    ) -> Iterator[T]:
        """An empty page may be followed by others: only a missing token is the end."""
        token: str | None = None
        seen: set[str] = set()
        while True:
            if cancel is not None and cancel.wanted:
                raise QueryCancelled
            page = read(path, {**query, **({"page_token": token} if token else {})})
            yield page
            token = following(page)
            if token is None:
                return
            if token in seen:
                raise ToolError(f"{self.place}: the pages of {path} go round in a circle")
            seen.add(token)

    def _call(self, method: str, path: str, **words: Any) -> Json:
        found = self._sent(method, path, **words)
        if not isinstance(found, dict):
            raise _no_object(self.place)
        return found

    def _sent(self, method: str, path: str, *, raw: bool = False, **words: Any) -> Any:
        """The answer's JSON; with `raw` its bytes."""
        api = self._opened()
        from databricks.sdk.errors.base import DatabricksError
        from requests import RequestException

        try:
            found = api.do(method, path, raw=raw, **words)
            return found["contents"].read() if raw and isinstance(found, dict) else found
        except DatabricksError as error:
            raise _explained(self.place, error) from None
        except (TimeoutError, RequestException, OSError) as error:
            cause = error.__cause__
            if isinstance(cause, DatabricksError):
                raise _explained(self.place, cause) from None
            raise RemoteProblem(
                ProblemKind.UNREACHABLE,
                f"{self.place}: no answer",
                hint="check host and network; is the workspace running?",
            ) from None
        except ValueError as error:
            raise _refused(self.place, str(error)) from None

    def _opened(self) -> ApiClient:
        with self._lock:
            if self._api is None:
                self._api = _open(self._connection, self.place)
            return self._api


def _repeated(once: Callable[[], T], tries: int) -> T:
    """The answer, asked for again where that can help."""
    for attempt in range(1, tries + 1):
        try:
            return once()
        except RemoteProblem as problem:
            if not problem.passing or attempt == tries:
                raise
            time.sleep(0.2 * 2**attempt)
    raise AssertionError("unreachable")


def _decoded(answer: bytes, kind: type[P], place: str) -> P:
    """The page. Raises msgspec.ValidationError where it has another shape, RemoteProblem where it is no JSON."""
    try:
        return msgspec.json.decode(answer or b"{}", type=kind, strict=False)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass  # a lone surrogate, which Python's own reader lets pass
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        raise RemoteProblem(ProblemKind.SERVER, f"{place}: the answer cannot be read") from None
    if not isinstance(found, dict):
        raise _no_object(place)
    return msgspec.convert(found, kind, strict=False)


def _no_object(place: str) -> RemoteProblem:
    return RemoteProblem(
        ProblemKind.REJECTED,
        f"{place}: the answer is no JSON object: this is not a workspace's API",
        hint="check host",
    )


def _open(connection: Connection, place: str) -> ApiClient:
    try:
        from databricks.sdk.core import ApiClient, Config

        from penstock_databricks.onetry import OneTry
    except ImportError:
        raise ToolMissing(
            "the Python package databricks-sdk is not installed", hint="pip install 'penstock[databricks]'"
        ) from None
    from importlib.metadata import version

    # Its warnings would stand in front of our own one line; who has set up logging still gets them.
    sdk = logging.getLogger("databricks.sdk")
    if not sdk.handlers:
        sdk.addHandler(logging.NullHandler())
    try:
        # One try per call: the SDK repeats POSTs that the server may have accepted.
        config = Config(
            host=url_of(connection.settings),
            clock=OneTry(),
            retry_timeout_seconds=1,
            http_timeout_seconds=60,
            product="penstock",
            product_version=version("penstock"),
            **credentials(connection.settings),
        )
        return ApiClient(config)
    except (ValueError, OSError) as error:
        raise _refused(place, str(error)) from None


def credentials(settings: Json) -> Json:
    """The SDK's words for a profile's. The kind is always named: the SDK would take another account's from the environment."""
    azure = [text_of(settings, name) for name in _AZURE]
    if all(azure):
        return {"auth_type": "azure-client-secret", **dict(zip(_AZURE, azure, strict=True))}
    identity, secret = text_of(settings, "client_id"), text_of(settings, "client_secret")
    if identity and secret:
        return {"auth_type": "oauth-m2m", "client_id": identity, "client_secret": secret}
    if token := text_of(settings, "token"):
        return {"auth_type": "pat", "token": token}
    hint = "give token, or client_id with client_secret"
    if text_of(settings, "auth_type") == "oauth":
        raise ToolError("Databricks: signing in with a browser does not work unattended", hint=hint)
    raise ToolError("Databricks: the connection has no credentials", hint=hint)


def _explained(place: str, error: DatabricksError) -> RemoteProblem:
    """An SDK error as ours, by its class: the SDK maps HTTP status and error codes to classes."""
    from databricks.sdk import errors

    # The SDK adds its configuration, secrets masked.
    first = (str(error).strip() or type(error).__name__).splitlines()[0].partition(". Config:")[0][:300]
    wrong_token = str(error.error_code) == "403" or "Invalid access token" in first
    if isinstance(error, errors.Unauthenticated) or wrong_token:
        return _refused(place, first)
    if isinstance(error, errors.PermissionDenied):
        return RemoteProblem(
            ProblemKind.FORBIDDEN,
            f"{place}: not permitted: {first}",
            hint="the grants that penstock needs: docs/how-to/databricks.md",
        )
    if isinstance(error, errors.NotFound):
        return RemoteProblem(ProblemKind.NOT_FOUND, f"{place}: {first}")
    if isinstance(error, errors.TooManyRequests | errors.ResourceExhausted):
        return RemoteProblem(ProblemKind.LIMITED, f"{place}: too many requests")
    if isinstance(error, errors.InternalError | errors.TemporarilyUnavailable | errors.DeadlineExceeded):
        return RemoteProblem(ProblemKind.SERVER, f"{place}: the server failed: {first}")
    if "unable to parse response" in first:
        return RemoteProblem(ProblemKind.SERVER, f"{place}: the answer cannot be read")
    return RemoteProblem(ProblemKind.REJECTED, f"{place}: {first}")


def _refused(place: str, told: str) -> RemoteProblem:
    first = (told.strip() or "no reason given").splitlines()[0].partition(". Config:")[0][:300]
    return RemoteProblem(
        ProblemKind.UNAUTHORIZED,
        f"{place}: the credentials are not accepted: {first}",
        hint="check token, or client_id and client_secret; have they expired?",
    )
