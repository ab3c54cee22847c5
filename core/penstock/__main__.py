"""`penstock` and `python -m penstock`: the command line. Ctrl-C while it is still being imported is one line too."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    gc.disable()  # `cli.main` says why; its imports too make tens of thousands of objects of which none is to be collected
    try:
        from penstock.cli.main import main as command

        command()
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
