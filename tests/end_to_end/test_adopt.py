"""`xerosync adopt`: from drifted books and a standard to overlays whose last plan is empty."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from accountant import Accountant, Row, edit, read_rows, standard_text, write_rows
from command_line import Said, Xerosync
from python_calamine import load_workbook

from xerosync.chartfile.load import load
from xerosync.organisations.adopt.worksheet import (
    COLUMNS,
    DECISION,
    KEEP,
    MARKS,
    MISSING,
    NAME,
    NEW_CODE,
    REASON,
    SUGGESTION,
    WHICH,
)
from xerosync.sandbox import Sandbox
from xerosync.sandbox.books.organisations import Books, Contents
from xerosync.sandbox.books.store import Store

EXAMPLE = Path(__file__).parents[2] / "examples" / "practice"
STANDARD = "standard/chart.yaml"
ALL = ("--sandbox", "--all", "--standard", STANDARD)
SHEET = Path("worksheet.csv")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the books of six clients once; each test copies them."""
    path = tmp_path_factory.mktemp("made") / "books.db"
    with Sandbox(path, organisations=6, country="NZ"):
        pass
    return path


@pytest.fixture
def practice(made: Path, project: Path) -> Path:
    """Six drifted clients, and the standard that they started with."""
    Path(".xerosync").mkdir()
    shutil.copy(made, ".xerosync/sandbox.db")
    write_standard()
    return project


NEW = '  - {code: "7100", name: Merchant Service, type: EXPENSE, tax_type: no_tax}\n'
"""An account of the standard that no books have yet."""


def write_standard(extra: str = "") -> list[str]:
    text, codes = standard_text("NZ")
    Path("standard").mkdir(exist_ok=True)
    Path(STANDARD).write_text(text + extra, encoding="utf-8")
    return codes


@contextmanager
def books() -> Iterator[Books]:
    """Open the sandbox's books beside the commands."""
    opened = Books(".xerosync/sandbox.db", Contents(), time.time)
    try:
        yield opened
    finally:
        opened.database.close()


def accountant() -> Accountant:
    with books() as opened:
        return Accountant(opened, standard_text("NZ")[1])


def make(xerosync: Xerosync, path: Path = SHEET, *options: str) -> list[Row]:
    said = xerosync("adopt", *ALL, "--out", str(path), *options)
    assert said.code == 0, said.err
    return read_rows(path) if path.suffix == ".csv" else []


def overlays() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in Path("clients").glob("*.yaml")}


def decide(change: Mapping[str, Mapping[str, str]]) -> None:
    """Fill in the rows with these existing names, or of these missing accounts."""
    known = set(change)

    def one(row: Row) -> None:
        name = row[SUGGESTION] if row[NAME] == MISSING else row[NAME]
        if name in change:
            row.update(change[name])
            known.discard(name)

    edit(SHEET, one)
    assert not known, known


def put(name: str, client: int = 0, **values: Any) -> str:
    """Add an account to the books of a client, and return the client's name."""
    with books() as opened:
        store: Store = opened.stores()[client]
        store.insert(name=name, **{"type": "EXPENSE", "tax_type": "NONE"} | values)
        return store.organisation.name


def file_of(client: str) -> Path:
    return Path("clients", re.sub(r"[^a-z0-9]+", "-", client.casefold()) + ".yaml")


def planned(xerosync: Xerosync, file: Path) -> set[tuple[str, str]]:
    """Return the changes of a plan: what is done, and to which account."""
    said = xerosync("plan", "--sandbox", "-f", str(file), "--format", "json")
    assert said.code == 0, said.err
    (plan,) = json.loads(said.out)["plans"]
    return {(change["action"], change["name"]) for change in plan["changes"]}


def refused(said: Said, *parts: str) -> None:
    """Check that a worksheet was refused as a whole, for these reasons."""
    assert said.code == 3, said.out + said.err
    for part in parts:
        assert part in " ".join(said.err.split()), said.err
    assert not Path("clients").exists()


def test_fifty_drifted_books_join_a_standard_and_the_last_plan_is_empty(
    project: Path, xerosync: Xerosync
) -> None:
    """The test knows how the charts drifted: no suggestion that is filled in is wrong."""
    assert xerosync("sandbox", "--organisations", "50", "--country", "NZ", "--reset").code == 0
    Path("standard").mkdir()
    assert xerosync("compare", "--propose", "--all", "--sandbox", "--out", STANDARD).code == 0
    codes = [one.code for one in load(STANDARD).chart.accounts]
    rows = make(xerosync)
    with books() as opened:
        person = Accountant(opened, codes)
    counts = person.count(rows)
    assert set(counts.wrong) <= {"similar name, same class"}
    assert sum(counts.right.values()) > 2800
    assert counts.right["similar name, same class"] > 50
    assert counts.by_hand < counts.pairs < 200
    edit(SHEET, person.fill_in)

    said = xerosync("adopt", str(SHEET), *ALL)

    assert said.code == 0, said.err
    assert "50 overlays written: 50 new, 0 updated." in said.err
    assert xerosync("apply", "--sandbox", "-f", "clients", "--yes").code == 0, "nothing is blocked"
    assert xerosync("plan", "--sandbox", "-f", "clients", "--detailed-exitcode").code == 0

    before = overlays()
    SHEET.unlink()
    again = make(xerosync)
    assert not [row for row in again if not row[DECISION]]
    assert not [row for row in again if row[NAME] == MISSING]
    said = xerosync("adopt", str(SHEET), *ALL)
    assert "0 overlays written" in said.err
    assert overlays() == before


def test_a_code_alone_suggests_nothing(practice: Path, xerosync: Xerosync) -> None:
    with books() as opened:
        opened.stores()[0].edit("720", name="Drone Hire")
    (row,) = [row for row in make(xerosync) if row[NAME] == "Drone Hire"]
    assert row[SUGGESTION] == ""
    assert row[DECISION] == ""
    assert row["This code in the standard"] == "720 Computer Equipment"


def as_typed(value: str) -> str | float:
    """Return a cell as a spreadsheet saves what somebody typed: a code becomes a number."""
    return float(value) if value.isdecimal() else value


