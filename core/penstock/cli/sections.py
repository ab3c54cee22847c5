"""The long `--help` of a command with many options, in sections. Decides nothing about what an option does."""

from __future__ import annotations

import click

from penstock.cli.toolflags import ToolCommand, ToolOption

_SELECTION = "Selection"
SECTIONS: dict[str, tuple[str, ...]] = {
    "The daemon": ("once", "no_web"),
    "The web pages": ("host", "port", "names", "base_path", "https"),
    "The question": ("run", "not_built", "at", "by", "since", "kept", "discover", "offline", "instance"),
    "The trail": ("upstream", "downstream", "depth", "direct", "check_all"),
    "A text of SQL": ("sql_file", "dialect", "schema_file"),
    _SELECTION: (
        "select", "exclude", "selector", "resource_types", "exclude_resource_types", "indirect_selection", "no_tests",
    ),
    "Run control": (
        "full_refresh", "fail_fast", "resume", "key", "start", "no_reuse", "retries", "timeout", "max_steps",
        "base_environment", "lives", "group", "overlap", "on_exit", "on_timeout",
    ),
    "Output": (
        "dry_run", "show_all", "as_json", "as_mermaid", "as_dot", "html_file", "markdown", "sarif",
        "check", "fail_on", "post", "quiet",
    ),
}  # fmt: skip
_REST = "Other options"


class SectionedCommand(ToolCommand):
    """Shows its options below the titles of `SECTIONS`, and those of each tool below the tool's; what has no section comes last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        shown: dict[str, list[tuple[str, str]]] = {}
        for title, params in self._sections(ctx).items():
            shown[title] = [row for param in params if (row := param.get_help_record(ctx)) is not None]
        for title, rows in shown.items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def _sections(self, ctx: click.Context) -> dict[str, list[click.Parameter]]:
        options = {param.name: param for param in self.get_params(ctx) if isinstance(param, click.Option)}
        tools = [param for param in options.values() if isinstance(param, ToolOption)]
        placed = {name for names in SECTIONS.values() for name in names} | {param.name for param in tools}
        found: dict[str, list[click.Parameter]] = {}
        for title, names in SECTIONS.items():
            found[title] = [options[name] for name in names if name in options]
            if title == _SELECTION:
                for param in tools:
                    found.setdefault(param.title, []).append(param)
        found[_REST] = [param for name, param in options.items() if name not in placed]
        return found
