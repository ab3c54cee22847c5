"""`penstock users` and `penstock tokens`: who may use the web server, and for what."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.given import Given
from penstock.cli.output import hint, print_json, table

if TYPE_CHECKING:
    from penstock.cli.options import F
    from penstock.service.people import Grant

_ROLES = click.Choice(["viewer", "operator", "editor", "admin"])


def _grant_options(command: F) -> F:
    for option in (
        click.option("--see-data", is_flag=True, help="Include SQL, expressions and logs."),
        click.option("-s", "--select", default="", metavar="SELECT", help="Only for these assets."),
        click.option("--in", "where", default="*", metavar="ENV", help="Only in this environment."),
        click.option("--role", type=_ROLES, default="viewer", show_default=True, help="The role."),
    ):
        command = option(command)
    return command


def _grant(given: Given) -> Grant:
    from penstock.service.accounts import grant

    return grant(given["role"], given["where"], given["select"], see_data=given["see_data"])


def _words(grants: tuple[Grant, ...]) -> str:
    return "; ".join(
        one.role.value
        + (f" in {one.environment}" if one.environment != "*" else "")
        + (f" over {one.select}" if one.select else "")
        + (", sees data" if one.see_data else "")
        for one in grants
    )


def _password() -> str:
    """Typed twice at a terminal; else the first line of stdin. Never an argument: those are seen by everybody."""
    if sys.stdin.isatty():
        found: str = click.prompt("password", hide_input=True, confirmation_prompt=True)
        return found
    return sys.stdin.readline().rstrip("\n")


@click.group()
def users() -> None:
    """Who logs in to penstock web, and what they may do. Once there is a user, everybody logs in."""


@users.command("list")
@options.json_option
@options.place_options
def list_users(**given: object) -> None:
    """List the users and their rights."""
    from penstock.service.accounts import opened
    from penstock.service.documents import dated

    with opened(options.workspace(given)) as accounts:
        found = accounts.people()
    if given["as_json"]:
        print_json({"format": 1, "users": dated(found)})
    elif not found:
        hint("no users: on this machine nobody logs in; add one: penstock users add NAME --role admin")
    else:
        table(("USER", "RIGHTS"), [(one.name, _words(one.grants)) for one in found])


@users.command("add")
@click.argument("name")
@_grant_options
@options.place_options
def add_user(name: str, **given: object) -> None:
    """Add a user. The password is asked for, or read from stdin."""
    from penstock.service.accounts import opened

    with opened(options.workspace(given)) as accounts:
        accounts.add(name, _password(), (_grant(given),))
    click.echo(f"{name} may log in: {_words((_grant(given),))}")


@users.command("grant")
@click.argument("name")
@click.option("--only", is_flag=True, help="Replace all earlier rights.")
@_grant_options
@options.place_options
def grant_user(name: str, only: bool, **given: object) -> None:
    """Give a user a further right, or (--only) this one alone."""
    from penstock.service.accounts import opened

    with opened(options.workspace(given)) as accounts:
        before = next((one.grants for one in accounts.people() if one.name == name), ())
        grants = (_grant(given),) if only else (*before, _grant(given))
        accounts.change(name, grants=tuple(dict.fromkeys(grants)))
    click.echo(f"{name}: {_words(tuple(dict.fromkeys(grants)))}")


@users.command("password")
@click.argument("name")
@options.place_options
def password(name: str, **given: object) -> None:
    """Set a new password, and end every session of the user."""
    from penstock.service.accounts import opened

    with opened(options.workspace(given)) as accounts:
        accounts.change(name, password=_password())
    click.echo(f"{name} has a new password, and is logged out everywhere")


@users.command("remove")
@click.argument("name")
@options.place_options
def remove_user(name: str, **given: object) -> None:
    """Remove a user with all sessions and tokens. The audit keeps the name."""
    from penstock.service.accounts import opened

    with opened(options.workspace(given)) as accounts:
        accounts.remove(name)
    click.echo(f"{name} is removed")


@click.group()
def tokens() -> None:
    """Tokens for programs that use the API: each of one user, and never more than that user may."""


@tokens.command("list")
@options.json_option
@options.place_options
def list_tokens(**given: object) -> None:
    """List the tokens, without their secrets."""
    from penstock.service.accounts import opened
    from penstock.service.documents import dated

    with opened(options.workspace(given)) as accounts:
        found = accounts.tokens()
    if given["as_json"]:
        print_json({"format": 1, "tokens": dated(found)})
        return
    if not found:
        hint("no tokens; make one: penstock tokens add USER")
        return
    rows = [
        (one.id, one.user, _words(one.limits), "revoked" if one.revoked_at else "", one.about)
        for one in found
    ]
    table(("TOKEN", "USER", "RIGHTS", "", "FOR"), rows)


@tokens.command("add")
@click.argument("user")
@click.option("--for", "about", default="", metavar="TEXT", help="What it is for.")
@click.option(
    "--days", type=click.FloatRange(min=0.001), default=90, show_default=True, help="How long it is valid."
)
@_grant_options
@options.place_options
def add_token(user: str, about: str, days: float, **given: object) -> None:
    """Create a token for a user. Its secret is printed once."""
    from penstock.service.accounts import opened

    with opened(options.workspace(given)) as accounts:
        identity, secret = accounts.make_token(user, about, (_grant(given),), days)
    hint(f"token {identity}: send it as  Authorization: Bearer TOKEN")
    click.echo(secret)


@tokens.command("revoke")
@click.argument("token")
@options.place_options
def revoke_token(token: str, **given: object) -> None:
    """Revoke a token at once."""
    from penstock.service.accounts import opened

    with opened(options.workspace(given)) as accounts:
        accounts.revoke(token)
    click.echo(f"token {token} is revoked")