def test_a_workbook_edited_as_people_do_gives_the_same_overlays_as_a_csv(
    practice: Path, xerosync: Xerosync
) -> None:
    """Codes are numbers, columns were moved, rows and a column added, the sheet renamed."""
    import xlsxwriter  # noqa: PLC0415 as the program does

    person = accountant()
    make(xerosync)
    rows = edit(SHEET, person.fill_in)
    write_rows(SHEET, rows, delimiter=";")
    assert xerosync("adopt", str(SHEET), *ALL).code == 0
    expected = overlays()
    shutil.rmtree("clients")

    workbook = Path("worksheet.xlsx")
    make(xerosync, workbook)
    sheet = load_workbook(workbook).get_sheet_by_name("Worksheet").to_python()
    headings, *cells = [[str(cell) for cell in row] for row in sheet]
    assert headings == list(COLUMNS)
    edited = [dict(zip(headings, row, strict=True)) for row in cells]
    for row in edited:
        row[MARKS] = row[MARKS]
        person.fill_in(row)
    order = ["Notes", *reversed(headings)]
    with xlsxwriter.Workbook("edited.xlsx") as book:
        page = book.add_worksheet("Blatt 1")
        book.add_worksheet("My notes").write(0, 0, "Nothing here")
        page.write_row(1, 0, order)
        for number, row in enumerate(edited):
            page.write_row(2 * number + 3, 0, [as_typed(row.get(name, "")) for name in order])

    said = xerosync("adopt", "edited.xlsx", *ALL)

    assert said.code == 0, said.err
    assert overlays() == expected


def test_codes_without_their_leading_zeros_are_found(practice: Path, xerosync: Xerosync) -> None:
    write_standard('  - {code: "0905", name: Film Hire, type: EXPENSE, tax_type: no_tax}\n')
    client = put("Cinema", code="77")
    make(xerosync)
    decide({"Cinema": {DECISION: "905"}})
    assert xerosync("adopt", str(SHEET), *ALL).code == 0
    assert 'standard: "0905"' in file_of(client).read_text(encoding="utf-8")


def test_a_difference_that_is_kept_becomes_an_override_with_its_reason(
    practice: Path, xerosync: Xerosync
) -> None:
    write_standard(NEW)
    client = put("Card Fees", code="7404")
    make(xerosync)
    decide({"Card Fees": {DECISION: "7100", KEEP: "name, Code", REASON: "The bank says so"}})

    assert xerosync("adopt", str(SHEET), *ALL).code == 0

    text = file_of(client).read_text(encoding="utf-8")
    assert 'standard: "7100"\n    code: "7404"\n    name: Card Fees\n    account_id: ' in text
    assert "reason: The bank says so\n" in text
    assert "Card Fees" not in {name for _, name in planned(xerosync, file_of(client))}


def test_a_missing_reason_is_reported_at_the_cell_for_reasons(
    practice: Path, xerosync: Xerosync
) -> None:
    put("Card Fees", code="7404")
    make(xerosync)
    decide({"Card Fees": {DECISION: "404", KEEP: "name"}})
    line = [row[NAME] for row in read_rows(SHEET)].index("Card Fees") + 2
    column = COLUMNS.index(REASON) + 1
    refused(
        xerosync("adopt", str(SHEET), *ALL),
        f"worksheet.csv:{line}:{column}: error[worksheet-decision]: name would differ",
    )


def test_two_accounts_for_one_of_the_standard_are_reported_before_anything_is_written(
    practice: Path, xerosync: Xerosync
) -> None:
    client = put("Card Fees", code="7404")
    put("Terminal Fees", code="7405")
    make(xerosync)
    decide({"Card Fees": {DECISION: "404"}, "Terminal Fees": {DECISION: "404"}})
    refused(
        xerosync("adopt", str(SHEET), *ALL),
        "both become the standard's account 404 Bank Fees",
        "7404 Card Fees",
        "7405 Terminal Fees",
        client,
    )


WRONG: tuple[tuple[dict[str, str], str], ...] = (
    ({DECISION: "9999"}, 'The standard has no account "9999".'),
    ({DECISION: "yes"}, 'The decision is "yes", and the row has no suggestion.'),
    ({DECISION: "own", KEEP: "name"}, "Keep is for existing accounts that become"),
    ({DECISION: "404", NEW_CODE: "1"}, 'New code is for the decision "own"'),
    ({KEEP: "name"}, "Keep is filled in, and nothing is decided."),
    ({DECISION: "404", KEEP: "colour"}, '"colour" is not a field that can be kept.'),
    (
        {DECISION: "own"},
        "Uniforms has the code 480, which the standard's account 480 Staff Training",
    ),
    (
        {DECISION: "404", KEEP: "code", REASON: "x"},
        "its code, which the standard's account 480 Staff Training will have too",
    ),
    (
        {DECISION: "own", NEW_CODE: "200"},
        "has the code 200, which the standard's account 200 Sales will have",
    ),
    ({DECISION: "own", NEW_CODE: "090"}, "The new code 090 is taken by 090 Business Bank"),
    ({DECISION: "own", NEW_CODE: "12345678901"}, "longer than 10 characters"),
    ({MARKS: "", DECISION: "own"}, "The row has no marks"),
)


def test_an_impossible_decision_is_refused_with_a_hint(practice: Path, xerosync: Xerosync) -> None:
    with books() as opened:
        opened.stores()[0].edit("480", name="Uniforms")
    make(xerosync)
    before = SHEET.read_bytes()
    for filled, problem in WRONG:
        SHEET.write_bytes(before)
        decide({"Uniforms": filled})
        said = xerosync("adopt", str(SHEET), *ALL)
        refused(said, problem)
        assert "hint:" in said.err


