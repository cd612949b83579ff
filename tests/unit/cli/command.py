"""The command line as it is called: what it says, where, and with which status it ends."""

import json
from collections.abc import Mapping
from typing import Any

from typer.testing import CliRunner, Result

from havn_cli.main import app

NO_SETTINGS: Mapping[str, str | None] = dict.fromkeys(
    ("ORCHESTRATOR", "SHELTER_TOKEN", "INTAKE", "LEADER_TOKEN", "HAVN_STANDARD_FILES")
)


def havn(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, arguments, env={**NO_SETTINGS, **environment, "COLUMNS": "120"}, catch_exceptions=False)


def answer(*arguments: str, **environment: str) -> Any:
    """Its JSON; the command must have ended well and said nothing else."""
    result = havn(*arguments, **environment)
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def complaint(*arguments: str, **environment: str) -> str:
    """What it said was wrong; it must have ended with status 1, without an answer and without a traceback."""
    result = havn(*arguments, **environment)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Traceback" not in result.stderr
    return result.stderr
