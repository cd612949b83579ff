"""Who may connect for a municipality: made, replaced and withdrawn. What is kept here is public keys only.

A folder holds ``municipalities.json``, the public nkey of each municipality that may connect, and ``accounts.conf``, which is
written from it and which the server reads beside ``nats.conf``.
"""

import fcntl
import json
import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nkeys
import psutil

from havn_events.municipalities import MUNICIPALITIES
from havn_nats.accounts import accounts

ACCOUNTS = "accounts.conf"
KEYS = "municipalities.json"
PID = "nats.pid"


class NotDone(Exception):
    """What stood in the way, and what to do about it."""


@dataclass(frozen=True)
class Credential:
    """A user nkey. The ``seed`` is the municipality's secret; ``public`` is all that a server needs to check it."""

    seed: str
    public: str

    @classmethod
    def fresh(cls) -> "Credential":
        """A new one that nobody else has."""
        seed: bytes = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
        return cls(seed.decode(), nkeys.from_seed(bytearray(seed)).public_key.decode())

    def keep(self, file: Path) -> None:
        """Write the seed to a new file that its owner alone can read. Raises NotDone where there is one already."""
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise NotDone("The file for the seed exists already; name another, or remove it first.") from None
        except OSError as error:
            raise NotDone(f"The file for the seed cannot be written: {error.strerror}.") from None
        with os.fdopen(descriptor, "w") as opened:
            opened.write(f"{self.seed}\n")


@dataclass(frozen=True)
class Credentials:
    """The credentials in one folder. Every change writes ``accounts.conf`` anew; the server knows it after ``reload``."""

    folder: Path

    def public_keys(self) -> dict[str, str]:
        """The public key of each municipality that may connect, by its code."""
        file = self.folder / KEYS
        if not file.exists():
            return {}
        kept: dict[str, str] = json.loads(file.read_text())
        return kept

    def configure(self) -> None:
        """Write ``accounts.conf`` from what is kept."""
        with self._changing():
            pass

    def grant(self, code: str, seed_file: Path | None = None) -> Credential:
        """Let a municipality connect that could not before. The seed also goes to a new ``seed_file``. Raises NotDone."""
        with self._changing() as keys:
            if known(code) in keys:
                raise NotDone("This municipality has a credential already. `havn municipality rotate` replaces it.")
            return _put(code, keys, seed_file)

    def rotate(self, code: str, seed_file: Path | None = None) -> Credential:
        """Replace a municipality's credential; the old one ends at once. Raises NotDone."""
        with self._changing() as keys:
            _held(code, keys)
            return _put(code, keys, seed_file)

    def revoke(self, code: str) -> None:
        """Withdraw a municipality's credential. Raises NotDone."""
        with self._changing() as keys:
            _held(code, keys)
            del keys[code]

    @contextmanager
    def _changing(self) -> Iterator[dict[str, str]]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{KEYS}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            keys = self.public_keys()
            yield keys
            _replace(self.folder / KEYS, json.dumps(keys, indent=2, sort_keys=True) + "\n")
            _replace(self.folder / ACCOUNTS, accounts(keys))


def known(code: str) -> str:
    """The code, if it is one of the 98. Raises NotDone."""
    if code not in MUNICIPALITIES:
        raise NotDone("No Danish municipality has this code. It has four digits, for example 0461 for Odense.")
    return code


def reload(pid_file: Path) -> bool:
    """Tell the server whose process id is in the file to read its configuration again. False where there is no such file.

    Raises NotDone where that process is gone or is none of NATS: whoever is signalled by mistake would end.
    """
    if not pid_file.exists():
        return False
    try:
        process = psutil.Process(int(pid_file.read_text()))
        if process.name() != "nats-server":
            raise NotDone("The process in the file for the server's id is no NATS server. Nothing was told to read its accounts.")
        process.send_signal(signal.SIGHUP)
    except (ValueError, psutil.Error):
        raise NotDone("No process has the id in the file for the server's id. It reads its accounts when it starts.") from None
    return True


def _held(code: str, keys: dict[str, str]) -> None:
    if known(code) not in keys:
        raise NotDone("This municipality has no credential. `havn municipality grant` makes one.")


def _put(code: str, keys: dict[str, str], seed_file: Path | None) -> Credential:
    credential = Credential.fresh()
    if seed_file:
        credential.keep(seed_file)
    keys[code] = credential.public
    return credential


def _replace(file: Path, text: str) -> None:
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(text)
    os.replace(fresh, file)
