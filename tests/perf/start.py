"""Start-up: CPU seconds of `penstock --help`, beside a bare interpreter."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.perf.measure import clean_environ, median, process

PENSTOCK = [sys.executable, "-m", "penstock"]


def main() -> None:
    env = clean_environ()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process([*PENSTOCK, "--help"], folder, env)
        bare, _ = median(7, lambda: process([sys.executable, "-c", "pass"], folder, env))
        helped, _ = median(7, lambda: process([*PENSTOCK, "--help"], folder, env))
    print(f"bare interpreter {bare:.3f} s CPU; penstock --help {helped:.3f} s CPU (budget 0.10)")


if __name__ == "__main__":
    main()
