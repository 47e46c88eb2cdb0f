"""`examples/practice`: a standard and twelve clients, planned and applied in the sandbox."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from command_line import Xerosync

from xerosync.sandbox import Sandbox
from xerosync.sandbox.books import seed
from xerosync.sandbox.books.seed.practice import EXAMPLES
from xerosync.xero.clock import Clock

ROOT = Path(__file__).parent.parent.parent
PRACTICE = ROOT / "examples" / "practice"
COMMON = {("update", "404"), ("create", "487"), ("archive", "461")}
"""What the standard changes this year: a new name, a new account, and a retired one."""
EXPECTED = {
    "harbour-cafe": COMMON,
    "kowhai-legal": COMMON - {("update", "404")},
    "ridgeline-builders": COMMON,
    "tui-bookshop": COMMON,
    "southern-orchard": COMMON,
    "manuka-gifts": COMMON | {("create", "615")},
    "bright-smiles-dental": COMMON,
    "kereru-community-trust": COMMON | {("update", "408"), ("update", "489")},
    "coromandel-tours": COMMON - {("create", "487")},
    "wattle-design": COMMON,
    "thistle-knitwear": COMMON | {("update", "412")},
    "old-mill-trading": COMMON
    | {("create", "425"), ("restore", "408")}
    | {("update", code) for code in ("420", "449", "485", "494")},
}
BLOCKED = "coromandel-tours"


@pytest.fixture
def practice(project: Path) -> Path:
    """Copy the example to the project folder, and make the books of its clients."""
    for name in ("standard", "clients"):
        shutil.copytree(PRACTICE / name, project / name)
    return project


@pytest.fixture
def books(practice: Path, xerosync: Xerosync) -> Path:
    assert xerosync("sandbox", "--reset", "--organisations", "12").code == 0
    return practice


def clients() -> list[str]:
    return sorted(str(path) for path in Path("clients").glob("*.yaml"))


def planned(xerosync: Xerosync) -> dict[str, dict[str, list[dict[str, str]]]]:
    """Plan all clients, and return each plan by the name of its file."""
    said = xerosync("plan", "--sandbox", "--format", "json", *clients())
    assert said.code == 0, said.err
    return {Path(plan["file"]).stem: plan for plan in json.loads(said.out)["plans"]}


def test_make_practice_ends_with_a_page_that_git_does_not_see(
    practice: Path, xerosync: Xerosync
) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.split("\npractice: ")[1].split("\n\n")[0]
    commands = re.findall(r"cd examples/practice.*/xerosync ([^;>\n]+)", recipe)
    for command in commands:
        said = xerosync(*command.split())
        assert said.code == 0, said.err
    page = (practice / "compare.html").read_text(encoding="utf-8")
    assert "12 organisations compared with" in page
    names = [yaml.safe_load(Path(one).read_text())["organisation"]["name"] for one in clients()]
    assert [name for name in names if name not in page] == []
    path = "examples/practice/compare.html"
    assert f"xdg-open {path}" in recipe
    assert path in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert path in makefile.split("\nclean: ")[1]


def test_every_file_is_valid(practice: Path, xerosync: Xerosync) -> None:
    files = [*clients(), *sorted(str(path) for path in Path("standard").glob("*.yaml"))]

    said = xerosync("validate", *files)

    assert said.code == 0, said.err
    assert f"{len(files)} files" in said.out + said.err


def test_the_files_are_those_of_the_sandboxs_first_clients() -> None:
    pins = {}
    for path in (PRACTICE / "clients").glob("*.yaml"):
        pin = yaml.safe_load(path.read_text(encoding="utf-8"))["organisation"]
        pins[pin["name"]] = (pin["tenant_id"], pin["country"])

    assert pins == {
        client.name: (client.tenant_id, client.country.country_code)
        for client in seed.clients(len(EXAMPLES))
    }


def test_each_client_plans_what_its_file_is_to_show(books: Path, xerosync: Xerosync) -> None:
    plans = planned(xerosync)

    changes = {
        name: {(change["action"], change["code"]) for change in plan["changes"]}
        for name, plan in plans.items()
    }
    assert changes == EXPECTED
    blocked = {
        name: [(each["code"], each["rule"]) for each in plan["blocked"]]
        for name, plan in plans.items()
        if plan["blocked"]
    }
    assert blocked == {BLOCKED: [("487", "another-account")]}


def test_nothing_is_left_to_do_after_an_apply(books: Path, xerosync: Xerosync) -> None:
    Path("clients", f"{BLOCKED}.yaml").unlink()

    said = xerosync("apply", "--sandbox", "--yes", *clients())

    assert said.code == 0, said.err
    assert not any(plan["changes"] or plan["blocked"] for plan in planned(xerosync).values())


def test_the_example_has_about_seventy_accounts_and_a_reason_for_each_deviation() -> None:
    chart = yaml.safe_load((PRACTICE / "standard" / "chart.yaml").read_text(encoding="utf-8"))
    nz = yaml.safe_load((PRACTICE / "standard" / "nz.yaml").read_text(encoding="utf-8"))
    assert 60 <= len(chart["accounts"]) + len(nz["accounts"]) <= 75
    for path in (PRACTICE / "clients").glob("*.yaml"):
        file = yaml.safe_load(path.read_text(encoding="utf-8"))
        for override in file.get("overrides", []):
            assert "reason" in override or set(override) == {"standard", "account_id"}


def test_the_readme_names_every_file() -> None:
    text = (PRACTICE / "README.md").read_text(encoding="utf-8")
    for path in PRACTICE.rglob("*.yaml"):
        assert path.name in text


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_three_clients_that_fail_leave_nine_planned_and_are_named(
    books: Path, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """Each fails in its own way: not connected, refused, and an error that lasts."""
    monkeypatch.setattr("xerosync.cli.session.new_clock", lambda _: Clock(sleep=lambda _: None))
    failing = ("Kowhai Legal Ltd", "Tui Bookshop Ltd", "Wattle Design Pty Ltd")
    kinds = (
        "GET /connections@{}=not-connected",
        "GET /Accounts@{}=403",
        "* /Accounts@{}=500-before",
    )
    faults = [kind.format(name) for kind, name in zip(kinds, failing, strict=True)]
    with Sandbox(".xerosync/sandbox.db", faults=faults) as sandbox:
        for name in ("XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL"):
            monkeypatch.setenv(name, sandbox.url)
        for name in ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET"):
            monkeypatch.setenv(name, "sandbox")
        said = xerosync("plan", "--format", form, "-f", "clients")

    assert said.code == 6, said.err
    for name in failing:
        assert name in said.out
        assert name in said.err
    if form == "json":
        document = json.loads(said.out)
        assert len(document["plans"]) == 9
        assert {each["file"] for each in document["failed"]} == {
            "clients/kowhai-legal.yaml",
            "clients/tui-bookshop.yaml",
            "clients/wattle-design.yaml",
        }
