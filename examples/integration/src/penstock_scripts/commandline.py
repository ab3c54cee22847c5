"""The flags of the scripts, as `penstock run --help` shows them. It is read before every command, so it imports nothing else."""

from __future__ import annotations

from penstock.commandline import Commandline, Effect, Flag, Kind

COMMANDLINE = Commandline(
    title="Flags of scripts",
    flags=(
        Flag(field="strict", names=("--strict",), help="Stop a script at the first command that fails."),
        Flag(
            field="limit",
            names=("--limit",),
            kind=Kind.COUNT,
            metavar="ROWS",
            effect=Effect.OTHER_DATA,
            help="Give the scripts $LIMIT: make so many rows at most.",
        ),
    ),
)
