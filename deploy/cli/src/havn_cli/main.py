"""The command ``havn``: JSON on standard output, messages for people on standard error, status 1 on a fault."""

import typer

from havn_cli import municipality, standards
from havn_cli.due import due
from havn_cli.erase import erase
from havn_cli.token import token
from havn_cli.why import why

app = typer.Typer(
    help="Havn's rulebook, why something is due, who may connect, and tokens for trying things out.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(standards.app, name="standards")
app.add_typer(municipality.app, name="municipality")
app.command()(due)
app.command()(why)
app.command()(erase)
app.command()(token)
