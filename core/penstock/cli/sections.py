"""The long `--help` of run, build, retry and plan, its options in sections. Decides nothing about what an option does."""

from __future__ import annotations

import click

SECTIONS: dict[str, tuple[str, ...]] = {
    "Selection": (
        "select", "exclude", "selector", "resource_types", "exclude_resource_types", "indirect_selection", "no_tests",
        "state",
    ),
    "dbt's flags": (
        "full_refresh", "threads", "fail_fast", "empty", "sample", "event_time_start", "event_time_end", "defer",
        "clone", "favor_state", "warn_error", "target", "vars_text", "profile", "profiles_dir",
    ),
    "Run control": (
        "resume", "key", "start", "no_reuse", "refresh", "retries", "timeout", "max_steps", "group", "overlap", "on_exit",
        "on_timeout",
    ),
    "Output": ("dry_run", "show_all", "as_json", "quiet"),
}  # fmt: skip
_REST = "Other options"


class SectionedCommand(click.Command):
    """Shows its options below the titles of `SECTIONS`, in their order there; what has no section comes last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = {
            param.name: record
            for param in self.get_params(ctx)
            if isinstance(param, click.Option) and (record := param.get_help_record(ctx)) is not None
        }
        named = {name for names in SECTIONS.values() for name in names}
        rest = tuple(name for name in records if name not in named)
        for title, names in (*SECTIONS.items(), (_REST, rest)):
            if rows := [records[name] for name in names if name in records]:
                with formatter.section(title):
                    formatter.write_dl(rows)
