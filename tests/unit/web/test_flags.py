"""Flags of tools from the browser: those that the tools declare, as values that can be nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.errors import UsageError
from penstock.service.flags import given, offered


def test_what_is_offered_names_no_folder_and_no_document() -> None:
    fields = {one.flag.field for one in offered()}
    assert {"threads", "empty", "warn_error", "event_time_start"} <= fields
    assert not fields & {"state", "profiles_dir", "vars", "target", "profile", "clone"}


@pytest.mark.parametrize(
    "said",
    [{"state": "/etc"}, {"vars": "{a: 1}"}, {"clone": True}, {"target": "prod"}, {"nothing": True}, {"args": "--x"},
     {"threads": 0}, {"threads": True}, {"threads": "4"}, {"threads": 10**9}, {"empty": "yes"}, {"empty": 1},
     {"event_time_start": "--x"}, {"event_time_start": "{{ x }}"}, {"event_time_start": "../x"}, {"sample": "x" * 50},
     {"event_time_start": "2026-01-01\n--x"}],
)  # fmt: skip
def test_what_is_no_plain_value_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        given(said)


def test_what_is_off_is_left_out() -> None:
    said: dict[str, bool | int | str] = {
        "empty": False,
        "threads": 4,
        "event_time_start": "2026-01-01 00:00:00",
    }
    assert given(said) == {"threads": 4, "event_time_start": "2026-01-01 00:00:00"}
