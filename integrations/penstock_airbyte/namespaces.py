"""Which schema a stream's table lies in, by its namespace at the source: Airbyte's own three ways, in its own words. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

_PLACE = re.compile(
    r"\$?\{SOURCE_NAMESPACE\}"
)  # as `${...}`, a value of penstock.yml is a variable of the environment


class NamespaceDefinition(StrEnum):
    """All tables in the destination's schema; each in one that is called like its stream's namespace; or by a format."""

    DESTINATION = "destination"
    SOURCE = "source"
    CUSTOM_FORMAT = "custom_format"


class Schemas:
    """The schemas of one connection: `default` is the destination's, for streams without a namespace too."""

    def __init__(
        self, definition: NamespaceDefinition, written: str, rule: Callable[[str], str], default: str
    ) -> None:
        self._definition = definition
        self._written = written
        self._rule = rule
        self.default = default

    def of(self, namespace: str | None) -> str:
        match self._definition:
            case NamespaceDefinition.SOURCE:
                wanted = namespace or ""
            case NamespaceDefinition.CUSTOM_FORMAT:
                wanted = _PLACE.sub(lambda found: namespace or "", self._written)
            case _:
                wanted = ""
        return self._rule(wanted.strip()) or self.default

    @property
    def by_stream(self) -> bool:
        """Whether a stream's schema is known only with its namespace."""
        return self._definition is not NamespaceDefinition.DESTINATION
