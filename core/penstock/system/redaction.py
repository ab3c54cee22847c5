"""The one redaction: texts without any secret value, however it is written (lines of it, JSON, URL, base64, hex)."""

from __future__ import annotations

import base64
import mmap
import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote, urlsplit

from penstock.system.sql_secrets import without_secrets

SHOWN = "****"
SHORTEST = 4  # blotting out "1" or "dev" would blot out the log
_NO_SECRET = frozenset({"true", "false", "none", "null"})
_SHORTEST_LINE = 6
_PASSWORD_IN_URL = re.compile(
    r"(?<![A-Za-z0-9+.\-])([A-Za-z][A-Za-z0-9+.\-]{0,30}://[^\s/?#:@'\"]*):([^\s/?#'\"]+)@"
)
_PASSWORD_IN_URL_BYTES = re.compile(_PASSWORD_IN_URL.pattern.encode())
_SECRET_NAME = re.compile(
    r"passw|pwd|passphrase|secret|token|api_?key|private_?key|access_?key|credential|keyfile|(^|_)pat($|_)|(^|_)auth($|_)",
    re.IGNORECASE,
)

# Beside a secret, in a mapping whose name says `secret`: hidden, `http` or a project of BigQuery would be gone from every message.
_ORDINARY_NAME = re.compile(r"(auth_)?type|provider|region|scope|project(_id)?", re.IGNORECASE)


class Secrets:
    """The secret values that are known in this process. It grows; any thread may add and redact.

    `redact` is for logs and messages: it hides every value that was given from outside. `redact_results` is for results,
    where a schema's name from `${SCHEMA}` must be readable: it hides what is known to be secret.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._known: frozenset[str] = frozenset()
        self._secret: tuple[str, ...] = ()
        self._all: tuple[str, ...] = ()
        self.add(*values)

    def add(self, *values: str) -> None:
        """Values to hide everywhere from now on. Shorter than four characters: too common to hide, and ignored."""
        if new := self._new(values):
            with self._lock:
                self._secret = _longest_first((*self._secret, *new))
                self._all = _longest_first((*self._all, *new))

    def add_given(self, *values: str) -> None:
        """Values from outside of which nobody knows whether they are secret."""
        forms = [form for value in values if _hideable(value) for form in _forms(value)]
        if not frozenset(forms) <= frozenset(self._all):
            with self._lock:
                self._all = _longest_first((*self._all, *forms))

    def _new(self, values: Iterable[str]) -> list[str]:
        new = frozenset(value for value in values if _hideable(value)) - self._known
        self._known |= new
        return [form for value in new for form in _forms(value)]

    def add_named(self, settings: object, *, secret: bool = False) -> None:
        """The values in `settings` (nested mappings and lists) whose key says that they are secret."""
        self.add(*_named(settings, secret))

    def add_environ(self, environ: Mapping[str, str]) -> None:
        """The values of variables whose name says that they are secret: tools read them without our help."""
        for name, value in environ.items():
            # PWD is a folder, and so is what SSH_AUTH_SOCK names.
            if len(value) >= _SHORTEST_LINE and names_a_secret(name) and not _is_path(value):
                self.add(value)

    def redact(self, text: str) -> str:
        """`text` with each value from outside, and the password of any URL, replaced by ****."""
        return _without(self._all, text)

    def __call__(self, text: str) -> str:
        return self.redact(text)

    def redact_results(self, text: str) -> str:
        """`text` with each secret value, and the password of any URL, replaced by ****."""
        return _without(self._secret, text)

    def redact_sql(self, sql: str) -> str:
        """SQL that is kept and compared, with a mark for each secret value: as often as it is done, equal texts stay equal."""
        return without_secrets(sql, self._known)

    def mask_file(self, path: Path) -> None:
        """Overwrite what is secret in a file that a tool wrote, with as many asterisks: whoever reads it or goes on writing
        to it is not disturbed. A file that is not there, or not ours to write, is left."""
        try:
            with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as text:
                for start, end in self._secret_places(text):
                    text[start:end] = b"*" * (end - start)
        except (OSError, ValueError):  # ValueError: it is empty
            return

    def _secret_places(self, text: mmap.mmap) -> Iterator[tuple[int, int]]:
        for form in self._all:
            sought = form.encode("utf-8", errors="surrogatepass")
            at = text.find(sought)
            while at >= 0:
                yield at, at + len(sought)
                at = text.find(sought, at + len(sought))
        for match in _PASSWORD_IN_URL_BYTES.finditer(text):
            yield match.span(2)

    def __len__(self) -> int:
        return len(self._known)


def _is_path(value: str) -> bool:
    return value.startswith("/") and os.path.exists(value)  # noqa: PTH110  # any text, NUL too


def _hideable(value: str) -> bool:
    return len(value) >= SHORTEST and value.lower() not in _NO_SECRET


def _longest_first(forms: Iterable[str]) -> tuple[str, ...]:
    """One form may contain another."""
    return tuple(sorted(frozenset(forms), key=lambda form: (-len(form), form)))


def _without(forms: tuple[str, ...], text: str) -> str:
    for form in forms:
        if form in text:
            text = text.replace(form, SHOWN)
    return without_url_passwords(text)


def without_url_passwords(text: str) -> str:
    return _PASSWORD_IN_URL.sub(rf"\1:{SHOWN}@", text) if "://" in text and "@" in text else text


def names_a_secret(name: str) -> bool:
    """Whether a setting or variable of that name usually holds a secret: `password`, `API_TOKEN`, `private_key`."""
    return _SECRET_NAME.search(name) is not None


def _named(node: object, secret: bool) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, child in node.items():
            ordinary = isinstance(child, str) and _ORDINARY_NAME.fullmatch(str(name))
            yield from _named(child, not ordinary and (secret or names_a_secret(str(name))))
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
    import json

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
    import json  # most commands know of no secret

    yield part
    yield part.replace("'", "''")  # in a text of SQL
    raw = part.encode("utf-8", errors="surrogatepass")
    as_json = json.dumps(part)[1:-1]
    yield as_json
    yield json.dumps(as_json)[1:-1]
    yield json.dumps(part, ensure_ascii=False)[1:-1]
    yield repr(part)[1:-1]
    yield part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield quote(raw, safe="")
    yield quote(raw)
    yield quote_plus(raw)
    if len(raw) >= _SHORTEST_LINE:
        yield from _base64(raw)
        yield raw.hex()
        yield raw.hex().upper()
    else:  # a part of so short an encoding would be found everywhere
        yield base64.b64encode(raw).decode()
        yield base64.urlsafe_b64encode(raw).decode()
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
