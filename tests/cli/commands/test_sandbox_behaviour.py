"""`xerosync sandbox --behaviour`: the sandbox answers as a report says."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from behaviours import opposite, report
from command_line import Xerosync

from xerosync.sandbox import Sandbox
from xerosync.sandbox.accounting.assumptions import Assumptions
from xerosync.xero_behaviour import Question


@pytest.fixture
def served(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Assumptions]]:
    """Return the country and assumptions of each sandbox that the command would have served."""
    found: list[tuple[str, Assumptions]] = []

    def serve(sandbox: Sandbox) -> None:
        found.append((sandbox.store.country.name, sandbox.store.assumed))
        sandbox.close()

    monkeypatch.setattr(Sandbox, "serve_forever", serve)
    monkeypatch.chdir(project)
    return found


def write(name: str, document: object) -> str:
    Path(name).write_text(json.dumps(document), encoding="utf-8")
    return name


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    ("number", "chart", "command"),
    [("1", False, "pull"), ("1", True, "plan"), ("12", False, "auth status")],
)
def test_the_command_to_try_first_works_in_this_folder(
    xerosync: Xerosync, number: str, chart: bool, command: str
) -> None:
    if chart:
        write("accounts.yaml", {})
    else:
        Path("accounts.yaml").unlink(missing_ok=True)
    said = xerosync("sandbox", "--port", "0", "--db", "own.db", "--organisations", number).err
    assert f"  xerosync {command}\n" in said


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    ("system", "line"),
    [
        ("posix", "  export XERO_CLIENT_ID=sandbox\n"),
        ("nt", '  $env:XERO_CLIENT_ID = "sandbox"\n'),
    ],
)
def test_the_variables_are_printed_for_the_shell_of_the_system(
    xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, system: str, line: str
) -> None:
    monkeypatch.setattr("xerosync.cli.commands.sandbox.os", SimpleNamespace(name=system))
    assert line in xerosync("sandbox", "--port", "0", "--db", "own.db").err


def test_the_sandbox_answers_as_the_report_says(
    xerosync: Xerosync, served: list[tuple[str, Assumptions]]
) -> None:
    refused = report({Question.SYMBOL_FIRST: "refused"}, text="No symbols, please.")
    file = write("report.json", refused.to_json())
    said = xerosync("sandbox", "--port", "0", "--db", "own.db", "--behaviour", file)
    assert said.code == 0, said.err
    ((country, assumed),) = served
    assert (country, assumed.symbol_first) == ("NZ", "refused")
    assert assumed.refusal("symbol_first", "ours") == ("No symbols, please.",)
    text = " ".join(said.err.split())
    assert "The sandbox answers as in the report of 2026-11-27 (NZ)." in text
    assert "That report differs from the sandbox's assumptions in symbol_first." in text


def test_new_books_are_in_the_country_of_the_report(
    xerosync: Xerosync, served: list[tuple[str, Assumptions]]
) -> None:
    file = write("report.json", opposite("GB").to_json())
    assert xerosync("sandbox", "--port", "0", "--db", "own.db", "--behaviour", file).code == 0
    assert served[0][0] == "UK"


def test_a_report_about_another_country_is_noted(
    xerosync: Xerosync, served: list[tuple[str, Assumptions]]
) -> None:
    file = write("report.json", opposite("AU").to_json())
    said = xerosync(
        "sandbox", "--port", "0", "--db", "own.db", "--country", "NZ", "--behaviour", file
    )
    assert served[0][0] == "NZ"
    assert "The report is about AU; these books are in NZ." in " ".join(said.err.split())


def test_a_report_with_a_byte_order_mark_is_read(
    xerosync: Xerosync, served: list[tuple[str, Assumptions]]
) -> None:
    """Windows editors add one; a chart file may name such a report too."""
    file = Path(write("report.json", opposite("NZ").to_json()))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert xerosync("sandbox", "--port", "0", "--behaviour", str(file)).code == 0
    assert served


@pytest.mark.parametrize(
    ("document", "reason"),
    [([], "The document is not an object."), ({"format_version": "7.0"}, "format_version is not")],
)
def test_a_file_that_is_not_a_report_is_refused(
    xerosync: Xerosync,
    served: list[tuple[str, Assumptions]],
    document: object,
    reason: str,
) -> None:
    said = xerosync("sandbox", "--behaviour", write("report.json", document))
    assert said.code == 64
    text = " ".join(said.err.split())
    assert f"report.json is not a report on Xero's behaviour. {reason}" in text
    assert not served
