"""dbt's documents with anything in them wrong: read, or refused in one clear error; never an error of Python's own."""

from __future__ import annotations

import gzip
import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import DocumentError
from penstock_dbt.config import DbtConfig
from penstock_dbt.integration import INTEGRATION
from tests.fixtures.artefacts import NEWEST, artefact, plain
from tests.unit.penstock_dbt_observe.observing import context

DOCUMENTS = ("manifest", "catalog", "run_results", "sources")
ODD: list[Any] = [
    None,
    True,
    -1,
    1e300,
    10**30,
    "",
    "yesterday",
    "\x00",
    [],
    {},
    [1],
    {"a": 1},
    {"a": {"b": []}},
]


def _places(value: Any, into: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        into.append((value, key))
        _places(inner, into)
    return into


def _changed_values(document: dict[str, Any], chance: random.Random) -> bytes:
    places = _places(document, [])
    for _ in range(chance.choice((1, 1, 3))):
        container, key = chance.choice(places)
        if isinstance(container, dict) and key in container and chance.random() < 0.2:
            del container[key]
        elif isinstance(container, dict) or key < len(container):
            container[key] = chance.choice(ODD)
    return json.dumps(document).encode()


def _changed_bytes(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    at = chance.randrange(len(changed))
    match chance.randrange(4):
        case 0:
            changed[at] = chance.randrange(256)
        case 1:
            del changed[at:]
        case 2:
            changed[at:at] = bytes(chance.randrange(256) for _ in range(4))
        case _:
            del changed[at : at + chance.randrange(1, 200)]
    return bytes(changed)


def _one(number: int, folder: Path) -> None:
    chance = random.Random(number)
    name = chance.choice(DOCUMENTS)
    zipped = chance.random() < 0.2
    for document in DOCUMENTS:
        data = artefact(NEWEST, document)
        if document == name:
            data = (
                _changed_values(plain(NEWEST, name), chance)
                if chance.random() < 0.6
                else _changed_bytes(gzip.compress(data, mtime=0) if zipped else data, chance)
            )
        suffix = ".json.gz" if zipped else ".json"
        ready = not zipped or data[:2] == b"\x1f\x8b" or (document == name and chance.random() < 0.5)
        (folder / f"{document}{suffix}").write_bytes(data if ready else gzip.compress(data))
    looked = context(folder, DbtConfig(manifest="manifest.json.gz" if zipped else "manifest.json"))
    calls: tuple[Callable[[], Any], ...] = (
        lambda: INTEGRATION.observe(looked),
        lambda: list(INTEGRATION.definitions(looked)),
    )
    for call in calls:
        try:
            call()
        except DocumentError as error:
            assert "\n" not in error.what and error.where


@pytest.mark.parametrize("part", range(4))
def test_whatever_is_damaged_is_read_or_refused(part: int) -> None:
    _many(range(part * 50, part * 50 + 50))


@pytest.mark.long
@pytest.mark.parametrize("part", range(20))
def test_much_that_is_damaged_is_read_or_refused(part: int) -> None:
    _many(range(1000 + part * 500, 1000 + part * 500 + 500))


def _many(numbers: range) -> None:
    for number in numbers:
        with tempfile.TemporaryDirectory() as name:
            try:
                _one(number, Path(name))
            except Exception as error:
                raise AssertionError(f"document {number}: {type(error).__name__}: {error}") from error