def test_an_own_account_takes_a_new_code_and_leaves_its_code_to_the_standard(
    practice: Path, xerosync: Xerosync
) -> None:
    with books() as opened:
        client = opened.stores()[0].organisation.name
        opened.stores()[0].edit("480", name="Uniforms")
    make(xerosync)
    decide({"Uniforms": {DECISION: "own", NEW_CODE: "481"}})
    said = xerosync("adopt", str(SHEET), *ALL)
    assert said.code == 0
    text = file_of(client).read_text(encoding="utf-8")
    assert '  - code: "481"\n    name: Uniforms\n' in text
    assert 'previously: ["480"]' in text
    changes = planned(xerosync, file_of(client))
    assert {("update", "Uniforms"), ("create", "Staff Training")} <= changes

    plan = xerosync("plan", "--sandbox", "-f", "clients", "--format", "json").out
    created = sum(p["summary"]["create"] for p in json.loads(plan)["plans"])
    assert f"{created} missing accounts of the standard will be created" in said.err
    said = xerosync("adopt", str(SHEET), *ALL)
    assert said.code == 0, said.err
    assert file_of(client).read_text(encoding="utf-8") == text, "the same worksheet again"
    with books() as opened:
        opened.find(client).edit("480", code="481")
    said = xerosync("adopt", str(SHEET), *ALL)
    assert said.code == 0, "the same worksheet again, after an apply"
    assert file_of(client).read_text(encoding="utf-8") == text


def test_an_account_is_omitted_with_a_reason_or_created(practice: Path, xerosync: Xerosync) -> None:
    with books() as opened:
        for store in opened.stores()[:2]:
            store.edit("445", name="Uniforms")
    make(xerosync)
    rows = edit(SHEET, lambda row: row.update({DECISION: "own"} if row[NAME] == "Uniforms" else {}))
    (row,) = [r for r in rows if r[NAME] == MISSING and "code taken by Uniforms" in r["Grounds"]]
    assert (row[SUGGESTION], row["Organisations"]) == ("445 Light, Power, Heating", "2")
    for reason, code in (("", 3), ("The landlord pays it", 0)):
        edit(
            SHEET,
            lambda r, reason=reason: r.update(  # type: ignore[misc]
                {DECISION: "omit", REASON: reason} if r[MARKS] == row[MARKS] else {}
            ),
        )
        assert xerosync("adopt", str(SHEET), *ALL).code == code
    for client in row[WHICH].split(", "):
        text = file_of(client).read_text(encoding="utf-8")
        assert '{standard: "445", omit: true, reason: The landlord pays it}' in text
        assert "name: Uniforms" in text
    SHEET.unlink()
    (decided,) = [row for row in make(xerosync) if row[DECISION] == "omit"]
    assert decided[REASON] == "The landlord pays it"
    decide({decided[SUGGESTION]: {DECISION: "create", REASON: ""}, "Uniforms": {NEW_CODE: "4451"}})
    assert xerosync("adopt", str(SHEET), *ALL).code == 0
    assert load(str(file_of(client))).chart.omitted == ()


def test_archived_accounts_are_restored_or_left(practice: Path, xerosync: Xerosync) -> None:
    with books() as opened:
        client = opened.stores()[0].organisation.name
        for code in ("408", "425"):
            opened.stores()[0].edit(code, status="ARCHIVED")
    put("Lotteries", code="7700")
    make(xerosync)
    for row in read_rows(SHEET):
        assert row[DECISION] == "" or "archived" not in row["Type"]
    decide({"Lotteries": {DECISION: "archive"}})
    archived = {"Cleaning": "408", "Freight & Courier": "archive"}

    def one(row: Row) -> None:
        if row[NAME] in archived and "archived" in row["Type"]:
            row.update({DECISION: archived[row[NAME]], REASON: "Posts everything by hand"})

    edit(SHEET, one)
    assert xerosync("adopt", str(SHEET), *ALL).code == 0
    text = file_of(client).read_text(encoding="utf-8")
    assert '{standard: "425", omit: true, reason: Posts everything by hand}' in text
    assert "408" not in text
    changes = planned(xerosync, file_of(client))
    assert {("restore", "Cleaning"), ("archive", "Lotteries")} <= changes
    assert "Freight & Courier" not in {name for _, name in changes}


def test_the_comments_of_an_overlay_stay(practice: Path, xerosync: Xerosync) -> None:
    write_standard(NEW)
    client = put("Card Fees", code="7404")
    put("Terminal Fees", code="7405")
    text = (
        "# Ours since 2019\n"
        "version: 1\n"
        "extends: ../standard/chart.yaml   # the practice's\n"
        f"organisation: {{name: {client}, country: NZ}}\n"
        "accounts:\n"
        "  # Cards\n"
        '  - {code: "7404", name: Card Fees, type: EXPENSE}  # since the new terminal\n'
        '  - {code: "7405", name: Terminal Fees, type: EXPENSE}\n'
    )
    Path("clients").mkdir()
    file_of(client).write_text(text, encoding="utf-8")
    rows = make(xerosync)
    assert {r[DECISION] for r in rows if r[NAME] in {"Card Fees", "Terminal Fees"}} == {"own"}
    decide({"Terminal Fees": {DECISION: "7100"}})
    assert xerosync("adopt", str(SHEET), *ALL).code == 0
    now = file_of(client).read_text(encoding="utf-8")
    with books() as opened:
        terminal = opened.find(client).by_code("7405")
    assert terminal
    pinned = f"overrides:\n  - {{standard: 7100, account_id: {terminal.account_id}}}\naccounts:\n"
    expected = text.replace("accounts:\n", pinned)
    expected = expected.replace('  - {code: "7405", name: Terminal Fees, type: EXPENSE}\n', "")
    assert now.replace('"', "") == expected.replace('"', "")


def test_a_copy_of_a_whole_chart_becomes_an_overlay(practice: Path, xerosync: Xerosync) -> None:
    with books() as opened:
        name = opened.stores()[4].organisation.name
    Path("clients").mkdir()
    file = str(file_of(name))
    assert xerosync("pull", "--sandbox", "-f", file, "--organisation", name).code == 0
    for code in ("200", "489"):
        assert f'code: "{code}"' in Path(file).read_text(encoding="utf-8")
    options = ("--sandbox", "-f", file, "--standard", STANDARD)
    assert xerosync("adopt", *options, "--out", str(SHEET)).code == 0
    edit(SHEET, accountant().fill_in)
    said = xerosync("adopt", str(SHEET), *options)
    assert said.code == 0, said.err
    text = Path(file).read_text(encoding="utf-8")
    assert "\nextends: ../standard/chart.yaml\n" in text
    assert "country: NZ" in text
    assert 'code: "489"' not in text
    assert 'code: "090"' in text, "bank accounts are own ones"
    assert xerosync("validate", file).code == 0
    assert xerosync("apply", "--sandbox", "-f", file, "--yes").code == 0
    assert xerosync("plan", "--sandbox", "-f", file, "--detailed-exitcode").code == 0


