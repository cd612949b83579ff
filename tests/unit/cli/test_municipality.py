"""``havn municipality``: credentials made, replaced and withdrawn, and the accounts that are written from them."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nkeys
import pytest

from havn_events.municipalities import MUNICIPALITIES
from havn_nats.accounts import accounts
from havn_nats.credentials import Credential, Credentials
from tests.unit.cli.command import answer, complaint, havn

ODENSE, GENTOFTE = "0461", "0157"


def municipality(folder: Path, *arguments: str) -> Any:
    return answer("municipality", *arguments, "--folder", str(folder))


def refusal(folder: Path, *arguments: str) -> str:
    return complaint("municipality", *arguments, "--folder", str(folder))


def written(folder: Path) -> str:
    return (folder / "accounts.conf").read_text()


def test_a_granted_municipality_alone_has_a_user_with_the_public_key_that_belongs_to_the_seed(tmp_path: Path) -> None:
    granted = municipality(tmp_path, "grant", ODENSE)
    assert nkeys.from_seed(bytearray(granted["seed"].encode())).public_key.decode() == granted["public_key"]
    assert {name: value for name, value in granted.items() if name not in ("seed", "public_key")} == {
        "municipality": ODENSE,
        "inbox_prefix": "_INBOX_m0461",
        "stream": "FEED",
        "durable": "m0461",
        "acknowledge": "havn.acknowledge.0461",
        "server_told": False,
    }
    assert written(tmp_path) == accounts({ODENSE: granted["public_key"]})
    assert written(tmp_path).count("nkey:") == 1
    assert granted["seed"] not in "".join(file.read_text() for file in tmp_path.iterdir())


def test_a_seed_that_goes_to_a_file_is_not_shown_and_is_its_owners_alone(tmp_path: Path) -> None:
    seed_file = tmp_path / "seed"
    granted = municipality(tmp_path, "grant", ODENSE, "--seed-file", str(seed_file))
    assert "seed" not in granted
    assert seed_file.stat().st_mode & 0o777 == 0o600
    assert nkeys.from_seed(bytearray(seed_file.read_bytes().strip())).public_key.decode() == granted["public_key"]


def test_a_file_that_is_there_is_not_overwritten_and_nothing_changes(tmp_path: Path) -> None:
    municipality(tmp_path, "grant", ODENSE)
    before = written(tmp_path)
    taken = tmp_path / "taken"
    taken.write_text("something")
    assert "exists already" in refusal(tmp_path, "rotate", ODENSE, "--seed-file", str(taken))
    assert "cannot be written" in refusal(tmp_path, "rotate", ODENSE, "--seed-file", str(tmp_path / "no" / "folder"))
    assert (taken.read_text(), written(tmp_path)) == ("something", before)


def test_a_second_grant_is_refused_and_a_rotation_replaces(tmp_path: Path) -> None:
    first = municipality(tmp_path, "grant", ODENSE)
    assert "rotate" in refusal(tmp_path, "grant", ODENSE)
    second = municipality(tmp_path, "rotate", ODENSE)
    assert second["public_key"] != first["public_key"]
    assert written(tmp_path) == accounts({ODENSE: second["public_key"]})


def test_a_revoked_municipality_has_no_user_and_the_others_keep_theirs(tmp_path: Path) -> None:
    municipality(tmp_path, "grant", ODENSE)
    stays = municipality(tmp_path, "grant", GENTOFTE)
    assert municipality(tmp_path, "revoke", ODENSE) == {"municipality": ODENSE, "server_told": False}
    assert written(tmp_path) == accounts({GENTOFTE: stays["public_key"]})
    keys = {each["municipality"]: each["public_key"] for each in municipality(tmp_path, "list")}
    assert {code: key for code, key in keys.items() if key} == {GENTOFTE: stays["public_key"]}
    assert set(keys) == set(MUNICIPALITIES)


@pytest.mark.parametrize("command", ["rotate", "revoke"])
def test_what_was_not_granted_can_be_neither_replaced_nor_withdrawn(tmp_path: Path, command: str) -> None:
    assert "has no credential" in refusal(tmp_path, command, ODENSE)


@pytest.mark.parametrize("code", ["0411", "461", "M0461", "0461 } }", ""])
@pytest.mark.parametrize("command", ["grant", "rotate", "revoke"])
def test_what_is_no_municipality_is_refused_and_not_repeated(tmp_path: Path, command: str, code: str) -> None:
    said = refusal(tmp_path, command, code)
    assert said.startswith("No Danish municipality has this code")
    assert not code or code not in said.replace("0461 for Odense", "")


def test_without_any_credential_every_municipality_has_an_account_and_nobody_a_user(tmp_path: Path) -> None:
    assert municipality(tmp_path, "configure") == {"accounts": str(tmp_path / "accounts.conf"), "server_told": False}
    assert [code for code in MUNICIPALITIES if f"  M{code}: {{" not in written(tmp_path)] == []
    assert "nkey" not in written(tmp_path)


@pytest.mark.parametrize("pid", ["own", "4194305", "none"])
def test_a_process_that_is_no_nats_server_is_not_signalled_and_the_seed_is_not_lost(tmp_path: Path, pid: str) -> None:
    (tmp_path / "nats.pid").write_text(str(os.getpid()) if pid == "own" else pid)
    result = havn("municipality", "grant", ODENSE, "--folder", str(tmp_path))
    assert result.exit_code == 1
    assert "the file for the server's id" in result.stderr
    assert json.loads(result.stdout)["seed"].startswith("SU")
    assert json.loads(result.stdout)["server_told"] is False


def test_no_two_credentials_are_alike() -> None:
    assert len({Credential.fresh().seed for _ in range(50)}) == 50


def test_changes_made_at_once_are_all_kept(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = dict(zip(MUNICIPALITIES, pool.map(Credentials(tmp_path).grant, MUNICIPALITIES), strict=True))
    assert Credentials(tmp_path).public_keys() == {code: credential.public for code, credential in made.items()}
