"""The selectors.yml of a dbt project, as it is written. What a definition means is not known here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from penstock.errors import ConfigError
from penstock.system.files import is_file
from penstock.system.safe_yaml import load_yaml, read_text


def selectors(root: Path, settings: Mapping[str, object]) -> dict[str, object]:
    """By name; {} without a project or without the file. Raises ConfigError for what is no list of selectors."""
    folder = settings.get("project")
    path = root / folder / "selectors.yml" if isinstance(folder, str) else None
    if path is None or not is_file(path):
        return {}
    data = load_yaml(read_text(path, path.name), path.name)
    listed = data.get("selectors") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise ConfigError("expected a list under 'selectors'", where=path.name)
    return {str(entry.get("name")): entry for entry in listed if isinstance(entry, dict)}
