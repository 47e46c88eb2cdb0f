"""`--help` is quick: what a command needs is imported when it runs."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["plan", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from xerosync.cli.app import run; "
        f"code = run({arguments!r}); "
        "print(code, *sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    status, *loaded = done.stderr.split()
    assert status == "0"
    heavy = {
        "requests",
        "jsonschema_rs",
        "rapidfuzz",
        "yaml",
        "oauthlib",
        "rich.table",
        "xerosync.sandbox",
    }
    assert not heavy & set(loaded)


def test_help_imports_only_typer_and_the_cli_app() -> None:
    """Typer alone is most of the start-up; the list of commands needs only its own module."""
    code = (
        "import gc, sys, __future__, typer.main; before = {*sys.modules}; "
        "from xerosync.cli.app import run; run(['--help']); "
        "print(*({*sys.modules} - before), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stderr.split() if not name.startswith("typer.")}
    assert loaded == {"xerosync", "xerosync.cli", "xerosync.cli.app"}


def test_collections_of_garbage_leave_out_what_was_imported() -> None:
    """Looking through all modules once more at the end took a quarter of `--help`."""
    code = (
        "import atexit, gc, sys; from xerosync.cli import main; sys.argv = ['xerosync', '--help']; "
        "atexit.register(lambda: print(gc.get_freeze_count(), gc.isenabled(), file=sys.stderr)); "
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    frozen, enabled = done.stderr.split()
    assert int(frozen) > 10_000
    assert enabled == "True"
