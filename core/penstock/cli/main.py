"""The entry point: finds the command, and turns every error into one message and an exit code. Imports commands late."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
from collections.abc import Callable
from importlib import import_module

import click

from penstock.cli import signals, streams

# name -> (module below penstock.cli, one line of help). Help for the group must not import what commands need.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "Write penstock.yml from what is found here."),
    "doctor": ("doctor", "Check configuration, tools and connectivity; list findings with their fix."),
    "refresh": ("refresh", "Refresh all metadata."),
    "ingest": ("ingest", "Record runs that happened elsewhere from their artefacts."),
    "assets": ("assets", "List the assets of all tools as one graph."),
    "lineage": ("lineage", "Show the lineage of an asset or a column across tools."),
    "plan": ("plan", "Show what would run, what would not, and why."),
    "why": ("why", "Explain why an asset is built or not, now or in a run."),
    "diff": ("diff", "Show what a change will do, by column, before it is merged."),
    "env": ("env", "See and drop the environments of branches: list, drop."),
    "drift": ("drift", "Show schema changes at the sources, and what they break."),
    "run": ("run", "Build the selected assets in dependency order."),
    "build": ("run", "Like run, with tests."),
    "retry": ("run", "Run again what failed or was skipped."),
    "runs": ("runs", "List runs, or show one."),
    "logs": ("logs", "Show the log of a run or step."),
    "cancel": ("cancel", "Stop a run."),
    "status": ("status", "Show the last materialization of each asset, with rows and checks."),
    "cost": ("cost", "Show what was spent, by asset, run, owner or tag."),
    "up": ("up", "Run the daemon: schedules, automation and the web pages."),
    "freshness": ("freshness", "Show the age of the data against its freshness promises."),
    "policy": ("freshness", "Show the settings of an asset, and the line that sets each."),
    "automation": ("automation", "Inspect and control automation: status, next, pause, resume."),
    "users": ("people", "Manage the users of the web server and their rights."),
    "tokens": ("people", "Manage API tokens."),
    "web": ("web", "Show and control the project in a browser."),
    "incidents": ("incidents", "List incidents, one for each root cause."),
    "alerts": ("alerts", "Test alert channels, or look for incidents once: test, check."),
    "airbyte": ("airbyte", "Manage one connection: check, discover, state, clear, refresh."),
    "store": ("store", "Maintain the run store: check, prune, migrate."),
}
ALIASES = {"ls": "assets", "debug": "doctor"}


class _Commands(click.Group):
    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        _say_to_the_shell(ctx, self)
        return super().get_params(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        module = import_module(f"penstock.cli.{COMMANDS[name][0]}")
        found: click.Command = getattr(module, name)
        _say_to_the_shell(ctx, found)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and args[0] not in ALIASES and not args[0].startswith("-"):
            from penstock.errors import nearest_names

            near = nearest_names(args[0], (*COMMANDS, *ALIASES), limit=1)
            guess = f" Did you mean '{near[0]}'?" if near else ""
            from penstock.service.flags import said_here

            if (known := said_here(args[0])) is not None:
                guess = f" What {known[0]} does with it is here: penstock {known[1]}"
            raise click.UsageError(f"No such command '{args[0]}'.{guess}", ctx)
        return super().resolve_command(ctx, args)


def _say_to_the_shell(ctx: click.Context, command: click.Command) -> None:
    """When a shell asks how a line may go on, and not when the line is run."""
    if ctx.resilient_parsing:
        from penstock.cli.completing import complete

        complete(command)


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"penstock {version('penstock')}")
        ctx.exit()


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
)
@click.option("-C", "directory", metavar="DIR", help="Work as if started in DIR.")
@click.option("-e", "--env", "environment", metavar="ENV", help="The environment of penstock.yml to work in.")
@click.pass_context
def cli(ctx: click.Context, directory: str | None, environment: str | None) -> None:
    """One asset graph for Airbyte, dbt and the warehouse: inspect it down to the column, and run it."""
    ctx.ensure_object(dict).update(directory=directory, environment=environment)


def main() -> None:
    """`penstock`: runs a command and exits with its code: 0 good, 1 something failed, 2 usage or configuration."""
    # A command is short and its records form no cycles: collecting them costs a third of its time. A run turns it on again.
    gc.disable()
    ended: list[int] = []
    found: dict[str, object] = {}  # holds what the command has found (`options.hold`) until the process ends
    atexit.register(_leave, ended, found)  # the first to be registered: called after all others
    signals.keep_interrupts()
    streams.prepare()
    code = _code(lambda: cli.main(prog_name="penstock", standalone_mode=False, obj=found))
    if code >= 0:
        code = _code(streams.flush) or code  # a full disk and a closed pipe may show only here
    if code < 0:
        streams.abandon()
        code = -code
    ended.append(code)
    sys.exit(code)


def _leave(ended: list[int], found: dict[str, object]) -> None:
    """A short command ends without taking its records (`found`) apart one by one: the system frees them all at once. Threads
    have ended and all else that is called at the end has been; but for what watches the command, which was there before."""
    if ended and not gc.isenabled() and not _watched():
        with contextlib.suppress(OSError, ValueError):
            streams.flush()
        os._exit(ended[0])


def _watched() -> bool:
    """By a debugger, a profiler or a measure of coverage: those write what they saw after this."""
    monitoring = getattr(sys, "monitoring", None)
    tools = map(monitoring.get_tool, range(6)) if monitoring is not None else ()
    return sys.gettrace() is not None or sys.getprofile() is not None or any(tools)


def _code(command: Callable[[], object]) -> int:
    """The exit code; below zero when the reader of our output went away (`| head`): nothing to say, and nobody to say it to."""
    try:
        code = command()
    except click.exceptions.Exit as leave:
        code = leave.exit_code
    except click.Abort as stopped:
        if isinstance(stopped.__context__, EOFError):
            return _say("nobody answered the question", 1)
        return _say(*signals.told(stopped.__context__))
    except click.ClickException as wrong:
        return _wrong(wrong)
    except KeyboardInterrupt as interrupt:
        return _say(*signals.told(interrupt))
    except Exception as error:
        if streams.unread(error):
            return -signals.code_of(error)
        ended_by = signals.behind(error)
        return _failure(error) if ended_by is None else _say(*signals.told(ended_by))
    return code if isinstance(code, int) else 0


def _wrong(error: click.ClickException) -> int:
    from penstock.errors import shortened

    is_help = isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ()))  # click 8.1 has none
    short = click.UsageError(shortened(error.message), getattr(error, "ctx", None))
    (error if is_help or short.message == error.message else short).show()
    return error.exit_code


def _failure(error: Exception) -> int:
    from penstock.errors import PenstockError

    if os.environ.get("PENSTOCK_TRACEBACK"):
        raise error
    if isinstance(error, PenstockError):
        return _say(str(error), error.exit_code)
    if isinstance(error, OSError):
        return _say(_told(error), 1)
    if isinstance(error, UnicodeEncodeError) and error.encoding == "ascii":
        return _say(
            f"this locale has no files named like {error.object!r:.80}\n  set a locale of UTF-8: LC_ALL=C.UTF-8",
            1,
        )
    return _say(
        f"internal error: {type(error).__name__}: {error}\n"
        "  this is a defect of penstock; PENSTOCK_TRACEBACK=1 shows where",
        1,
    )


def _told(error: OSError) -> str:
    """What the system refused, and where: an error of writing may not know it, and then the disks are asked."""
    from penstock.system.space import full_places, is_full

    words = str(error.strerror or error)
    if not is_full(error):
        return f"{error.filename}: {words}" if error.filename else words
    places = [str(error.filename)] if error.filename else full_places()
    return f"{', '.join(places)}: {words}\n  free some space there" if places else words


def _say(message: str, code: int) -> int:
    from penstock.cli.output import say

    say(f"error: {message}", err=True)
    return code
