"""The views of a terminal, narrow and wide, brief and verbose, and the output to a pipe."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from builders import chart, entry, wanted
from rich.cells import cell_len
from rich.console import Console

from render.plans import long_plan, rich_plan
from xerosync.cli.terminal import Terminal, open_terminal
from xerosync.desired import Source
from xerosync.plan.build import build
from xerosync.plan.plan import Blocked, Plan
from xerosync.render.plan.brief import brief_lines
from xerosync.render.plan.terminal_view import PlanView, ViewOptions
from xerosync.settings import Settings


class Screen(io.StringIO):
    """A stream that claims to be a terminal."""

    def __init__(self, *, tty: bool, encoding: str) -> None:
        super().__init__()
        self._tty, self._encoding = tty, encoding

    def isatty(self) -> bool:
        return self._tty

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


def shown(
    view: ViewOptions | None = None,
    *,
    width: int = 80,
    tty: bool = False,
    encoding: str = "utf-8",
    brief: bool = False,
    force: bool = False,
    no_color: bool = False,
    plan: Plan | None = None,
) -> str:
    file = Screen(tty=tty, encoding=encoding)
    console = Console(
        file=file, width=width, markup=False, emoji=False, highlight=False, no_color=no_color,
        force_terminal=True if force else None, color_system="truecolor" if tty or force else None,
        legacy_windows=False,
    )  # fmt: skip
    Terminal(console, console).show(plan or rich_plan(), view, brief=brief)
    return file.getvalue()


@pytest.mark.parametrize("width", [20, 40, 63, 64, 80, 120, 250])
@pytest.mark.parametrize("brief", [False, True])
def test_a_pipe_gets_no_space_at_the_end_of_a_line(width: int, brief: bool) -> None:
    assert not re.search(r"[ \t]+$", shown(width=width, brief=brief), re.MULTILINE)


@pytest.mark.parametrize("width", [40, 63, 64, 80, 120])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_is_wider_than_the_terminal(width: int, verbose: bool) -> None:
    """Only the sentences at the end are not wrapped: scripts look for them."""
    tables, sums = shown(ViewOptions(verbose=verbose), width=width).split("\nPlan: ")
    assert max(cell_len(line) for line in tables.splitlines()) <= width
    assert sums


def test_a_very_wide_terminal_is_not_filled() -> None:
    lines = shown(width=250).splitlines()
    assert max(cell_len(line) for line in lines) <= 140


def test_a_narrow_terminal_keeps_every_value() -> None:
    squeezed = re.sub(r"\s", "", shown(width=40))
    for part in ("Rent of Vehicles", "835 Revenue Received in Advance", "DIRECTCOSTS → OVERHEADS"):
        assert re.sub(r"\s", "", part) in squeezed


def test_brief_has_one_line_for_each_change() -> None:
    plan = rich_plan()
    lines = shown(brief=True).splitlines()
    starts = [line for line in lines if re.match(r"[+~^x!-] ", line)]
    assert len(starts) == len(plan.changes) + len(plan.blocked)
    assert "~ 412 Consulting                   name: Consulting & Accounting → Consulting" in lines
    assert any(line.startswith("! 710 Office Equipment") for line in lines)


def test_brief_is_cut_at_the_edge_of_a_terminal_and_whole_in_a_pipe() -> None:
    cut = shown(brief=True, width=40, tty=True, no_color=True)
    assert max(cell_len(strip(line)) for line in cut.splitlines()[1:4]) <= 40
    assert "Rates" not in cut
    assert "name: Consulting & Accounting → Consulting" in shown(brief=True, width=40)


def test_the_option_only_shows_just_those_accounts_and_says_so() -> None:
    text = shown(ViewOptions(only=("205", "710", "850")))
    assert "Only 205, 710, 850 shown; the summary below is of the whole plan." in text
    assert "Sales of Goods" in text
    assert "Office Equipment" in text
    assert "Suspense" in text
    assert "Advertising" not in text
    assert "Plan: 3 to create, 10 to update" in text
    assert "Safety limits exceeded" in text


def test_only_finds_an_account_by_its_present_code_too() -> None:
    assert "code: 201 → 205" in shown(ViewOptions(only=("201",)))


@pytest.mark.parametrize("place", ["file", "standard"])
def test_only_finds_a_blocked_account_by_its_former_code(place: str) -> None:
    here, standard = Source("accounts.yaml", 6), Source("standard/chart.yaml", 9)
    renumbered = entry("401", "Fees", previously=("400",))
    renumbered = replace(renumbered, source=here, inherited=standard, origins={"code": standard})
    source = here if place == "file" else standard
    blocked = Blocked("401", "Fees", "id-400", source, "never-empty", "Because.", "")
    other = replace(blocked, code="402", source=replace(source, line=99))
    plan = replace(build(chart(), wanted(renumbered)), blocked=(blocked, other))
    assert PlanView(plan, ViewOptions(only=("400",))).blocked == (blocked,)


@pytest.mark.parametrize("width", [64, 80, 119, 120])
@pytest.mark.parametrize("place", ["accounts.yaml", "standard/of-the-practice/chart.yaml"])
def test_an_id_to_copy_stays_on_one_line(place: str, width: int) -> None:
    line = "account_id: b1b6a893-9dac-55b8-af9e-a9d2f658ad99"
    hint = f"If 404 is meant, add `{line}` to this entry; if not, choose another code."
    source = Source(place, 1234)
    blocked = Blocked("404", "A name of many words " * 3, "id", source, "another-account", "", hint)
    plan = replace(build(chart(), wanted()), blocked=(blocked,))
    assert line.removeprefix("account_id: ") in shown(width=width, plan=plan)


def test_a_code_that_is_not_in_the_plan_is_reported() -> None:
    assert "Nothing in this plan has the code 999." in shown(ViewOptions(only=("999",)))
    assert "Nothing in this plan has the code 999." in shown(ViewOptions(only=("999",)), brief=True)
    assert "has the code 997, 998 or 999." in shown(ViewOptions(only=("997", "998", "999")))


def test_verbose_writes_notes_beside_their_change() -> None:
    text = shown(ViewOptions(verbose=True), width=120)
    assert "Notes (! look first)" not in text
    assert "! Clearing the description" in text
    place = text.index("Clearing the description")
    assert text.index("Adverts") < place < text.index("412 ")


def test_verbose_lists_all_unmanaged_accounts() -> None:
    console = Console(file=io.StringIO(), width=80)
    Terminal(console, console).show(long_plan(10), ViewOptions(verbose=True))
    assert isinstance(console.file, io.StringIO)
    assert "Left Alone 39" in console.file.getvalue()
    Terminal(console, console).show(long_plan(10))
    assert "and 30 more: `plan --verbose` or `show --verbose` lists all" in console.file.getvalue()


def test_only_a_terminal_gets_links() -> None:
    link = "\x1b]8;"
    assert link in shown(tty=True)
    assert "shortcode=!demo&redirecturl=/GeneralLedger/ChartOfAccounts.aspx" in shown(tty=True)
    assert link not in shown()
    assert link not in shown(force=True)


def test_only_accounts_in_xero_get_links() -> None:
    lines = shown(tty=True, brief=True).splitlines()
    created = [line for line in lines if "Grants" in line]
    known = [line for line in lines if "Advertising" in line]
    assert created
    assert known
    assert "\x1b]8;" not in created[0]
    assert "\x1b]8;" in known[0]


def test_no_color_leaves_no_colour() -> None:
    text = shown(tty=True, no_color=True)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", text)
    assert "\x1b[" in shown(force=True)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437"])
@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("brief", [False, True])
def test_an_old_console_gets_ascii(encoding: str, width: int, brief: bool) -> None:
    text = shown(width=width, encoding=encoding, brief=brief)
    assert text.isascii()
    assert "->" in text


def test_a_character_that_stdout_cannot_encode_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    stdout = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    monkeypatch.setattr("sys.stdout", stdout)
    terminal = open_terminal(Settings(), no_color=False)
    terminal.out.print("売上 → Été")
    terminal.data('{"name": "売上"}\n')
    assert raw.getvalue() == (
        b"\\u58f2\\u4e0a \\u2192 \\xc9t\\xe9\n" + '{"name": "売上"}\n'.encode()
    )


def test_five_hundred_changes_are_five_hundred_lines() -> None:
    lines = list(brief_lines(long_plan(500), ViewOptions(width=80)))
    assert len(lines) == 501
    assert max(cell_len(line.plain) for line in lines) < 120


def strip(line: str) -> str:
    return re.sub(r"\x1b(\[[0-9;]*m|\]8;[^\x1b]*\x1b\\)", "", line)
