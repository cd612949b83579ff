"""The embedded servers in folders that people have."""

from pathlib import Path

from havn_embedded.servers import Nats
from tests.conftest import ROOT


def test_nats_starts_in_a_folder_whose_name_has_spaces_and_a_hash(tmp_path: Path) -> None:
    server = Nats(tmp_path / "my folder #1" / "nats", ROOT / "deploy" / "nats" / "nats.conf").start()
    try:
        assert server.storage.exists()
    finally:
        server.stop()
