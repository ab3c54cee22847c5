"""What was said on the command line, as an integration takes it: one record of its own, which names all that it listens to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from penstock.errors import UsageError

OptionsT = TypeVar("OptionsT", bound=msgspec.Struct)


class NoOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of an integration that listens to none."""


def understood(options: Mapping[str, object], kind: type[msgspec.Struct]) -> dict[str, object]:
    """Those of the options that the record names; the rest is for other integrations."""
    return {name: options[name] for name in kind.__struct_fields__ if name in options}


def given(options: Mapping[str, object], kind: type[OptionsT]) -> OptionsT:
    """The options as that record. Raises UsageError for a value of another type."""
    try:
        return msgspec.convert(understood(options, kind), kind)
    except msgspec.ValidationError as error:
        raise UsageError(f"an option has a value that it cannot have: {error}") from None