def pulled(xerosync: Xerosync, client: int) -> Path:
    """Write the whole chart of a client to the folder of overlays."""
    with books() as opened:
        name = opened.stores()[client].organisation.name
    Path("clients").mkdir(exist_ok=True)
    file = file_of(name)
    assert xerosync("pull", "--sandbox", "-f", str(file), "--organisation", name).code == 0
    return file


def test_an_undecided_account_of_a_whole_chart_that_the_standard_has_is_reported_at_its_row(
    practice: Path, xerosync: Xerosync
) -> None:
    """The file keeps it as its own, so it cannot extend the standard yet; the others can."""
    with books() as opened:
        store = opened.stores()[4]
        store.edit("480", name="Uniforms")
        client = store.organisation.name
    file = pulled(xerosync, 4)
    before = file.read_bytes()
    make(xerosync)
    edit(SHEET, accountant().fill_in)
    decide({"Uniforms": {DECISION: "", KEEP: "", NEW_CODE: "", REASON: ""}})
    line = [row[NAME] for row in read_rows(SHEET)].index("Uniforms") + 2

    said = xerosync("adopt", str(SHEET), *ALL)

    told = " ".join(said.err.split())
    assert said.code == 6, said.err
    place = f"{SHEET}:{line}:{COLUMNS.index(DECISION) + 1}: error[worksheet-decision]: "
    assert f"{place}480 Uniforms is undecided: {file} lists it under accounts" in told
    assert "but its code is that of the standard's 480 Staff Training." in told
    assert "write 480 if they are one account" in told.lower()
    assert client in told
    assert "account-in-standard" not in told
    assert file.read_bytes() == before
    assert "5 overlays written: 5 new, 0 updated." in told

    decide({"Uniforms": {DECISION: "own", NEW_CODE: "481"}})
    said = xerosync("adopt", str(SHEET), *ALL)
    assert said.code == 0, said.err
    assert xerosync("validate", str(file)).code == 0


def test_an_account_of_a_whole_chart_without_a_row_stops_only_its_organisation(
    practice: Path, xerosync: Xerosync
) -> None:
    """Its account is only in the file, so the problem is reported there."""
    file = pulled(xerosync, 4)
    with file.open("a", encoding="utf-8") as text:
        text.write('  - {code: "7100", name: Till Rent, type: EXPENSE}\n')
    before = file.read_bytes()
    write_standard(NEW)
    make(xerosync)
    edit(SHEET, accountant().fill_in)
    said = xerosync("adopt", str(SHEET), *ALL)
    assert said.code == 6, said.err
    assert f"{file}:" in said.err
    assert "account-in-standard" in said.err
    assert "5 overlays written: 5 new, 0 updated." in said.err
    assert file.read_bytes() == before


def test_decisions_in_files_are_kept(project: Path, xerosync: Xerosync) -> None:
    """Pins, exceptions, what is kept or omitted, and own accounts of the twelve examples."""
    for name in ("standard", "clients"):
        shutil.copytree(EXAMPLE / name, project / name)
    before = overlays()
    assert xerosync("sandbox", "--organisations", "12", "--reset").code == 0
    options = ("-f", "clients", "--sandbox")
    assert xerosync("adopt", *options, "--out", str(SHEET)).code == 0
    rows = {row[NAME]: row for row in read_rows(SHEET) if "decided" in row["Grounds"]}
    assert rows["Merchant and Bank Fees"][DECISION] == "404"
    assert rows["Car Expenses"][DECISION] == "449"
    assert rows["Uniforms"][DECISION] == "own"
    assert rows[MISSING][DECISION] == "omit"
    said = xerosync("adopt", str(SHEET), *options)
    assert "0 overlays written" in said.err
    assert overlays() == before


def test_accounts_that_changed_since_are_reported_and_left_undecided(
    practice: Path, xerosync: Xerosync
) -> None:
    client = put("Card Fees", code="7404")
    put("Lotteries", code="7700")
    make(xerosync)
    decide({"Card Fees": {DECISION: "404"}, "Lotteries": {DECISION: "own"}})
    with books() as opened:
        store = opened.find(client)
        store.edit("7404", name="Drone Hire")
        store.edit("7700", status="DELETED")
    put("Brand New", code="7800")
    said = xerosync("adopt", str(SHEET), *ALL)
    assert said.code == 0, said.err
    told = " ".join(said.err.split())
    assert f"1 account changed after the worksheet was made, so left undecided: {client}: Card Fees is now 7404 Drone Hire." in told  # fmt: skip # noqa: E501
    assert "1 account of the worksheet not found" in told
    assert f"1 account not in the worksheet, so undecided: {client}: 7800 Brand New." in told
    text = file_of(client).read_text(encoding="utf-8")
    assert "Drone" not in text
    assert "404" not in text


def test_a_row_whose_accounts_all_changed_is_not_counted_as_undecided(
    practice: Path, xerosync: Xerosync
) -> None:
    client = put("Drones", code="7700")
    open_rows = sum(not row[DECISION] and row[NAME] != MISSING for row in make(xerosync))
    with books() as opened:
        opened.find(client).edit("7700", name="Kites")
    told = xerosync("adopt", str(SHEET), *ALL).err
    assert f"{open_rows - 1} rows without a decision" in told
    assert "1 account changed after the worksheet was made" in told


def test_a_worksheet_that_lacks_an_organisation_is_made_again_once_it_is_removed(
    practice: Path, xerosync: Xerosync
) -> None:
    Path("exports").mkdir()
    Path("exports/Good.csv").write_text(
        "*Code,*Name,*Type,*Tax Code\n404,Bank Fees,Expense,No GST\n", encoding="utf-8"
    )
    bad = Path("exports/Bad.csv")
    bad.write_text("nothing\n", encoding="utf-8")
    options = ("--current", "exports", "--country", "NZ", "--standard", STANDARD)
    said = xerosync("adopt", *options, "--out", str(SHEET))
    assert said.code == 6
    assert f"The others are done. Resolve this, remove {SHEET}, and run again." in said.err
    bad.unlink()
    SHEET.unlink()
    assert xerosync("adopt", *options, "--out", str(SHEET)).code == 0


