"""The built front end, read once into memory: a file is found by its whole name, so no path can lead elsewhere."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}

_BUILD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>penstock</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><h1>penstock is running, without its front end</h1>
<p>This installation was made without the browser's part, so there is only the API.</p>
<p>Build it from a clone, with Node 20 or newer:</p>
<pre>cd core/ui &amp;&amp; npm ci &amp;&amp; npm run build</pre>
<p>or install penstock again without PENSTOCK_SKIP_UI, and start penstock web again.</p>
<p>The API is described at <a href="api/v1/openapi.json">api/v1/openapi.json</a>.</p>
</body></html>
"""


class File(msgspec.Struct, frozen=True, kw_only=True):
    body: bytes
    kind: str
    etag: str
    cache: str


def files(folder: Path = FOLDER, base: str = "") -> dict[str, File]:
    """By path from the server's root, `/` being the page itself."""
    found: dict[str, File] = {}
    if (folder / "index.html").is_file():
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                name = "/" + path.relative_to(folder).as_posix()
                found[name] = _file(path.read_bytes(), path.suffix, fixed=name.startswith("/assets/"))
    page = found["/index.html"].body if found else _BUILD.encode()
    if base:
        page = page.replace(b"<head>", f'<head><base href="{base}/">'.encode(), 1)
    found["/"] = found["/index.html"] = _file(page, ".html", fixed=False)
    return found


def _file(body: bytes, suffix: str, *, fixed: bool) -> File:
    kind = _TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
    return File(
        body=body,
        kind=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        # The names of built files hold their hash.
        cache="public, max-age=31536000, immutable" if fixed else "no-cache",
    )
