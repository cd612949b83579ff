"""The vault's cryptography, its key file and the form of CPR numbers."""

import base64
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from havn_chassis.decider import Refused
from havn_chassis.settings import SettingMissing
from intake.api import Identity
from intake.identity import IdentityField, Person, Vault, VaultUnreadable, check_cpr

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


@pytest.mark.parametrize(
    "number",
    [
        "3112990000",
        "0101010001",
        "2902004000",  # 29 February 2000
        "2902040000",  # 29 February 1904
    ],
)
def test_a_cpr_number_begins_with_a_day(number: str) -> None:
    check_cpr(number)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "010101000",
        "01010100011",
        "010101-0001",
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
        check_cpr(number)
    assert (refused.value.rule, refused.value.field, refused.value.kind) == ("cpr-form", "identity.cpr", "invalid")
    assert not number or number not in refused.value.detail


def test_an_identity_in_a_request_does_not_show_itself() -> None:
    shown = repr(Identity(name="Testperson Alfa", cpr="0101010001", phone="12345678", note="kender vejen"))
    assert not any(value in shown for value in ("Testperson", "0101010001", "12345678", "kender"))
