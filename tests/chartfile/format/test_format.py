"""The canonical text of a chart file: what is made uniform, and what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from xerosync.chartfile.fields import ACCOUNT_FIELDS, STANDARD_FIELDS
from xerosync.chartfile.format.canonical import KEY_ORDER, canonical
from xerosync.errors import ChartError

ROOT = Path(__file__).parents[3]
HEAD = "version: 1\norganisation: {name: Demo}\naccounts:\n"
MESSY_OVERLAY = """\
take: [615, 'VAT Suspense']
version: 1
organisation: {name: Demo}
extends: nowhere.yaml
overrides:
  # why 480 goes
  - {reason: no vehicles, omit: True, standard: 480}
  - reason: ""
    previously: ['9']   # beside
    code: 0404
    standard: Bank Charges
  - {standard: 099, keep: [name]}
"""
NEAT_OVERLAY = """\
version: 1
extends: nowhere.yaml
organisation: {name: Demo}
overrides:
  - {standard: "099", keep: [name]}
  # why 480 goes
  - {standard: "480", omit: true, reason: no vehicles}
  - standard: "Bank Charges"
    code: "0404"
    previously: ["9"]   # beside
    reason: ""
take: ["615", "VAT Suspense"]
"""
MESSY_STANDARD = """\
accounts:
  - {overridable: False, optional: TRUE, name: Stock, code: 615}
  - name: GST
    system_account: GST
tax_types: {sales: {NZ: OUTPUT2}}
initial: [description]
standard: {name: Ours}
version: 1
"""
NEAT_STANDARD = """\
version: 1
standard: {name: Ours}
tax_types: {sales: {NZ: OUTPUT2}}
initial: [description]
accounts:
  - {code: "615", name: Stock, optional: true, overridable: false}
  - system_account: GST
    name: GST