def test_nothing_is_written_for_undecided_accounts(practice: Path, xerosync: Xerosync) -> None:
    rows = make(xerosync)
    undecided = [row for row in rows if not row[DECISION] and row[NAME] != MISSING]
    accounts = sum(int(row["Organisations"]) for row in undecided)
    said = xerosync("adopt", str(SHEET), *ALL)
    assert f"{len(undecided)} rows without a decision ({accounts} accounts)" in said.err
    assert not [text for text in overlays().values() if "accounts:" in text]


def test_exports_make_a_worksheet_without_a_sign_in(practice: Path, xerosync: Xerosync) -> None:
    """The same worksheet is then filled in for the books in Xero, whose ids it gets there."""
    person = accountant()
    make(xerosync)
    expected = edit(SHEET, person.fill_in)
    assert xerosync("adopt", str(SHEET), *ALL).code == 0
    wanted = overlays()
    shutil.rmtree("clients")

    Path("exports").mkdir()
    with books() as opened:
        for store in opened.stores():
            lines = ["*Code,*Name,*Type,*Tax Code"]
            lines += [
                f'{a.code},"{a.name}",{a.type},None'
                for a in store.accounts()
                if a.status == "ACTIVE"
            ]
            path = Path("exports", f"{store.organisation.name}.csv")
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    offline = ("--current", "exports", "--country", "NZ", "--standard", STANDARD)
    said = xerosync("adopt", *offline, "--out", "offline.csv")
    assert said.code == 0, said.err
    decisions = {(row[NAME], row[WHICH]): row for row in expected}
    rows = read_rows(Path("offline.csv"))
    for row in rows:
        if not row[DECISION] and (known := decisions.get((row[NAME], row[WHICH]))):
            row.update({c: known[c] for c in (DECISION, NEW_CODE)})
    write_rows(Path("offline.csv"), rows)
    assert xerosync("adopt", "offline.csv", *offline).code == 64
    assert xerosync("adopt", "offline.csv", *ALL).code == 0
    same = [name for name, text in overlays().items() if text == wanted[name]]
    assert len(same) >= 4, "where roles and archived accounts, which a CSV lacks, change nothing"


def exported(pin: str, *more: str) -> None:
    """Write a CSV of Acme, and a file with a decision for each pin."""
    Path("exports").mkdir()
    lines = "*Code,*Name,*Type,*Tax Code\n404,Charges,Expense,No GST\n"
    Path("exports/Acme.csv").write_text(lines, encoding="utf-8")
    Path("clients").mkdir()
    for number, one in enumerate((pin, *more)):
        text = (
            f"version: 1\nextends: ../{STANDARD}\n"
            f"organisation: {{name: ACME, country: NZ, {one}}}\n"
            "overrides: [{standard: '404', name: Charges, reason: So they say}]\n"
        )
        Path(f"clients/{number}.yaml").write_text(text, encoding="utf-8")


def test_exports_are_not_read_together_with_the_sandbox(practice: Path, xerosync: Xerosync) -> None:
    refused = xerosync("adopt", *EXPORTS, "--sandbox")
    assert refused.code == 64
    assert "--current cannot be used with --sandbox." in refused.err


ID = "11111111-1111-4111-8111-11111111111"
EXPORTS = ("--current", "exports", "--standard", STANDARD, "--out", str(SHEET))


@pytest.mark.parametrize("country", [("--country", "NZ"), ()])
@pytest.mark.parametrize("pin", [f"tenant_id: {ID}1", 'short_code: "!x"'])
def test_the_file_of_an_export_is_found_by_its_name(
    practice: Path, xerosync: Xerosync, pin: str, country: tuple[str, ...]
) -> None:
    """A CSV has neither the tenant id nor the short code that the file may name."""
    exported(pin)
    said = xerosync("adopt", *EXPORTS, *country)
    assert said.code == 0, said.err
    (row,) = (row for row in read_rows(SHEET) if row[NAME] == "Charges")
    assert (row["Grounds"], row[DECISION]) == ("decided in its file", "404")


def test_the_file_of_an_export_is_not_that_of_another_country_or_one_of_two(
    practice: Path, xerosync: Xerosync
) -> None:
    exported(f"tenant_id: {ID}1")
    refused = xerosync("adopt", *EXPORTS, "--country", "AU")
    assert refused.code == 5, refused.err
    assert "country NZ in the file" in refused.err
    shutil.rmtree("exports")
    shutil.rmtree("clients")
    exported(f"tenant_id: {ID}1", f"tenant_id: {ID}2")
    for file, profile in (("0", "one"), ("1", "two")):
        path = Path(f"clients/{file}.yaml")
        path.write_text(path.read_text("utf-8") + f"profile: {profile}\n", encoding="utf-8")
    refused = xerosync("adopt", *EXPORTS)
    assert "clients/0.yaml and clients/1.yaml are both for ACME." in refused.err
    assert not SHEET.exists()


HOSTILE = ("=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x")', "'quoted")


def test_names_that_attack_a_spreadsheet_do_nothing_and_come_back_unchanged(
    practice: Path, xerosync: Xerosync
) -> None:
    for number, name in enumerate(HOSTILE):
        client = put(name, code=f"77{number}")
    raw = "".join(f"{','.join(row.values())}\n" for row in make(xerosync))
    for name in HOSTILE:
        assert f"'{name}" in raw or name == "'quoted"
    make(xerosync, Path("worksheet.xlsx"))
    page = load_workbook("worksheet.xlsx").get_sheet_by_name("Worksheet").to_python()
    assert set(HOSTILE) <= {row[0] for row in page}
    shutil.unpack_archive("worksheet.xlsx", "unpacked", "zip")
    for part in Path("unpacked/xl/worksheets").glob("*.xml"):
        text = part.read_text(encoding="utf-8")
        assert "<f>" not in text
        assert "<hyperlink" not in text

    def own(row: Row) -> None:
        if row[NAME].removeprefix("'") in HOSTILE or row[NAME] in HOSTILE:
            row[DECISION] = "own"

    edit(SHEET, own)
    assert xerosync("adopt", str(SHEET), *ALL).code == 0
    names = {account.name for account in load(str(file_of(client))).chart.accounts}
    assert set(HOSTILE) <= names


