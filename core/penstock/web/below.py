"""A server that is shown below a path: proxies that keep that path, and proxies that cut it off, ask for the same."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


def below(app: ASGIApp, base: str) -> ASGIApp:
    """uvicorn puts `base` before each path that it is asked for: where a proxy has kept it, it would stand there twice."""
    if not base:
        return app

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path == base * 2 or path.startswith(f"{base}{base}/"):
            raw = scope.get("raw_path", b"")[len(base.encode()) :]
            scope = {**scope, "path": path[len(base) :], "raw_path": raw}
        await app(scope, receive, send)

    return asked
