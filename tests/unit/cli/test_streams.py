"""What goes out of the process: one knowledge of what is secret for both streams."""

from __future__ import annotations

import io
import sys

import pytest

from penstock.cli.streams import Screen, known_secrets


def test_both_streams_hide_what_becomes_known_later(monkeypatch: pytest.MonkeyPatch) -> None:
    written = {name: io.BytesIO() for name in ("stdout", "stderr")}
    for name, buffer in written.items():
        monkeypatch.setattr(sys, name, Screen(buffer, encoding="utf-8", write_through=True))
    known = known_secrets()
    assert known is not None
    assert known_secrets() is known
    known.add("a-token-of-somebody")
    for name, buffer in written.items():
        getattr(sys, name).write("said a-token-of-somebody")
        assert buffer.getvalue() == b"said ****", name
