"""What several suites need: corpora, and a free port. No test and no fixture of one suite's own."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CORPORA = ROOT.parent / "shared" / "corpora"


def corpus(name: str) -> Path:
    """The folder of a large real project's artefacts (manifest.json.gz, catalog.json.gz); skips where it is absent."""
    folder = CORPORA / name
    if not folder.is_dir():
        pytest.skip(f"corpus {name} is not on this machine")
    return folder


def corpus_bytes(name: str, document: str) -> bytes:
    """The unzipped text of `manifest` or `catalog` of a corpus."""
    return gzip.decompress((corpus(name) / f"{document}.json.gz").read_bytes())


def unzip_corpus(name: str, folder: Path) -> Path:
    """manifest.json and catalog.json of a corpus, unzipped into `folder`."""
    for document in ("manifest", "catalog"):
        (folder / f"{document}.json").write_bytes(corpus_bytes(name, document))
    return folder


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
