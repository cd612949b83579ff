"""``havn token``: an access token of the development issuer that ``make run`` starts."""

from typing import Annotated

import httpx
import typer

from havn_cli.faults import Fault, told
from havn_cli.orchestrator import SECONDS, setting

DISCOVERY = "/.well-known/openid-configuration"
CLIENT = "havn"
_WHERE = "It runs with `make run`; ask from the same folder."


@told()
def token(
    role: Annotated[
        str,
        typer.Argument(
            metavar="ROLE", help="shelter, leader, psychologist, adviser, municipality, operator or auditor.", show_default=False
        ),
    ],
    shelter: Annotated[str | None, typer.Option(help="The shelter's id; else SHELTER.")] = None,
    municipality: Annotated[str | None, typer.Option(help="The municipality's four digits.")] = None,
    psychologist: Annotated[str | None, typer.Option(help="The id that treatments name her by.")] = None,
    adviser: Annotated[str | None, typer.Option(help="The id that advice names her by.")] = None,
    scope: Annotated[str | None, typer.Option(help="Less than the role may, for example havn:read.")] = None,
) -> None:
    """A development token for the running platform, on standard output. A city's own identity provider makes them elsewhere.

    ISSUER and ISSUER_SECRET are read from the environment, or from .havn/env in this folder.
    """
    given = {"municipality": municipality, "psychologist": psychologist, "adviser": adviser, "scope": scope}
    form = {name: value for name, value in given.items() if value is not None}
    if role == "municipality" and municipality is None:
        raise Fault("A municipality's token says which: give --municipality and its four digits.")
    if role in ("shelter", "leader", "auditor"):
        form["shelter"] = setting("SHELTER", shelter, "The shelter")
    address = setting("ISSUER", None, "The development issuer's address").rstrip("/")
    secret = setting("ISSUER_SECRET", None, "The development issuer's client secret")
    typer.echo(_ask(address, secret, {"grant_type": "client_credentials", "role": role, **form}))


def _ask(address: str, secret: str, form: dict[str, str]) -> str:
    try:
        with httpx.Client(timeout=SECONDS) as client:
            endpoint = client.get(address + DISCOVERY).raise_for_status().json()["token_endpoint"]
            answer = client.post(endpoint, data=form, auth=(CLIENT, secret))
            if answer.status_code == httpx.codes.BAD_REQUEST:
                raise Fault("The issuer knows no such role. `havn token --help` names them.")
            return str(answer.raise_for_status().json()["access_token"])
    except httpx.HTTPStatusError:
        raise Fault(f"The development issuer of this folder refused: the one that answers is another run's. {_WHERE}") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise Fault(f"No development issuer answers. {_WHERE}") from None
    except (ValueError, KeyError):
        raise Fault("What answers is no development issuer of this version.") from None
