"""dbt's documents on disk -> read records. Files in, records out; a file that is missing or broken is one clear error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from penstock.errors import DocumentError
from penstock.system.files import regular_bytes
from penstock_dbt.translate import Documents
from penstock_manifests.dbt import read_catalog, read_manifest, read_run_results, read_sources
from penstock_manifests.document import Document
from penstock_manifests.errors import ManifestError

T = TypeVar("T")


class ArtefactPaths(msgspec.Struct, frozen=True, kw_only=True):
    """Where the documents are. All but the manifest may be absent; `required` are those the user has named."""

    manifest: Path
    catalog: Path
    run_results: Path
    sources: Path
    required: frozenset[str] = frozenset({"manifest"})

    @property
    def all(self) -> tuple[Path, ...]:
        return (self.manifest, self.catalog, self.run_results, self.sources)


def beside(manifest: Path) -> ArtefactPaths:
    """The other documents where dbt writes them: beside the manifest."""
    suffix = ".json.gz" if manifest.name.endswith(".gz") else ".json"
    folder = manifest.parent
    return ArtefactPaths(
        manifest=manifest,
        catalog=folder / f"catalog{suffix}",
        run_results=folder / f"run_results{suffix}",
        sources=folder / f"sources{suffix}",
    )


def load(paths: ArtefactPaths) -> Documents:
    """Read them all. Raises DocumentError."""
    manifest = read(paths.manifest, "manifest", read_manifest)
    catalog = _optional(paths, "catalog", read_catalog)
    run_results = _optional(paths, "run_results", read_run_results)
    sources = _optional(paths, "sources", read_sources)
    notices = manifest.notices
    for document in (catalog, run_results, sources):
        notices += document.notices if document else ()
    return Documents(
        manifest=manifest.content,
        manifest_version=manifest.schema.version,
        catalog=catalog.content if catalog else None,
        run_results=run_results.content if run_results else None,
        sources=sources.content if sources else None,
        notices=notices,
    )


def read(path: Path, name: str, reader: Callable[[bytes, str], T]) -> T:
    """One document. Raises DocumentError for a file that is missing, unreadable or not what it should be."""
    data = file_bytes(path, name)
    try:
        return reader(data, str(path))
    except ManifestError as error:
        raise unreadable(error, path, name) from None


def unreadable(error: ManifestError, path: Path, name: str) -> DocumentError:
    """A reader's error as ours."""
    found = f", found {error.found}" if error.found else ""
    return DocumentError(
        f"not a readable {name}: at {error.path}: expected {error.expected}{found}",
        where=str(path),
        hint="let dbt write it anew (dbt parse, dbt docs generate), or correct the path in penstock.yml",
    )


def file_bytes(path: Path, name: str) -> bytes:
    """A file's bytes, unzipped where its name ends in .gz. Raises DocumentError."""
    try:
        data = regular_bytes(path)
        return _unzipped(data) if path.name.endswith(".gz") else data
    except FileNotFoundError:
        hint = f"dbt writes it; correct `{name}:` in penstock.yml if it is elsewhere"
        raise DocumentError(f"there is no {name} here", where=str(path), hint=hint) from None
    except OSError as error:
        raise DocumentError(f"the {name} cannot be read: {error}", where=str(path)) from None


def _unzipped(data: bytes) -> bytes:
    """Raises OSError for what is no whole gzip file."""
    import gzip
    import zlib

    try:
        return gzip.decompress(data)
    except (EOFError, zlib.error) as error:
        raise OSError(str(error)) from None


def _optional(
    paths: ArtefactPaths, name: str, reader: Callable[[bytes, str], Document[T]]
) -> Document[T] | None:
    path: Path = getattr(paths, name)
    return read(path, name, reader) if name in paths.required or path.is_file() else None
