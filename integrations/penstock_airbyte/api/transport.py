"""One HTTP call at a time through airbyte-api: addresses, authorisation and time-outs are the SDK's, decoding is ours.

The SDK's typed decoding refuses ordinary workspaces (mappers, statuses of newer servers), so the raw body is taken from it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from penstock.integration.jobs import ProblemKind
from penstock_airbyte.api.problems import ApiProblem
from penstock_airbyte.api.refusals import refusal
from penstock_airbyte.api.tokens import Credentials, TokenSource

if TYPE_CHECKING:
    import httpx
    from airbyte_api import AirbyteAPI
    from airbyte_api.models import Security

TIMEOUT_SECONDS = 60.0
_LARGEST = 256 * 1024 * 1024  # bytes of one answer


Plain = str | int | float | bool


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A usable answer: JSON text, and the server's clock in epoch seconds (None where it did not tell)."""

    body: bytes
    date: float | None = None


class Transport:
    """Calls of one server. Blocking and thread-safe. Raises ApiProblem; never retries: who calls knows what may be repeated."""

    def __init__(self, server: str, credentials: Credentials, *, timeout: float = TIMEOUT_SECONDS) -> None:
        import httpx

        self.server = server.rstrip("/")
        self._credentials = credentials
        # Certificates are loaded (0.1 s) only where there is one to check.
        self._http = httpx.Client(
            timeout=timeout, follow_redirects=False, verify=self.server.startswith("https:")
        )
        self._tokens = TokenSource(self.server, credentials, self._http) if credentials.client_id else None
        self._taps = threading.local()
        self._sdk: AirbyteAPI | None = None
        self._lock = threading.Lock()
        self.requests = 0
        self.body_bytes = 0

    def close(self) -> None:
        self._http.close()

    # ------------------------------------------------------------ calls

    def get(self, path: str, params: Mapping[str, Plain | None] | None = None) -> Answer:
        """GET a path below the server's base. For the routes whose SDK modules cost seconds to import."""
        return self._judged(
            lambda: self._http.get(self.server + path, params=_flat(params), headers=self._headers())
        )

    def call(self, group: str, operation: str, request: Mapping[str, object]) -> Answer:
        """An operation of the SDK, e.g. `("jobs", "list_jobs", {"limit": 100})`."""
        return self._judged(lambda: self._through_sdk(group, operation, request))

    # ------------------------------------------------------------ the SDK

    def _through_sdk(self, group: str, operation: str, request: Mapping[str, object]) -> httpx.Response:
        try:
            getattr(getattr(self._api(), group), operation)(request=dict(request), retries=None)
        except _Answered as answered:
            return answered.response
        raise ApiProblem(ProblemKind.UNREACHABLE, f"airbyte-api sent nothing for {group}.{operation}")

    def _api(self) -> AirbyteAPI:
        with self._lock:
            if self._sdk is None:
                from airbyte_api import AirbyteAPI

                self._sdk = AirbyteAPI(
                    server_url=self.server,
                    security=self._security,
                    client=_Tap(self._http),
                    timeout_ms=int(TIMEOUT_SECONDS * 1000),
                )
            return self._sdk

    def _security(self) -> Security:
        from airbyte_api.models import SchemeBasicAuth, Security

        if self._credentials.username is not None:
            return Security(
                basic_auth=SchemeBasicAuth(
                    username=self._credentials.username, password=self._credentials.password or ""
                )
            )
        return Security(bearer_auth=self._token())

    # ------------------------------------------------------------ who asks

    def _token(self) -> str:
        """The token of this call: asked for once per call, so that a refusal names the one that was used."""
        known: str | None = getattr(self._taps, "token", None)
        if known is None:
            known = self._tokens.token() if self._tokens is not None else self._credentials.token or ""
            self._taps.token = known
        return known

    def _headers(self) -> dict[str, str]:
        if self._credentials.username is not None:
            import base64

            pair = f"{self._credentials.username}:{self._credentials.password or ''}"
            return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        token = self._token()
        return {"Authorization": f"Bearer {token}"} if token else {}

    # ------------------------------------------------------------ answers

    def _judged(self, send: Callable[[], httpx.Response]) -> Answer:
        """The answer, after one more try with a fresh token where the server has revoked the one that was used."""
        for last in (False, True):
            self._taps.token = None
            response = self._sent(send)
            self.requests += 1
            self.body_bytes += len(response.content)
            if response.status_code == 401 and self._tokens is not None and not last:
                self._tokens.revoked(self._token())
                continue
            return _usable(response)
        raise AssertionError("the loop returns")

    def _sent(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        import httpx

        try:
            return send()
        except httpx.InvalidURL:
            raise ApiProblem(ProblemKind.REJECTED, f"'{self.server}' is no address of a server")
        except httpx.UnsupportedProtocol:
            raise ApiProblem(ProblemKind.REJECTED, f"'{self.server}' is no http or https address")
        except httpx.HTTPError as error:
            raise ApiProblem(
                ProblemKind.UNREACHABLE, f"{self.server} did not answer: {_reason(error)}"
            ) from None


class _Answered(Exception):
    """Carries the raw response past the SDK's decoding. Raised by the client that the SDK sends with."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__("answered")
        self.response = response


class _Tap:
    """What the SDK takes for its HTTP client: builds and sends as httpx does, and hands the response to us."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def build_request(self, method: str, url: Any, **words: Any) -> httpx.Request:
        return self._client.build_request(method, url, **words)

    def send(self, request: httpx.Request, **words: object) -> httpx.Response:
        raise _Answered(self._client.send(request, follow_redirects=False))

    def close(self) -> None:
        """The client is the transport's."""


def _usable(response: httpx.Response) -> Answer:
    status = response.status_code
    if len(response.content) > _LARGEST:
        raise ApiProblem(ProblemKind.REJECTED, f"the answer has {len(response.content)} bytes", status=status)
    if status >= 300:
        raise refusal(response)
    first = response.content.lstrip()[:1]
    if first not in (b"{", b"["):
        raise ApiProblem(
            ProblemKind.FOREIGN,
            f"{response.request.url.copy_with(query=None)} answered with a page, not with JSON",
            status=status,
            hint="check `server`: Cloud is https://api.airbyte.com/v1, self-managed https://HOST/api/public/v1",
        )
    return Answer(body=response.content, date=_date(response))


def _date(response: httpx.Response) -> float | None:
    from email.utils import parsedate_to_datetime

    text = response.headers.get("Date")
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None


def _reason(error: Exception) -> str:
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _flat(params: Mapping[str, Plain | None] | None) -> dict[str, Plain]:
    return {key: value for key, value in (params or {}).items() if value is not None}
