"""An option without a value is not an option that was left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.cli.main import cli
from penstock.cli.web import listen_arguments, web
from penstock.errors import PenstockError, UsageError


@pytest.mark.parametrize(
    "words",
    [
        ["-e", "", "status"],
        ["status", "-e", ""],
        ["-C", "", "status"],
        ["run", "--key", ""],
        ["run", "--group", ""],
        ["run", "--target", ""],
        ["plan", "--state", ""],
        ["lineage", "a", "--html", ""],
        ["why", "a", "--at", ""],
        ["up", "-e", ""],
        ["cancel", ""],
        ["retry", ""],
        ["logs", " "],
        ["why", " "],
        ["lineage", ""],
        ["airbyte", "check", ""],
        ["plan", "--vars", ""],
        ["run", "--start", " "],
        ["run", "--key", "\t"],
        ["-e", " ", "status"],
        ["plan", "--resource-type", ""],
        ["plan", "--resource-type", "model", "--resource-type", " "],
    ],
)
def test_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    (tmp_path / "penstock.yml").write_text("name: x\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="is empty"):
        cli.main(words, prog_name="penstock", standalone_mode=False)


def test_resume_alone_is_the_newest_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "penstock.yml").write_text("name: x\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PenstockError, match="nothing has run"):
        cli.main(["run", "--resume"], prog_name="penstock", standalone_mode=False)


@pytest.mark.parametrize("base", ["", "/penstock"])
def test_the_pages_that_a_daemon_serves_are_given_no_empty_option(base: str) -> None:
    """`up` starts `web` with its own options: one that was left out must not reach it as one that is empty."""
    given = {"host": "127.0.0.1", "port": 0, "base_path": base, "names": ["a.example"], "https": True}
    words = list(listen_arguments(given))
    assert "" not in words
    told = web.make_context("web", words).params
    assert {name: told[name] for name in ("host", "port", "base_path", "https")} == {
        name: given[name] for name in ("host", "port", "base_path", "https")
    }
