"""The drawn forms of a comparison: within the limit of a comment, with nothing in them that is not text."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from penstock.assets import AssetKey, AssetKind
from penstock.change.revision import AssetChange, Level
from penstock.change.revision import TestChange as Changed
from penstock.report.document import DiffDocument
from penstock.report.lines import lines
from penstock.report.markdown import LIMIT, code, escaped, markdown
from penstock.system.terminal import printable
from tests.property.diff_projects import MODELS, compared, project

CHANGED = {
    **MODELS,
    "stg_orders": MODELS["stg_orders"].replace("upper(status) as status, ", ""),
    "stg_items": MODELS["stg_items"].replace("cents / 100.0", "cents / 10.0"),
}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> DiffDocument:
    return compared(project(tmp_path_factory.mktemp("shop")), CHANGED)


def large(document: DiffDocument, number: int) -> DiffDocument:
    one = document.comparison.assets[0]
    many = tuple(
        msgspec.structs.replace(one, name=f"model_with_a_long_name_{at}", key=AssetKey("x", str(at)), everything="because " * 20)
        for at in range(number)
    )  # fmt: skip
    edges = tuple(
        (f"model_with_a_long_name_{at}", f"model_with_a_long_name_{at + 1}") for at in range(number - 1)
    )
    return msgspec.structs.replace(
        document, comparison=msgspec.structs.replace(document.comparison, assets=many, edges=edges)
    )


def test_what_matters_comes_first(document: DiffDocument) -> None:
    text = markdown(document)
    places = [
        text.index(words)
        for words in ("will not build", "**Breaks**", "**Contracts", "**Changed by", "**Cost**")
    ]
    assert places == sorted(places)
    assert "`cents / 100.0` | `cents / 10.0`" in text
    assert "```mermaid" in text


def test_no_line_begins_a_list_within_a_list(document: DiffDocument) -> None:
    changes = tuple(
        Changed(name="not_null_x", what=what, asset="x") for what in ("added", "removed", "changed")
    )
    comparison = msgspec.structs.replace(document.comparison, tests=changes)
    text = markdown(msgspec.structs.replace(document, comparison=comparison, failing=("one",)))
    assert "- removed: not\\_null\\_x of x" in text
    assert re.findall(r"^- [-+*~!] ", text, re.MULTILINE) == []


def test_a_comment_keeps_its_limit_and_says_what_it_left_out(document: DiffDocument) -> None:
    text = markdown(large(document, 3000))
    assert len(text) <= LIMIT
    assert "Left out to fit a comment" in text
    assert "**Breaks**" in text
    assert len(markdown(large(document, 300), limit=5000)) <= 5000


def test_a_drawing_has_sixty_nodes_at_the_most(document: DiffDocument) -> None:
    assert "too many to draw" in markdown(large(document, 61))
    drawn = markdown(large(document, 60))
    assert len(re.findall(r"^  n\d+\[", drawn, re.MULTILINE)) == 60


@pytest.mark.parametrize(
    "name", ["a|b", "<img src=x>", "@everyone", "[x](y)", "`tick`", "a_b_c", "#12", "~~x~~"]
)
def test_names_are_text(document: DiffDocument, name: str) -> None:
    asset = AssetChange(
        name=name, key=AssetKey("x", name), kind=AssetKind.TABLE, form="table", what="changed", level=Level.DATA, own=True,
        everything=name,
    )  # fmt: skip
    comparison = msgspec.structs.replace(document.comparison, assets=(asset,), edges=((name, name),))
    text = markdown(msgspec.structs.replace(document, comparison=comparison))
    assert "<img" not in text
    assert "@everyone" not in text
    assert printable(text) == text, "it goes through stdout, which writes out letters without width"
    row = next(line for line in text.splitlines() if line.startswith("| **"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 4


def test_code_spans_hold_whatever_is_in_them() -> None:
    assert code("a ` b") == "``a ` b``"
    assert code("`a`") == "`` `a` ``"
    assert code("a || b") == "`a \\|\\| b`"
    assert escaped("a\nb") == "a b"


def test_lines_say_it_for_a_terminal(document: DiffDocument, tmp_path: Path) -> None:
    text = [line for line, _ in lines(document)]
    assert text[0] == "breaks: 1 thing will not build"
    assert any("orders: memory.main.stg_orders has no column status" in line for line in text)
    assert any("cents / 100.0 -> cents / 10.0" in line for line in text)
