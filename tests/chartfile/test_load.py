"""Valid files are read as they are written, and problems are reported together."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from xerosync.chartfile import chart_file
from xerosync.chartfile.format.canonical import canonical
from xerosync.chartfile.load import Loaded, load, load_valid, parse, read_for_names
from xerosync.desired import (
    DeleteRefused,
    DesiredAccount,
    Limits,
    OrganisationPin,
    Source,
    Unmanaged,
)
from xerosync.errors import ChartError
from xerosync.model import FIELDS, Status
from xerosync.workspace import STDIN

HEAD = "version: 1\norganisation:\n  name: Demo\naccounts:\n"
ID = "297c2dc5-cc47-4afd-8ec8-74990b8761e9"
FULL = f"""\
# yaml-language-server: $schema=schema/accounts.schema.json
version: 1
organisation:
  name: Demo Company (NZ)
  tenant_id: 70784a63-d24b-46a9-a4db-0e70a274b056
  short_code: "!3T6Q-"
unmanaged: archive
on_delete_refused: archive
limits:
  archives: 12
  change_percent: 50
  deletes: 2
accounts:
  - note: kept for us
    add_to_watchlist: true
    show_in_expense_claims: FALSE
    enable_payments_to_account: false
    reporting_code: REV.TRA.GOO
    description: |
      Income
      from business
    tax_type: OUTPUT2
    type: REVENUE
    name: Sales
    code: "200"   # quoted
    status: ARCHIVED
    previously: ["201", '0202']
    account_id: {ID.upper()}
    protect: True
  - system_account: GST
  - name: Business Bank Account
    type: BANK
    bank_account_number: 12-3456-7890123-00
    bank_account_type: BANK
    currency_code: NZD
"""


def one(text: str) -> DesiredAccount:
    return parse(HEAD + text, "f").chart.accounts[0]


def rules(text: str | bytes) -> list[str]:
    with pytest.raises(ChartError) as caught:
        parse(text, "f")
    return [problem.rule for problem in caught.value.problems]


def warnings(text: str) -> list[str]:
    return [problem.rule for problem in parse(HEAD + text, "f").warnings]


def test_every_field_of_a_file_is_read() -> None:
    loaded = parse(FULL, "accounts.yaml")
    chart = loaded.chart
    assert loaded.warnings == ()
    assert chart.file == "accounts.yaml"
    assert chart.unmanaged is Unmanaged.ARCHIVE
    assert chart.delete_refused is DeleteRefused.ARCHIVE
    assert chart.limits == Limits(archives=12, deletes=2, change_percent=50)
    assert chart.organisation == OrganisationPin(
        "Demo Company (NZ)", "70784a63-d24b-46a9-a4db-0e70a274b056", "!3T6Q-",
        source=Source("accounts.yaml", 4, 3),
    )  # fmt: skip
    sales, gst, bank = chart.accounts
    assert sales == DesiredAccount(
        values={
            "code": "200", "name": "Sales", "type": "REVENUE", "tax_type": "OUTPUT2",
            "description": "Income\nfrom business", "reporting_code": "REV.TRA.GOO",
            "enable_payments_to_account": False, "show_in_expense_claims": False,
            "add_to_watchlist": True,
        },
        status=Status.ARCHIVED, account_id=ID, previously=("201", "0202"), protect=True,
        source=Source("accounts.yaml", 14, 5),
    )  # fmt: skip
    assert gst == DesiredAccount({}, system_account="GST", source=Source("accounts.yaml", 30, 5))
    assert bank.values == {
        "name": "Business Bank Account", "type": "BANK",
        "bank_account_number": "12-3456-7890123-00", "bank_account_type": "BANK",
        "currency_code": "NZD",
    }  # fmt: skip


def test_a_file_that_stands_alone_builds_no_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document has the place of each value for a merge: it is a tenth of the work."""
    monkeypatch.setattr(chart_file, "build_document", None)
    assert parse(FULL, "accounts.yaml").chart.accounts


