"""`xerosync schema`: the JSON Schema of accounts.yaml."""

from __future__ import annotations

import typer


def command() -> None:
    """Print the JSON Schema of accounts.yaml, for editors."""
    from xerosync.chartfile.schema import schema_text

    typer.echo(schema_text(), nl=False)
