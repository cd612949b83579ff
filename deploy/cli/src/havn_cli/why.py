"""``havn why``: an obligation explained to a caseworker, sentence by sentence as the orchestrator says it."""

import json
from typing import Annotated, Literal
from uuid import UUID

import typer

from havn_cli.faults import Fault, told
from havn_cli.given import AsJson
from havn_cli.orchestrator import ask_why, read_why, setting
from havn_cli.output import write_json


@told()
def why(
    obligation_id: Annotated[str, typer.Argument(metavar="OBLIGATION_ID", help="The obligation's id.")],
    url: Annotated[str | None, typer.Option(help="The orchestrator's address; else ORCHESTRATOR.")] = None,
    token: Annotated[str | None, typer.Option(help="A token; else SHELTER_TOKEN.")] = None,
    language: Annotated[Literal["da", "en"], typer.Option(help="Danish or English.")] = "da",
    as_json: AsJson = False,
) -> None:
    """Why it is owed and until when: the rule, its source, the days one by one, the events, and what became of it.

    Of a treatment also how much is owed, each session, and what is used and left.

    ORCHESTRATOR and SHELTER_TOKEN are read from the environment, or from .havn/env in this folder.
    """
    obligation = _id(obligation_id)
    address = setting("ORCHESTRATOR", url, "The orchestrator's address")
    answer = ask_why(address, setting("SHELTER_TOKEN", token, "A token for the orchestrator"), obligation)
    if as_json:
        write_json(json.loads(answer))
    else:
        why = read_why(answer)
        typer.echo(why.explanation_da if language == "da" else why.explanation_en)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Fault("An obligation's id is a UUID; GET /cases/{case_id} shows it as obligation_id.") from None
