"""What is told when SQL cannot be read at all. What is read but not understood is a finding, not an error."""

from __future__ import annotations

from penstock.errors import UsageError


class LineageError(UsageError):
    """A statement that cannot be read. `dialect`, `line`, `column` (both from 1) and `text` say which part of it."""

    def __init__(
        self,
        what: str,
        *,
        dialect: str,
        line: int | None = None,
        column: int | None = None,
        text: str = "",
        hint: str | None = None,
    ) -> None:
        super().__init__(what, hint=hint)
        self.dialect = dialect
        self.line = line
        self.column = column
        self.text = text
