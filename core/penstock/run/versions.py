"""Which data each asset holds, as far as this run knows: what it made itself, and what lay there when it began."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.assets import AssetKey, DataVersion, DataVersionKind
from penstock.integration import AttemptKey


class Versions:
    """Two versions are compared by equality only; an asset of which nothing is known has none."""

    def __init__(self) -> None:
        self._known: dict[AssetKey, DataVersion] = {}

    def found(self, lying_there: Mapping[AssetKey, DataVersion | None]) -> None:
        """What the store knew before the run made anything (or before it was gone on with)."""
        for key, version in lying_there.items():
            if version is not None:
                self._known[key] = version

    def made(
        self, key: AssetKey, attempt: AttemptKey, version: DataVersion | None, *, changed: bool
    ) -> DataVersion:
        """An asset was made. The tool may tell its version; else it is new data, unless the tool had nothing to do."""
        before = self._known.get(key)
        if version is not None:
            told = version
        elif before is not None and not changed:
            told = before
        else:
            told = DataVersion(DataVersionKind.JOB, str(attempt))
        self._known[key] = told
        return told

    def of(self, keys: Iterable[AssetKey]) -> dict[str, DataVersion | None]:
        """What reading these assets means now; None: not known."""
        return {str(key): self._known.get(key) for key in keys}
