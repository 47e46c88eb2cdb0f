"""`xerosync init` ends in a plan, asks for what no option gives, and overwrites nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from command_line import Xerosync

from xerosync.cli.terminal import Terminal
from xerosync.errors import AccessDenied

FOLDER = ".github/workflows"
TEMPLATES = Path(__file__).parents[3] / "ci" / "github"
ANSWERED = ("--gitignore", "--ci", "github")


@pytest.mark.parametrize("listed", [".xerosync", "/.xerosync/", "build/\n.xerosync/"])
def test_a_folder_that_git_ignores_already_is_not_listed_again(
    listed: str, xerosync: Xerosync, project: Path
) -> None:
    (project / ".gitignore").write_text(listed)
    assert ".gitignore already lists" in xerosync("init", "--from", "sandbox", *ANSWERED).err
    assert (project / ".gitignore").read_text() == listed


@pytest.mark.parametrize(
    "listed",
    [
        *(" .xerosync/\n", "//.xerosync/\n", "#.xerosync/\n", ".xerosync/\t\n", ".xerosync\f\n"),
        *("x\f.xerosync/\n", ".xerosync/\n!.xerosync/\n", ".xerosync\n!/.xerosync\n"),
    ],
)
def test_a_line_with_which_git_does_not_ignore_the_folder_does_not_count(
    listed: str, xerosync: Xerosync, project: Path
) -> None:
    (project / ".gitignore").write_text(listed)
    assert xerosync("init", "--from", "sandbox", *ANSWERED).code == 0
    assert (project / ".gitignore").read_text() == f"{listed}.xerosync/\n"


@pytest.mark.parametrize("folder", ["null", "true", "2024", "my clients, all"])
def test_a_workflow_reads_the_name_of_any_folder_as_text(
    folder: str, xerosync: Xerosync, project: Path
) -> None:
    (project / folder).mkdir()
    chart = "version: 1\norganisation: {name: Acme}\naccounts: []\n"
    (project / folder / "one.yaml").write_text(chart)
    options = ("--file", folder, "--ci", "github", "--no-gitignore")
    assert xerosync("init", *options).code == 0
    for path in (project / FOLDER).iterdir():
        jobs = yaml.safe_load(path.read_text())["jobs"].values()
        steps = [step for job in jobs for step in job["steps"] if "files" in step.get("with", {})]
        assert {step["with"]["files"] for step in steps} == {folder}


def test_with_every_option_given_it_ends_in_a_plan(xerosync: Xerosync, project: Path) -> None:
    done = xerosync("init", "--from", "sandbox", *ANSWERED)
    assert done.code == 0
    assert "No changes" in done.out
    assert (project / ".gitignore").read_text() == ".xerosync/\n"
    for name in ("plan", "apply", "drift", "again"):
        written = (project / FOLDER / f"xerosync-{name}.yml").read_text()
        assert written == (TEMPLATES / f"{name}.yml").read_text()


def test_the_workflows_name_the_chart_file_wherever_it_is(
    xerosync: Xerosync, project: Path
) -> None:
    (project / "charts").mkdir()
    for file in ("charts/nz.yaml", 'odd "name", and more.yaml'):
        shutil.rmtree(project / FOLDER, ignore_errors=True)
        assert xerosync("init", "--from", "sandbox", *ANSWERED, "--file", file).code == 0
        for path in (project / FOLDER).iterdir():
            document = yaml.safe_load(path.read_text())
            assert "accounts.yaml" not in path.read_text()
            on = document[True]  # YAML 1.1 takes `on` for a boolean
            trigger = on.get("pull_request") or on.get("push")
            assert trigger is None or trigger["paths"] == [file]
            for job in document["jobs"].values():
                assert job["steps"][-1]["with"]["files"] == file


@pytest.mark.parametrize(
    "name",
    [
        "${{ secrets.X }}.yaml",
        "uk*.yaml",
        "[x].yaml",
        "!no.yaml",
        "a+.yaml",
        "a?.yaml",
        "a\nb.yaml",
    ],
)
def test_a_name_that_a_workflow_would_misread_is_refused(
    xerosync: Xerosync, project: Path, name: str
) -> None:
    refused = xerosync("init", "--from", "sandbox", *ANSWERED, "--file", name)
    assert refused.code == 64
    assert "cannot be used in a workflow" in refused.err
    assert not Path(name).exists()
    assert not (project / FOLDER).exists()


def test_a_second_run_overwrites_nothing(xerosync: Xerosync, project: Path) -> None:
    xerosync("init", "--from", "sandbox", *ANSWERED)
    before = {}
    workflows = sorted((project / FOLDER).iterdir())
    for path in (project / "accounts.yaml", project / ".gitignore", *workflows):
        path.write_text(path.read_text() + "# mine\n")
        before[path] = path.read_text()
    done = xerosync("init", "--from", "sandbox", *ANSWERED)
    assert done.code == 0
    assert "accounts.yaml already exists and was left unchanged" in done.err
    assert done.err.count("already exists and was left unchanged") == len(workflows) + 1 == 5
    assert {path: path.read_text() for path in before} == before


def test_without_a_terminal_each_missing_option_is_named(xerosync: Xerosync) -> None:
    refused = xerosync("init")
    assert refused.code == 64
    for option in ("--from xero|sandbox|csv", "--gitignore or --no-gitignore", "--ci github|none"):
        assert option in refused.err
    refused = xerosync("init", "--from", "csv", *ANSWERED)
    assert "--csv" in refused.err
    assert "--organisation" in refused.err
    assert xerosync("init", "--from", "sandbox", "--csv", "x.csv", *ANSWERED).code == 64


def test_a_csv_is_enough_and_its_workflow_needs_no_secrets(
    xerosync: Xerosync, project: Path
) -> None:
    (project / "chart.csv").write_text("*Code,*Name,*Type\n200,Sales,Revenue\n")
    (project / ".gitignore").write_text("build/")
    options = ("--csv", "chart.csv", "--organisation", "Acme", *ANSWERED)
    done = xerosync("init", "--from", "csv", *options)
    assert done.code == 0
    assert "No changes" in done.out
    assert (project / ".gitignore").read_text() == "build/\n.xerosync/\n"
    (workflow,) = (project / FOLDER).iterdir()
    assert workflow.read_text() == (TEMPLATES / "csv.yml").read_text()
    assert "secrets." not in workflow.read_text()


def test_without_ci_and_gitignore_only_the_chart_file_is_created(
    xerosync: Xerosync, project: Path
) -> None:
    xerosync("init", "--from", "sandbox", "--no-gitignore", "--ci", "none")
    assert sorted(path.name for path in project.iterdir()) == [".xerosync", "accounts.yaml"]


def test_a_question_is_repeated_until_the_answer_is_valid(
    xerosync: Xerosync, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: Iterator[str] = iter(["mars", "sandbox", "perhaps", "yes", "github"])
    monkeypatch.setattr(Terminal, "interactive", property(lambda _: True))
    monkeypatch.setattr("builtins.input", lambda *_: next(answers))
    done = xerosync("init")
    assert done.code == 0
    assert next(answers, None) is None
    assert (project / FOLDER).exists()


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (AccessDenied("Which?", naming_helps=True), True),
        (AccessDenied("Nothing.", "Connect."), False),
    ],
)
def test_the_organisation_is_asked_for_only_if_an_answer_helps(
    xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, error: AccessDenied, *, asked: bool
) -> None:
    """Otherwise the error with its hint says what helps."""
    pulled: list[str] = []

    def pull(_session: object, _file: Path, _fields: object, name: str, **_: object) -> None:
        pulled.append(name)
        if not name:
            raise error

    monkeypatch.setattr("xerosync.cli.commands.pull.pull_file", pull)
    monkeypatch.setattr("xerosync.cli.questions.Questions.ask", lambda *_: "Acme")
    monkeypatch.setattr(Terminal, "interactive", property(lambda _: True))
    done = xerosync("init", "--from", "xero", *ANSWERED)
    assert pulled == (["", "Acme"] if asked else [""])
    assert asked or (done.code, "Connect." in done.err) == (4, True)


def test_the_end_of_input_is_a_usage_error(
    xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> str:
        raise EOFError

    monkeypatch.setattr(Terminal, "interactive", property(lambda _: True))
    monkeypatch.setattr("builtins.input", gone)
    assert xerosync("init").code == 64


def test_a_folder_of_charts_gets_workflows_for_many(xerosync: Xerosync, project: Path) -> None:
    practice = TEMPLATES.parent.parent / "examples" / "practice"
    for name in ("standard", "clients"):
        shutil.copytree(practice / name, project / "charts" / name)
    done = xerosync("init", "--file", "charts/clients", *ANSWERED)
    assert done.code == 0, done
    assert "charts/clients has 12 valid charts." in done.err
    assert "set the secrets as docs/many.md says, and the environments as docs/ci.md" in done.err
    for name in ("plan", "apply", "drift", "again"):
        text = (project / FOLDER / f"xerosync-{name}.yml").read_text()
        template = (TEMPLATES / "many" / f"{name}.yml").read_text()
        assert text == template.replace("files: clients\n", "files: charts/clients\n") != template
    refused = xerosync("init", "--from", "sandbox", "--file", "charts/clients", *ANSWERED)
    assert (refused.code, "is a folder" in refused.err) == (64, True)


PRACTICE = ("--from", "sandbox", "--no-gitignore")


@pytest.fixture
def books(xerosync: Xerosync, project: Path) -> Path:
    assert xerosync("sandbox", "--reset", "--organisations", "12").code == 0
    return project


def test_a_standard_and_files_that_extend_it_are_valid_and_pinned(
    xerosync: Xerosync, books: Path
) -> None:
    standard = ("--sandbox", "-f", "standard/chart.yaml", "--organisation", "Harbour Cafe Ltd")
    made = xerosync("pull", "--standard", *standard)
    assert made.code == 0, made.err
    overlay = (*PRACTICE, "--extends", "standard/chart.yaml", "--file", "clients/law.yaml")
    made = xerosync("init", "--organisation", "Kowhai Legal Ltd", *overlay)
    assert made.code == 0, made.err
    assert "Merchant and Bank Fees" in made.out
    assert "xerosync pull --sandbox -f clients/law.yaml" in made.err
    written = (books / "clients/law.yaml").read_text()
    document = yaml.safe_load(written)
    assert document["extends"] == "../standard/chart.yaml"
    assert document["organisation"].keys() == {"name", "tenant_id", "short_code", "country"}
    assert xerosync("validate", "standard", "clients").code == 0
    again = xerosync("init", "--organisation", "Tui Bookshop Ltd", *overlay)
    assert (again.code, "was left unchanged" in again.err) == (0, True)
    assert (books / "clients/law.yaml").read_text() == written


def test_existing_books_keep_their_differences_or_follow_the_standard(
    xerosync: Xerosync, books: Path
) -> None:
    """Each difference is kept, with a reason, or is left to the standard."""
    (books / "standard.yaml").write_text(
        "version: 1\nstandard: {name: Rata}\naccounts:\n"
        '  - {code: "404", name: Bank Fees, type: EXPENSE}\n'
        '  - {code: "489", name: Phones and Internet Access, type: EXPENSE}\n'
    )
    overlay = ("--extends", "standard.yaml", "--file", "law.yaml")
    made = xerosync("init", *PRACTICE, "--organisation", "Kowhai Legal Ltd", *overlay)
    assert (made.code, "2 to update" in made.out) == (0, True)
    assert xerosync("pull", "--sandbox", "-f", "law.yaml").code == 0
    asked = xerosync("validate", "law.yaml")
    assert (asked.code, asked.out.count("override-without-reason")) == (3, 2)
    kept = (books / "law.yaml").read_text()
    assert kept.count('reason: ""') == 2
    _, second = (line for line in kept.splitlines(keepends=True) if 'reason: ""' in line)
    (books / "law.yaml").write_text(kept.replace('reason: ""', "reason: The covenant"))
    assert "No changes" in xerosync("plan", "--sandbox", "-f", "law.yaml").out
    one = kept.replace(second, "").replace('reason: ""', "reason: The covenant")
    (books / "law.yaml").write_text(one)
    plan = xerosync("plan", "--sandbox", "-f", "law.yaml").out
    assert "1 to update" in plan
    assert "Phones and Internet Access" in plan


@pytest.mark.parametrize(
    ("name", "says", "never"),
    [
        ("Bank Fees", "or apply the plan with `xerosync apply --sandbox -f law.yaml`.", "blocked"),
        ("Vehicle Costs", "or resolve what is blocked, as the plan says.", "xerosync apply"),
        ("Merchant and Bank Fees", "These books already are as the standard asks.", "Next:"),
    ],
)
def test_the_advice_after_init_extends_fits_the_plan(
    name: str, says: str, never: str, xerosync: Xerosync, books: Path
) -> None:
    (books / "standard.yaml").write_text(
        "version: 1\nstandard: {name: Rata}\naccounts:\n"
        f'  - {{code: "404", name: {name}, type: EXPENSE}}\n'
    )
    overlay = ("--extends", "standard.yaml", "--file", "law.yaml")
    made = xerosync("init", *PRACTICE, "--organisation", "Kowhai Legal Ltd", *overlay)
    assert made.code == 0
    assert says in made.err
    assert never not in made.err


def test_several_standards_are_named_relative_to_the_file(xerosync: Xerosync, books: Path) -> None:
    for name in ("a", "b, c"):
        text = f"version: 1\nstandard: {{name: {name[0]}}}\n"
        (books / f"{name}.yaml").write_text(text)
    options = ("--extends", "a.yaml", "--extends", "b, c.yaml", "--file", "x/y/z.yaml")
    made = xerosync("init", *PRACTICE, "--organisation", "Tui Bookshop Ltd", *options)
    assert made.code == 0, made.err
    document = yaml.safe_load((books / "x/y/z.yaml").read_text())
    assert document["extends"] == ["../../a.yaml", "../../b, c.yaml"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--extends", "standard.yaml"), "needs --file"),
        (("--extends", "missing.yaml", "--file", "x.yaml"), "There is no file missing.yaml."),
        (("--extends", "accounts.yaml", "--file", "x.yaml"), "accounts.yaml is not a standard"),
        (("--extends", "standard.yaml", "--file", "x.yaml", "--ci", "github"), "for the folder"),
        (("--extends", "standard.yaml", "--file", "x.yaml", "--from", "csv"), "with a CSV"),
    ],
)
def test_options_that_do_not_fit_a_standard_are_refused(
    xerosync: Xerosync, project: Path, options: tuple[str, ...], said: str
) -> None:
    (project / "standard.yaml").write_text("version: 1\nstandard: {name: R}\n")
    (project / "accounts.yaml").write_text("version: 1\norganisation: {name: R}\n")
    refused = xerosync("init", *PRACTICE, *options)
    assert (refused.code, said in refused.err) == (64, True)
    assert not (project / "x.yaml").exists()
