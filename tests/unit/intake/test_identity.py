"""The vault's cryptography, its key file and the form of CPR numbers."""

import base64
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import get_args
from uuid import UUID

import pytest

from havn_chassis.decider import Refused
from havn_chassis.settings import SettingMissing
from intake.bodies import Identity
from intake.identity import PURPOSES, IdentityField, Person, Purpose, Vault, VaultUnreadable, check_cpr

PERSON = Person(UUID(int=1), UUID(int=2))
OTHER_PERSON, OTHER_SHELTER = replace(PERSON, person_id=UUID(int=3)), replace(PERSON, shelter_id=UUID(int=4))
KEY = bytes(range(32))
VALUES: dict[IdentityField, str] = {"name": "Testperson Alfa", "cpr": "0101010001", "note": "æøå"}


def test_what_is_sealed_can_be_opened() -> None:
    vault = Vault(KEY)
    assert vault.open(vault.seal(PERSON, VALUES)) == VALUES


def test_a_sealed_identity_does_not_show_it() -> None:
    sealed = Vault(KEY).seal(PERSON, VALUES)
    stored = b"".join([sealed.wrapped_key, *sealed.values.values(), repr(sealed).encode()])
    assert not any(value.encode() in stored for value in VALUES.values())


def test_the_same_identity_is_never_sealed_the_same_way() -> None:
    first, second = Vault(KEY).seal(PERSON, VALUES), Vault(KEY).seal(PERSON, VALUES)
    assert first.wrapped_key != second.wrapped_key
    assert first.values["name"] != second.values["name"]


def test_another_vault_key_opens_nothing() -> None:
    with pytest.raises(VaultUnreadable):
        Vault(bytes(32)).open(Vault(KEY).seal(PERSON, VALUES))


@pytest.mark.parametrize("other", [OTHER_PERSON, OTHER_SHELTER])
def test_an_entry_moved_to_another_person_or_shelter_does_not_open(other: Person) -> None:
    sealed = Vault(KEY).seal(PERSON, VALUES)
    with pytest.raises(VaultUnreadable):
        Vault(KEY).open(replace(sealed, person=other))


def test_a_value_under_another_persons_key_does_not_open() -> None:
    vault = Vault(KEY)
    mine, theirs = vault.seal(PERSON, VALUES), vault.seal(OTHER_PERSON, VALUES)
    with pytest.raises(VaultUnreadable):
        vault.open(replace(theirs, values=mine.values))


def test_a_value_moved_to_another_field_does_not_open() -> None:
    sealed = Vault(KEY).seal(PERSON, VALUES)
    with pytest.raises(VaultUnreadable):
        Vault(KEY).open(replace(sealed, values={"phone": sealed.values["name"]}))


def test_a_changed_value_does_not_open() -> None:
    sealed = Vault(KEY).seal(PERSON, VALUES)
    raw = sealed.values["name"]
    with pytest.raises(VaultUnreadable):
        Vault(KEY).open(replace(sealed, values={"name": raw[:-1] + bytes([raw[-1] ^ 1])}))