def test_values_are_in_the_order_of_the_field_table() -> None:
    order = [field.name for field in FIELDS]
    for account in parse(FULL, "f").chart.accounts:
        assert list(account.values) == [name for name in order if name in account.values]


def test_an_absent_section_has_its_default() -> None:
    chart = parse("version: 1\norganisation: {name: Demo}\naccounts: []\n", "f").chart
    assert chart.accounts == ()
    assert chart.limits == Limits()
    assert chart.unmanaged is Unmanaged.KEEP
    assert chart.delete_refused is DeleteRefused.FAIL
    assert one('  - code: "1"\n').status is Status.ACTIVE


@pytest.mark.parametrize("nothing", ["null", "~", "", "NULL", '""'])
def test_null_and_empty_text_clear_a_field_that_absence_leaves_alone(nothing: str) -> None:
    account = one(f'  - code: "1"\n    description: {nothing}\n')
    assert dict(account.values) == {"code": "1", "description": ""}
    cleared = one(f'  - code: "1"\n    account_id: {nothing}\n    system_account: {nothing}\n')
    assert (cleared.account_id, cleared.system_account) == ("", "")


def test_null_clears_a_flag() -> None:
    assert one('  - code: "1"\n    add_to_watchlist: null\n').values["add_to_watchlist"] is False


@pytest.mark.parametrize(
    "code",
    ["090", "0123", "1e3", "NO", "2024-01-01", "0x1F", "1_000", "0o17", "12:30", "-1", "+1", ".5",
     "on", "y", "=", ".inf", "True", "1.0", "0b11"],
)  # fmt: skip
def test_codes_are_read_as_written_and_a_warning_asks_for_quotes(code: str) -> None:
    assert one(f"  - code: {code}\n").code == code
    assert warnings(f"  - code: {code}\n") == ["unquoted-code"]
    for quote in "'\"":
        assert one(f"  - code: {quote}{code}{quote}\n").code == code
        assert warnings(f"  - code: {quote}{code}{quote}\n") == []
    assert warnings(f'  - code: "x"\n    previously: [{code}]\n') == ["unquoted-code"]
    assert one(f'  - code: "x"\n    previously: [{code}]\n').previously == (code,)


@pytest.mark.parametrize("key", ["name", "description", "tax_type", "reporting_code"])
def test_unquoted_text_of_other_fields_is_read_as_written_too(key: str) -> None:
    text = f'  - code: "x"\n    {key}: 007\n'
    assert one(text).values[key] == "007"
    assert warnings(text) == ["unquoted-text"]


@pytest.mark.parametrize("code", ["A1", "200-1", "x", "Nope", "1a", "yess", "2024-01", "1.2.3"])
def test_a_code_that_everyone_reads_as_text_needs_no_quotes(code: str) -> None:
    assert warnings(f"  - code: {code}\n") == []


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "1", "tRue", '"true"', "[]", '""'])
def test_a_flag_is_only_true_or_false(word: str) -> None:
    assert rules(HEAD + f'  - code: "1"\n    protect: {word}\n') == ["wrong-type"]


def test_an_earlier_code_may_be_the_current_code_of_another_account() -> None:
    swap = '  - {code: "200", previously: ["201"]}\n  - {code: "201", previously: ["200"]}\n'
    assert [a.previously for a in parse(HEAD + swap, "f").chart.accounts] == [("201",), ("200",)]


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    plain = parse(FULL, "f")
    assert parse("\ufeff" + FULL, "f") == plain
    assert parse(b"\xef\xbb\xbf" + FULL.encode(), "f") == plain
    assert parse(FULL.replace("\n", "\r\n"), "f") == plain


