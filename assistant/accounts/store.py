"""Accounts, API tokens and sessions.

Secrets are kept as hashes only: passwords by argon2id, what is itself 256 random bits by sha256.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal, cast, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.accounts import schema
from assistant.database.sqlite_file import SqliteFile
from assistant.errors import ConfigurationError

Role = Literal["ask", "add"]
"""`ask` reads: questions, summaries, the corpus; `add` also adds papers and takes them out."""

FILE_NAME = "accounts.sqlite3"
SESSION = 14 * 86_400.0  # seconds; a fortnight away, and the password is asked for again
TOKEN_PREFIX = "pa_"  # so that scanners for leaked secrets can know one
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_SHORTEST, _LONGEST = 10, 1_000  # characters of a password

_hasher = PasswordHasher()  # RFC 9106's second choice: argon2id, 64 MiB, three passes


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may use the server; `owner` is the secret that their conversations belong to."""

    name: str
    role: Role
    owner: str
    tokens: int = 0

    @property
    def may_add(self) -> bool:
        return self.role == "add"


class Accounts:
    """The accounts in one file; shared by threads. Every method may raise StoreError."""

    def __init__(self, path: Path) -> None:
        self._database = SqliteFile(
            path, head=schema.HEAD, migrations=schema.MIGRATIONS, told=_told, private=True
        )

    def add(self, name: str, password: str, role: str) -> None:
        """Make an account.

        Raises:
            ConfigurationError: the name, the password or the role cannot be used.
        """
        if not _NAME.fullmatch(name):
            raise ConfigurationError(
                f"{name[:80]!r} cannot be a name; take up to 64 letters, digits and . _ @ -, a letter first"
            )
        values = {"name": name, "password": _hashed(password), "role": _role(role)}
        values |= {"owner": secrets.token_hex(32), "created": _now()}
        with self._database.writing() as connection:
            try:
                connection.execute(insert(schema.users).values(values))
            except IntegrityError as error:
                raise ConfigurationError(
                    f"there is an account {name} already; for another password run:"
                    f" python -m assistant users password {name}"
                ) from error

    def users(self) -> list[User]:
        """Everybody, by name, with the number of their tokens."""
        found, tokens = schema.users, schema.tokens
        query = (
            select(found.c.name, found.c.role, found.c.owner, func.count(tokens.c.digest))
            .outerjoin(tokens, tokens.c.name == found.c.name)
            .group_by(found.c.name)
            .order_by(found.c.name)
        )
        with self._database.reading() as connection:
            return [_user(*row) for row in connection.execute(query)]

    def remove(self, name: str) -> None:
        """Forget an account with its tokens and sessions; its conversations can be opened by nobody."""
        with self._database.writing() as connection:
            _known(connection, name)
            for table in (schema.tokens, schema.sessions, schema.users):
                connection.execute(delete(table).where(table.c.name == name))

    def set_role(self, name: str, role: str) -> None:
        """Give an account another role, from its next request on."""
        with self._database.writing() as connection:
            _known(connection, name)
            connection.execute(
                update(schema.users).where(schema.users.c.name == name).values(role=_role(role))
            )

    def set_password(self, name: str, password: str) -> None:
        """Give an account another password; whoever is logged in with the old one is logged out."""
        hashed = _hashed(password)
        with self._database.writing() as connection:
            _known(connection, name)
            connection.execute(
                update(schema.users).where(schema.users.c.name == name).values(password=hashed)
            )
            connection.execute(delete(schema.sessions).where(schema.sessions.c.name == name))

    def new_token(self, name: str, label: str = "") -> str:
        """An API token of an account; it cannot be had a second time."""
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        values = {"digest": _digest(token), "name": name, "label": label[:100], "created": _now()}
        with self._database.writing() as connection:
            _known(connection, name)
            connection.execute(insert(schema.tokens).values(values))
        return token

    def revoke(self, name: str, label: str | None = None) -> int:
        """Make an account's tokens void, all or those of one label; returns how many."""
        tokens = schema.tokens
        these = [tokens.c.name == name] + ([tokens.c.label == label] if label is not None else [])
        with self._database.writing() as connection:
            _known(connection, name)
            return connection.execute(delete(tokens).where(*these)).rowcount

    def check_password(self, name: str, password: str) -> bool:
        """Whether this is the account's password; takes equally long (some 50 ms) for an unknown name."""
        with self._database.reading() as connection:
            query = select(schema.users.c.password).where(schema.users.c.name == name)
            hashed = connection.execute(query).scalar()
        try:
            return _hasher.verify(hashed or _nobody(), password[:_LONGEST]) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False

    def open_session(self, name: str) -> str:
        """A secret for the cookie of somebody who has given their password."""
        secret, now = secrets.token_urlsafe(32), time.time()
        sessions = schema.sessions
        with self._database.writing() as connection:
            _known(connection, name)
            connection.execute(delete(sessions).where(sessions.c.expires < now))
            values = {"digest": _digest(secret), "name": name, "expires": now + SESSION}
            connection.execute(insert(sessions).values(values))
        return secret

    def close_session(self, secret: str) -> None:
        """End the session of a cookie."""
        sessions = schema.sessions
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == _digest(secret)))

    def of_session(self, secret: str) -> User | None:
        """Who is logged in with this cookie."""
        return self._holder(schema.sessions, secret, time.time())

    def of_token(self, token: str) -> User | None:
        """Whose API token this is."""
        return self._holder(schema.tokens, token)

    def _holder(self, table: Table, secret: str, now: float | None = None) -> User | None:
        # Looked up by its hash: how long the comparison takes says nothing about the secret.
        users = schema.users
        query = (
            select(users.c.name, users.c.role, users.c.owner)
            .join(table, table.c.name == users.c.name)
            .where(table.c.digest == _digest(secret))
        )
        if now is not None:
            query = query.where(table.c.expires > now)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return _user(*row) if row else None


def accounts_file(data_dir: Path) -> Path:
    """Where the accounts of a data folder lie."""
    return data_dir / FILE_NAME


def _told(path: Path, reason: str) -> str:
    return (
        f"the accounts in {path} cannot be used ({reason}); make the file readable and its folder"
        " writable, or move it away and make accounts anew: python -m assistant users add NAME"
    )


@cache
def _nobody() -> str:
    """Checked when there is no such name: the time taken does not tell which names there are."""
    return _hasher.hash(secrets.token_hex())


def _user(name: str, role: str, owner: str, tokens: int = 0) -> User:
    return User(name, cast("Role", role), owner, tokens)


def _known(connection: Connection, name: str) -> None:
    if connection.execute(select(schema.users.c.name).where(schema.users.c.name == name)).scalar() is None:
        raise ConfigurationError(
            f"there is no account {name[:80]}; see them with: python -m assistant users list"
        )


def _role(name: str) -> Role:
    if name not in get_args(Role):
        raise ConfigurationError(f"{name[:40]!r} is no role; choose ask or add")
    return cast("Role", name)


def _hashed(password: str) -> str:
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise ConfigurationError(
            f"a password of {len(password)} characters is not taken; choose one of at least {_SHORTEST}"
        )
    return _hasher.hash(password)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
