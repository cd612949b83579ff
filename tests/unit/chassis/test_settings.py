"""A setting that cannot be right ends the process with a message that names its variable."""

from pathlib import Path

import pytest

from havn_chassis.settings import SettingMissing, Settings
from orchestrator.main import compose

NEEDED = {"DATABASE_URL": "postgresql://", "NATS_URL": "nats://localhost", "HAVN_ISSUER": "https://issuer.example"}


def test_only_three_settings_are_needed() -> None:
    settings = Settings.from_environment("intake", NEEDED)
    assert (settings.http_port, settings.poll_seconds, settings.log_level, settings.clock_file) == (8080, 1.0, "INFO", None)


def test_a_setting_that_is_given_holds(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("2024-12-31T12:00:00+01:00")
    given = {"HAVN_HTTP_PORT": "65535", "HAVN_POLL_SECONDS": "0.1", "HAVN_LOG_LEVEL": "DEBUG", "HAVN_CLOCK_FILE": str(file)}
    settings = Settings.from_environment("intake", NEEDED | given)
    assert (settings.http_port, settings.poll_seconds, settings.log_level, settings.clock_file) == (65535, 0.1, "DEBUG", file)


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_needed_is_named_where_it_is_missing(name: str) -> None:
    with pytest.raises(SettingMissing, match=name):
        Settings.from_environment("intake", NEEDED | {name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("HAVN_POLL_SECONDS", value) for value in ("soon", "0", "-1", "nan", "inf")),
        *(("HAVN_HTTP_PORT", value) for value in ("0", "65536", "http")),
        ("HAVN_PARTITIONS", "0"),
        ("HAVN_LOG_LEVEL", "LOUD"),
        ("HAVN_CLOCK_FILE", "there/is/none"),
        ("HAVN_ISSUER_CA_FILE", "there/is/none"),
        ("HAVN_ISSUER", "http://issuer.example"),
    ],
)
def test_what_cannot_be_right_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingMissing, match=name):
        Settings.from_environment("intake", NEEDED | {name: value})


def test_how_often_the_orchestrator_looks_for_a_new_day_is_above_zero() -> None:
    with pytest.raises(SettingMissing, match="HAVN_DAY_TICK_SECONDS"):
        compose({"HAVN_DAY_TICK_SECONDS": "0"})
    assert compose({"HAVN_DAY_TICK_SECONDS": "0.5"}).settings["day_tick_seconds"] == 0.5