def test_every_problem_is_reported_at_once_in_the_order_of_the_file() -> None:
    text = (
        "version: 2\norganisation: {nme: Demo}\nlimits: {archives: x}\naccounts:\n"
        "  - code: 200\n    nmae: Sales\n    protect: yes\n"
        '  - code: "200"\n    type: REVENU\n    code: "201"\n    tax_type: *x\n'
    )
    with pytest.raises(ChartError) as caught:
        parse(text, "f")
    found = [(p.line, p.rule, p.severity) for p in caught.value.problems]
    assert found == [
        (1, "unknown-version", "error"),
        (2, "missing-organisation", "error"),
        (2, "unknown-field", "error"),
        (3, "wrong-type", "error"),
        (5, "unquoted-code", "warning"),
        (6, "unknown-field", "error"),
        (7, "wrong-type", "error"),
        (8, "duplicate-code", "error"),
        (9, "wrong-value", "error"),
        (10, "duplicate-key", "error"),
        (11, "alias", "error"),
    ]


@pytest.mark.parametrize(
    ("file", "hint"),
    [
        ("accounts.yaml", "Rename it to chart.csv, then run `xerosync import-csv chart.csv --"),
        ("<stdin>", "Save it as chart.csv, then run `xerosync import-csv chart.csv --"),
        ("my books/chart.CSV", "Run `xerosync import-csv 'my books/chart.CSV' --"),
    ],
)
def test_the_hint_for_a_csv_in_place_of_a_chart_suggests_a_name_only_if_necessary(
    file: str, hint: str
) -> None:
    with pytest.raises(ChartError) as caught:
        parse(b"*Code,*Name,*Type\n200,Sales,Revenue\n", file)
    assert caught.value.problems[0].hint.startswith(hint)


def test_many_codes_without_quotes_are_one_warning_that_fmt_repairs(tmp_path: Path) -> None:
    path = tmp_path / "my chart.yaml"
    text = HEAD + "".join(f"  - code: {i}\n    name: 0{i}\n" for i in range(49))
    path.write_text(text, "utf-8")
    loaded = load(str(path))
    assert [w.rule for w in loaded.warnings] == ["unquoted-code", "unquoted-text"]
    assert loaded.warnings[0].message.startswith("49 codes have no quotes")
    hint = f"`xerosync fmt -f '{path}'` puts them in quotes."
    assert {w.hint for w in loaded.warnings} == {hint}
    assert parse(canonical(path.read_bytes(), "f"), "f").warnings == ()


@pytest.mark.parametrize("line", ["name: Cleaning #1", "description: Flat # 2", "note: see #3"])
def test_text_that_a_comment_cuts_short_is_a_warning(line: str) -> None:
    key, _, text = line.partition(": ")
    for end in ("\n", "\r\n"):
        (warning,) = parse(HEAD + f'  - code: "1"\n    {line}{end}    type: SALES', "f").warnings
        assert (warning.rule, warning.line) == ("comment-in-text", 6)
        assert f'write "{text}"' in warning.hint
    assert warnings(f'  - code: "1"\n    {key}: "{text}"\n') == []
    assert warnings(f'  - code: "1"\n    {line.replace(" #", "  #")}\n') == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('The "Annex" #2', 'write "The \\"Annex\\" #2"; if it'),
        (f"{'long ' * 20}#2", "put the whole text in double quotes; if it"),
    ],
)
def test_the_hint_for_text_cut_by_a_comment_shows_how_to_quote_the_text(
    text: str, written: str
) -> None:
    (warning,) = parse(HEAD + f'  - code: "1"\n    description: {text}\n', "f").warnings
    assert written in warning.hint


@pytest.mark.parametrize("comment", ["# the yard", "#", "# 2026 budget", "#!", "# --- Income"])
def test_an_ordinary_comment_gives_no_warning(comment: str) -> None:
    assert warnings(f'  - code: "1"\n    name: Rent {comment}\n    type: SALES # new\n') == []


SOFT_HYPHENS = HEAD + "".join(f'  - code: "{i}"\n    name: "N\\u00ad{i}"\n' for i in range(150))


def test_errors_come_before_warnings_when_not_all_can_be_shown() -> None:
    text = SOFT_HYPHENS + '  - code: "0"\n'
    with pytest.raises(ChartError) as caught:
        parse(text, "f")
    problems = caught.value.problems
    assert len(problems) == 101
    assert problems[99].rule == "duplicate-code"
    assert (problems[100].rule, problems[100].message) == (
        "too-many-problems", "51 more problems are not shown.",
    )  # fmt: skip


