"""The lineage page in a real browser, wide and as on a phone: the start in view, words in one piece, nothing left alone.

Skipped where there is no Chromium.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

from penstock.service.follow import Branch, Shaping, Trail
from penstock.service.page import html

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")]
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1500,1000"
)
MEASURE = """
const page = frame.contentWindow, at = frame.contentDocument, view = at.querySelector('.picture');
const shown = () => [...at.querySelectorAll('svg')].find(one => page.getComputedStyle(one).display !== 'none');
const inside = (one, other) => one.left < other.right && one.right > other.left && one.top < other.bottom && one.bottom > other.top;
const seen = () => inside(shown().querySelector('.start').getBoundingClientRect(), view.getBoundingClientRect());
const names = () => [...shown().querySelectorAll('.box')].map(one => one.dataset.name);
const rows = [...at.querySelectorAll('td')].filter(one => one.textContent.length > 20);
const found = { width: at.documentElement.scrollWidth, narrowest: Math.min(...rows.map(one => one.clientWidth)), seen: seen(), all: names() };
at.getElementById('direct').click();
document.body.textContent = JSON.stringify({ ...found, values: names(), seen_values: seen() });
"""


def branch(at: int, below: tuple[Branch, ...] = ()) -> Branch:
    return Branch(
        name=f"a_long_schema_name.a_long_table_name_{at}",
        column=f"a_column_with_a_long_name_{at}",
        kind="table",
        made_by="dbt shop",
        subtype="TRANSFORMATION",
        expression=f"coalesce(one_expression_{at}, another_expression_{at}, 0) * 100 / nullif(total_amount, 0)",
        shaped_by=(Shaping(f"filter_{at}", "flag", "FILTER", "flag = 1", "resolved", "table", "dbt shop"),),
        branches=below,
    )


def chain(length: int) -> tuple[Branch, ...]:
    found: tuple[Branch, ...] = ()
    for at in range(length):
        found = (branch(at, found),)
    return found


TRAIL = Trail(start=branch(99), upstream=chain(12), downstream=tuple(branch(at) for at in range(100, 112)))


def measured(folder: Path, width: int, height: int) -> Any:
    frame = f'<iframe id="frame" style="width:{width}px;height:{height}px;border:0" srcdoc="{escape(html(TRAIL))}"></iframe>'
    outer = f"<!doctype html><body>{frame}<script>const frame = document.getElementById('frame'); frame.onload = () => {{{MEASURE}}};</script>"
    page = folder / "outer.html"
    page.write_text(outer, encoding="utf-8")
    command = [
        str(BROWSER),
        *QUIET.split(),
        f"--user-data-dir={folder / 'browser'}",
        "--dump-dom",
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r"<body>(\{.*\})</body>", done.stdout, re.DOTALL)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(unescape(found[1]))


@pytest.mark.parametrize(("width", "height"), [(1400, 900), (390, 844)])
def test_the_page_can_be_read(width: int, height: int, tmp_path: Path) -> None:
    found = measured(tmp_path, width, height)
    assert found["seen"]
    assert found["seen_values"]
    assert found["width"] <= width
    assert found["narrowest"] >= 100
    assert {name for name in found["all"] if name.startswith("filter_")}
    assert set(found["values"]) == {name for name in found["all"] if not name.startswith("filter_")}
