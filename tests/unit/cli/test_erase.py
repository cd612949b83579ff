"""`havn erase`: where it asks, with which token, and what it says when nobody answers."""

from pathlib import Path

import pytest

from havn_embedded.servers import free_port
from tests.unit.cli.command import complaint

ID = "0a4f6c1e-7d35-4b52-9c86-1f2e3d4c5b6a"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_needs_the_leaders_token(folder: Path) -> None:
    (folder / ".havn").mkdir()
    (folder / ".havn" / "env").write_text("SHELTER_TOKEN=x\n")

    assert "no INTAKE " in complaint("erase", ID)
    assert "no LEADER_TOKEN " in complaint("erase", ID, INTAKE="http://127.0.0.1:9")


def test_an_id_that_is_none(folder: Path) -> None:
    said = complaint("erase", "secret-value", "--url", "http://127.0.0.1:9", "--token", "x")

    assert "person_id" in said
    assert "secret-value" not in said


@pytest.mark.parametrize(
    ("url", "token", "said"),
    [
        ("127.0.0.1:9", "x", "begins with http://"),
        ("http://", "x", "begins with http://"),
        ("http://127.0.0.1:9", "æ", "copy it whole"),
    ],
)
def test_an_address_or_token_that_is_none(folder: Path, url: str, token: str, said: str) -> None:
    assert said in complaint("erase", ID, "--url", url, "--token", token)


def test_without_an_answer_it_says_to_ask_again(folder: Path) -> None:
    assert "erasing twice is harmless" in complaint("erase", ID, "--url", f"http://127.0.0.1:{free_port()}", "--token", "x")