def test_names_that_a_workbook_or_a_worksheet_could_misread_are_read_back(
    practice: Path, xerosync: Xerosync
) -> None:
    names = ("a_x0041_b", MISSING, "Tabs\tand  blanks", "\u202egnp.exe", "漢字 😀")
    for number, name in enumerate(names):
        client = put(name, code=f"77{number}")
    make(xerosync, Path("made.xlsx"))
    sheet = load_workbook("made.xlsx").get_sheet_by_name("Worksheet").to_python()
    headings, *cells = [[str(cell) for cell in row] for row in sheet]
    rows = [dict(zip(headings, row, strict=True)) for row in cells]
    for row in rows:
        if row["Existing code"].startswith("77") and row[NAME]:
            row[DECISION] = "own"
    write_rows(SHEET, rows)
    said = xerosync("adopt", str(SHEET), *ALL)
    assert said.code == 0, said.err
    assert "changed since" not in said.err
    accounts = load(str(file_of(client))).chart.accounts
    assert {f"77{number}" for number in range(len(names))} <= {one.code for one in accounts}


def test_a_sheet_with_a_cell_far_away_is_refused_before_it_fills_the_memory(
    practice: Path, xerosync: Xerosync
) -> None:
    import xlsxwriter  # noqa: PLC0415 as the program does

    with xlsxwriter.Workbook("vast.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, COLUMNS)
        page.write(1_048_575, 16_383, "far")
    refused(xerosync("adopt", "vast.xlsx", *ALL), "too large")


def test_a_decision_can_be_changed(practice: Path, xerosync: Xerosync) -> None:
    """The pin of one account goes to another, and the account that had it becomes an own one."""
    write_standard(NEW)
    client = put("Card Fees", code="7404")
    put("Terminal Fees", code="7405")
    make(xerosync)
    decide({"Card Fees": {DECISION: "7100"}, "Terminal Fees": {DECISION: "own"}})
    assert xerosync("adopt", str(SHEET), *ALL).code == 0
    before = file_of(client).read_text(encoding="utf-8")
    decide({"Card Fees": {DECISION: "own"}, "Terminal Fees": {DECISION: "7100"}})
    assert xerosync("adopt", str(SHEET), *ALL).code == 0
    with books() as opened:
        card, terminal = (opened.find(client).by_code(code) for code in ("7404", "7405"))
    assert card
    assert terminal
    now = file_of(client).read_text(encoding="utf-8")
    assert card.account_id in before
    assert terminal.account_id not in before
    assert card.account_id not in now
    assert terminal.account_id in now
    assert "name: Card Fees" in now
    assert "name: Terminal Fees" not in now


def test_an_account_moves_from_one_of_the_standard_to_another(
    practice: Path, xerosync: Xerosync
) -> None:
    """The second one was omitted before, and its override becomes a pin."""
    other = NEW.replace("7100", "7200").replace("Merchant Service", "Till Rent")
    write_standard(NEW + other)
    client = put("Card Fees", code="7404")
    make(xerosync, SHEET, "--by-organisation")
    edit(
        SHEET,
        lambda row: row.update(
            {DECISION: "omit", REASON: "Has no till"}
            if (row[SUGGESTION], row[WHICH]) == ("7200 Till Rent", client)
            else {}
        ),
    )
    decide({"Card Fees": {DECISION: "7100"}})
    assert xerosync("adopt", str(SHEET), *ALL).code == 0
    before = file_of(client).read_text(encoding="utf-8")
    assert 'standard: "7200", omit: true, reason: Has no till' in before
    SHEET.unlink()
    make(xerosync, SHEET, "--by-organisation")
    edit(SHEET, lambda row: row.update({DECISION: ""} if row[NAME] == MISSING else {}))
    decide({"Card Fees": {DECISION: "7200"}})
    said = xerosync("adopt", str(SHEET), *ALL)
    assert said.code == 0, said.err
    desired = load(str(file_of(client))).chart
    assert desired.omitted == ()
    assert [one.code for one in desired.accounts if one.account_id] == ["7200"]


def test_rows_that_were_copied_are_reported(practice: Path, xerosync: Xerosync) -> None:
    put("Card Fees", code="7404")
    rows = make(xerosync)
    write_rows(SHEET, [*rows, *(row for row in rows if row[NAME] == "Card Fees")])
    line = [row[NAME] for row in rows].index("Card Fees") + 2
    refused(xerosync("adopt", str(SHEET), *ALL), f"The account is in row {line} too.")


def test_an_archived_account_cannot_keep_what_the_standard_needs(
    practice: Path, xerosync: Xerosync
) -> None:
    with books() as opened:
        opened.stores()[0].edit("445", name="Uniforms")
    make(xerosync)
    decide({"Uniforms": {DECISION: "archive"}})
    refused(
        xerosync("adopt", str(SHEET), *ALL),
        "445 Uniforms keeps its code when it is archived, and the standard's account 445 Light, "
        "Power, Heating needs it.",
    )
    with books() as opened:
        opened.stores()[0].insert(code="7445", name="Power", type="EXPENSE")
    SHEET.unlink()
    make(xerosync)
    decide({"Uniforms": {DECISION: "archive"}, "Power": {DECISION: "445"}})
    refused(
        xerosync("adopt", str(SHEET), *ALL),
        "Give this account another code in Xero and make the worksheet again.",
    )


def test_a_file_pinned_by_name_alone_is_not_taken_for_two_organisations(
    practice: Path, xerosync: Xerosync
) -> None:
    with books() as opened:
        name = opened.stores()[0].organisation.name
        opened.database.execute("UPDATE organisations SET name = ? WHERE number = 2", [name])
    Path("clients").mkdir()
    text = f"version: 1\nextends: ../{STANDARD}\norganisation: {{name: {name}, country: NZ}}\n"
    file_of(name).write_text(text, encoding="utf-8")
    said = xerosync("adopt", *ALL, "--out", str(SHEET))
    assert said.code == 6
    assert "tenant_id" in said.err


def test_a_clients_name_makes_a_safe_and_unique_file_name(
    practice: Path, xerosync: Xerosync
) -> None:
    names = ("../../etc/passwd", "CON", "Ånne & Søn", "Anne  Søn", "漢字")
    with books() as opened:
        for store, name in zip(opened.stores(), names, strict=False):
            opened.database.execute(
                "UPDATE organisations SET name = ? WHERE number = ?", [name, store.number]
            )
    said = xerosync("adopt", *ALL, "--out", str(SHEET))
    assert said.code == 0, said.err
    assert xerosync("adopt", str(SHEET), *ALL).code == 0
    files = {load(str(p)).chart.organisation.name: p.name for p in Path("clients").iterdir()}
    assert files["../../etc/passwd"] == "etc-passwd.yaml"
    assert re.fullmatch(r"organisation-[0-9a-f]{8}\.yaml", files["CON"])
    assert re.fullmatch(r"organisation-[0-9a-f]{8}\.yaml", files["漢字"])
    assert len(set(files.values())) == 6


def test_check_writes_nothing(practice: Path, xerosync: Xerosync) -> None:
    make(xerosync)
    said = xerosync("adopt", str(SHEET), *ALL, "--check")
    assert said.code == 2
    assert "+extends: ../standard/chart.yaml" in said.out
    assert not Path("clients").exists()


def test_a_worksheet_with_decisions_is_not_overwritten(practice: Path, xerosync: Xerosync) -> None:
    make(xerosync)
    before = SHEET.read_bytes()
    said = xerosync("adopt", *ALL, "--out", str(SHEET))
    assert said.code == 64
    assert "Somebody may have filled it in." in said.err
    assert SHEET.read_bytes() == before


def test_each_organisation_can_have_separate_rows(practice: Path, xerosync: Xerosync) -> None:
    rows = make(xerosync, SHEET, "--by-organisation")
    assert {row["Organisations"] for row in rows} == {"1"}


def test_a_lost_column_is_reported(practice: Path, xerosync: Xerosync) -> None:
    make(xerosync)
    text = SHEET.read_text(encoding="utf-8-sig")
    for column in (DECISION, MARKS, REASON):
        SHEET.write_text(text.replace(column, "Something", 1), encoding="utf-8")
        refused(xerosync("adopt", str(SHEET), *ALL), "worksheet-columns", f'"{column}"')


def test_a_file_that_is_not_a_workbook_is_refused(practice: Path, xerosync: Xerosync) -> None:
    for content in (b"", b"PK\x03\x04 no zip", b"a,b\n1,2\n"):
        Path("w.xlsx").write_bytes(content)
        refused(xerosync("adopt", "w.xlsx", *ALL), "not a workbook")


USAGE: tuple[tuple[tuple[str, ...], str], ...] = (
    ((), "No worksheet is given."),
    (("w.csv", "--out", "x.csv"), "cannot be used with one that was filled in"),
    (("w.csv", "v.xlsx"), "More than one worksheet (.xlsx or .csv) is given."),
    (("--out", "w.pdf"), "neither XLSX nor CSV"),
    (("--out", "w.csv", "--check"), "--check is for a worksheet"),
    (("--out", "w.csv", "--standard", "none.yaml"), "There is no file none.yaml."),
    (("--out", "w.csv"), "has no standard to join."),
)


def test_a_worksheet_from_csv_exports_is_given_back_as_the_hints_say(
    practice: Path, xerosync: Xerosync
) -> None:
    """Neither --current nor --country, which goes with it, is for a filled-in worksheet."""
    refused = xerosync("adopt", "w.csv", "--current", "exports", "--country", "NZ")
    assert "Give --all or the chart files instead of --current and --country." in refused.err
    assert "give the filled worksheet with --all." in xerosync("adopt").err


def test_wrong_usage_is_refused(practice: Path, xerosync: Xerosync) -> None:
    for arguments, says in USAGE:
        said = xerosync("adopt", *arguments, "--sandbox", "--all")
        assert said.code == 64
        assert says in said.err


def test_an_organisation_that_fails_does_not_stop_the_worksheet(
    practice: Path, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    with books() as opened:
        first, second = (store.organisation.name for store in opened.stores()[:2])
    failing = [f"GET /Accounts@{first}=403"]
    with Sandbox(".xerosync/sandbox.db", faults=failing) as sandbox:
        for name in ("XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL"):
            monkeypatch.setenv(name, sandbox.url)
        for name in ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET"):
            monkeypatch.setenv(name, "sandbox")
        said = xerosync("adopt", "--all", "--standard", STANDARD, "--out", str(SHEET))
    assert said.code == 6, said.err
    assert first in said.err
    everywhere = {name for row in read_rows(SHEET) for name in row["All organisations"].split("; ")}
    assert second in everywhere
    assert first not in everywhere


def broken(client: int, organisation: str) -> tuple[Path, str]:
    """Write a client's file that extends a missing standard; return it and the client's name."""
    with books() as opened:
        found = opened.stores()[client].organisation
    Path("clients").mkdir()
    text = f"version: 1\nextends: gone.yaml\norganisation: {organisation}\n"
    file = Path("clients/x.yaml")
    file.write_text(text.format(name=found.name, id=found.tenant_id), encoding="utf-8")
    return file, found.name


@pytest.mark.parametrize("pin", ["{{tenant_id: {id}}}", "{{name: {name}}}", "{{tenant_id: oops}}"])
def test_an_invalid_overlay_leaves_only_its_organisation_out_of_the_worksheet(
    practice: Path, xerosync: Xerosync, pin: str
) -> None:
    file, client = broken(0, pin)
    said = xerosync("adopt", *ALL, "--out", str(SHEET))
    assert said.code == 6, said.err
    assert f"{file}:2:10" in said.err
    assert "gone.yaml" in said.err
    everywhere = {name for row in read_rows(SHEET) for name in row["All organisations"].split("; ")}
    assert len(everywhere) == (6 if "oops" in pin else 5)
    assert (client in everywhere) is ("oops" in pin)


def test_an_organisation_with_an_invalid_overlay_gets_no_second_one(
    practice: Path, xerosync: Xerosync
) -> None:
    make(xerosync)
    file, client = broken(0, "{{tenant_id: {id}}}")
    before = file.read_bytes()
    said = xerosync("adopt", str(SHEET), *ALL)
    assert said.code == 6, said.err
    assert "5 overlays written: 5 new, 0 updated." in said.err
    assert file.read_bytes() == before
    assert not file_of(client).exists()


@pytest.mark.parametrize(
    "pin", ["{{country: NZ, tenant_id: {id}}}", "{{country: NZ, name: {name}}}"]
)
def test_an_organisation_with_two_overlays_is_left_out_and_neither_is_written(
    practice: Path, xerosync: Xerosync, pin: str
) -> None:
    make(xerosync)
    one, _ = broken(0, pin)
    one.write_text(one.read_text().replace("gone.yaml", f"../{STANDARD}"), encoding="utf-8")
    other = one.with_name("y.yaml")
    other.write_bytes(one.read_bytes())
    before = one.read_bytes()
    said = xerosync("adopt", str(SHEET), *ALL)
    assert said.code == 6, said.err
    assert f"{one} and {other} are both for " in said.err
    assert "5 overlays written: 5 new, 0 updated." in said.err
    assert (one.read_bytes(), other.read_bytes()) == (before, before)


@pytest.mark.parametrize("pin", ["{{name: {name}}}", "{{tenant_id: oops}}", "[", "\n  - x"])
def test_nothing_is_written_beside_an_invalid_overlay_of_an_unknown_organisation(
    practice: Path, xerosync: Xerosync, pin: str
) -> None:
    make(xerosync)
    file, _ = broken(0, pin)
    said = xerosync("adopt", str(SHEET), *ALL)
    assert said.code == 3, said.err
    told = " ".join(said.err.split())
    assert f"{file} is invalid, and has no valid tenant_id" in told
    assert "could get a second overlay" in told
    assert list(Path("clients").iterdir()) == [file]


def test_a_mark_is_never_a_number_that_a_spreadsheet_would_round(
    practice: Path, xerosync: Xerosync
) -> None:
    marks = [mark for row in make(xerosync) for mark in row[MARKS].split()]
    assert len(marks) > 300
    assert all(mark.isalpha() for mark in marks)


def test_a_code_that_the_standard_has_given_to_another_account_is_refused(
    practice: Path, xerosync: Xerosync
) -> None:
    """`yes` means the suggestion in the worksheet, and a code the account that had it then."""
    client = put("Merchant Services", code="7404")
    write_standard(NEW)
    make(xerosync)
    decide({"Merchant Services": {DECISION: "yes"}})
    write_standard(
        NEW.replace("Merchant Service", "Tolls")
        + NEW.replace("7100", "7200").replace("Merchant Service", "Merchant Services Fee")
    )
    refused(xerosync("adopt", str(SHEET), *ALL), 'The standard has no account "7100 Merchant Serv')

    decide({"Merchant Services": {DECISION: "7100"}})
    said = xerosync("adopt", str(SHEET), *ALL)
    refused(said, "worksheet says 7100 Merchant Service, and the standard now says 7100 Tolls")
    assert client in said.err

    decide({"Merchant Services": {DECISION: "7100 Tolls"}})
    assert xerosync("adopt", str(SHEET), *ALL).code == 0
    assert 'standard: "7100"' in file_of(client).read_text(encoding="utf-8")


def test_a_missing_account_that_has_become_another_one_is_not_omitted(
    practice: Path, xerosync: Xerosync
) -> None:
    write_standard(NEW)
    make(xerosync)
    decide({"7100 Merchant Service": {DECISION: "omit", REASON: "Takes no cards"}})
    write_standard(NEW.replace("Merchant Service", "Tolls"))
    said = xerosync("adopt", str(SHEET), *ALL)
    refused(said, "and the standard now says 7100 Tolls", "hint: Make the worksheet again.")


def test_names_that_differ_in_who_owes_whom_are_suggested_but_not_filled_in(
    practice: Path, xerosync: Xerosync
) -> None:
    entry = '  - {code: "7300", name: Rent from A to B, type: EXPENSE, tax_type: no_tax}\n'
    put("Rent from B to A", code="7404")
    write_standard(entry)
    (row,) = [row for row in make(xerosync) if row[NAME] == "Rent from B to A"]
    assert row[SUGGESTION] == "7300 Rent from A to B"
    assert row[DECISION] == ""


def test_a_link_or_a_folder_with_the_name_of_a_new_overlay_is_left_alone(
    practice: Path, xerosync: Xerosync
) -> None:
    make(xerosync)
    with books() as opened:
        first, second = (store.organisation.name for store in opened.stores()[:2])
    Path("clients").mkdir()
    outside = Path("outside.yaml").absolute()
    file_of(first).symlink_to(outside)
    file_of(second).mkdir()
    said = xerosync("adopt", str(SHEET), *ALL)
    assert said.code == 0, said.err
    assert not outside.exists()
    named = {load(str(p)).chart.organisation.name for p in Path("clients").iterdir() if p.is_file()}
    assert {first, second} <= named


def test_a_sentence_says_what_a_plan_does_with_undecided_accounts(
    practice: Path, xerosync: Xerosync
) -> None:
    """An account with an open suggestion does not count as the account of the standard."""
    write_standard(NEW)
    put("Merchant Services", code="7404")
    make(xerosync)
    said = " ".join(xerosync("adopt", str(SHEET), *ALL).err.split())
    undecided = sum(
        int(row["Organisations"])
        for row in read_rows(SHEET)
        if not row[DECISION] and row["Existing code"] in standard_text("NZ")[1]
    )
    assert undecided
    assert f"{undecided} accounts without a decision have a code of the standard" in said
    plan = xerosync("plan", "--sandbox", "-f", "clients", "--format", "json").out
    created = [
        change
        for one in json.loads(plan)["plans"]
        for change in one["changes"]
        if change["action"] == "create"
    ]
    assert "Merchant Service" in {change["name"] for change in created}
    assert f"{len(created)} missing accounts of the standard will be created" in said


def test_decisions_that_slipped_to_other_rows_are_noticed(
    practice: Path, xerosync: Xerosync
) -> None:
    make(xerosync)
    decide({"Sales": {DECISION: "260"}, "Other Revenue": {DECISION: "200"}})
    said = " ".join(xerosync("adopt", str(SHEET), *ALL).err.split())
    seems = "200 Sales seems to be the standard's account 200 Sales (code and name)"
    assert f"{seems}, but the decision is 260" in said
