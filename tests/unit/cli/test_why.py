"""`havn why`: where it asks, with which token, and what it says when nobody answers."""

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


def test_without_an_address_it_says_where_to_get_one(folder: Path) -> None:
    assert "make run" in complaint("why", ID)
    assert "no SHELTER_TOKEN" in complaint("why", ID, ORCHESTRATOR="http://127.0.0.1:9")


def test_an_id_that_is_none(folder: Path) -> None:
    said = complaint("why", "secret-value", "--url", "http://127.0.0.1:9", "--token", "x")

    assert "obligation_id" in said
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
    assert said in complaint("why", ID, "--url", url, "--token", token)


def test_settings_come_from_the_folder_where_nobody_gives_others(folder: Path) -> None:
    (folder / ".havn").mkdir()
    (folder / ".havn" / "env").write_text(f"TODAY=2024-12-31\nORCHESTRATOR=http://127.0.0.1:{free_port()}\nSHELTER_TOKEN=x\n")

    assert complaint("why", ID).startswith("No orchestrator answers at this address.")
    assert "begins with http://" in complaint("why", ID, ORCHESTRATOR="nowhere")
    assert complaint("why", ID, "--url", f"http://127.0.0.1:{free_port()}", ORCHESTRATOR="nowhere").startswith("No orchestrator")
