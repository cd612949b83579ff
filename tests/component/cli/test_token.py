"""``havn token``: a token of the running development issuer."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from havn_chassis.auth import Caller, Tokens
from havn_embedded.servers import free_port
from havn_embedded.tokens import Issuer
from tests.unit.cli.command import havn

SHELTER = uuid4()


@pytest.fixture(autouse=True)
def running(issuer: Issuer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ISSUER", issuer.url)
    monkeypatch.setenv("ISSUER_SECRET", issuer.secret)
    monkeypatch.setenv("SHELTER", str(SHELTER))


def caller_of(issuer: Issuer, token: str) -> Caller:
    return asyncio.run(Tokens(issuer.url, "havn").caller(f"Bearer {token.strip()}"))


def test_a_token_is_for_the_role_and_whom_it_names(issuer: Issuer) -> None:
    other = uuid4()
    for asked, expected in (
        (["leader"], ("leader", SHELTER, None, None)),
        (["shelter", "--shelter", str(other)], ("shelter", other, None, None)),
        (["municipality", "--municipality", "0461"], ("municipality", None, "0461", None)),
        (["psychologist", "--psychologist", str(UUID(int=5))], ("psychologist", None, None, UUID(int=5))),
        (["operator"], ("operator", None, None, None)),
    ):
        done = havn("token", *asked)
        assert done.exit_code == 0, done.stderr
        caller = caller_of(issuer, done.stdout)
        assert (caller.role, caller.shelter, caller.municipality, caller.professional) == expected


def test_a_token_can_be_asked_for_less(issuer: Issuer) -> None:
    assert caller_of(issuer, havn("token", "leader", "--scope", "havn:read").stdout).scopes == {"havn:read"}


def test_a_fault_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def said(*asked: str) -> str:
        done = havn("token", *asked)
        assert (done.exit_code, done.stdout) == (1, "")
        assert "Traceback" not in done.stderr
        return done.stderr

    assert "--municipality" in said("municipality")
    assert "--help" in said("king")
    monkeypatch.setenv("ISSUER_SECRET", "guessed")
    assert "make run" in said("operator")
    monkeypatch.setenv("ISSUER", f"http://127.0.0.1:{free_port()}")
    assert "make run" in said("operator")
    monkeypatch.delenv("ISSUER")
    assert "ISSUER" in said("operator")
