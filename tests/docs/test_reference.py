"""The docs say what is: every command, setting and error has its heading, and the page of commands is the commands' own."""

from __future__ import annotations

import inspect
import re

import pytest

from penstock import errors
from penstock.cli.main import COMMANDS
from penstock.project.document import OWN_KEYS
from tests.docs import api
from tests.docs.commands import PAGE, page
from tests.support import ROOT

REFERENCE = ROOT / "docs" / "reference"


def headings(name: str) -> set[str]:
    text = (REFERENCE / name).read_text(encoding="utf-8")
    return {line.removeprefix("## ").split(" (")[0] for line in text.splitlines() if line.startswith("## ")}


def test_the_page_of_commands_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.docs.commands"


def test_the_page_of_the_api_is_up_to_date() -> None:
    assert api.PAGE.read_text(encoding="utf-8") == api.page(), "write it anew: python -m tests.docs.api"


def test_every_setting_has_a_heading() -> None:
    from penstock import registry

    assert headings("project-file.md") == {*OWN_KEYS, *registry.names()}


def test_every_error_has_a_heading() -> None:
    found = {
        name
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.PenstockError) and kind.__module__ == errors.__name__
    }
    assert headings("errors.md") == found


def test_every_json_document_has_a_heading() -> None:
    texts = {
        name: (ROOT / "core/penstock/cli" / f"{module}.py").read_text()
        for name, (module, _) in COMMANDS.items()
    }
    printing = {name for name, text in texts.items() if "json_option" in text} - {"build", "retry"}
    assert headings("json.md") == printing


@pytest.mark.parametrize(
    "file", sorted(p.relative_to(ROOT).as_posix() for p in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
)
def test_links_lead_somewhere(file: str) -> None:
    path = ROOT / file
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_the_changelog_has_a_line_for_every_command() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if name not in text] == []
