"""`python -m assistant users`: accounts of a shared server, made by whoever runs it."""

import sys
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands import fail_cleanly
from assistant.errors import ConfigurationError
from assistant.settings import load_settings

if TYPE_CHECKING:
    from assistant.accounts.store import Accounts

users = typer.Typer(no_args_is_help=True, help="Accounts for a shared server (ASSISTANT_LOGIN=required).")

Name = Annotated[str, typer.Argument(help="The account's name.", show_default=False)]
Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of the stores [default: data/].", show_default=False)
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


@users.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option("--role", help="ask, or add: may also add papers.")] = "ask",
    data: Data = None,
    debug: Debug = False,
) -> None:
    """Make an account; the password is asked for, or read from standard input."""
    with fail_cleanly(debug):
        _accounts(data).add(name, _password(), role)
        typer.echo(f"{name} may log in ({role})")


@users.command("list")
def show(data: Data = None, debug: Debug = False) -> None:
    """Name, role and number of API tokens of each account."""
    with fail_cleanly(debug):
        for user in _accounts(data).users():
            typer.echo(f"{user.name}\t{user.role}\t{user.tokens} token{'s' * (user.tokens != 1)}")


@users.command()
def remove(name: Name, data: Data = None, debug: Debug = False) -> None:
    """Forget an account, its tokens and its sessions, at once."""
    with fail_cleanly(debug):
        _accounts(data).remove(name)
        typer.echo(f"{name} is removed")


@users.command()
def role(
    name: Name,
    role: Annotated[str, typer.Argument(help="ask, or add: may also add papers.", show_default=False)],
    data: Data = None,
    debug: Debug = False,
) -> None:
    """Give an account another role, from its next request on."""
    with fail_cleanly(debug):
        _accounts(data).set_role(name, role)
        typer.echo(f"{name} has the role {role}")


@users.command()
def password(name: Name, data: Data = None, debug: Debug = False) -> None:
    """Set another password, and end the account's sessions; asked for, or read from standard input."""
    with fail_cleanly(debug):
        _accounts(data).set_password(name, _password())
        typer.echo(f"{name} has another password")


@users.command()
def token(
    name: Name,
    label: Annotated[str, typer.Option("--label", help="What it is for.")] = "",
    data: Data = None,
    debug: Debug = False,
) -> None:
    """Print a new API token, once: only its hash is kept."""
    with fail_cleanly(debug):
        typer.echo(_accounts(data).new_token(name, label))


@users.command()
def revoke(
    name: Name,
    label: Annotated[str | None, typer.Option("--label", help="Only those of this label.")] = None,
    data: Data = None,
    debug: Debug = False,
) -> None:
    """Make an account's API tokens void."""
    with fail_cleanly(debug):
        count = _accounts(data).revoke(name, label)
        typer.echo(f"{count} token{'s' * (count != 1)} of {name} revoked")


def _accounts(data: Path | None) -> "Accounts":
    from assistant.accounts import store

    return store.Accounts(store.accounts_file(load_settings(data).data_dir))


def _password() -> str:
    """The password, typed twice, or the first line of standard input: command lines are seen by others."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    given = getpass("Password: ")
    if getpass("Again: ") != given:
        raise ConfigurationError("the two passwords differ; run the command again")
    return given