@pytest.mark.parametrize("size", [16, 24, 31, 33])
def test_the_vaults_key_has_256_bits(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(bytes(size))


def test_the_key_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    file.write_text(base64.b64encode(KEY).decode() + "\n")
    vault = Vault.from_environment({"HAVN_VAULT_KEY_FILE": str(file)})
    assert vault is not None
    assert vault.open(Vault(KEY).seal(PERSON, VALUES)) == VALUES


@pytest.mark.parametrize("environment", [{}, {"HAVN_VAULT_KEY_FILE": ""}])
def test_without_a_key_there_is_no_vault(environment: dict[str, str]) -> None:
    assert Vault.from_environment(environment) is None


@pytest.mark.parametrize("content", ["", "not base64!", base64.b64encode(bytes(31)).decode(), "æøå"])
def test_a_wrong_key_file_stops_the_service(tmp_path: Path, content: str) -> None:
    file = tmp_path / "vault.key"
    file.write_text(content)
    with pytest.raises(SettingMissing, match="32 bytes in base64"):
        Vault.from_environment({"HAVN_VAULT_KEY_FILE": str(file)})


def test_a_missing_key_file_stops_the_service(tmp_path: Path) -> None:
    with pytest.raises(SettingMissing, match="cannot be read"):
        Vault.from_environment({"HAVN_VAULT_KEY_FILE": str(tmp_path / "none")})


def test_a_value_of_an_earlier_version_does_not_open() -> None:
    sealed = Vault(KEY).seal(PERSON, VALUES, version=1)
    with pytest.raises(VaultUnreadable):
        Vault(KEY).open(replace(sealed, version=2))


def test_an_older_key_still_opens_and_the_first_one_wraps() -> None:
    new = bytes(32)
    old, both = Vault(KEY).seal(PERSON, VALUES), Vault(new, KEY)
    assert both.open(old) == VALUES
    assert Vault(new).open(both.seal(PERSON, VALUES)) == VALUES


def test_a_key_wrapped_anew_opens_under_the_new_key_alone() -> None:
    new = bytes(32)
    old, both = Vault(KEY).seal(PERSON, VALUES), Vault(new, KEY)
    wrapped = both.wrap_anew(PERSON, old.version, old.master, old.wrapped_key)
    moved = replace(old, master=both.master, wrapped_key=wrapped)
    assert Vault(new).open(moved) == VALUES
    for vault, sealed in ((Vault(KEY), moved), (Vault(new), old), (Vault(new), replace(old, master=both.master))):
        with pytest.raises(VaultUnreadable):
            vault.open(sealed)


def test_the_file_may_hold_older_keys_on_further_lines(tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    file.write_text("\n".join(base64.b64encode(key).decode() for key in (bytes(32), KEY)))
    vault = Vault.from_environment({"HAVN_VAULT_KEY_FILE": str(file)})
    assert vault is not None
    assert vault.open(Vault(KEY).seal(PERSON, VALUES)) == VALUES
    assert vault.master == Vault(bytes(32)).master


@pytest.mark.parametrize(
    "number",
    [
        "3112990000",
        "0101010001",
        "010101-0001",
        "2902004000",  # 29 February 2000
        "2902040000",  # 29 February 1904
        "2902365000",  # 29 February 2036, were it not to come
        "2902565000",
        "0101585000",  # 1858
    ],
)
def test_a_cpr_number_begins_with_a_day(number: str) -> None:
    assert check_cpr(number, date(2057, 12, 31)) == number.replace("-", "")


@pytest.mark.parametrize(
    "number",
    [
        "",
        "010101000",
        "01010100011",
        "0101-010001",
        "010101--0001",
        "010101 0001",
        "010101 001",
        "٠١٠١٠١٠٠٠١",
        "0001010001",
        "3201010001",
        "3104010001",
        "0100010001",
        "0113010001",
        "6101010001",
        "2902010000",
        "2902000000",  # 1900 was no leap year
        "2902003000",
        "0101010001\n",
    ],
)
def test_a_cpr_number_of_another_form_is_refused(number: str) -> None:
    with pytest.raises(Refused) as refused:
        check_cpr(number, date(2057, 12, 31))
    assert (refused.value.rule, refused.value.field, refused.value.kind) == ("cpr-form", "identity.cpr", "invalid")
    assert not number or number not in refused.value.detail


@pytest.mark.parametrize(
    ("digits", "born"),
    [
        ("1005250", date(1925, 5, 10)),
        ("1005253", date(1925, 5, 10)),
        ("1005364", date(2036, 5, 10)),
        ("1005374", date(1937, 5, 10)),
        ("1005369", date(2036, 5, 10)),
        ("1005379", date(1937, 5, 10)),
        ("1005575", date(2057, 5, 10)),
        ("1005578", date(2057, 5, 10)),
        ("1005585", date(1858, 5, 10)),
        ("1005588", date(1858, 5, 10)),
    ],
)
def test_the_seventh_digit_tells_the_century_and_nobody_is_born_after_today(digits: str, born: date) -> None:
    number = f"{digits}000"
    for today in (born, born + timedelta(days=1)):
        assert check_cpr(number, today) == number
    with pytest.raises(Refused):
        check_cpr(number, born - timedelta(days=1))


def test_every_purpose_is_told_in_two_languages() -> None:
    assert set(PURPOSES) == set(get_args(Purpose))
    assert all(da and en and da != en for da, en in PURPOSES.values())


def test_an_identity_in_a_request_does_not_show_itself() -> None:
    shown = repr(Identity(name="Testperson Alfa", cpr="0101010001", phone="12345678", email="a@b.example", note="kender vejen"))
    assert not any(value in shown for value in ("Testperson", "0101010001", "12345678", "b.example", "kender"))
