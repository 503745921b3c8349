"""The keyring: a file of the keys after the first, which is `token_secret`. Only its owner may read it."""

import json
import os
import secrets
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rules.protect import MIN_SECRET_BYTES
from schemas.errors import Refused

OTHERS = stat.S_IRWXG | stat.S_IRWXO
DRAWN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """A key after the first."""

    version: int
    since: str
    """When it was made (ISO 8601)."""
    secret: str

    def __repr__(self) -> str:
        return f"Key({self.version})"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The later keys, in order, and up to which key nothing is lifted for people any more."""

    keys: tuple[Key, ...] = ()
    retired: int = 0

    @property
    def version(self) -> int:
        return 1 + len(self.keys)

    @property
    def later(self) -> tuple[bytes, ...]:
        """The secrets, as `rules.protection.Keys` takes them."""
        return tuple(key.secret.encode() for key in self.keys)

    def rotated(self, at: datetime) -> "Keyring":
        """With a new key, drawn at random."""
        key = Key(self.version + 1, at.astimezone(UTC).isoformat(timespec="seconds"), secrets.token_hex(DRAWN_BYTES))
        return Keyring((*self.keys, key), self.retired)


def read_keyring(path: Path) -> Keyring:
    """The keyring in a file; without one there is only the first key.

    Raises:
        Refused: others may read the file, it is damaged, a key is missing or its secret is short.
    """
    try:
        with path.open(encoding="utf-8") as file:
            mode, text = os.fstat(file.fileno()).st_mode, file.read()
    except FileNotFoundError:
        return Keyring()
    except (OSError, ValueError) as problem:
        raise Refused("the keyring can't be read", file=str(path)) from problem
    if mode & OTHERS:
        raise Refused("others may read or write the keyring", file=str(path), remedy=f"chmod 600 {path}")
    try:
        return _checked(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError) as problem:
        why = str(problem) if type(problem) is _WrongError else "it is not whole, or not a keyring"
        raise Refused(f"the keyring is damaged: {why}", file=str(path), remedy="put back the copy that you keep") from None


class _WrongError(ValueError):
    """What is wrong with a keyring, in words that tell no secret."""


def _checked(said: Any) -> Keyring:
    keys = tuple(Key(**one) for one in said["keys"])
    retired = said["retired"]
    for number, key in enumerate(keys, start=2):
        if key.version != number:
            raise _WrongError(f"key {number} is missing")
        datetime.fromisoformat(key.since)
        if len(key.secret.encode()) < MIN_SECRET_BYTES:
            raise _WrongError(f"the secret of key {number} is shorter than {MIN_SECRET_BYTES} bytes")
    if set(said) != {"keys", "retired"} or type(retired) is not int or not 0 <= retired <= len(keys):
        raise _WrongError("what is retired is no key before the newest")
    return Keyring(keys, retired)


def write_keyring(path: Path, keyring: Keyring) -> None:
    """Put a keyring into its file, whole or not at all.

    Raises:
        Refused: it can't be written, or somebody else writes it at this moment.
    """
    keys = [{"version": key.version, "since": key.since, "secret": key.secret} for key in keyring.keys]
    text = json.dumps({"keys": keys, "retired": keyring.retired}, indent=1) + "\n"
    new = path.with_name(path.name + ".new")
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except FileExistsError as problem:
        raise Refused("the keyring is being written, or that was broken off", file=str(new),
                      remedy="if nobody else rotates keys now, delete this file") from problem  # fmt: skip
    except OSError as problem:
        raise Refused("the keyring can't be written", file=str(path)) from problem
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
