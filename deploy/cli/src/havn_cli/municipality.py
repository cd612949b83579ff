"""``havn municipality``: who may connect to the NATS server for a municipality."""

from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from havn_cli.faults import told
from havn_cli.output import write_json
from havn_events.municipalities import MUNICIPALITIES
from havn_nats.accounts import STREAM, acknowledge_subject, durable, inbox_prefix
from havn_nats.credentials import ACCOUNTS, PID, Credential, Credentials, reload

app = typer.Typer(help="Credentials of the municipalities on the NATS server.", no_args_is_help=True)

Code: TypeAlias = Annotated[str, typer.Argument(metavar="CODE", help="The municipality's four digits, for example 0461.")]
Folder: TypeAlias = Annotated[
    Path, typer.Option(help=f"Holds the public keys and {ACCOUNTS}, which the server reads.", envvar="HAVN_NATS_FOLDER")
]
PidFile: TypeAlias = Annotated[
    Path | None, typer.Option(help=f"The server's process id, to have it read its accounts again; else {PID} in the folder.")
]
SeedFile: TypeAlias = Annotated[
    Path | None, typer.Option(help="A new file for the seed, readable by its owner alone; else it is printed, this once.")
]
HERE = Path(".havn/nats")


@app.command()
@told()
def grant(code: Code, folder: Folder = HERE, seed_file: SeedFile = None, pid_file: PidFile = None) -> None:
    """Let a municipality connect. Its seed is shown or written now and never again."""
    credential = Credentials(folder).grant(code, seed_file)
    _answer(code, credential, folder, seed_file, pid_file)


@app.command()
@told()
def rotate(code: Code, folder: Folder = HERE, seed_file: SeedFile = None, pid_file: PidFile = None) -> None:
    """Replace a municipality's credential. The old one and its connections end at once; its place on the feed is kept."""
    credential = Credentials(folder).rotate(code, seed_file)
    _answer(code, credential, folder, seed_file, pid_file)


@app.command()
@told()
def revoke(code: Code, folder: Folder = HERE, pid_file: PidFile = None) -> None:
    """Withdraw a municipality's credential: its connections end, and it cannot come back."""
    Credentials(folder).revoke(code)
    write_json({"municipality": code, "server_told": _tell(folder, pid_file)})


@app.command("list")
@told()
def list_municipalities(folder: Folder = HERE) -> None:
    """Every municipality, and the public key it may connect with."""
    keys = Credentials(folder).public_keys()
    write_json([{"municipality": code, "name": name, "public_key": keys.get(code)} for code, name in MUNICIPALITIES.items()])


@app.command()
@told()
def configure(folder: Folder = HERE, pid_file: PidFile = None) -> None:
    """Write the accounts anew from the public keys: for a new server, or after an upgrade."""
    Credentials(folder).configure()
    write_json({"accounts": str(folder / ACCOUNTS), "server_told": _tell(folder, pid_file)})


def _answer(code: str, credential: Credential, folder: Path, seed_file: Path | None, pid_file: Path | None) -> None:
    answer: dict[str, Any] = {
        "municipality": code,
        **({"seed_file": str(seed_file)} if seed_file else {"seed": credential.seed}),
        "public_key": credential.public,
        "inbox_prefix": inbox_prefix(code),
        "stream": STREAM,
        "durable": durable(code),
        "acknowledge": acknowledge_subject(code),
        "server_told": False,
    }
    try:
        answer["server_told"] = _tell(folder, pid_file)
    finally:
        write_json(answer)


def _tell(folder: Path, pid_file: Path | None) -> bool:
    return reload(pid_file or folder / PID)
