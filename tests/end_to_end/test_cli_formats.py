"""One plan is the same in every format, on stdout and in files, now and when shown later."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Xerosync

from end_to_end.conftest import chart
from xerosync.sandbox import Sandbox

CHART = chart(
    'code: "200", name: "Sales of Goods"',
    'code: "400", name: Advertising, status: ARCHIVED',
    'code: "4001", name: "New | `Costs`", type: EXPENSE',
)


@pytest.fixture
def saved(project: Path, books: Sandbox, xerosync: Xerosync) -> Path:
    """Save a plan in every format."""
    (project / "accounts.yaml").write_text(CHART)
    done = xerosync(
        "plan", "--out", "plan.json", "--json-file", "also.json",
        "--markdown-file", "plan.md", "--html-file", "plan.html", "--only", "4001",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "Advertising" not in done.out
    return project


def test_files_hold_the_whole_plan_whatever_the_screen_shows(saved: Path) -> None:
    document = json.loads((saved / "plan.json").read_text(encoding="utf-8"))
    assert len(document["plans"][0]["changes"]) == 3
    assert (saved / "plan.json").read_bytes() == (saved / "also.json").read_bytes()
    for name in ("plan.md", "plan.html"):
        assert "Advertising" in (saved / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("format", "name"), [("json", "plan.json"), ("markdown", "plan.md"), ("html", "plan.html")]
)
def test_show_prints_what_plan_printed(
    saved: Path,
    xerosync: Xerosync,
    format: str,  # noqa: A002 as the option
    name: str,
) -> None:
    shown = xerosync("show", "plan.json", "--format", format)
    assert shown.code == 0
    assert shown.out == (saved / name).read_text(encoding="utf-8")
    assert shown.err == ""


def test_the_page_names_the_digest_that_is_approved(saved: Path) -> None:
    digest = json.loads((saved / "plan.json").read_text(encoding="utf-8"))["digest"]
    assert digest in (saved / "plan.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("option", [["--brief"], ["--verbose"], ["--only", "200"]])
@pytest.mark.parametrize("format", ["json", "markdown", "html"])
def test_formats_for_others_always_hold_the_whole_plan(
    saved: Path,
    xerosync: Xerosync,
    option: list[str],
    format: str,  # noqa: A002 as the option
) -> None:
    refused = xerosync("show", "plan.json", *option, "--format", format)
    assert refused.code == 64
    assert refused.out == ""
    assert f"{option[0]} cannot be used with --format {format}" in refused.err


def test_brief_and_verbose_exclude_each_other(saved: Path, xerosync: Xerosync) -> None:
    assert xerosync("show", "plan.json", "--brief", "--verbose").code == 64
    brief = xerosync("show", "plan.json", "--brief")
    assert brief.code == 0
    assert "- 400 " in brief.out


def test_a_plan_without_changes_says_so_in_every_format(
    project: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    (project / "accounts.yaml").write_text(chart('code: "200", name: Sales'))
    assert "**No changes.**" in xerosync("plan", "--format", "markdown").out
    assert "No changes. Xero matches accounts.yaml." in xerosync("plan", "--format", "html").out
