"""The vault: the one place that knows who somebody is.

A name, a CPR number, contact details and a note are stored encrypted with AES-256-GCM under a random key of their own for each
person and shelter, bound to shelter, person, field and the version of her record. That key is stored wrapped with the vault's
master key, in a schema apart from the values, which backups leave out. Nothing is read without a row that says who read it, in
which role, when, what for and which fields; dropping the key erases the identity, and what is erased cannot be written again.
"""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, get_args
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.persistence import IntegrityError
from psycopg import Cursor, errors
from psycopg.rows import DictRow

from havn_chassis.decider import Refused
from havn_chassis.settings import SettingMissing

VARIABLE = "HAVN_VAULT_KEY_FILE"
KEY_BYTES = 32
NONCE_BYTES = 12

IdentityField = Literal["name", "cpr", "phone", "email", "note"]
FIELDS: tuple[IdentityField, ...] = get_args(IdentityField)
Purpose = Literal["handover", "contact", "correction", "notification", "access-request"]
"""What an identity is read for; ``PURPOSES`` says each in words."""

PURPOSES: Mapping[Purpose, tuple[str, str]] = {
    "handover": ("Sagen overdrages", "The case is handed over"),
    "contact": ("Kontakt til personen", "Contact with the person"),
    "correction": ("Rettelse af det registrerede", "Correction of what is recorded"),
    "notification": ("Orientering eller underretning til kommunen", "A notice or notification to the municipality"),
    "access-request": ("Personens egen anmodning om indsigt", "The person's own request for access"),
}
"""Each purpose as a person is told it, in Danish and in English."""

TABLES = """
CREATE SCHEMA IF NOT EXISTS intake_keys;
CREATE TABLE IF NOT EXISTS intake_keys.data_keys (
    shelter_id uuid NOT NULL,
    person_id uuid NOT NULL,
    version int NOT NULL,
    master text,
    wrapped_key bytea,
    erased_at timestamptz,
    PRIMARY KEY (shelter_id, person_id),
    CONSTRAINT erased_for_good CHECK ((wrapped_key IS NULL) = (erased_at IS NOT NULL))
);
CREATE TABLE IF NOT EXISTS identity_values (
    shelter_id uuid NOT NULL,
    person_id uuid NOT NULL,
    field text NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (shelter_id, person_id, field)
);
CREATE TABLE IF NOT EXISTS identity_readings (
    id bigserial PRIMARY KEY,
    shelter_id uuid NOT NULL,
    person_id uuid NOT NULL,
    reader text NOT NULL,
    role text NOT NULL,
    purpose text NOT NULL,
    fields text[] NOT NULL,
    read_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS identity_readings_of_person ON identity_readings (shelter_id, person_id, id);
"""


class VaultUnreadable(RuntimeError):
    """The vault's key does not open what is stored: another key file, or changed data."""


@dataclass(frozen=True)
class Person:
    """Whose identity, and at which shelter: each shelter keeps, reads and erases its own record of a person."""

    shelter_id: UUID
    person_id: UUID


class Vault:
    """Seals and opens identities. ``master_key`` wraps the persons' keys; what an ``older`` one has wrapped is opened still."""

    def __init__(self, master_key: bytes, *older: bytes) -> None:
        if any(len(key) != KEY_BYTES for key in (master_key, *older)):
            raise ValueError(f"the vault's key has {KEY_BYTES} bytes")
        self._masters = {_master_id(key): AESGCM(key) for key in (master_key, *older)}
        self.master = _master_id(master_key)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Vault | None":
        """The vault whose key is in the file HAVN_VAULT_KEY_FILE names; None when none is named.

        The file holds the key in base64 and, on lines after it, older ones that are being replaced. Without a vault no identity is
        taken in. Raises SettingMissing for a file that cannot be read or holds something else.
        """
        path = environment.get(VARIABLE)
        if not path:
            return None
        try:
            lines = Path(path).read_text("ascii").split()
            return cls(*(base64.b64decode(line, validate=True) for line in lines or [""]))
        except OSError as error:
            raise SettingMissing(f"{VARIABLE} names a file that cannot be read: {error.strerror}") from None
        except (binascii.Error, ValueError):
            raise SettingMissing(
                f"the file that {VARIABLE} names must hold {KEY_BYTES} bytes in base64, and on further lines older keys likewise"
            ) from None

    def seal(self, person: Person, values: Mapping[IdentityField, str], version: int = 1) -> "SealedIdentity":
        """An identity under a new key, ready to be stored. ``version``: how many times her identity was recorded, this included."""
        key = AESGCM.generate_key(KEY_BYTES * 8)
        cipher = AESGCM(key)
        return SealedIdentity(
            person,
            version,
            self.master,
            _encrypt(self._masters[self.master], key, _bound(person, "key", version)),
            {name: _encrypt(cipher, text.encode(), _bound(person, name, version)) for name, text in values.items()},
        )

    def open(self, sealed: "SealedIdentity") -> dict[IdentityField, str]:
        """The identity in clear. Raises VaultUnreadable."""
        person, version = sealed.person, sealed.version
        try:
            cipher = AESGCM(self._unwrapped(person, version, sealed.master, sealed.wrapped_key))
            return {name: _decrypt(cipher, raw, _bound(person, name, version)).decode() for name, raw in sealed.values.items()}
        except InvalidTag:
            raise _unreadable() from None

    def wrap_anew(self, person: Person, version: int, master: str, wrapped_key: bytes) -> bytes:
        """A person's key, wrapped with the present master key. Raises VaultUnreadable."""
        key = self._unwrapped(person, version, master, wrapped_key)
        return _encrypt(self._masters[self.master], key, _bound(person, "key", version))

    def _unwrapped(self, person: Person, version: int, master: str, wrapped_key: bytes) -> bytes:
        if master not in self._masters:
            raise _unreadable()
        try:
            return _decrypt(self._masters[master], wrapped_key, _bound(person, "key", version))
        except InvalidTag:
            raise _unreadable() from None


