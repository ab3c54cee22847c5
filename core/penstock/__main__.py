"""`python -m penstock`: the same as the command."""

from penstock.cli.main import main

main()
