"""A running orchestrator, asked over HTTP, and where its address and token are found."""

import os
from pathlib import Path
from uuid import UUID

import httpx
from pydantic import BaseModel, ValidationError

from havn_cli.faults import Fault

SECONDS = 10.0
ENV_FILE = Path(".havn/env")
_WHERE = "Start one with `make run` and ask from the same folder, or name it: --url, or ORCHESTRATOR in the environment."


class Why(BaseModel):
    """What the orchestrator answers to *why?*, as far as it is told on: all of it, a sentence a line."""

    explanation_da: str
    explanation_en: str


def setting(name: str, option: str | None, meaning: str) -> str:
    """The option, else the environment's, else that of ``.havn/env`` in this folder. Raises Fault."""
    value = option or os.environ.get(name) or _env_file().get(name)
    if not value:
        raise Fault(f"{meaning} is not known: there is no {name} in the environment or in {ENV_FILE}. {_WHERE}")
    return value


def _env_file() -> dict[str, str]:
    if not ENV_FILE.is_file():
        return {}
    pairs = (line.partition("=") for line in ENV_FILE.read_text(encoding="utf-8").splitlines())
    return {name: value for name, equals, value in pairs if equals}


def ask_why(url: str, token: str, obligation_id: UUID) -> bytes:
    """The orchestrator's answer as it came. Raises Fault where nobody answers, or with another status than 200."""
    try:
        answer = httpx.get(
            f"{url.rstrip('/')}/obligations/{obligation_id}/why",
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
        )
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise Fault("The orchestrator's address is not one: it begins with http:// or https://.") from None
    except UnicodeEncodeError:
        raise Fault("The token is not one: copy it whole, without other characters.") from None
    except httpx.TransportError:
        raise Fault(f"No orchestrator answers at this address. {_WHERE}") from None
    if answer.status_code != httpx.codes.OK:
        other = f"The orchestrator answered with status {answer.status_code}; its log says why."
        raise Fault(_REFUSALS.get(answer.status_code, other))
    return answer.content


_REFUSALS = {
    401: "The token is not accepted, or has run out: `make run` writes new ones to .havn/env; or give one with --token.",
    403: "This token may not ask why: use one of the shelter, its leader, the municipality or the auditor.",
    404: "There is no such obligation here, or it is not yours to see. Its id is the obligation_id in GET /cases/{case_id}.",
}


def read_why(answer: bytes) -> Why:
    """The answer in typed form. Raises Fault when it has another form."""
    try:
        return Why.model_validate_json(answer)
    except ValidationError:
        raise Fault("The answer has another form than expected. Ask an orchestrator of this version; --json shows it.") from None
