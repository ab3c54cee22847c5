"""Cursors: opaque to the client, told in the `Link` header, so that a page has the shape of the whole document."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlencode

import msgspec

from penstock.errors import UsageError


def cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"v1:{position}".encode()).decode().rstrip("=")


def after(text: str) -> int:
    """The position of a cursor; 0 for none. Raises UsageError for what is no cursor of ours."""
    if not text:
        return 0
    try:
        version, _, position = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(":")
        if version == "v1" and position.isascii() and position.isdecimal() and len(position) < 16:
            return int(position)
    except (ValueError, binascii.Error):
        pass
    raise UsageError(
        "this cursor cannot be read", hint="take it as it is from the Link header of the page before"
    )


def link(path: str, asked: msgspec.Struct, position: int) -> dict[str, str]:
    """The header that leads to the next page of the same question."""
    said = {
        name: value
        for name, value in msgspec.structs.asdict(asked).items()
        if value not in ("", None) and name != "cursor"
    }
    return {"link": f'<{path}?{urlencode({**said, "cursor": cursor(position)})}>; rel="next"'}
