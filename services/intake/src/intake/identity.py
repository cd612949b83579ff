"""The vault: the one place that knows who somebody is.

A name, a CPR number, a phone number and a note are stored encrypted with AES-256-GCM under a random key of their own for each
person and shelter, bound to shelter, person and field. That key is stored wrapped with the vault's master key, in a table apart
from the values. Nothing is read without a row that says who read it, when and what for; dropping the key erases the identity.
"""

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal, get_args
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.decider import Refused
from havn_chassis.settings import SettingMissing

VARIABLE = "HAVN_VAULT_KEY_FILE"
KEY_BYTES = 32
NONCE_BYTES = 12

IdentityField = Literal["name", "cpr", "phone", "note"]
FIELDS: tuple[IdentityField, ...] = get_args(IdentityField)
Purpose = Literal["handover", "contact", "correction"]
"""What an identity is read for: to hand the case over, to reach her, or to correct what is recorded."""

TABLES = """
CREATE TABLE IF NOT EXISTS identity_keys (
    shelter_id uuid NOT NULL,
    person_id uuid NOT NULL,
    wrapped_key bytea NOT NULL,
    PRIMARY KEY (shelter_id, person_id)
);
CREATE TABLE IF NOT EXISTS identity_values (
    shelter_id uuid NOT NULL,
    person_id uuid NOT NULL,
    field text NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (shelter_id, person_id, field)
);
CREATE TABLE IF NOT EXISTS identity_reads (
    id bigserial PRIMARY KEY,
    shelter_id uuid NOT NULL,
    person_id uuid NOT NULL,
    reader text NOT NULL,
    purpose text NOT NULL,
    read_at timestamptz NOT NULL
);
"""


class VaultUnreadable(RuntimeError):
    """The vault's key does not open what is stored: another key file, or changed data."""


@dataclass(frozen=True)
class Person:
    """Whose identity, and at which shelter: each shelter keeps, reads and erases its own record of a person."""

    shelter_id: UUID
    person_id: UUID


class Vault:
    """Seals and opens identities with one master key."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"the vault's key has {KEY_BYTES} bytes")
        self._master = AESGCM(master_key)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Vault | None":
        """The vault whose key is in the file HAVN_VAULT_KEY_FILE names, base64; None when none is named.

        Without a vault no identity is taken in. Raises SettingMissing for a file that cannot be read or holds no such key.
        """
        path = environment.get(VARIABLE)
        if not path:
            return None
        try:
            return cls(base64.b64decode(Path(path).read_text("ascii").strip(), validate=True))
        except OSError as error:
            raise SettingMissing(f"{VARIABLE} names a file that cannot be read: {error.strerror}") from None
        except (binascii.Error, ValueError):
            raise SettingMissing(f"the file that {VARIABLE} names must hold {KEY_BYTES} bytes in base64") from None

    def seal(self, person: Person, values: Mapping[IdentityField, str]) -> "SealedIdentity":
        """An identity under a new key, ready to be stored."""
        key = AESGCM.generate_key(KEY_BYTES * 8)
        cipher = AESGCM(key)
        return SealedIdentity(
            person,
            _encrypt(self._master, key, _bound(person, "key")),
            {name: _encrypt(cipher, text.encode(), _bound(person, name)) for name, text in values.items()},
        )

    def open(self, sealed: "SealedIdentity") -> dict[IdentityField, str]:
        """The identity in clear. Raises VaultUnreadable."""
        try:
            cipher = AESGCM(_decrypt(self._master, sealed.wrapped_key, _bound(sealed.person, "key")))
            return {name: _decrypt(cipher, raw, _bound(sealed.person, name)).decode() for name, raw in sealed.values.items()}
        except InvalidTag:
            raise VaultUnreadable("the vault's key does not open this entry") from None


@dataclass(frozen=True)
class SealedIdentity:
    """An encrypted identity: the person's wrapped key, and each field's nonce and ciphertext."""

    person: Person
    wrapped_key: bytes = field(repr=False)
    values: Mapping[IdentityField, bytes] = field(repr=False)

    def store(self, cursor: Cursor[DictRow]) -> None:
        """Put it into the vault, in place of what the shelter had recorded of the person. Does not fetch."""
        ids = (self.person.shelter_id, self.person.person_id)
        cursor.execute("DELETE FROM identity_values WHERE shelter_id = %s AND person_id = %s", ids)
        cursor.execute(
            "INSERT INTO identity_keys (shelter_id, person_id, wrapped_key) VALUES (%s, %s, %s) "
            "ON CONFLICT (shelter_id, person_id) DO UPDATE SET wrapped_key = excluded.wrapped_key",
            (*ids, self.wrapped_key),
        )
        for name, raw in self.values.items():
            cursor.execute(
                "INSERT INTO identity_values (shelter_id, person_id, field, sealed) VALUES (%s, %s, %s, %s)", (*ids, name, raw)
            )


def read_for(cursor: Cursor[DictRow], person: Person, reader: str, purpose: Purpose, now: datetime) -> SealedIdentity:
    """The person's sealed identity, with a row of who reads it, when and what for. Raises Refused when there is none."""
    ids = (person.shelter_id, person.person_id)
    key = cursor.execute("SELECT wrapped_key FROM identity_keys WHERE shelter_id = %s AND person_id = %s FOR SHARE", ids).fetchone()
    if key is None:
        raise _no_identity()
    cursor.execute(
        "INSERT INTO identity_reads (shelter_id, person_id, reader, purpose, read_at) VALUES (%s, %s, %s, %s, %s)",
        (*ids, reader, purpose, now),
    )
    rows = cursor.execute("SELECT field, sealed FROM identity_values WHERE shelter_id = %s AND person_id = %s", ids).fetchall()
    return SealedIdentity(person, bytes(key["wrapped_key"]), {row["field"]: bytes(row["sealed"]) for row in rows})


def erase(cursor: Cursor[DictRow], person: Person) -> None:
    """Drop the person's key, so that no copy of the values can be opened again, and the values. Raises Refused."""
    ids = (person.shelter_id, person.person_id)
    dropped = cursor.execute("DELETE FROM identity_keys WHERE shelter_id = %s AND person_id = %s", ids).rowcount
    if not dropped:
        raise _no_identity()
    cursor.execute("DELETE FROM identity_values WHERE shelter_id = %s AND person_id = %s", ids)


def _no_identity() -> Refused:
    return Refused(
        "no-identity", "No identity of this person is recorded: it never was, she is anonymous, or it is erased.", kind="absent"
    )


def check_cpr(number: str) -> None:
    """Ten digits that begin with a day of birth; the modulus is not checked, as numbers without it are given out since 2007.

    Raises Refused under ``cpr-form``.
    """
    if not re.fullmatch(r"[0-9]{10}", number) or not _begins_with_a_day(number):
        raise Refused(
            "cpr-form",
            "A CPR number is ten digits without a hyphen and begins with a day of birth, DDMMYY; check it, or leave it out.",
            field="identity.cpr",
            kind="invalid",
        )


def _begins_with_a_day(number: str) -> bool:
    """Whether DDMMYY is a day. The 7th digit tells the century, which matters for one day: 1900 (0 to 3) had no 29 February."""
    day, month, year = int(number[:2]), int(number[2:4]), int(number[4:6])
    try:
        date((1900 if number[6] <= "3" else 2000) + year, month, day)
    except ValueError:
        return False
    return True


def _bound(person: Person, name: str) -> bytes:
    return f"{person.shelter_id}/{person.person_id}/{name}".encode()


def _encrypt(cipher: AESGCM, clear: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, clear, bound_to)


def _decrypt(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
