"""The one error of the readers: which file, where in it, and what was expected there."""

from __future__ import annotations


class ManifestError(ValueError):
    """A document cannot be read: truncated, not JSON, of another kind, or with a value of the wrong type.

    `file` is the name the caller gave, `path` a JSON path (`$.nodes["model.shop.orders"].fqn`), `expected` what a
    reader hoped for there, `found` what it met instead.
    """

    def __init__(self, file: str, path: str, expected: str, found: str | None = None) -> None:
        met = f", found {found}" if found else ""
        super().__init__(f"{file}: at {path}: expected {expected}{met}")
        self.file = file
        self.path = path
        self.expected = expected
        self.found = found
