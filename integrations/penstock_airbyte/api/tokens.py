"""Access tokens: one per (server, credential), used until the server's own expiry. Nothing is written to disk."""

from __future__ import annotations

import hashlib
import threading
import time
from typing import TYPE_CHECKING

import msgspec

from penstock.integration.jobs import ProblemKind
from penstock_airbyte.api.problems import ApiProblem, kind_of

if TYPE_CHECKING:
    import httpx

# A token is renewed this share of its life before it ends, so that it does not end under way; at most a minute.
_EARLY = 0.2


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """How penstock shows who it is: an application's id and secret, a token, or user name and password. Secrets: never shown."""

    client_id: str | None = None
    client_secret: str | None = None
    token: str | None = None
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return "Credentials(...)"


class TokenSource:
    """The bearer token of one server and credential. Thread-safe; two servers never share one."""

    def __init__(self, base: str, credentials: Credentials, client: httpx.Client) -> None:
        self.key = hashlib.sha256(
            f"{base}\0{credentials.client_id}\0{credentials.client_secret}".encode()
        ).hexdigest()
        self._url = f"{base}/applications/token"
        self._credentials = credentials
        self._client = client
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0

    def token(self) -> str:
        """A token that is still good by the server's word. Asks at most one time for all threads that wait."""
        with self._lock:
            if time.monotonic() >= self._renew_at:
                self._ask()
            return self._token

    def revoked(self, token: str) -> None:
        """The server refused this token before its time: the next call asks for another."""
        with self._lock:
            if token == self._token:
                self._renew_at = 0.0

    def _ask(self) -> None:
        answer = self._post(json_body=True)
        if answer.status_code in (400, 415):
            # Some servers read only forms.
            answer = self._post(json_body=False)
        if answer.status_code != 200:
            raise self._refused(answer.status_code)
        try:
            told = msgspec.json.decode(answer.content, type=_TokenAnswer, strict=False)
        except msgspec.MsgspecError:
            raise ApiProblem(
                ProblemKind.FOREIGN,
                "the server answered the request for a token with something that is no token",
                status=answer.status_code,
                hint="check `server`: Cloud is https://api.airbyte.com/v1, self-managed https://HOST/api/public/v1",
            )
        self._token = told.access_token
        life = max(told.expires_in, 0.0)
        self._renew_at = time.monotonic() + life - min(life * _EARLY, 60.0)

    def _post(self, *, json_body: bool) -> httpx.Response:
        import httpx

        fields = {
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "grant_type": "client_credentials",
        }
        try:
            if json_body:
                return self._client.post(self._url, json=fields)
            return self._client.post(self._url, data=fields)
        except httpx.HTTPError as error:
            raise ApiProblem(
                ProblemKind.UNREACHABLE, f"the server gave no token: {type(error).__name__}"
            ) from None

    def _refused(self, status: int) -> ApiProblem:
        kind = ProblemKind.UNAUTHORIZED if status in (400, 401, 403) else kind_of(status)
        return ApiProblem(
            kind,
            f"the server gave no token (HTTP {status})",
            status=status,
            hint="check client_id and client_secret" if kind is ProblemKind.UNAUTHORIZED else None,
        )


class _TokenAnswer(msgspec.Struct):
    access_token: str
    expires_in: float = 180.0
