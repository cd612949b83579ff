"""``python -m havn_embedded run``: all of Havn on this machine."""

import logging
import os
import shlex
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from havn_embedded.demonstration.play import DemonstrationFailed, play
from havn_embedded.demonstration.report import report
from havn_embedded.servers import NotStarted
from havn_embedded.stack import DEMO_MUNICIPALITY, DEMO_SHELTER, Stack

FOLDER = Path(".havn").resolve()
NATS_CONFIGURATION = Path(__file__).parents[3] / "nats" / "nats.conf"

ENV_ROLES = ("shelter", "leader", "psychologist", "adviser", "operator", "auditor")

app = typer.Typer(add_completion=False, help=__doc__, pretty_exceptions_enable=False)
console = Console()


class Stopped(Exception):
    """Ctrl-C or SIGTERM."""


@app.command()
def run(
    demonstration: Annotated[bool, typer.Option(help="Live through the demonstration's year first.")] = True,
    once: Annotated[bool, typer.Option(help="Stop when the demonstration has been played.")] = False,
) -> None:
    """Start PostgreSQL, NATS and the six services; play the demonstration; run until Ctrl-C."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, _stop)
    stack = Stack(
        FOLDER,
        NATS_CONFIGURATION,
        database_url=os.environ.get("DATABASE_URL"),
        nats_url=os.environ.get("NATS_URL"),
        demonstration=demonstration,
    )
    try:
        _run(stack, demonstration, once)
    except Stopped:
        console.print("Stopping ...")
    except (NotStarted, DemonstrationFailed) as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from None
    finally:
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, signal.SIG_IGN)
        stack.stop()
        console.print("Everything that was started here has stopped; the data stay in .havn.")


def _run(stack: Stack, demonstration: bool, once: bool) -> None:
    console.print("Starting PostgreSQL, NATS and six services ...")
    begun = time.monotonic()
    stack.start()
    console.print(f"All ready after {time.monotonic() - begun:.1f} s.")
    if demonstration:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            played = stack.folder / "played"
            continued = played.exists()
            play(stack, progress, played)
        if not report(stack, console):
            if not continued:
                raise DemonstrationFailed("the demonstration's counts differ from the published ones")
            console.print("What was reported here since the demonstration is counted too.")
    _write_addresses(stack)
    console.print(_addresses(stack))
    if once:
        return
    console.print("Running. Ctrl-C stops everything.")
    while True:
        time.sleep(0.5)
        stack.check()


def _stop(*_: object) -> None:
    raise Stopped


def _addresses(stack: Stack) -> Table:
    table = Table("service", "address")
    for service, url in stack.urls.items():
        table.add_row(service, url)
    table.caption = "Addresses and tokens for your shell: . .havn/env"
    return table


def _write_addresses(stack: Stack) -> None:
    lines = [f"{service.upper().replace('-', '_')}={url}" for service, url in stack.urls.items()]
    lines += [f"{role.upper()}_TOKEN={stack.token(role)}" for role in ENV_ROLES]
    lines += [f"MUNICIPALITY_TOKEN={stack.token('municipality', DEMO_MUNICIPALITY)}", f"NATS_URL={stack.nats_url}"]
    lines += [f"ISSUER={stack.issuer.url}", f"ISSUER_SECRET={stack.issuer.secret}", f"SHELTER={DEMO_SHELTER}"]
    lines += [f"{name}={shlex.quote(value)}" for name, value in stack.feed.items()]
    today = stack.clock_file.read_text()[:10] if stack.demonstration else datetime.now(UTC).date().isoformat()
    lines.append(f"TODAY={today}")
    path = stack.folder / "env"
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n")


@app.callback()
def main() -> None:
    """All of Havn on this machine."""


if __name__ == "__main__":
    app()
