"""Results go to standard output as JSON."""

import json

import typer


def write_json(content: object) -> None:
    """Readable JSON, with Danish letters as they are."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
