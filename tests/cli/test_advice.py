"""The commands that messages advise are run as they are printed, and help."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from zipfile import ZipFile

import pytest
from command_line import Said, Xerosync

from xerosync.errors import SignInError
from xerosync.sandbox import Sandbox
from xerosync.xero.auth.authorization_code import CodeFlow
from xerosync.xero.auth.token_endpoint import App
from xerosync.xero.http.client import READ_SCOPE, WRITE_SCOPE

BASE = "*Code,*Name,*Type,*Tax Code\n200,Sales,Revenue,No VAT\n"
EMPTY = "version: 1\norganisation: {name: Demo Company (NZ)}\naccounts: []\n"
RENAMED = EMPTY.replace("[]", '\n  - {code: "200", name: Turnover}')


def advised(said: Said | str) -> list[str]:
    """Return the arguments of the command in a message: in backticks, or after a colon."""
    text = said if isinstance(said, str) else said.out + said.err
    found = re.findall(r"`xerosync ([^`]+)`|: xerosync (.+)", text)
    return shlex.split("".join(found[-1]))


@pytest.mark.parametrize("name", ["accounts.yaml", "my chart.yaml"])
@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_file_is_filled_by_pull(
    name: str, text: str, xerosync: Xerosync, project: Path
) -> None:
    (project / name).write_text(text)
    command = advised(xerosync("validate", name))
    assert command == (["pull"] if name == "accounts.yaml" else ["pull", "-f", name])
    done = xerosync(*command, "--sandbox")
    assert done.code == 0
    assert f"{name}: created" in done.err
    assert "accounts:" in (project / name).read_text()


def test_the_advice_for_an_empty_standard_input_does_not_name_a_dash(xerosync: Xerosync) -> None:
    assert advised(xerosync("validate", "-")) == ["pull"]
    codes = EMPTY.replace("[]", "".join(f"\n  - code: {n}" for n in range(9))).encode()
    formatted = xerosync(*advised(xerosync("validate", "-", stdin=codes)), stdin=codes).out
    assert '- code: "8"' in formatted


def test_a_pull_over_a_file_of_comments_is_not_advised(xerosync: Xerosync, project: Path) -> None:
    (project / "accounts.yaml").write_text("# to do\n")
    said = xerosync("validate")
    assert "no fields" in said.out
    assert "pull" not in said.out
    assert xerosync("pull", "--sandbox").code == 3
    assert (project / "accounts.yaml").read_text() == "# to do\n"


def test_a_file_that_does_not_exist_is_created_by_pull(xerosync: Xerosync) -> None:
    command = advised(xerosync("validate", "no chart.yaml"))
    assert xerosync(*command, "--sandbox").code == 0
    assert xerosync("validate", "no chart.yaml").code == 0


def test_without_the_line_that_archives_everything_a_pull_adds_the_accounts_to_keep(
    xerosync: Xerosync, project: Path
) -> None:
    (project / "accounts.yaml").write_text(EMPTY + "unmanaged: archive\n")
    refused = xerosync("plan", "--sandbox")
    assert "archives-everything" in refused.err
    keep = "add the accounts to keep with `xerosync pull --sandbox`, then write the line again"
    assert keep in refused.err
    (project / "accounts.yaml").write_text(EMPTY)
    assert xerosync(*advised(refused.err)).code == 0
    text = (project / "accounts.yaml").read_text()
    (project / "accounts.yaml").write_text(text + "unmanaged: archive\n")
    assert xerosync("validate").code == 0


def test_the_advice_for_a_csv_given_as_a_chart_works(xerosync: Xerosync, project: Path) -> None:
    (project / "accounts.yaml").write_text(BASE)
    said = xerosync("plan")
    (project / "accounts.yaml").rename("chart.csv")
    assert xerosync(*advised(said.err)).code == 0
    assert xerosync("validate").code == 0


def test_the_files_that_need_formatting_are_formatted(xerosync: Xerosync, project: Path) -> None:
    for name in ("accounts.yaml", "other.yaml"):
        (project / name).write_text(EMPTY.replace("[]", "\n  - {code: 1, name: One}"))
    assert advised(xerosync("fmt", "--check").err) == ["fmt"]
    for option in ("--check", "--diff"):
        said = xerosync("fmt", option, "other.yaml")
        assert f"run the command without {option}." in said.err
    assert xerosync("fmt", "other.yaml").code == 0
    assert xerosync("fmt", "--check", "other.yaml").code == 0


def test_init_ends_with_a_command_for_the_file_and_the_books_that_it_used(
    xerosync: Xerosync, project: Path
) -> None:
    for source in ("sandbox", "csv"):
        file = f"my {source}.yaml"
        options = ["--from", source, "--no-gitignore", "--ci", "none", "--file", file]
        if source == "csv":
            (project / "my chart.csv").write_text(BASE)
            options += ["--csv", "my chart.csv", "--organisation", "Acme"]
        first = advised(xerosync("init", *options).err)
        assert file in first
        assert xerosync(*first, "--detailed-exitcode").code == 0
        update = xerosync("init", *options)
        again = advised(next(li for li in update.err.splitlines() if "already exists" in li))
        assert xerosync(*again).code == 0
        assert f"{file} is up to date." in xerosync(*again).err


def test_the_advice_for_a_journal_that_is_given_as_a_plan_works(
    xerosync: Xerosync, project: Path
) -> None:
    (project / "accounts.yaml").write_text(RENAMED)
    assert xerosync("apply", "--sandbox", "--yes", "--result", "my run.jsonl").code == 0
    refused = xerosync("apply", "--sandbox", "my run.jsonl")
    assert refused.code == 5
    for command in re.findall(r"`xerosync ([^`]+)`", refused.err):
        assert xerosync(*shlex.split(command)).code == 0


def test_the_advice_for_a_chart_given_as_a_plan_is_to_show_it_merged(
    xerosync: Xerosync, project: Path
) -> None:
    (project / "accounts.yaml").write_text(EMPTY)
    assert "xerosync show --merged accounts.yaml" in xerosync("show", "accounts.yaml").err
    (project / "p.json").write_text('{"format_ver')
    assert "Save a new plan" in xerosync("show", "p.json").err


TURNOVER = RENAMED


def test_after_a_failed_apply_the_advice_is_for_the_same_books(
    xerosync: Xerosync, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "accounts.yaml").write_text(TURNOVER)
    asked = xerosync("apply", "--sandbox")
    assert "`xerosync plan --sandbox --out PLAN.json`" in asked.err
    assert "`xerosync apply --sandbox PLAN.json`" in asked.err
    monkeypatch.setattr("xerosync.apply.verdict.prove", lambda *_: ("It differs.",))
    failed = xerosync("apply", "--sandbox", "--yes")
    assert "It differs." in failed.err
    assert "Run `xerosync plan --sandbox` to see what is left." in failed.err
    assert xerosync(*advised(failed), "--detailed-exitcode").code == 0


def test_the_advice_of_a_rollback_is_for_the_same_books(xerosync: Xerosync, project: Path) -> None:
    for name, more in (("first.jsonl", ""), ("second.jsonl", '\n  - {code: "404"}')):
        (project / "accounts.yaml").write_text(TURNOVER.rstrip() + more + "\n")
        assert xerosync("apply", "--sandbox", "--yes", "--result", name).code == 0
    nothing = xerosync("rollback", "--sandbox", "second.jsonl")
    assert nothing.code == 64
    planned = xerosync(*advised(nothing.err), "--out", "undo.json")
    assert "To undo the run: xerosync apply --sandbox undo.json" in planned.err
    assert xerosync(*advised(planned.err), "--yes").code == 0


def test_for_many_files_the_advice_is_for_the_same_books(xerosync: Xerosync, project: Path) -> None:
    """The problems of a file that is left out are said twice, and a report names it, too."""
    (project / "accounts.yaml").write_text(EMPTY)
    said = xerosync("drift", "--sandbox", "accounts.yaml", "none.yaml")
    found = re.findall(r"`xerosync pull ([^`]+)`", said.out + said.err)
    assert found == ["--sandbox -f none.yaml"] * 3


def test_drift_advises_a_pull_of_the_same_books(xerosync: Xerosync, project: Path) -> None:
    """The account is found by its code alone, and the journal shows that it is the same one."""
    account = '{standard: {name: Ours}, accounts: [{code: "404", name: Bank Fees, type: EXPENSE}]}'
    (project / "standard.yaml").write_text(account.replace("{stand", "{version: 1, stand", 1))
    (project / "a.yaml").write_text(EMPTY.replace("accounts: []", "extends: standard.yaml"))
    assert xerosync("apply", "--sandbox", "--yes", "a.yaml").code == 0
    with Sandbox(project / ".xerosync" / "sandbox.db") as books:
        books.store.edit("404", name="Bonk Feez")
    said = xerosync("drift", "--sandbox", "a.yaml")
    assert "to accept it, run `xerosync pull --sandbox -f a.yaml`." in said.out


def test_the_doctor_advises_a_pull_with_the_same_sign_in(xerosync: Xerosync) -> None:
    """The name of the profile does not go into the bundle."""
    assert "`xerosync pull --sandbox`" in xerosync("doctor", "--sandbox").out
    said = xerosync("doctor", "--offline", "--profile", "zed", "--bundle", "report.zip")
    assert "`xerosync pull --profile zed`" in said.out
    with ZipFile("report.zip") as bundle:
        assert "zed" not in "".join(bundle.read(name).decode() for name in bundle.namelist())


def test_advice_names_the_profile_of_an_option_but_not_that_of_a_variable(
    xerosync: Xerosync, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--profile` would take precedence over the profile of a file; the variable does not."""
    said = xerosync("plan", "none.yaml", "--profile", "my clients")
    assert advised(said) == ["pull", "--profile", "my clients", "-f", "none.yaml"]
    monkeypatch.setenv("XERO_PROFILE", "other")
    assert advised(xerosync("plan", "none.yaml")) == ["pull", "-f", "none.yaml"]
    (project / "accounts.yaml").write_text(EMPTY)
    options = ("--no-gitignore", "--ci", "none", "--file", ".", "--profile", "acme")
    assert advised(xerosync("init", *options)) == ["plan", "--profile", "acme", "-f", "."]