@dataclass(frozen=True)
class SealedIdentity:
    """An encrypted identity: the person's key, wrapped with the master key of that id, and each field's nonce and ciphertext."""

    person: Person
    version: int
    master: str
    wrapped_key: bytes = field(repr=False)
    values: Mapping[IdentityField, bytes] = field(repr=False)

    def store(self, cursor: Cursor[DictRow]) -> None:
        """Put it into the vault, in place of what the shelter had recorded of the person. Does not fetch.

        The database refuses it for a person who is erased; ``refused_as_erased`` recognises that. The key comes first, as it does
        in ``erase``, so that the two never wait for each other.
        """
        ids = (self.person.shelter_id, self.person.person_id)
        cursor.execute(
            "INSERT INTO intake_keys.data_keys (shelter_id, person_id, version, master, wrapped_key) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (shelter_id, person_id) DO UPDATE "
            "SET version = excluded.version, master = excluded.master, wrapped_key = excluded.wrapped_key",
            (*ids, self.version, self.master, self.wrapped_key),
        )
        cursor.execute("DELETE FROM identity_values WHERE shelter_id = %s AND person_id = %s", ids)
        for name, raw in self.values.items():
            cursor.execute(
                "INSERT INTO identity_values (shelter_id, person_id, field, sealed) VALUES (%s, %s, %s, %s)", (*ids, name, raw)
            )


def refused_as_erased(error: IntegrityError) -> Refused | None:
    """The refusal to write an erased person's identity again, where that is what the database said."""
    cause = error.__cause__
    if isinstance(cause, errors.CheckViolation) and cause.diag.constraint_name == "erased_for_good":
        return Refused(
            "identity-erased",
            "This person's identity is erased for good and is not recorded again under this id; leave the identity out.",
            field="identity",
        )
    return None


@dataclass(frozen=True)
class Reading:
    """Who reads an identity, what for, and which fields. ``reader``: role and digest, as events name a caller."""

    reader: str
    role: str
    purpose: Purpose
    fields: Sequence[IdentityField]
    now: datetime


def read_for(cursor: Cursor[DictRow], person: Person, reading: Reading) -> SealedIdentity:
    """The person's sealed identity, after a row of who reads which of its fields, when and what for. Raises Refused."""
    ids = (person.shelter_id, person.person_id)
    key = cursor.execute(
        "SELECT version, master, wrapped_key FROM intake_keys.data_keys "
        "WHERE shelter_id = %s AND person_id = %s AND wrapped_key IS NOT NULL FOR SHARE",
        ids,
    ).fetchone()
    if key is None:
        raise _no_identity()
    rows = cursor.execute(
        "SELECT field, sealed FROM identity_values WHERE shelter_id = %s AND person_id = %s AND field = ANY(%s)",
        (*ids, list(reading.fields)),
    ).fetchall()
    values: dict[IdentityField, bytes] = {row["field"]: bytes(row["sealed"]) for row in rows}
    cursor.execute(
        "INSERT INTO identity_readings (shelter_id, person_id, reader, role, purpose, fields, read_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (*ids, reading.reader, reading.role, reading.purpose, [name for name in FIELDS if name in values], reading.now),
    )
    return SealedIdentity(person, key["version"], key["master"], bytes(key["wrapped_key"]), values)


