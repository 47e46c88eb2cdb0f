"""Renumbering chart files: what changes, what stays, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xerosync.chartfile.csv.read_code_map import parse_code_map
from xerosync.chartfile.load import check_all, parse
from xerosync.chartfile.renumber.code_map import CodeMap, CodeRow, RangeRule
from xerosync.chartfile.renumber.renumber import Renumbered, check_others, renumber
from xerosync.desired import Source
from xerosync.errors import ChartError, Problem, Refused, UsageError

CHART = """\
version: 1
organisation: {name: Demo}
accounts:
  # --- Income
  - code: 200   # the web shop, too
    name: Sales
    type: REVENUE

  - {code: '201', name: Hire, type: REVENUE, previously: ["199"]}  # since 2019
  - code: "202"
    name: Repairs
    type: REVENUE
    previously:
      - "150"   # until 2012
"""
STANDARD = """\
version: 1
standard: {name: Rimu}
lint:
  code_ranges: {EXPENSE: [400-499, "480"], CURRENT: 600-699}
  required_accounts: ["404", "090", Cleaning]
  forbidden_accounts: ["499"]
accounts:
  - {code: "404", name: Bank Charges, type: EXPENSE}
  - {code: "408", name: Cleaning, type: EXPENSE}
  - {code: "480", name: Training, type: EXPENSE, optional: true}
  - {code: "615", name: Consignment, type: CURRENT, optional: true}
"""
OVERLAY = """\
version: 1
extends: standard.yaml
organisation: {name: Acme}
overrides:
  - {standard: "404", code: "440", reason: Statutory}   # the auditors
  - standard: Cleaning
    description: By the hour
    reason: So called here
take:
  - "480"
  - Consignment
accounts:
  - {code: "090", name: Bank, type: BANK, bank_account_number: "12-3456-7890123-00"}
  - {code: "404", name: Parking, type: EXPENSE}