def test_the_advice_to_sign_in_again_names_the_profile_in_use(xerosync: Xerosync) -> None:
    for command in (["plan", "-f", "accounts.yaml"], ["auth", "status"]):
        Path("accounts.yaml").write_text(EMPTY)
        said = xerosync(*command, "--profile", "my clients")
        assert said.code == 4
        assert "`xerosync auth login --profile 'my clients'`" in said.err
        assert xerosync(*advised(said)).code == 0, "the sandbox needs no sign-in"


def test_the_advised_variables_are_those_of_the_profile_in_use(
    xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a profile, the variables without its name are not read."""
    with Sandbox(organisations=2) as books:
        for name in ("XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL"):
            monkeypatch.setenv(name, books.url)
        for name in ("XERO_CLIENT_ID_MY_CLIENTS", "XERO_CLIENT_SECRET_MY_CLIENTS"):
            monkeypatch.setenv(name, "sandbox")
        said = xerosync("pull", "new.yaml", "--profile", "my clients")
    assert said.code == 4
    assert "set XERO_TENANT_ID_MY_CLIENTS to its tenant id" in said.err


def test_a_shortened_plan_names_the_commands_that_list_every_change(xerosync: Xerosync) -> None:
    Path("accounts.yaml").write_text(RENAMED)
    xerosync("plan", "--sandbox", "--out", "p.json")
    for said in (xerosync("show", "p.json"), xerosync("apply", "--sandbox", "--yes")):
        assert "more: `plan --verbose` or `show --verbose` lists all" in said.out
    for command in (["plan", "--verbose", "--sandbox"], ["show", "--verbose", "p.json"]):
        assert "more:" not in xerosync(*command).out


@pytest.mark.parametrize("read_only", [True, False])
def test_read_only_is_advised_unless_it_was_used(read_only: bool) -> None:
    scopes = ("offline_access", READ_SCOPE if read_only else WRITE_SCOPE)
    flow = CodeFlow.begin(App("client"), "http://localhost:8723/callback", scopes)
    with pytest.raises(SignInError) as caught:
        flow.code(f"error=invalid_scope&state={flow.state.reveal()}")
    assert ("--read-only" in caught.value.hint) is not read_only


def test_the_sandbox_keeps_the_country_of_its_books(xerosync: Xerosync, project: Path) -> None:
    """`plan --sandbox` has no option for the country, so none may be asked for."""
    (project / ".xerosync" / "sandbox.db").unlink()
    with Sandbox(project / ".xerosync" / "sandbox.db", country="AU"):
        pass
    assert xerosync("pull", "--sandbox").code == 0
    assert "Demo Company (AU)" in (project / "accounts.yaml").read_text()


@pytest.mark.parametrize(
    "named", [["my chart.yaml"], ["-f", "my chart.yaml"], ["--select", "!tag:old", "clients"]]
)
def test_a_refused_apply_advises_the_plan_of_the_same_files(
    named: list[str], xerosync: Xerosync, project: Path
) -> None:
    (project / "accounts.yaml").write_text(EMPTY.replace("Demo", "Other"))
    (project / "my chart.yaml").write_text(RENAMED)
    (project / "clients").mkdir()
    (project / "clients" / "one.yaml").write_text(RENAMED)
    refused = xerosync("apply", "--sandbox", *named)
    assert refused.code == 5
    plan, apply = re.findall(r"`xerosync ([^`]+)`", " ".join(refused.err.split()))
    assert xerosync(*shlex.split(plan)).code == 0
    assert xerosync(*shlex.split(apply)).code == 0


@pytest.mark.parametrize("out", ["./-p.json", "./-d/"])
def test_an_advised_path_that_begins_with_a_dash_is_not_taken_for_an_option(
    out: str, xerosync: Xerosync, project: Path
) -> None:
    (project / "-c.yaml").write_text(RENAMED)
    saved = xerosync("plan", "--sandbox", "./-c.yaml", f"--out={out}")
    assert xerosync(*advised(saved)).code == 0
    assert xerosync(*advised(xerosync("show", "./-c.yaml"))).code == 0


def test_init_advises_an_import_of_a_csv_whose_name_begins_with_a_dash(
    xerosync: Xerosync, project: Path
) -> None:
    (project / "-c.csv").write_text(BASE)
    assert xerosync("import-csv", "./-c.csv", "--organisation", "Acme").code == 0
    answers = ("--organisation", "Acme", "--ci", "none", "--no-gitignore")
    said = xerosync("init", "--from", "csv", "--csv=-c.csv", *answers)
    command = advised(next(line for line in said.err.splitlines() if "already exists" in line))
    assert command == ["import-csv", "./-c.csv"]
    assert xerosync(*command).code == 0


def test_a_standard_that_is_named_as_a_chart_is_validated_as_advised(
    xerosync: Xerosync, project: Path
) -> None:
    text = "version: 1\nstandard: {name: Ours}\naccounts: []\n"
    (project / "ours.yaml").write_text(text)
    assert xerosync(*advised(xerosync("plan", "ours.yaml"))).code == 0
    assert (
        xerosync(*advised(xerosync("plan", "-", stdin=text.encode())), stdin=text.encode()).code
        == 0
    )
