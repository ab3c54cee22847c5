"""`${VAR}`, `${VAR:-default}` and `${file:PATH}` in values, resolved when an integration is used, not before.

Every value that came from outside is remembered, so that logs and errors can blot it out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penstock.errors import ConfigError, MissingVariable

_REFERENCE = re.compile(r"\$(?:(\$)|\{([^}]*)\})")
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)
_SHORTEST_SECRET = 4  # blotting out "1" or "dev" would blot out the log


class Resolver:
    """Resolves references in one document. `secrets` grows with each value taken from the environment or a file."""

    def __init__(self, environ: Mapping[str, str], root: Path) -> None:
        self._environ = environ
        self._root = root
        self.secrets: set[str] = set()

    def resolve(self, value: Any, where: str) -> Any:
        """`value` with every reference in its strings replaced. Raises MissingVariable, ConfigError."""
        if isinstance(value, str):
            return self._text(value, where) if "$" in value else value
        if isinstance(value, dict):
            return {key: self.resolve(child, where) for key, child in value.items()}
        if isinstance(value, list):
            return [self.resolve(child, where) for child in value]
        return value

    def _text(self, text: str, where: str) -> Any:
        whole = _REFERENCE.fullmatch(text)
        if whole and not whole[1]:
            return _scalar(self._reference(whole[2], where))
        return _REFERENCE.sub(lambda m: "$" if m[1] else self._reference(m[2], where), text)

    def _reference(self, reference: str, where: str) -> str:
        if reference.startswith("file:"):
            path = self._root / Path(reference[5:]).expanduser()
            try:
                return self._remember(path.read_text().rstrip("\r\n"))
            except OSError as error:
                raise ConfigError(
                    f"cannot read ${{file:{reference[5:]}}}: {error.strerror}", where=where
                ) from None
        match = _VARIABLE.fullmatch(reference)
        if not match:
            raise ConfigError(
                f"cannot read ${{{reference}}}",
                where=where,
                hint="write ${VAR}, ${VAR:-default} or ${file:path}; $$ is a plain $",
            )
        value = self._environ.get(match[1])
        if value:
            return self._remember(value)
        if match[2] is not None:
            return match[2]
        raise MissingVariable(match[1], where=where)

    def _remember(self, value: str) -> str:
        if len(value) >= _SHORTEST_SECRET:
            self.secrets.add(value)
        return value

    def redact(self, text: str) -> str:
        """`text` without any value that came from the environment or a file."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "****")
        return text


def _scalar(text: str) -> Any:
    """A value that is one whole reference keeps YAML's plain types: `${PORT}` may fill an integer."""
    if re.fullmatch(r"-?[1-9][0-9]{0,17}|0", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text)
