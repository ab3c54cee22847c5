"""The tour of the house is true: what it names is there, and no room of core is left out."""

from __future__ import annotations

import re
import tomllib

from tests.support import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`((?:core|integrations|manifests|tests|docs|examples)/[\w./-]*?)/?`")
FUNCTION = re.compile(r"`([\w/.]+\.py)`\s+\(`(\w+)`\)")


def test_what_is_named_is_there() -> None:
    named = NAMED.findall(TEXT)
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_named_functions_are_where_it_is_said() -> None:
    named = FUNCTION.findall(TEXT)
    assert len(named) == 3
    assert [
        (path, name)
        for path, name in named
        if not re.search(rf"def {name}\(", (ROOT / path).read_text(encoding="utf-8"))
    ] == []


def test_every_room_has_its_sentence_in_the_order_of_the_contract() -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = document["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    tour = TEXT[TEXT.index("### A tour of core") : TEXT.index("### Four paths")]
    said = re.findall(r"^- `core/penstock/(\w+)(?:\.py)?`: .+", tour, flags=re.MULTILINE)
    rooms = [room for layer in reversed(layers) for room in layer.split(" | ")]
    assert said == [room for room in rooms if room != "__main__"]
