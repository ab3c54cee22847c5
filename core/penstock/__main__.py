"""`penstock` and `python -m penstock`: the command line. Ctrl-C while it is still being imported is one line too."""

from __future__ import annotations

import sys


def main() -> None:
    try:
        from penstock.cli.main import main as command

        command()
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
