"""``havn erase``: a person's identity erased for good at the shelter whose leader asks for it."""

from typing import Annotated
from uuid import UUID

import httpx
import typer

from havn_cli.faults import Fault, told
from havn_cli.orchestrator import SECONDS, setting


@told()
def erase(
    person_id: Annotated[str, typer.Argument(metavar="PERSON_ID", help="The person's id, as in GET /stays/{stay_id}.")],
    url: Annotated[str | None, typer.Option(help="Intake's address; else INTAKE.")] = None,
    token: Annotated[str | None, typer.Option(help="A token of the shelter's leader; else LEADER_TOKEN.")] = None,
) -> None:
    """Drop the key of a person's identity: who she is can be read no more, and is not recorded again under this id.

    It cannot be undone; doing it twice is harmless. Stays, counts and deadlines remain. INTAKE and LEADER_TOKEN are read from the
    environment, or from .havn/env in this folder.
    """
    try:
        person = UUID(person_id)
    except ValueError:
        raise Fault("A person's id is a UUID; GET /stays/{stay_id} shows it as person_id.") from None
    _ask(setting("INTAKE", url, "Intake's address"), setting("LEADER_TOKEN", token, "A token of the shelter's leader"), person)
    typer.echo("The identity is erased. Renew the copy of the keys and destroy older ones: see Backups in docs/operations.md.")


def _ask(url: str, token: str, person: UUID) -> None:
    try:
        answer = httpx.delete(
            f"{url.rstrip('/')}/people/{person}/identity", headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS
        )
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise Fault("Intake's address is not one: it begins with http:// or https://.") from None
    except UnicodeEncodeError:
        raise Fault("The token is not one: copy it whole, without other characters.") from None
    except httpx.TransportError:
        raise Fault("Intake did not answer, so whether it is erased is not known. Ask again: erasing twice is harmless.") from None
    if answer.status_code != httpx.codes.NO_CONTENT:
        other = f"Intake answered with status {answer.status_code}; nothing is known to be erased. Ask again, or see its log."
        raise Fault(_REFUSALS.get(answer.status_code, other))


_REFUSALS = {
    401: "The token is not accepted, or has run out: `make run` writes new ones to .havn/env; or give one with --token.",
    403: "This token may not erase: the shelter's leader alone may.",
    404: "No identity of this person was ever recorded at this shelter, so there is nothing to erase.",
}
