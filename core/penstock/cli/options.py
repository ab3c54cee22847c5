"""Options that commands share, and how a command opens its workspace."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from penstock.cli.completing import asset_names
from penstock.cli.given import Given
from penstock.cli.output import QUIET
from penstock.cli.toolflags import tool_options, tool_values
from penstock.service.flags import FAIL_FAST, PASSED_ON, REBUILD, Scope

if TYPE_CHECKING:
    from penstock.plan import Plan
    from penstock.service.planning import RunRequest
    from penstock.service.workspace import Workspace

F = TypeVar("F", bound=Callable[..., object])


def place_options(command: F) -> F:
    """-C and -e after the command's name too."""
    for option in (
        click.option(
            "-e", "--env", "environment", metavar="ENV", help="The environment of penstock.yml to work in."
        ),
        click.option("-C", "directory", metavar="DIR", help="Work as if started in DIR."),
    ):
        command = option(command)
    return command


def select_options(command: F) -> F:
    """-s/--select, --exclude, --selector; names may also stand as plain arguments."""
    for option in (
        click.option(
            "--indirect-selection",
            type=click.Choice(["eager", "cautious", "buildable", "empty"]),
            help="Which tests are selected with the models, as in dbt.",
        ),
        click.option(
            "--exclude-resource-type",
            "--exclude-resource-types",
            "exclude_resource_types",
            multiple=True,
            metavar="TYPE",
            help="Exclude these resource types.",
        ),
        click.option(
            "--resource-type",
            "--resource-types",
            "resource_types",
            multiple=True,
            metavar="TYPE",
            help="Include only these resource types.",
        ),
        click.option("--selector", metavar="NAME", help="The name of a selector in selectors.yml."),
        click.option(
            "--exclude",
            multiple=True,
            metavar="SELECT",
            help="Exclude these.",
            shell_complete=asset_names,
        ),
        click.option(
            "-s",
            "--select",
            "-m",
            "--models",
            "select",
            multiple=True,
            metavar="SELECT",
            help="What to select, in dbt's selection syntax, across all tools.",
            shell_complete=asset_names,
        ),
        click.argument("names", nargs=-1, metavar="[SELECT]...", shell_complete=asset_names),
    ):
        command = option(command)
    return tool_options(Scope.SELECT)(command)


def look_options(command: F) -> F:
    """What changes what a tool's project is (another target, other variables), and -q: every command that observes has them."""
    return tool_options(Scope.LOOK)(quiet_option(command))


def json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


# What a command may print in place of its text, by the parameter: one of them at a time.
DRAWN = {"as_dot": "--dot", "as_mermaid": "--mermaid", "html_file": "--html"}
_FORMS = {
    "as_json": "--json",
    **DRAWN,
    "markdown": "--markdown",
    "sarif": "--sarif",
}


def refuse_two_forms(given: Given) -> None:
    """One output has one form: of two the one that is left out would seem to have been printed."""
    asked = [written for name, written in _FORMS.items() if given.get(name)]
    if len(asked) > 1:
        from penstock.errors import UsageError

        raise UsageError(
            f"{' and '.join(asked)} do not go together", hint=f"leave out all but one, e.g. {asked[0]} alone"
        )


def limit_option(what: str, default: int) -> Callable[[F], F]:
    """-n/--limit: how many of `what` a list shows."""
    return click.option(
        "-n",
        "--limit",
        default=default,
        show_default=True,
        type=click.IntRange(min=1),
        help=f"How many {what} to list.",
    )