"""
MESSY = HEAD + "  - name: Rent   # for the shop\n    code: 469\n  - {name: Sales, code: 200}\n"
NEAT = HEAD + '  - {code: "200", name: Sales}\n  - code: "469"\n    name: Rent   # for the shop\n'


def formatted(text: str) -> str:
    """Return the canonical text of accounts, without the head of the file."""
    return canonical((HEAD + text).encode(), "f").removeprefix(HEAD)


@pytest.mark.parametrize(
    ("messy", "neat"), [(MESSY_OVERLAY, NEAT_OVERLAY), (MESSY_STANDARD, NEAT_STANDARD)]
)
def test_overlays_and_standards_are_formatted_even_if_their_standards_are_missing(
    messy: str, neat: str
) -> None:
    """A reason that a pull left empty is no error for `fmt`, which checks one file by itself."""
    assert canonical(messy.encode(), "f") == neat
    assert canonical(neat.encode(), "f") == neat


def test_the_chart_of_this_repository_is_formatted() -> None:
    data = (ROOT / "accounts.yaml").read_bytes()
    assert canonical(data, "accounts.yaml").encode() == data


def test_the_order_lists_every_field_once() -> None:
    assert sorted(KEY_ORDER) == sorted({*ACCOUNT_FIELDS, *STANDARD_FIELDS})


def test_line_ends_are_made_uniform_and_byte_order_marks_are_removed() -> None:
    windows = MESSY.replace("\n", "\r\n").encode()
    assert canonical(windows, "f") == NEAT.replace("\n", "\r\n")
    mixed = MESSY.replace("\n", "\r\n", 2).encode()
    assert canonical(mixed, "f") == NEAT
    assert canonical(b"\xef\xbb\xbf" + MESSY.encode(), "f") == NEAT
    assert canonical(MESSY.rstrip("\n").encode() + b"\n\n\n", "f") == NEAT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  - code: 200\n", '  - code: "200"\n'),
        ("  - code: '200'\n", '  - code: "200"\n'),
        ("  - code: 'a\"b'\n", '  - code: "a\\"b"\n'),
        ("  - code: ~\n    name: x\n", "  - code: ~\n    name: x\n"),
        ("  - name: NO\n", '  - name: "NO"\n'),
        ("  - name: x\n    protect: TRUE\n", "  - name: x\n    protect: true\n"),
        ("  - name: x\n    previously: [1, '2']\n", '  - name: x\n    previously: ["1", "2"]\n'),
        ("- name: x\n", "  - name: x\n"),
        ("      -   name: x\n          type: BANK\n", "  - name: x\n    type: BANK\n"),
        ("  - name: x   \n\n\n", "  - name: x\n"),
        ("  - name: x\n\n    type: BANK\n", "  - name: x\n    type: BANK\n"),
        ("  -\n    name: x\n", "  - name: x\n"),
        ("  - name: GST\n    system_account: GST\n", "  - system_account: GST\n    name: GST\n"),
        ("  - {type: BANK, name: x} # y\n", "  - {name: x, type: BANK} # y\n"),
        ("  - {\n    type: BANK, name: x}\n", "  - {\n    type: BANK, name: x}\n"),
        ("  - ? name\n    : x\n", "  - ? name\n    : x\n"),
        ("  [{name: b, code: 2}]\n", '  [{name: b, code: "2"}]\n'),
        ("  - name: b\n    note: |+\n      x\n\n", "  - name: b\n    note: |+\n      x\n\n"),
        (
            "  - name: b\n  - code: 10\n  - code: 9\n",
            '  - code: "9"\n  - code: "10"\n  - name: b\n',
        ),
    ],
)  # fmt: skip
def test_quotes_spaces_and_order_are_normalised_and_other_styles_are_kept(
    before: str, after: str
) -> None:
    assert formatted(before) == after
    assert formatted(after) == after


@pytest.mark.parametrize("banner", ["# --- Income", "## Income", "### Income"])
def test_a_section_keeps_its_accounts(banner: str) -> None:
    text = (
        f'  {banner}\n  - code: "3"\n  # of 2\n  - code: "2"\n'
        '\n  # Costs stand apart.\n\n  - code: "1"\n'
    )
    assert formatted(text) == (
        f'  {banner}\n  # of 2\n  - code: "2"\n  - code: "3"\n'
        '\n  # Costs stand apart.\n\n  - code: "1"\n'
    )


def test_a_banner_inside_an_account_does_not_begin_a_section() -> None:
    text = '  - name: x\n    # --- its code\n    code: "1"\n'
    once = formatted(text)
    assert once == '  - code: "1"\n    # --- its code\n    name: x\n'
    assert formatted(once) == once


def test_accounts_are_separated_by_empty_lines_everywhere_or_nowhere() -> None:
    apart = '  - code: "1"\n\n  - code: "2"\n\n  - code: "3"\n  - code: "4"\n'
    assert formatted(apart).count("\n\n") == 3
    close = '  - code: "1"\n\n  - code: "2"\n  - code: "3"\n  - code: "4"\n'
    assert formatted(close).count("\n\n") == 0


def test_the_head_of_the_file_stays_on_top_and_sections_are_ordered() -> None:
    text = (
        "# Ours.\n# yaml-language-server: $schema=x\n\n# The books:\norganisation: {name: D}\n"
        "accounts: []   # none yet\nlimits:\n  deletes: 1\n  archives: 2\n"
        "# One.\nversion: 1\n# End.\n"
    )
    assert canonical(text.encode(), "f") == (
        "# Ours.\n# yaml-language-server: $schema=x\n\n# One.\nversion: 1\n# The books:\n"
        "organisation: {name: D}\nlimits:\n  archives: 2\n  deletes: 1\naccounts: []   # none yet\n"
        "# End.\n"
    )


def test_a_file_with_errors_is_rejected() -> None:
    with pytest.raises(ChartError):
        canonical(b"version: 2\n", "f")
