"""Decoding with errors that name file, JSON path and what was expected. Bytes in, records out; no I/O."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

import msgspec

from penstock_manifests.errors import ManifestError

T = TypeVar("T")

_PIECE = 1 << 20
_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>\$[^`]*)`)?$", re.DOTALL)
_GOT = re.compile(r"^Expected (?P<expected>.*?), got (?P<found>.*)$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<field>.*)`$")
_BYTE = re.compile(r"\(byte (?P<byte>\d+)\)")


def decode(
    decoder: msgspec.json.Decoder[T],
    data: bytes | msgspec.Raw,
    file: str,
    entries: Mapping[str, type] = MappingProxyType({}),
) -> T:
    """`decoder.decode(data)`; raises ManifestError.

    `entries` maps a top-level object of objects to the type of one of its entries: msgspec itself writes only `[...]`
    for the key, so the failing entry is looked for by that one.
    """
    try:
        content = decoder.decode(data)
    except msgspec.ValidationError as error:
        raise _culprit(entries, data, file) or wrong_type(error, file) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _not_json(error, bytes(data), file) from None
    except RecursionError:
        raise ManifestError(file, "$", "JSON of a depth that can be read", "deeper nesting") from None
    # What is kept as raw JSON has not been looked into: its readers may rely on it being text.
    _check_text(bytes(data), file)
    return content


def _check_text(data: bytes, file: str) -> None:
    """Raises ManifestError for what is not UTF-8, with its line. In pieces: as one text a large document takes its size four times."""
    if data.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(0, len(data), _PIECE):
        try:
            decoder.decode(data[at : at + _PIECE], final=at + _PIECE >= len(data))
        except UnicodeDecodeError as error:
            # A character that began in the piece before stands at the beginning of `error.object`.
            position = at + error.start - (len(error.object) - len(data[at : at + _PIECE]))
            line = data.count(b"\n", 0, position) + 1
            raise ManifestError(
                file, f"line {line}, byte {position}", "UTF-8", f"byte {data[position]:#04x}"
            ) from None


def wrong_type(error: msgspec.ValidationError, file: str, at: str = "$") -> ManifestError:
    """msgspec's sentence taken apart into path, expected and found."""
    match = _AT.match(str(error))
    what, inner = (match["what"], match["path"]) if match else (str(error), None)
    path = at + (inner or "$")[1:]
    if got := _GOT.match(what):
        return ManifestError(file, path, got["expected"].replace("`", ""), got["found"].replace("`", ""))
    if missing := _MISSING.match(what):
        return ManifestError(file, path, f"a field {missing['field']}", "none")
    return ManifestError(file, path, "a value of the documented type", what)


def _not_json(error: Exception, data: bytes, file: str) -> ManifestError:
    """Where JSON ends to be JSON: an empty file, a truncated one, or a wrong byte (with its line)."""
    text = str(error)
    if not data.strip():
        return ManifestError(file, "$", "a JSON document", "an empty file")
    if "truncated" in text:
        return ManifestError(
            file, "$", "the end of the JSON document", f"the end of the file after {len(data)} bytes"
        )
    if byte := _BYTE.search(text):
        position = int(byte["byte"])
        line = data.count(b"\n", 0, position) + 1
        return ManifestError(file, f"line {line}, byte {position}", "JSON", _glimpse(data, position))
    return ManifestError(file, "$", "JSON", text)


def _culprit(entries: Mapping[str, type], data: bytes | msgspec.Raw, file: str) -> ManifestError | None:
    sections = {name: raw for name, raw in _objects(data).items() if name in entries}
    for section, raw in sections.items():
        for key, entry in _objects(raw).items():
            try:
                msgspec.json.decode(entry, type=entries[section])
            except msgspec.ValidationError as error:
                return wrong_type(error, file, f'$.{section}["{key}"]')
    return None


def _objects(data: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    try:
        return msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}  # no object, or damaged behind the place that was met first: nothing to look into


def _glimpse(data: bytes, position: int) -> str:
    shown = data[position : position + 20].decode("utf-8", "replace").split("\n")[0]
    return f"'{shown}'" if shown else "nothing"
