"""Core knows no tool: a word of dbt stands only where the reason for it is written down here, and the list only shrinks."""

from __future__ import annotations

import re
import tokenize
from pathlib import Path

from tests.support import ROOT

CORE = ROOT / "core" / "penstock"
# What decides something by a word of dbt: a string that names a kind of node, a file or a flag of dbt.
WORDS = re.compile(
    r"^(dbt|dbt_.*|source|model|seed|snapshot|(source|model|seed|test|unit_test|snapshot)\..*|profiles(_dir)?"
    r"|.*profiles\.yml.*|.*dbt_project\.yml.*|full_refresh|event_time_(start|end)|favor_state|defer|warn_error)$"
)
# Why a word stands where it stands. dbt's flags, commands and files are declared by its integration (penstock.commandline).
REBUILD = "a word of our own for making anew, which every tool may listen to"
GRAMMAR = "selection is dbt's grammar, over all tools"
ALLOWED = {
    "change/editing.py": "a form of recipe",
    "change/deciding.py": REBUILD,
    "project/reuse.py": REBUILD,
    "alerts/channels.py": "a key of PagerDuty's own message",
    "assets/asset.py": "kinds of assets, in the field's words",
    "cli/sections.py": REBUILD,
    "graph/lost.py": "a noun of a sentence",
    "graph/select/methods.py": GRAMMAR,
    "graph/select/nodes.py": GRAMMAR,
    "graph/select/values.py": GRAMMAR,
    "service/branches.py": "a folder of our own",
    "service/columns.py": "a folder of our own",
    "service/contents.py": "a folder of our own",
    "service/falling.py": "a form of recipe: a seed is replaced where all is made anew",
    "service/flags.py": REBUILD,
    "service/observe.py": "a folder of our own",
    "service/recording.py": "a form of recipe: what makes a seed is its file alone",
}
# Rooms in which the words have a meaning of their own: SQL has sources and snapshots, the suites speak of models of tests.
OTHERS = ("lineage/", "testing/")


_QUOTES = re.compile(r"^[A-Za-z]*(\"{3}|'{3}|[\"'])|[\"']+$")


def named(path: Path) -> list[str]:
    """The string literals of a module that are a word of dbt as a whole; docstrings and messages are sentences."""
    with tokenize.open(path) as opened:
        tokens = [
            token.string
            for token in tokenize.generate_tokens(opened.readline)
            if token.type == tokenize.STRING
        ]
    return [text for text in tokens if WORDS.match(_QUOTES.sub("", text))]


def test_words_of_dbt_stand_only_where_it_is_said_why() -> None:
    found = {
        path.relative_to(CORE).as_posix(): words
        for path in sorted(CORE.rglob("*.py"))
        if (words := named(path)) and not path.relative_to(CORE).as_posix().startswith(OTHERS)
    }
    assert {name: words for name, words in found.items() if name not in ALLOWED} == {}
    assert ALLOWED.keys() - found.keys() == set(), "take it off the list: the word is gone"


def test_no_id_of_a_tool_is_taken_apart() -> None:
    prefix = re.compile(r"\.(id|unique_id)\.(startswith|partition|split|removeprefix)\(")
    found = [
        f"{path.relative_to(CORE)}:{number}"
        for path in sorted(CORE.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if prefix.search(line)
    ]
    assert found == []
