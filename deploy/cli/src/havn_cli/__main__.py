"""``python -m havn_cli``: the same as ``havn``."""

from havn_cli.main import app

app()
