"""Accounts, tokens and sessions, in a real file and by the command line."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner

from assistant.__main__ import app
from assistant.accounts import store
from assistant.accounts.store import Accounts, accounts_file
from assistant.errors import ConfigurationError, StoreError

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    store._nobody.cache_clear()


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    made = Accounts(accounts_file(tmp_path))
    made.add("mara", PASSWORD, "ask")
    return made


def test_only_the_right_password_of_a_known_name_fits(accounts: Accounts) -> None:
    assert accounts.check_password("mara", PASSWORD)
    assert not accounts.check_password("mara", PASSWORD + "x")
    assert not accounts.check_password("nobody", PASSWORD)


def test_no_secret_lies_in_the_file_and_only_its_owner_reads_it(accounts: Accounts, tmp_path: Path) -> None:
    secrets = [PASSWORD, accounts.new_token("mara"), accounts.open_session("mara")]
    written = accounts_file(tmp_path).read_bytes()
    assert b"$argon2id$" in written
    assert not any(secret.encode() in written for secret in secrets)
    assert stat.S_IMODE(accounts_file(tmp_path).stat().st_mode) == 0o600


def test_a_token_names_its_holder_until_it_is_revoked(accounts: Accounts) -> None:
    scripts, notebook = accounts.new_token("mara", "scripts"), accounts.new_token("mara", "notebook")
    assert [user and user.name for user in map(accounts.of_token, (scripts, notebook))] == ["mara", "mara"]
    assert accounts.revoke("mara", "scripts") == 1
    assert accounts.of_token(scripts) is None
    assert accounts.of_token(notebook) is not None


def test_another_password_ends_the_sessions(accounts: Accounts) -> None:
    session = accounts.open_session("mara")
    assert accounts.of_session(session) is not None
    accounts.set_password("mara", "another password")
    assert accounts.of_session(session) is None
    assert accounts.check_password("mara", "another password")


def test_a_session_ends_with_its_time_and_by_logging_out(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = accounts.open_session("mara")
    accounts.close_session(session)
    assert accounts.of_session(session) is None
    monkeypatch.setattr(store, "SESSION", -1.0)
    assert accounts.of_session(accounts.open_session("mara")) is None


def test_who_gets_the_name_of_somebody_removed_gets_nothing_else_of_theirs(accounts: Accounts) -> None:
    (before,) = accounts.users()
    token, session = accounts.new_token("mara"), accounts.open_session("mara")
    accounts.remove("mara")
    accounts.add("mara", PASSWORD, "add")
    (after,) = accounts.users()
    assert before.owner != after.owner
    assert accounts.of_token(token) is None
    assert accounts.of_session(session) is None


@pytest.mark.parametrize(
    ("name", "password", "role", "said"),
    [
        ("", PASSWORD, "ask", "cannot be a name"),
        ("a b", PASSWORD, "ask", "cannot be a name"),
        ("eve", "short", "ask", "at least 10"),
        ("eve", PASSWORD, "root", "ask or add"),
        ("mara", PASSWORD, "ask", "users password mara"),
    ],
)
def test_what_cannot_be_an_account_is_told_in_one_line(
    accounts: Accounts, name: str, password: str, role: str, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said) as told:
        accounts.add(name, password, role)
    assert "\n" not in str(told.value)
    assert len(accounts.users()) == 1


def test_a_file_that_is_no_database_is_told_in_one_line(tmp_path: Path) -> None:
    accounts_file(tmp_path).write_bytes(b"no database at all, but long enough to be read as one" * 20)
    with pytest.raises(StoreError, match=r"accounts\.sqlite3") as told:
        Accounts(accounts_file(tmp_path)).users()
    assert "\n" not in str(told.value)


def test_the_command_line_makes_lists_and_removes_accounts(tmp_path: Path) -> None:
    def run(*arguments: str, given: str = "") -> tuple[int, str]:
        done = CliRunner().invoke(app, ["users", *arguments, "--data", str(tmp_path)], input=given)
        return done.exit_code, done.output

    assert run("add", "mara", "--role", "add", given=f"{PASSWORD}\n") == (0, "mara may log in (add)\n")
    assert run("add", "eve", given="short\n")[0] == 2
    assert run("token", "nobody")[0] == 2
    code, token = run("token", "mara", "--label", "scripts")
    assert code == 0
    user = Accounts(accounts_file(tmp_path)).of_token(token.strip())
    assert user is not None
    assert user.may_add
    assert run("list") == (0, "mara\tadd\t1 token\n")
    assert run("role", "mara", "ask") == (0, "mara has the role ask\n")
    assert run("role", "mara", "root")[0] == run("role", "nobody", "ask")[0] == 2
    assert run("list") == (0, "mara\task\t1 token\n")
    assert run("revoke", "mara") == (0, "1 token of mara revoked\n")
    assert run("password", "mara", given="another password\n")[0] == 0
    assert Accounts(accounts_file(tmp_path)).check_password("mara", "another password")
    assert run("remove", "mara")[0] == 0
    assert run("list") == (0, "")
