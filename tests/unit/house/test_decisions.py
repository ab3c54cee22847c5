"""Decision records are numbered: one number each, none left out, and what speaks of a record names one that is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.support import ROOT

FOLDER = ROOT / "docs" / "decisions"
MENTION = re.compile(r"\bdecisions?[ /](\d{4})\b")


def numbers() -> list[int]:
    return sorted(int(path.name.split("-")[0]) for path in FOLDER.iterdir())


def texts() -> Iterator[tuple[str, str]]:
    for folder, pattern in (
        ("core", "*.py"),
        ("integrations", "*.py"),
        ("manifests", "*.py"),
        ("docs", "*.md"),
    ):
        for path in (ROOT / folder).rglob(pattern):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    for path in ROOT.glob("*.md"):
        yield path.name, path.read_text(encoding="utf-8")


def test_every_number_is_used_once() -> None:
    assert numbers() == list(range(1, len(numbers()) + 1)), sorted(path.name for path in FOLDER.iterdir())


def test_a_name_is_a_number_and_words() -> None:
    wrong = [path.name for path in FOLDER.iterdir() if not re.fullmatch(r"\d{4}(-[a-z0-9]+)+\.md", path.name)]
    assert wrong == []


def test_a_title_has_no_other_number() -> None:
    """A record that is renumbered is moved; a number in its title would stay behind."""
    for path in FOLDER.iterdir():
        title = path.read_text(encoding="utf-8").splitlines()[0]
        said = re.match(r"# (?:Decision )?(\d+)[.:]", title)
        assert said is None, f"{path.name}: the number stands in the name of the file, not in '{title}'"


def test_mentioned_records_are_there() -> None:
    lost = [
        (file, number)
        for file, text in texts()
        for number in MENTION.findall(text)
        if int(number) not in numbers()
    ]
    assert lost == []
