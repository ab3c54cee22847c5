"""What of a node means nothing to its rows: what describes it, and how the text of an incremental model is laid out. Reads no file."""

from __future__ import annotations

import re
from collections.abc import Mapping

from penstock_manifests.dbt import Node

_DESCRIBING = ("tags", "meta", "group", "docs")
# A Jinja block is kept as it is; so is what is quoted. What a comment holds is dropped, unless dbt renders it or it is a hint.
_PIECE = re.compile(
    r"(?P<jinja_comment>\{#.*?#\})|(?P<jinja>\{%.*?%\}|\{\{.*?\}\})|(?P<quoted>'[^']*'|\"[^\"]*\"|`[^`]*`)"
    r"|(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<space>\s+)|(?P<sign>.)",
    re.DOTALL,
)
# Where a dialect quotes in another way, or has another kind of comment, the text is taken as it stands.
# So is one with a block of text that may come to stand within quotes, where a space counts.
_DOUBTFUL = ("\\", "$", "#", "'''", '"""', "/*+", "--+", "/*!", "endset", "endcall", "endfilter", "endmacro")
_BLOCKS = (("{", "}"), ("%", "%"))


def laid_out_plainly(text: str) -> str:
    """A template without its comments, and with one space for many: two that are equal so render to the same SQL but for its form.
    The text itself where that is not certain."""
    doubtful = text.replace("{#", "").replace("#}", "")
    if any(mark in doubtful for mark in _DOUBTFUL):
        return text
    pieces: list[str] = []
    for found in _PIECE.finditer(text):
        kind, piece = found.lastgroup, found[0]
        if kind == "sign" and (piece in "'\"`{" or text.startswith("/*", found.start())):
            return text  # a quote, a block or a comment without its end
        if kind == "quoted" and any(
            piece.count(f"{{{sign}") != piece.count(f"{end}}}") for sign, end in _BLOCKS
        ):
            return text  # quotes within a block within quotes: which of them belong together is not certain
        if kind == "comment" and "{" in piece:
            return text  # dbt renders what a comment of SQL holds
        if kind in ("comment", "space", "jinja_comment"):
            pieces.append(" ")
        else:
            pieces.append(piece)
    return re.sub(r" +", " ", "".join(_quotes_apart(pieces))).strip()


def _quotes_apart(pieces: list[str]) -> list[str]:
    """Spaces within quotes and blocks are no layout."""
    return [piece.replace(" ", "\0") if len(piece) > 1 else piece for piece in pieces]


def metadata_of(node: Node, config: Mapping[str, object]) -> dict[str, object]:
    """What describes a node, by name."""
    columns = {one.name: one.description for one in node.columns.values() if one.description}
    found: dict[str, object] = {"description": node.description, "descriptions of columns": columns}
    found |= {name: config.get(name) for name in _DESCRIBING}
    return {name: value for name, value in found.items() if value}
