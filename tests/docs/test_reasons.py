"""The page of reasons names every code that can be decided."""

from __future__ import annotations

import re

from penstock.service.why import OTHERWISE
from tests.support import ROOT

CORE = ROOT / "core" / "penstock"


def test_every_code_is_explained() -> None:
    page = (ROOT / "docs" / "reference" / "reasons.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    listed = {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}
    texts = [path.read_text(encoding="utf-8") for path in (CORE / "change").glob("*.py")]
    texts += [(CORE / "plan" / "planner.py").read_text(encoding="utf-8")]
    texts += [(CORE / "service" / "reusing.py").read_text(encoding="utf-8")]
    used = {
        code
        for text in texts
        for code in re.findall(
            r"""_build\(\s*"([a-z-]+)"|Decision\.\w+, "([a-z-]+)"|code="([a-z-]+)\"""", text
        )
        for code in code
        if code
    }
    assert {"same", "new-data", "first", "refused", "unrecorded"} <= used
    assert used <= listed
    assert OTHERWISE.keys() <= listed
