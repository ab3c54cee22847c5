"""The asset list, the first time and unchanged: CPU seconds of whole processes, beside json.loads of the manifest.

`python -m tests.perf.assets [CORPUS ...]`: jaffle, tuva and spellbook_dex by default.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.perf.measure import clean_environ, median, process
from tests.support import CORPORA, unzip_corpus

PENSTOCK = [sys.executable, "-m", "penstock"]
LOADS = "import json, pathlib; json.loads(pathlib.Path('manifest.json').read_bytes())"


def main() -> None:
    env = clean_environ()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process([*PENSTOCK, "--help"], folder, env)  # compiles what is not compiled yet
        for corpus in sys.argv[1:] or ("jaffle", "tuva", "spellbook_dex"):
            if not (CORPORA / corpus).is_dir():
                print(f"{corpus}: not on this machine")
                continue
            _listed(unzip_corpus(corpus, made_folder(folder / corpus)), corpus, env)


def made_folder(folder: Path) -> Path:
    folder.mkdir()
    (folder / "penstock.yml").write_text("dbt:\n  corpus: {manifest: manifest.json, catalog: catalog.json}\n")
    return folder


def _listed(folder: Path, corpus: str, env: dict[str, str]) -> None:
    floor, _ = median(3, lambda: process([sys.executable, "-c", LOADS], folder, env))

    def first() -> tuple[float, float]:
        shutil.rmtree(folder / ".penstock", ignore_errors=True)
        return process([*PENSTOCK, "assets"], folder, env)

    new, _ = median(5, first)
    again, _ = median(7, lambda: process([*PENSTOCK, "assets"], folder, env))
    print(
        f"{corpus}: assets first {new:.2f} s CPU (budget 0.60 at 2,000 models), unchanged {again:.2f} s (0.25); "
        f"json.loads of the manifest alone {floor:.2f} s"
    )


if __name__ == "__main__":
    main()
