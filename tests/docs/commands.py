"""The page of commands, made from the commands themselves: `python -m tests.docs.commands` writes it anew."""

from __future__ import annotations

import click

from penstock.cli.main import ALIASES, COMMANDS, cli
from tests.support import ROOT

PAGE = ROOT / "docs" / "reference" / "commands.md"


def page() -> str:
    """The whole page as it should stand in the docs."""
    context = click.Context(cli, info_name="penstock", **cli.context_settings)
    parts = [
        "# Commands\n",
        "Made from the commands' own help. `-C DIR` and `-e ENV` may stand before or after the command.\n",
    ]
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        aliases = [alias for alias, of in ALIASES.items() if of == name]
        title = f"## {name}" + (f" (also {', '.join(aliases)})" if aliases else "")
        inner = click.Context(
            command, parent=context, info_name=name, max_content_width=110, terminal_width=110
        )
        parts.append(f"{title}\n\n```\n{command.get_help(inner).rstrip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
