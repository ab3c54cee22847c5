"""The one redaction: texts without any secret value, however it is written (lines of it, JSON, URL, base64, hex)."""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

SHOWN = "****"
SHORTEST = 4  # blotting out "1" or "dev" would blot out the log
_NO_SECRET = frozenset({"true", "false", "none", "null"})
_SHORTEST_LINE = 6
_PASSWORD_IN_URL = re.compile(
    r"(?<![A-Za-z0-9+.\-])([A-Za-z][A-Za-z0-9+.\-]{0,30}://[^\s/?#:@'\"]*):([^\s/?#'\"]+)@"
)
_SECRET_NAME = re.compile(
    r"passw|pwd|passphrase|secret|token|api_?key|private_?key|access_?key|credential|keyfile|(^|_)pat($|_)|(^|_)auth($|_)",
    re.IGNORECASE,
)


class Secrets:
    """The secret values that are known in this process. It grows; any thread may add and redact."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._values: frozenset[str] = frozenset()
        self._forms: tuple[str, ...] = ()
        self.add(*values)

    def add(self, *values: str) -> None:
        """Values to hide from now on. Shorter than four characters: too common to hide, and ignored."""
        new = frozenset(v for v in values if len(v) >= SHORTEST and v.lower() not in _NO_SECRET)
        new -= self._values
        if not new:
            return
        with self._lock:
            self._values |= new
            forms = {*self._forms, *(form for value in new for form in _forms(value))}
            self._forms = tuple(sorted(forms, key=len, reverse=True))  # one may contain another

    def add_named(self, settings: Any, *, secret: bool = False) -> None:
        """The values in `settings` (nested mappings and lists) whose key says that they are secret."""
        self.add(*_named(settings, secret))

    def add_environ(self, environ: Mapping[str, str]) -> None:
        """The values of variables whose name says that they are secret: tools read them without our help."""
        self.add(*(v for k, v in environ.items() if len(v) >= _SHORTEST_LINE and names_a_secret(k)))

    def redact(self, text: str) -> str:
        """`text` with each known value, and the password of any URL, replaced by ****."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, SHOWN)
        return without_url_passwords(text)

    def __call__(self, text: str) -> str:
        return self.redact(text)

    def __len__(self) -> int:
        return len(self._values)


def without_url_passwords(text: str) -> str:
    return _PASSWORD_IN_URL.sub(rf"\1:{SHOWN}@", text) if "://" in text and "@" in text else text


def names_a_secret(name: str) -> bool:
    """Whether a setting or variable of that name usually holds a secret: `password`, `API_TOKEN`, `private_key`."""
    return _SECRET_NAME.search(name) is not None


def _named(node: Any, secret: bool) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, child in node.items():
            yield from _named(child, secret or names_a_secret(str(name)))
    elif isinstance(node, list | tuple):
        for child in node:
            yield from _named(child, secret)
    elif secret and node is not None and not isinstance(node, bool):
        yield str(node)
    elif isinstance(node, str) and "://" in node:
        yield from _url_password(node)


def _forms(value: str) -> Iterator[str]:
    """Every way in which a value may stand in a text."""
    for part in {value, *_parts(value)}:
        yield from (form for form in _written(part) if len(form) >= SHORTEST)


def _parts(value: str) -> Iterator[str]:
    """What may stand alone: each line of a text, each value of a JSON document, the password of a URL."""
    yield value.strip()
    if "\n" in value or "\r" in value:
        yield value.replace("\r\n", "\n").strip()
        yield from (line.strip() for line in value.splitlines() if _tells(line))
    if value.lstrip()[:1] in ("{", "["):
        yield from _leaves(value)
    yield from _url_password(value)


def _tells(line: str) -> bool:
    return sum(character.isalnum() for character in line) >= _SHORTEST_LINE


def _leaves(value: str) -> Iterator[str]:
    try:
        document = json.loads(value)
    except (ValueError, RecursionError):
        return
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, str) and _tells(node):
            yield node.strip()
            yield from (line.strip() for line in node.splitlines() if _tells(line))


def _url_password(value: str) -> Iterator[str]:
    if "://" not in value:
        return
    try:
        password = urlsplit(value).password
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)


def _written(part: str) -> Iterator[str]:
    yield part
    raw = part.encode("utf-8", errors="surrogatepass")
    as_json = json.dumps(part)[1:-1]
    yield as_json
    yield json.dumps(as_json)[1:-1]
    yield json.dumps(part, ensure_ascii=False)[1:-1]
    yield repr(part)[1:-1]
    yield html.escape(part)
    yield quote(raw, safe="")
    yield quote(raw)
    yield quote_plus(raw)
    if len(raw) >= _SHORTEST_LINE:
        yield from _base64(raw)
        yield raw.hex()
        yield raw.hex().upper()


def _base64(raw: bytes) -> Iterator[str]:
    """At each of three alignments: the value may be a part of what is encoded, as in `user:password`."""
    for lead in range(3):
        text = base64.b64encode(b"\0" * lead + raw).decode().rstrip("=")
        first = (0, 2, 3)[lead]  # characters that also hold bits of what stands before
        last = len(text) - (1 if (lead + len(raw)) % 3 else 0)  # and of what follows
        inner = text[first:last]
        if len(inner) >= _SHORTEST_LINE:
            yield inner
            yield inner.translate(_URL_SAFE)


_URL_SAFE = str.maketrans("+/", "-_")
