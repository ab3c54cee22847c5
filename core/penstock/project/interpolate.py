"""`${VAR}`, `${VAR:-default}` and `${file:PATH}` in values, resolved when an integration is used, not before.

Every value that came from outside is remembered, so that logs and errors can blot it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from penstock.errors import ConfigError, MissingVariable
from penstock.project.positions import YamlPath
from penstock.system.redaction import Secrets, names_a_secret

_REFERENCE = re.compile(r"\$(?:(\$)|\{([^}]*)\})")
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)
_LARGEST = 1 << 20  # a secret is no data file, and a device has no end


class Resolver:
    """Resolves references in one document. `secrets` grows with each value taken from the environment or a file."""

    def __init__(self, environ: Mapping[str, str], root: Path, secrets: Secrets | None = None) -> None:
        self._environ = environ
        self._root = root
        self.secrets = Secrets() if secrets is None else secrets

    def resolve(self, value: object, path: YamlPath, place: Callable[[YamlPath], str]) -> object:
        """`value` with every reference in its strings replaced. `place` tells where a key below `path` stands.

        Raises MissingVariable, ConfigError.
        """
        if isinstance(value, str):
            return self._text(value, place(path)) if "$" in value else value
        if isinstance(value, dict):
            return self.resolved(value, path, place)
        if isinstance(value, list):
            return [self.resolve(child, (*path, at), place) for at, child in enumerate(value)]
        return value

    def resolved(
        self, settings: dict[str, object], path: YamlPath, place: Callable[[YamlPath], str]
    ) -> dict[str, object]:
        """See `resolve`."""
        return {key: self.resolve(child, (*path, key), place) for key, child in settings.items()}

    def _text(self, text: str, where: str) -> object:
        whole = _REFERENCE.fullmatch(text)
        if whole and not whole[1]:
            return _scalar(self._reference(whole[2], where))
        return _REFERENCE.sub(lambda m: "$" if m[1] else self._reference(m[2], where), text)

    def _reference(self, reference: str, where: str) -> str:
        if reference.startswith("file:"):
            content = self._file(reference[5:], where)
            self.secrets.add(content)
            return content
        match = _VARIABLE.fullmatch(reference)
        if not match:
            raise ConfigError(
                f"cannot read ${{{reference}}}",
                where=where,
                hint="write ${VAR}, ${VAR:-default} or ${file:path}; $$ is a plain $",
            )
        value = self._environ.get(match[1])
        if value:
            (self.secrets.add if names_a_secret(match[1]) else self.secrets.add_given)(value)
            return value
        if match[2] is not None:
            return match[2]
        raise MissingVariable(match[1], where=where)

    def _file(self, name: str, where: str) -> str:
        wrong = f"cannot read ${{file:{name}}}"
        try:
            path = self._root / Path(name).expanduser()
            if not path.is_file():
                what = "no file" if path.exists() else "it does not exist"
                raise ConfigError(f"{wrong}: {what if name else 'no file is named'}", where=where)
            with path.open("rb") as file:
                data = file.read(_LARGEST + 1)
        except OSError as error:
            raise ConfigError(f"{wrong}: {error.strerror}", where=where) from None
        except (RuntimeError, ValueError) as error:  # ~nobody/x, a NUL
            raise ConfigError(f"{wrong}: {error}", where=where) from None
        if len(data) > _LARGEST:
            raise ConfigError(f"{wrong}: it is larger than 1 MB", where=where)
        try:
            return data.decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError:
            raise ConfigError(
                f"{wrong}: it is not UTF-8 text", where=where, hint="encode it, e.g. base64 or PEM"
            ) from None


def _scalar(text: str) -> object:
    """A value that is one whole reference keeps YAML's plain types: `${PORT}` may fill an integer."""
    if re.fullmatch(r"-?[1-9][0-9]{0,17}|0", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text)
