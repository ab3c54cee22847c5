"""The page on selection: each method has its heading, and its examples are read by the grammar that it describes."""

from __future__ import annotations

import re

import pytest

from penstock.errors import SelectionError
from penstock.graph.select import select
from penstock.graph.select.methods import METHODS, NEED_MORE
from penstock.graph.select.spec import INDIRECT
from tests.support import ROOT
from tests.unit.graph import estate

PAGE = (ROOT / "docs" / "reference" / "selection.md").read_text()
HEADED = set(re.findall(r"^### `(\w+)[:.]`$", PAGE, re.MULTILINE))
EXAMPLES = sorted(set(re.findall(r"`((?:[@\d]*\+?)\w+(?:\.[\w.]+)?:[^\s`:]+)`", PAGE)))


def test_every_method_has_a_heading_and_every_heading_a_method() -> None:
    assert {*METHODS, *NEED_MORE, "selector", "column"} == HEADED


def test_every_mode_is_explained() -> None:
    assert all(f"| `{mode}`" in PAGE for mode in INDIRECT)


@pytest.mark.parametrize("term", EXAMPLES)
def test_an_example_is_understood(term: str) -> None:
    """Whether it finds anything is the project's business; that it is read, and refused only for want of more, is ours."""
    graph = estate.graph()
    known = {"nightly": "tag:nightly"}
    if any(f"{method}:" in term for method in (*NEED_MORE, "column")):
        with pytest.raises(SelectionError, match="needs"):
            select(graph, [term])
    else:
        select(graph, [term], selectors=known, projects=["shop"])
