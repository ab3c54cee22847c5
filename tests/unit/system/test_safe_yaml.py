"""YAML from anybody: bombs, depth and broken values end in one sentence, quickly."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from penstock.errors import ConfigError
from penstock.project.positions import read_yaml
from penstock.system.safe_yaml import load_yaml, read_text


def bomb(levels: int = 9, width: int = 9) -> str:
    lines = ["name: x", "a0: &a0 [x, x, x]"]
    for level in range(1, levels):
        repeated = ",".join([f"*a{level - 1}"] * width)
        lines.append(f"a{level}: &a{level} [{repeated}]")
    return "\n".join(lines)


def merge_bomb() -> str:
    lines = ["a0: &a0 {k0: v}"]
    for level in range(1, 30):
        lines.append(f"a{level}: &a{level} {{<<: [*a{level - 1}, *a{level - 1}], k{level}: *a{level - 1}}}")
    return "\n".join(lines)


REFUSED = {
    "bomb": bomb(),
    "merge bomb": merge_bomb(),
    "recursive": "pools: &p\n  a: *p\n",
    "recursive list": "&a [*a]",
    "recursive merge": "&a {<<: *a}",
    "deep flow": "[" * 200_000 + "]" * 200_000,
    "deep flow, not closed": "{a: " * 200_000,
    "deep block": "- " * 200_000 + "x",
    "deep keys": "? " * 100_000 + "x",
    "deep by aliases": "a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 2000)),
    "no number": '!!int ""',
    "no float": '!!float ""',
    "no date": "2024-13-45",
    "odd timestamp": "!!timestamp x",
    "no truth": "!!bool perhaps",
    "a number too long": "9" * 5000,
    "half a character": "a: \ud83d",
    "a key that is a list": "{[a, [b]]: 1, ? {a: b} : 2}",
    "control": "a: \x07",
    "unclosed": "a: [1, 2",
    "tab": "a:\n\tb: 1",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_refused_in_one_line(text: str) -> None:
    for reader in (load_yaml, read_yaml):
        with pytest.raises(ConfigError) as told:
            reader(text, "penstock.yml")
        assert "\n" not in told.value.what
        assert len(told.value.what) < 300
        assert (told.value.where or "").startswith("penstock.yml")


def test_no_object_is_made() -> None:
    with pytest.raises(ConfigError):
        load_yaml("!!python/object/apply:os.system [ls]", "f")


def test_what_people_write_is_read() -> None:
    text = "base: &base {threads: 4}\ndev:\n  <<: *base\n  path: x.duckdb\nstart: 2024-01-01\nempty:\n"
    assert load_yaml(text, "f") == {
        "base": {"threads": 4},
        "dev": {"threads": 4, "path": "x.duckdb"},
        "start": datetime.date(2024, 1, 1),
        "empty": None,
    }
    assert load_yaml("", "f") is None


def test_a_large_document_without_aliases_is_no_bomb() -> None:
    text = "\n".join(f"- {{name: m{n}, tags: [a, b]}}" for n in range(5_000))
    assert len(load_yaml(text, "f")) == 5_000


def test_a_file_in_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "profiles.yml"
    file.write_bytes(b"shop:\n  # caf\xe9\n")
    with pytest.raises(ConfigError, match="0xe9") as told:
        read_text(file)
    assert (told.value.where or "").endswith("profiles.yml:2")
    file.write_bytes(b"\xef\xbb\xbfshop: 1\n")
    assert read_text(file) == "shop: 1\n"
