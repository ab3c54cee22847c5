"""How two clocks are compared: a time is rather told too late than too early."""

from __future__ import annotations

import time

from penstock.integration import clock_ahead


def test_what_an_answer_took_is_counted_to_it() -> None:
    assert clock_ahead(time.time) >= 0
    behind = clock_ahead(lambda: time.time() - 3600)
    assert behind >= 3600