def quiet_option(command: F) -> F:
    """-q/--quiet. It is kept in the context, where `output.is_quiet` finds it; no command takes it as an argument."""

    def keep(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        ctx.meta[QUIET] = value

    return click.option(
        "-q",
        "--quiet",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=keep,
        help="No progress and no hints; of what is done, only errors and the last line.",
    )(command)


def start_option(command: F) -> F:
    return click.option(
        "--start",
        metavar="ask|never|always|SELECTION",
        help="Whether to start remote jobs that may cost money (Airbyte syncs), or which of them.",
    )(command)


def refresh_option(command: F) -> F:
    return click.option("--refresh", is_flag=True, help="Refresh all metadata first.")(command)


_SELECTING = ("indirect_selection", "resource_types", "exclude_resource_types")


def seen_options(given: Given) -> dict[str, object]:
    """What was given of `look_options` and `select_options`, as the service takes it. Raises UsageError for unreadable --vars."""
    return {
        **tool_values(given, Scope.LOOK, Scope.SELECT),
        **{name: given.get(name) for name in _SELECTING},
    }


def hold(records: object) -> None:
    """Keep what a command has found until the process ends: to free the records of a large graph takes as long as to print it."""
    click.get_current_context().find_root().ensure_object(dict).setdefault("held", []).append(records)


def workspace(given: Given, options: dict[str, object] | None = None, *, reads_sql: bool = True) -> Workspace:
    """The workspace that -C and -e (before or after the command's name) mean. Says so when there is no penstock.yml."""
    from penstock.cli import streams
    from penstock.cli.empty import refuse_empty
    from penstock.cli.output import hint, progress_line
    from penstock.service.workspace import open_workspace

    if reads_sql:
        from penstock.cli.process import quiet_libraries

        quiet_libraries()
    refuse_empty(click.get_current_context())
    refuse_two_forms(given)
    parent = click.get_current_context().find_root().obj or {}
    directory = given.get("directory") or parent.get("directory")
    environment = given.get("environment") or parent.get("environment")
    if given.get("base_environment"):
        _ensure_branch(directory, environment, given)
    found = open_workspace(
        Path(directory) if directory else Path.cwd(),
        environment=environment,
        options=options,
        progress=progress_line().show,
        secrets=streams.known_secrets(),
    )
    if found.project.implied and not given.get("as_json"):
        hint(
            f"no penstock.yml: {found.project.root.name} is taken as a {found.project.tool} project alone (penstock init writes one)"
        )
    return found


def _ensure_branch(directory: str | None, environment: str | None, given: Given) -> None:
    """The environment of a branch, made as a copy of its base where it is not there yet."""
    from penstock.cli.output import progress_line
    from penstock.errors import UsageError
    from penstock.service.branches import ensure_branch

    if not environment:
        raise UsageError(
            "--base needs the name of the environment that is made", hint="add -e NAME, e.g. -e pr-123"
        )
    ensure_branch(
        Path(directory) if directory else Path.cwd(),
        environment,
        given["base_environment"],
        lives=given.get("lives"),
        progress=progress_line().show,
    )


def base_options(command: F) -> F:
    """--base and --lives: an environment of a branch."""
    for option in (
        click.option(
            "--lives", metavar="TIME", help="How long that environment is kept: 7d, 12h (env drop --expired)."
        ),
        click.option(
            "--base",
            "base_environment",
            metavar="ENV",
            help="Make -e ENV, which penstock.yml does not name, as a copy of this environment.",
        ),
    ):
        command = option(command)
    return command


def selection(given: Given) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    """(include, exclude, selector) from the options of `select_options`."""
    return (*given["select"], *given["names"]), tuple(given["exclude"]), given["selector"]


def narrows(given: dict[str, object]) -> bool:
    """Whether anything was asked for in particular."""
    words = ("select", "names", "exclude", "selector", "resource_types", "exclude_resource_types")
    return any(given[word] for word in words)


def run_options(command: F) -> F:
    """How steps run; kept in the plan, and given to every step whose tool listens to it."""
    for option in (
        click.option("-x", "--fail-fast", is_flag=True, help="Start nothing new after the first failure."),
        click.option(
            "-f", "--full-refresh", is_flag=True, help="Rebuild incremental models and tables from scratch."
        ),
    ):
        command = option(command)
    return tool_options(Scope.RUN)(command)


def reuse_option(command: F) -> F:
    return click.option(
        "--no-reuse", is_flag=True, help="Build everything that is selected, even if it is up to date."
    )(command)


def control_options(command: F) -> F:
    """How the run itself behaves; what is not given is as `runs` in penstock.yml says."""
    for option in (
        click.option(
            "--on-timeout",
            type=click.Choice(["cancel", "keep"]),
            help="What to do with a remote job that times out: cancel it, or keep it for --resume.",
        ),
        click.option(
            "--on-exit",
            type=click.Choice(["ask", "keep", "cancel"]),
            help="What to do with remote jobs at Ctrl-C. A second Ctrl-C and SIGTERM always keep them.",
        ),
        click.option(
            "--max-steps",
            type=click.IntRange(min=1),
            help="Maximum number of steps that run at the same time.",
        ),
        click.option("--timeout", metavar="TIME", help="Timeout of one attempt of a step: 90s, 2h."),
        click.option("--retries", type=click.IntRange(min=0), help="How often a failed step is tried again."),
        click.option(
            "--overlap",
            type=click.Choice(["queue", "replace", "reject"]),
            help="What to do when another run of the group is active: wait, cancel it, or do not run.",
        ),
        click.option(
            "--group", metavar="NAME", help="Concurrency group: only one run of a group is active at a time."
        ),
    ):
        command = option(command)
    return command


def controlled(workspace: Workspace, plan: Plan, given: Given) -> Plan:
    """The plan with what the options of `control_options` say; a plan of a former run keeps the rest. Raises UsageError."""
    from penstock.service.control import Control, attached

    said = Control(**{name: given[name] for name in Control.__struct_fields__})
    return attached(plan, said, workspace.project.document.runs)


def asked(given: Given, *, checks: bool, wakes: bool = False) -> RunRequest:
    """What the selection and run options of a command ask for. `wakes`: a run follows."""
    from penstock.service import permission
    from penstock.service.planning import RunRequest

    permit, start = permission.said(given.get("start"))
    include, exclude, selector = selection(given)
    said = tool_values(given, Scope.SELECT, Scope.RUN) | {
        name: given.get(name) for name in (REBUILD, FAIL_FAST)
    }
    flags = {name: value for name, value in said.items() if value}
    if given.get("passed_on"):
        flags[PASSED_ON] = list(given["passed_on"])
    return RunRequest(
        include=include,
        exclude=exclude,
        selector=selector,
        checks=checks,
        options=flags,
        refresh=bool(given.get("refresh")),
        reuse=not given.get("no_reuse"),
        wakes=wakes,
        permit=permit,
        start=start,
    )


def split_arguments(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(selection, what stands after `--` on the command line): that goes to the tools that take arguments, as it is.

    click drops the `--` itself, so the number of words behind it is counted in what was typed.
    """
    typed = sys.argv[1:]
    behind = len(typed) - typed.index("--") - 1 if "--" in typed else 0
    cut = len(names) - behind
    return names[:cut], names[cut:]
