"""`penstock web`: the API and the pages, in the foreground."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import click

from penstock.cli import options
from penstock.cli.given import Given
from penstock.cli.output import unread_is_no_failure

F = TypeVar("F", bound=Callable[..., object])


def listen_options(command: F) -> F:
    """Where it listens, and by which names it is called. `penstock up` has them too."""
    for option in (
        click.option(
            "--https", is_flag=True, help="Browsers reach it over HTTPS through a proxy: set Secure cookies."
        ),
        click.option("--base-path", default="", metavar="PATH", help="The base path behind a proxy."),
        click.option(
            "--host-name",
            "names",
            multiple=True,
            metavar="NAME",
            help="A further host name to accept.",
        ),
        click.option(
            "--port",
            default=4400,
            show_default=True,
            type=click.IntRange(0, 65535),
            help="The port; 0 takes a free one.",
        ),
        click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on."),
    ):
        command = option(command)
    return command


def listen_arguments(given: Given) -> tuple[str, ...]:
    """The same options as words of a command line."""
    words = ["--host", given["host"], "--port", str(given["port"])]
    if given["base_path"]:
        words += ["--base-path", given["base_path"]]
    for name in given["names"]:
        words += ["--host-name", name]
    return (*words, *(["--https"] if given["https"] else []))


@click.command()
@listen_options
@click.option("--openapi", is_flag=True, help="Print the OpenAPI document and exit.")
@click.option("--until-eof", is_flag=True, hidden=True)
@options.place_options
def web(
    host: str,
    port: int,
    names: tuple[str, ...],
    base_path: str,
    https: bool,
    openapi: bool,
    until_eof: bool,
    **given: object,
) -> None:
    """Show the project in a browser: assets, graph, lineage, runs; and start, stop and retry them.

    On this machine nobody logs in: whoever opens the printed URL is you, and it can be used once. Once there is a user
    (penstock users add), everybody logs in, and it may listen where others reach it.
    """
    if openapi:
        _print_openapi()
        return
    workspace = options.workspace({**given, "as_json": True})
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        from penstock.errors import ToolMissing

        raise ToolMissing(
            "the web server needs starlette and uvicorn, which are not installed",
            hint="pip install 'penstock[web]'",
        ) from None
    import gc

    from penstock.cli.scheduled import read_command
    from penstock.web.serve import serve

    gc.enable()
    project = workspace.project
    serve(
        project.root,
        project.environment,
        host=host,
        port=port,
        names=names,
        base=base_path,
        https=https,
        command_of=read_command,
        say=_say,
        over=_end_of_input if until_eof else None,
    )


def _end_of_input() -> None:
    """Whoever started this holds the other end, and is gone when it closes."""
    while sys.stdin.buffer.read(4096):
        pass


def _say(line: str) -> None:
    with unread_is_no_failure():
        click.echo(line)


def _print_openapi() -> None:
    from importlib.metadata import version

    from penstock.cli.output import print_json
    from penstock.web.openapi import document
    from penstock.web.table import routes

    print_json(document(routes(), version("penstock")))