"""


@pytest.fixture(autouse=True)
def folder(project: Path) -> Path:
    return project


def by(*rows: str, ranges: tuple[str, ...] = ()) -> CodeMap:
    """Return a map from rows such as `404,405`."""
    text = "\n".join(("old,new,name", *rows))
    return CodeMap.of(
        parse_code_map(text.encode(), "map.csv") if rows else (),
        [RangeRule.parse(one) for one in ranges],
    )


def renumbered(codes: CodeMap, **files: str) -> tuple[Renumbered, dict[str, str]]:
    """Renumber files named as the arguments; return the result and the text of every file."""
    given = {f"{name}.yaml": text.encode() for name, text in files.items()}
    result = renumber(given, codes)
    texts = {name: data.decode() for name, data in given.items()}
    return result, texts | {one.file: one.after for one in result.files}


def refused(codes: CodeMap, **files: str) -> tuple[Problem, ...]:
    with pytest.raises(ChartError) as error:
        renumbered(codes, **files)
    return error.value.problems


def test_codes_move_in_a_chain_and_everything_else_stays() -> None:
    result, texts = renumbered(by("200,201", "201,202", "202,150"), accounts=CHART)
    assert texts["accounts.yaml"] == (
        CHART.replace("code: 200 ", 'code: "201" ')
        .replace("    type: REVENUE\n\n", '    type: REVENUE\n    previously: ["200"]\n\n')
        .replace("code: '201'", 'code: "202"')
        .replace('["199"]', '["199", "201"]')
        .replace('  - code: "202"\n', '  - code: "150"\n')
        .replace('- "150"', '- "202"')
    )
    assert result.accounts == 3
    assert result.files[0].edits == (
        ("200 Sales", "201"),
        ("201 Hire", "202"),
        ("202 Repairs", "150"),
    )


def test_a_former_code_with_a_comma_is_one_line_of_its_list() -> None:
    chart = CHART.replace('code: "202"', 'code: "20, 2"')
    _, texts = renumbered(by('"20, 2",203'), accounts=chart)
    assert texts["accounts.yaml"] == chart.replace('code: "20, 2"', 'code: "203"') + (
        '      - "20, 2"\n'
    )


def test_two_codes_can_be_swapped_and_an_account_renamed_in_one_map() -> None:
    _, texts = renumbered(by("200,201,Web Sales", "201,200"), accounts=CHART)
    sales, hire, _ = parse(texts["accounts.yaml"], "accounts.yaml").chart.accounts
    assert (sales.code, sales.name, sales.previously) == ("201", "Web Sales", ("200",))
    assert (hire.code, hire.name, hire.previously) == ("200", "Hire", ("199", "201"))


def test_line_ends_a_byte_order_mark_and_a_null_list_stay() -> None:
    text = CHART.replace('previously: ["199"]', "previously: null").replace("\n", "\r\n")
    (one,) = renumber({"accounts.yaml": ("\ufeff" + text).encode()}, by("201,210")).files
    assert one.after == "\ufeff" + text.replace("'201'", '"210"').replace("null", '["201"]')


def test_a_range_moves_every_code_of_its_form() -> None:
    text = CHART.replace("'201'", '"2010"')
    result, texts = renumbered(by("202,300", ranges=("2xx → 52xx",)), accounts=text)
    codes = re.findall(r'code: "?(\d+)', texts["accounts.yaml"])
    assert codes == ["5200", "2010", "300"]
    assert result.accounts == 2


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (["6xx"], "not a rule"),
        (["600=700"], "same number of x"),
        (["6xx=7x"], "same number of x"),
        (["6xx=123456789xx"], "11 characters"),
        (["6xx=7xx", "60x=80x"], "both ranges"),
    ],
)
def test_an_invalid_rule_for_a_range_is_refused(rules: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        by(ranges=tuple(rules))


def test_a_range_without_a_code_is_refused() -> None:
    with pytest.raises(UsageError, match="has a code like 9xx"):
        renumbered(by(ranges=("9xx=8xx",)), accounts=CHART)


def test_collisions_are_reported_with_both_places() -> None:
    (told,) = refused(by("200,202"), accounts=CHART)
    assert str(told) == (
        'accounts.yaml:5:11: error[duplicate-code]: 200 Sales would get the code "202", and '
        "202 Repairs on line 10 has it."
    )
    assert told.hint == (
        "Choose another code for 200 Sales, or give 202 Repairs another one by a row in a map of "
        "codes."
    )
    (told,) = refused(by("200,300", "201,300"), accounts=CHART)
    assert "would get it, too" in told.message
    assert told.hint == "Give one of the two another code by a row in a map of codes."
    done = CHART.replace("code: 200 ", 'code: "199" ')
    _, told = refused(by("199,201", "202,203"), accounts=done)
    assert told.hint == "201 Hire had 199 before: was this renumbering done already?"
    (told,) = refused(by("200,300,hire"), accounts=CHART)
    assert told.rule == "duplicate-name"


def test_an_unknown_old_code_is_reported_with_a_suggestion() -> None:
    text = CHART.replace("200 ", '"090" ')
    (told,) = refused(by("90,91"), accounts=text)
    assert (told.file, told.line, told.rule) == ("map.csv", 2, "unknown-code")
    assert told.hint == "Did you mean 090?"
    (told,) = refused(by("199,300"), accounts=CHART)
    assert told.hint == "It is a former code of 201 Hire (accounts.yaml:9): give its present code."


def test_a_former_code_that_another_account_has_is_reported() -> None:
    text = CHART.replace("code: 200 ", 'code: "199" ')
    (told,) = refused(by("199,300"), accounts=text)
    assert told.rule == "previously-conflict"
    assert "201 Hire has already (line 9)" in told.message
    both = renumbered(by("199,300", "201,199"), accounts=text)[1]["accounts.yaml"]
    assert [a.previously for a in parse(both, "a.yaml").chart.accounts[:2]] == [("199",), ("201",)]


def test_an_account_to_be_deleted_is_reported_and_a_range_leaves_it_out() -> None:
    text = CHART.replace("name: Hire", "name: Hire, status: DELETED")
    (told,) = refused(by("201,301"), accounts=text)
    assert "is to be deleted" in told.message
    result, texts = renumbered(by(ranges=("2xx=3xx",)), accounts=text)
    assert result.accounts == 2
    assert "code: '201'" in texts["accounts.yaml"]


def test_a_second_run_finds_nothing_to_do() -> None:
    for codes in (
        by("200,201", "201,202", "202,203"),
        by("200,201", "201,200"),
        by("200,300,Web Sales"),
        by(ranges=("2xx=52xx",)),
    ):
        _, once = renumbered(codes, accounts=CHART)
        again, _ = renumbered(codes, accounts=once["accounts.yaml"])
        assert again.files == ()


def test_overrides_take_and_rules_follow_the_new_codes_of_a_standard() -> None:
    codes = by("404,505", "480,580", "615,6150,Consignment Stock", "090,091", "408,508")
    result, texts = renumbered(codes, standard=STANDARD, acme=OVERLAY)
    assert texts["acme.yaml"] == (
        OVERLAY.replace('standard: "404"', 'standard: "505"')
        .replace('- "480"', '- "580"')
        .replace("- Consignment", '- "Consignment Stock"')
        .replace('"090", name: Bank, type: BANK', '"091", name: Bank, type: BANK')
        .replace('7890123-00"}', '7890123-00", previously: ["090"]}')
        .replace('"404", name: Parking, type: EXPENSE', '"505", name: Parking, type: EXPENSE')
        .replace("Parking, type: EXPENSE", 'Parking, type: EXPENSE, previously: ["404"]')
    )
    assert 'required_accounts: ["505", "091", Cleaning]' in texts["standard.yaml"]
    assert ("override: 404", "505") in result.files[1].edits


def test_ranges_of_the_files_own_rules_follow_a_range() -> None:
    _, texts = renumbered(by(ranges=("4xx=54xx", "6xx=56xx")), standard=STANDARD)
    assert (
        'code_ranges: {EXPENSE: ["5400-5499", "5480"], CURRENT: "5600-5699"}'
        in (texts["standard.yaml"])
    )
    assert 'forbidden_accounts: ["5499"]' in texts["standard.yaml"]


def test_own_rules_that_the_new_codes_break_are_reported() -> None:
    result, _ = renumbered(by("404,904"), standard=STANDARD)
    assert [problem.rule for problem in result.broken] == ["code-range"]
    assert not renumbered(by("404,405"), standard=STANDARD)[0].broken


def test_a_code_of_an_override_moves_and_keeps_its_former_code() -> None:
    Path("standard.yaml").write_text(STANDARD, "utf-8")
    _, texts = renumbered(by("440,441"), acme=OVERLAY)
    first = parse(texts["acme.yaml"], "acme.yaml").chart.accounts[0]
    assert (first.code, first.name) == ("441", "Bank Charges")
    assert "440" in first.previously


def test_a_new_name_is_added_to_an_entry_that_had_none() -> None:
    """An override that only has another code, and an entry that does not manage the name."""
    _, texts = renumbered(by("440,441,Merchant Fees"), standard=STANDARD, acme=OVERLAY)
    unsaved = {name: text.encode() for name, text in texts.items()}
    (checked,) = check_all(["acme.yaml"], unsaved=unsaved)
    assert checked.loaded
    first = checked.loaded.chart.accounts[0]
    assert (first.code, first.name) == ("441", "Merchant Fees")
    bare = CHART.replace("    name: Sales\n", "")
    assert "name: Web" in renumbered(by("200,300,Web"), accounts=bare)[1]["accounts.yaml"]


def test_a_code_of_a_standard_that_was_not_given_names_the_file_to_give() -> None:
    Path("standard.yaml").write_text(STANDARD, "utf-8")
    (told,) = refused(by("408,409"), acme=OVERLAY)
    assert told.hint == "408 Cleaning is in standard.yaml:9: give that file, too."


def test_a_new_code_of_the_standard_may_not_be_one_of_an_overlay() -> None:
    (told,) = refused(by("408,440"), standard=STANDARD, acme=OVERLAY)
    assert told.file == "standard.yaml"
    assert "408 Cleaning" in told.message
    assert "acme.yaml:5" in told.message


def test_an_own_account_may_not_take_a_code_that_the_standard_gives_up() -> None:
    """An own account of an overlay beats an inherited former code, which would be lost."""
    own = OVERLAY.replace('"404", name: Parking', '"409", name: Parking')
    (told,) = refused(by("408,420", "409,408"), standard=STANDARD, acme=own)
    assert (told.file, told.rule) == ("acme.yaml", "previously-conflict")
    assert told.message.startswith('409 Parking would get the code "408", which 408 Cleaning')
    assert told.hint.startswith("Renumber in two steps. ")
    once = renumbered(by("408,420"), standard=STANDARD, acme=own)[1]
    files = {name.removesuffix(".yaml"): text for name, text in once.items()}
    assert renumbered(by("409,408"), **files)[0].accounts == 1


def test_a_layer_between_is_renumbered_with_the_rest() -> None:
    layer = (
        "version: 1\nstandard: {name: Layer}\nextends: standard.yaml\noverrides:\n"
        '  - {standard: "404", code: "4000", reason: Ours}\n'
    )
    overlay = OVERLAY.replace("standard.yaml", "layer.yaml").replace('"404", code', '"4000", code')
    codes = by("404,405", "4000,4001")
    _, texts = renumbered(codes, standard=STANDARD, layer=layer, acme=overlay)
    assert '{standard: "405", code: "4001", previously: ["4000"], reason' in texts["layer.yaml"]
    assert '{standard: "4001", code: "440"' in texts["acme.yaml"]


def test_a_former_code_of_an_own_account_may_not_be_one_that_the_standard_gives_up() -> None:
    own = OVERLAY.replace('"404", name: Parking', '"409", previously: ["408"], name: Parking')
    (told,) = refused(by("408,420"), standard=STANDARD, acme=own)
    assert (told.file, told.rule) == ("acme.yaml", "previously-conflict")
    assert told.message.startswith('409 Parking has the code "408" under `previously`')
    assert told.hint.startswith("Apply this file first. Then remove the code from `previously`")
    now = {"standard": STANDARD, "acme": own.replace('previously: ["408"], ', "")}
    assert renumbered(by("408,420"), **now)[0].accounts == 1


def test_files_that_were_not_given_and_would_break_are_named() -> None:
    Path("standard.yaml").write_text(STANDARD, "utf-8")
    Path("acme.yaml").write_text(OVERLAY, "utf-8")
    bare = "version: 1\nextends: standard.yaml\norganisation: {name: Bare}\n"
    Path("bare.yaml").write_text(bare, "utf-8")
    found = renumber({"standard.yaml": STANDARD.encode()}, by("404,405"))
    check_others(found, ["standard.yaml", "acme.yaml"], [])
    with pytest.raises(Refused, match="1 file that was not given") as refused:
        check_others(found, ["standard.yaml"], ["codes.csv"])
    (problem,) = refused.value.details
    assert problem.startswith("acme.yaml")
    assert "error[former-code]" in problem
    assert refused.value.hint.endswith(": xerosync renumber codes.csv acme.yaml")


def test_an_invalid_file_is_reported_and_nothing_is_renumbered() -> None:
    told = refused(by("200,300"), accounts=CHART, bad="version: 1\n")
    assert {problem.file for problem in told} == {"bad.yaml"}


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("old,new,name\n404,405,Fees\n", [("404", "405", "Fees")]),
        ("\ufeffNew Code;Old Code\r\n405;404\r\n", [("404", "405", "")]),
        ("404\t405\n\n'=1\t2\n", [("404", "405", ""), ("=1", "2", "")]),
        ("090,0900\n", [("090", "0900", "")]),
    ],
    ids=["header", "any order, semicolons", "tabs, no header", "zeros"],
)
def test_a_map_is_read_in_the_forms_that_spreadsheets_write(
    text: str, rows: list[tuple[str, str, str]]
) -> None:
    found = parse_code_map(text.encode(), "map.csv")
    assert [(row.old, row.new, row.name) for row in found] == rows


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("404,405\n404,406\n", "duplicate-code", 2),
        ("404,\n", "missing-field", 1),
        ("old,new\n,405\n", "missing-field", 2),
        ("404,12345678901\n", "too-long", 1),
        ("404,405,a\x1b[31mb\n", "wrong-value", 1),
        ("404,1E+05\n", "damaged-code", 1),
        ("", "empty-file", 0),
        ("old,new\n", "empty-file", 0),
    ],
)
def test_an_invalid_map_is_reported_by_line(text: str, rule: str, line: int) -> None:
    with pytest.raises(ChartError) as error:
        parse_code_map(text.encode(), "map.csv")
    assert [(p.rule, p.line) for p in error.value.problems] == [(rule, line)]


def test_the_order_of_rows_does_not_matter() -> None:
    rows = [CodeRow("200", "201", "", Source("m", 1)), CodeRow("201", "200", "", Source("m", 2))]
    one = renumber({"a.yaml": CHART.encode()}, CodeMap.of(rows))
    assert one == renumber({"a.yaml": CHART.encode()}, CodeMap.of(rows[::-1]))


def test_every_result_is_a_valid_file() -> None:
    Path("standard.yaml").write_text(STANDARD, "utf-8")
    Path("acme.yaml").write_text(OVERLAY, "utf-8")
    _, texts = renumbered(by(ranges=("4xx=54xx",)), standard=STANDARD, acme=OVERLAY)
    for name, text in texts.items():
        Path(name).write_text(text, "utf-8")
    assert all(one.loaded for one in check_all(["standard.yaml", "acme.yaml"]))