def erase(cursor: Cursor[DictRow], person: Person, now: datetime) -> None:
    """Drop the person's key for good, so that no copy of the values can be opened again, and the values. Twice is as once.

    The table of keys is written anew, so that its file holds no dead row with the key. Raises Refused when nothing was ever
    recorded.
    """
    ids = (person.shelter_id, person.person_id)
    keys = _locked_keys(cursor)
    mine = [row for row in keys if (row["shelter_id"], row["person_id"]) == ids]
    if not mine:
        raise _no_identity()
    if mine[0]["erased_at"] is None:
        erased = {**mine[0], "master": None, "wrapped_key": None, "erased_at": now}
        _write_anew(cursor, [*(row for row in keys if row is not mine[0]), erased])
    cursor.execute("DELETE FROM identity_values WHERE shelter_id = %s AND person_id = %s", ids)


def wrap_all_anew(cursor: Cursor[DictRow], vault: Vault) -> int:
    """Wrap every key that an older master key wraps with the present one; how many there were. Raises VaultUnreadable."""
    keys = _locked_keys(cursor)
    older = [row for row in keys if row["wrapped_key"] is not None and row["master"] != vault.master]
    for row in older:
        person = Person(row["shelter_id"], row["person_id"])
        row["wrapped_key"] = vault.wrap_anew(person, row["version"], row["master"], bytes(row["wrapped_key"]))
        row["master"] = vault.master
    if older:
        _write_anew(cursor, keys)
    return len(older)


def _locked_keys(cursor: Cursor[DictRow]) -> list[dict[str, Any]]:
    cursor.execute("LOCK TABLE intake_keys.data_keys IN ACCESS EXCLUSIVE MODE")
    return cursor.execute("SELECT * FROM intake_keys.data_keys").fetchall()


def _write_anew(cursor: Cursor[DictRow], keys: Iterable[Mapping[str, Any]]) -> None:
    cursor.execute("TRUNCATE intake_keys.data_keys")
    cursor.executemany(
        "INSERT INTO intake_keys.data_keys (shelter_id, person_id, version, master, wrapped_key, erased_at) "
        "VALUES (%(shelter_id)s, %(person_id)s, %(version)s, %(master)s, %(wrapped_key)s, %(erased_at)s)",
        keys,
    )


def _unreadable() -> VaultUnreadable:
    return VaultUnreadable("the vault's key does not open this entry")


def _no_identity() -> Refused:
    return Refused(
        "no-identity", "No identity of this person is recorded: it never was, she is anonymous, or it is erased.", kind="absent"
    )


def check_cpr(number: str, today: date) -> str:
    """The ten digits of a CPR number written DDMMYY-SSSS, with or without its hyphen, that begins with a day up to today.

    The modulus is not checked: CPR-kontoret has given out numbers without it since 2007. Raises Refused under ``cpr-form``.
    """
    form = re.fullmatch(r"([0-9]{6})-?([0-9]{4})", number)
    born = _born(form[1] + form[2]) if form else None
    if form is None or born is None or born > today:
        raise Refused(
            "cpr-form",
            "A CPR number is written DDMMYY-SSSS, with or without the hyphen, and begins with a day of birth; check it, or leave "
            "it out.",
            field="identity.cpr",
            kind="invalid",
        )
    return form[1] + form[2]


def _born(digits: str) -> date | None:
    """The day of birth. The seventh digit tells the century: 0 to 3 the 1900s; 4 and 9 the 2000s up to year 36, else the 1900s;
    5 to 8 the 2000s up to year 57, else the 1800s (CPR-kontoret, *Personnummeret i CPR*)."""
    day, month, year, seventh = int(digits[:2]), int(digits[2:4]), int(digits[4:6]), digits[6]
    if seventh in "0123":
        century = 1900
    elif seventh in "49":
        century = 2000 if year <= 36 else 1900
    else:
        century = 2000 if year <= 57 else 1800
    try:
        return date(century + year, month, day)
    except ValueError:
        return None


def _master_id(key: bytes) -> str:
    return hashlib.sha256(b"havn vault key:" + key).hexdigest()[:16]


def _bound(person: Person, name: str, version: int) -> bytes:
    return f"{person.shelter_id}/{person.person_id}/{name}/{version}".encode()


def _encrypt(cipher: AESGCM, clear: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, clear, bound_to)


def _decrypt(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