def test_warnings_are_bounded_too() -> None:
    loaded = parse(SOFT_HYPHENS, "f")
    assert len(loaded.warnings) == 101
    assert {w.severity for w in loaded.warnings} == {"warning"}
    assert loaded.warnings[-1].message == "50 more problems are not shown."


def test_a_file_and_standard_input_are_read_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "chart.yaml"
    path.write_text(FULL, "utf-8")
    from_file = load(str(path))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(FULL.encode())))
    from_stdin = load("-")
    assert from_file.chart.file == str(path)
    assert from_stdin.chart.file == STDIN
    assert [a.values for a in from_file.chart.accounts] == [
        a.values for a in from_stdin.chart.accounts
    ]


@pytest.mark.parametrize("path", ["missing.yaml", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_reported_as_a_problem(tmp_path: Path, path: str) -> None:
    with pytest.raises(ChartError) as caught:
        load(str(tmp_path / path))
    assert [p.rule for p in caught.value.problems] == ["unreadable-file"]


def test_without_libyaml_files_are_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = parse(FULL, "f")
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert parse(FULL, "f") == fast
    bad = [*Path(__file__).parent.joinpath("bad").glob("*.yaml")]
    assert bad
    for case in bad:
        try:
            result: Loaded | ChartError = parse(case.read_bytes(), case.name)
        except ChartError as error:
            result = error
        expected = case.with_suffix(".txt").read_text("utf-8")
        assert ("error[" in expected) == isinstance(result, ChartError), case.name


def test_importing_the_reader_imports_nothing_heavy() -> None:
    code = (
        "import sys, xerosync.chartfile.load; "
        "sys.exit(bool({'yaml', 'jsonschema_rs', 'rapidfuzz', 're2'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_invalid_files_are_left_out_unless_every_file_is_invalid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is read once: it may be standard input."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("version: 1\norganisation: {name: Acme}\naccounts: []\n")
    bad.write_text("version: 2\n")
    loaded, failed, problems = load_valid([str(good), str(bad)])
    assert [one.chart.file for one in loaded] == [str(good)]
    assert [one.file for one in failed] == [str(bad)]
    assert {one.file for one in problems} == {str(bad)}
    assert load_valid([str(good)])[1:] == ((), ())
    with pytest.raises(ChartError):
        load_valid([str(bad), str(bad)])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"version: 2\n")))
    with pytest.raises(ChartError) as caught:
        load_valid(["-"])
    assert "unknown-version" in {one.rule for one in caught.value.problems}, "read once"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(good.read_bytes())))
    loaded, failed, _ = load_valid(["-", str(bad)])
    assert [one.chart.file for one in loaded] == [STDIN]
    assert [one.file for one in failed] == [str(bad)]


def test_a_pattern_needs_its_folder_and_a_chart_its_standards(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    standard, clients = tmp_path / "chart.yaml", tmp_path / "clients"
    clients.mkdir()
    standard.write_text("version: 1\nstandard: {name: Ours}\naccounts: []\n")
    (clients / "a.yaml").write_text("version: 1\nextends: ../chart.yaml\norganisation: {name: A}\n")
    assert read_for_names([clients / "*.yaml"]) == [clients, standard.resolve()]
    assert read_for_names([clients]) == [standard.resolve()]
    assert read_for_names([standard, clients / "a.yaml"]) == [standard.resolve()]
    assert read_for_names([tmp_path / "none" / "*.yaml"]) == [tmp_path / "none"]
    assert read_for_names([]) == []


@pytest.mark.parametrize(("name", "pulls"), [("acme.yaml", True), ("clients", False)])
def test_a_missing_file_can_be_pulled_only_if_its_name_is_that_of_a_chart(
    name: str, pulls: bool
) -> None:
    with pytest.raises(ChartError) as missing:
        load(name)
    assert ("`xerosync pull -f acme.yaml`" in missing.value.problems[0].hint) is pulls
