"""The path below which a server is shown: it stands in headers and in pages, so that few characters are left."""

from __future__ import annotations

import pytest

from penstock.errors import UsageError
from penstock.web.serve import _base


@pytest.mark.parametrize(
    ("given", "path"),
    [("", ""), ("/", ""), ("penstock", "/penstock"), ("/tools/penstock-1.2/", "/tools/penstock-1.2")],
)
def test_what_a_base_path_may_be(given: str, path: str) -> None:
    assert _base(given) == path


@pytest.mark.parametrize(
    "given", ["/caf\u00e9", "/a//b", "/a/../b", "/.", "/a b", "/<b>", "/a?b", "/a#b", "/a%2fb", "/a\n"]
)
def test_what_it_may_not_be(given: str) -> None:
    with pytest.raises(UsageError, match="--base-path"):
        _base(given)
