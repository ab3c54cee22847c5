"""`penstock doctor`: what is in order, what is not, and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.output import clear_progress, count, is_quiet, print_json, say
from penstock.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from penstock.assets import Finding
    from penstock.integration import Diagnosis
    from penstock.service.health import Report

_SHOWN_PER_CODE = 5


@click.command(cls=SectionedCommand)
@options.json_option
@click.option("--all", "show_all", is_flag=True, help="Show every finding, not only the first of each kind.")
@click.option(
    "--offline",
    is_flag=True,
    help="Start no connector and make no network calls; list what is then not checked.",
)
@options.look_options
@options.place_options
def doctor(**given: object) -> None:
    """Check configuration, tools, versions and connectivity, and list findings (alias: debug). Exit code 1 when something is wrong.

    Each connector is installed and its own check is run. What could not be checked is listed.
    """
    from penstock.cli.scheduled import read_command
    from penstock.service.health import examine

    workspace = options.workspace(given, options.seen_options(given))
    report = examine(workspace, read_command, may_call=not given["offline"])
    if given["as_json"]:
        from penstock.service.doctorpage import doctor_document

        print_json(doctor_document(report))
    else:
        clear_progress()
        for line in report.lines:
            if not is_quiet() or not line.ok:
                _print_line(line)
        if is_quiet():
            click.echo(_totals(report))
        else:
            _print_findings(report.findings, show_all=bool(given["show_all"]))
    if not report.ok:
        raise click.exceptions.Exit(1)


def _print_line(line: Diagnosis) -> None:
    mark, colour = _mark(line)
    click.echo(click.style(mark, fg=colour), nl=False)
    say(f"  {line.subject}: {line.message}", below="", before=len(mark))
    if line.hint:
        say(f"       {line.hint}")
    if line.unchecked:
        say(f"       not checked: {line.unchecked}")


def _totals(report: Report) -> str:
    wrong = sum(not line.ok for line in report.lines)
    unsure = sum(line.ok and bool(line.unchecked) for line in report.lines)
    told = [f"{count(len(report.lines), 'check')}, {wrong} wrong"]
    if unsure:
        told.append(f"{unsure} not to the end")
    return ", ".join([*told, count(len(report.findings), "finding")])


def _mark(line: Diagnosis) -> tuple[str, str]:
    """The word and its colour. `ok?`: right as far as was checked."""
    if not line.ok:
        return "WRONG", "red"
    return ("ok?  ", "yellow") if line.unchecked else ("ok   ", "green")


def _print_findings(findings: tuple[Finding, ...], *, show_all: bool) -> None:
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(finding)
    for code, found in sorted(by_code.items()):
        click.echo(f"\n{count(len(found), 'finding')}: {code}")
        for finding in found if show_all else found[:_SHOWN_PER_CODE]:
            say(f"  {finding.message}")
            if finding.hint:
                say(f"    {finding.hint}")
        if not show_all and len(found) > _SHOWN_PER_CODE:
            click.echo(f"  ... and {len(found) - _SHOWN_PER_CODE} more (--all shows them)")
