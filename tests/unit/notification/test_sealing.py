"""What seals the secrets of webhooks: a key file, older keys beside it, and what is refused at start."""

import base64
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken

from havn_chassis.settings import SettingMissing
from notification.sealing import VARIABLE, sealing

SECRET = b"whsec_" + base64.b64encode(bytes(24))


def key(byte: int) -> str:
    return base64.b64encode(bytes([byte]) * 32).decode()


def written(folder: Path, content: str) -> dict[str, str]:
    file = folder / "webhooks.key"
    file.write_text(content)
    return {VARIABLE: str(file)}


@pytest.mark.parametrize("environment", [{}, {VARIABLE: ""}])
def test_without_a_key_file_nothing_is_sealed(environment: dict[str, str]) -> None:
    assert sealing(environment) is None


def test_an_older_key_opens_what_it_sealed_and_alone_no_other_does(tmp_path: Path) -> None:
    before = sealing(written(tmp_path, key(1)))
    assert before is not None
    sealed = before.encrypt(SECRET)
    assert SECRET not in sealed

    both = sealing(written(tmp_path, f"{key(255)}\n{key(1)}\n"))
    assert both is not None
    assert both.decrypt(sealed) == SECRET
    with pytest.raises(InvalidToken):
        before.decrypt(both.encrypt(SECRET))


@pytest.mark.parametrize("content", ["", "not base64!", base64.b64encode(bytes(31)).decode(), "æøå"])
def test_a_wrong_key_file_stops_the_service(tmp_path: Path, content: str) -> None:
    with pytest.raises(SettingMissing, match="32 bytes in base64"):
        sealing(written(tmp_path, content))


def test_a_missing_key_file_stops_the_service(tmp_path: Path) -> None:
    with pytest.raises(SettingMissing, match="cannot be read"):
        sealing({VARIABLE: str(tmp_path / "none")})
