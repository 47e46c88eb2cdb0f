"""`xerosync schema`: the JSON Schema of the chart file, for editors."""

from __future__ import annotations

import typer


def command() -> None:
    """Print the JSON Schema of accounts.yaml, for editors and other programs."""
    from xerosync.chartfile.schema import schema_text

    typer.echo(schema_text(), nl=False)
