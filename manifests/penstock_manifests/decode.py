"""Decoding with errors that name file, JSON path and what was expected. Bytes in, records out; no I/O."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from penstock_manifests.errors import ManifestError

T = TypeVar("T")

_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>\$[^`]*)`)?$", re.DOTALL)
_GOT = re.compile(r"^Expected (?P<expected>.*?), got (?P<found>.*)$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<field>.*)`$")
_BYTE = re.compile(r"\(byte (?P<byte>\d+)\)")


def decode(decoder: msgspec.json.Decoder[T], data: bytes, file: str, at: str = "$") -> T:
    """`decoder.decode(data)`; raises ManifestError. `at` is the JSON path of `data` inside the file."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise wrong_type(error, file, at) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise not_json(error, data, file) from None


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


def not_json(error: Exception, data: bytes, file: str) -> ManifestError:
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


def culprit(
    sections: dict[str, msgspec.json.Decoder[Any]], data: bytes, file: str, fallback: msgspec.ValidationError
) -> ManifestError:
    """The same failure with the key of the entry that is wrong: msgspec itself writes only `[...]` for a dict's key.

    `sections` maps a top-level field to the decoder of one entry of it.
    """
    try:
        document = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        for section, decoder in sections.items():
            entries = document.get(section)
            if entries is None or not bytes(entries).lstrip().startswith(b"{"):
                continue
            for key, raw in msgspec.json.decode(entries, type=dict[str, msgspec.Raw]).items():
                try:
                    decoder.decode(raw)
                except msgspec.ValidationError as error:
                    return wrong_type(error, file, f'$.{section}["{key}"]')
    except msgspec.MsgspecError:
        pass  # no plain object of objects: the first failure says all there is to say
    return wrong_type(fallback, file)


def _glimpse(data: bytes, position: int) -> str:
    shown = data[position : position + 20].decode("utf-8", "replace").split("\n")[0]
    return f"'{shown}'" if shown else "nothing"
