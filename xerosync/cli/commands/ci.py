"""`xerosync ci`: comments, issues, reviewed plans and journals, for CI jobs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xerosync.cli import options
from xerosync.errors import UsageError
from xerosync.files import write_whole
from xerosync.organisations.review import read_saved
from xerosync.plan.saved.serialize import digest_and_date
from xerosync.regular_file import read_text
from xerosync.text import counted, read_timestamp
from xerosync.workspace import RUNS

if TYPE_CHECKING:
    from xerosync.ci.forge import Forge
    from xerosync.cli.terminal import Terminal
    from xerosync.settings import Job

PLAN = "xerosync-plan"
TITLE = "Xero differs from the chart of accounts"


class AnnotationFormat(StrEnum):
    """The formats that annotations can be written in."""

    GITHUB = "github"
    GITLAB = "gitlab"


def _files(text: str) -> Any:  # noqa: ANN401 typer's type
    return typer.Option("--file", "-f", help=text)


def _workflows(does: str, defaults: str) -> Any:  # noqa: ANN401 as above
    text = f"The workflow that {does} (GitHub), if not {defaults}."
    return typer.Option(metavar="FILE", help=text)


app = typer.Typer(
    help="Post plans and drift, and fetch reviewed plans, in CI jobs on GitHub and GitLab.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Page = Annotated[
    Path, typer.Argument(metavar="PAGE.md", help="A Markdown page written by `plan` or `drift`.")
]


@app.command("source")
def source(
    file: Annotated[list[Path], _files("The chart files of the job, to detect `unchanged`.")] = [],  # noqa: B006 typer copies it
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Print where the job's chart comes from.

    `fork` is a fork's pull request, `request` a pull request of this repository, and `branch` a
    commit of a branch. `unchanged` is a pull request that changes neither the files given with
    --file nor the files that they depend on, in a job without Xero secrets. Exits with 5 if a
    fork's job has Xero secrets. Exits with 4 if a `request` or `branch` job has no Xero secrets.
    """
    from xerosync.chartfile.load import read_for_names
    from xerosync.ci.connect import source_of

    where = source_of(_job(), [*file, *read_for_names(file)])
    _terminal(no_color=no_color, debug=debug).data(f"{where}\n")


@app.command("annotate")
def annotate(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help="A saved plan.")],
    format: Annotated[  # noqa: A002 the option is called so
        AnnotationFormat,
        typer.Option("--format", help="GitHub workflow commands, or GitLab's Code Quality report."),
    ] = AnnotationFormat.GITHUB,
    allow: options.Allow = [],  # noqa: B006 typer copies it
    skip_blocked: Annotated[
        bool, typer.Option("--skip-blocked", help="Do not fail for blocked changes.")
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Annotate the lines of the chart file that the plan warns about.

    Exits with 5 if apply would refuse the plan with the same --allow and --skip-blocked. Exits with
    6 if apply would refuse only some of the plan's organisations.
    """
    from xerosync.ci.archive import check_size
    from xerosync.ci.refusal import check
    from xerosync.plan.blocks import limits
    from xerosync.render.plan.annotations import checked_plans
    from xerosync.render.problems import as_github, as_gitlab

    allowed = limits.parse_allow(allow)
    text = read_text(plan)
    check_size(len(text.encode()), str(plan))
    plans, failed = read_saved(text, str(plan))
    write = as_github if format is AnnotationFormat.GITHUB else as_gitlab
    _terminal(no_color=no_color, debug=debug).data(write(checked_plans(plans)))
    check(plans, allowed, skip_blocked=skip_blocked, failed=failed)


@app.command("comment")
def comment(
    page: Annotated[
        Path | None, typer.Argument(metavar="PAGE.md", help="A Markdown page written by `plan`.")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(metavar="PLAN.json", help="The saved plan, to show its digest.")
    ] = None,
    failed: Annotated[
        bool,
        typer.Option(
            "--failed", help="Instead of posting a page, mark the earlier comment as outdated."
        ),
    ] = False,
    file: Annotated[
        list[Path], _files("The chart files of the job, which identify its comment.")
    ] = [],  # noqa: B006 typer copies it
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Post a page as a comment on the pull request. It replaces the job's earlier comment."""
    from xerosync.ci.comment import mark_outdated, post

    if failed != (page is None):
        raise UsageError("Give either a page or --failed.")
    job, terminal = _job(), _terminal(no_color=no_color, debug=debug)
    if page is None:
        terminal.say(mark_outdated(job, file))
        return
    body, digest = read_text(page), ""
    if plan:
        text_of_plan = read_text(plan)
        read_saved(text_of_plan, str(plan))
        digest, _ = digest_and_date(text_of_plan)
    terminal.say(post(job, file, body, str(page), digest))


@app.command("issue")
def issue(
    page: Page,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Close the issue, with the page as its last comment.")
    ] = False,
    title: Annotated[str, typer.Option(metavar="TEXT", help="The title of a new issue.")] = TITLE,
    file: Annotated[
        list[Path],
        _files(
            "The chart files or folders of the job, which identify its issue. Without them, "
            "what was compared identifies it."
        ),
    ] = [],  # noqa: B006 typer copies it
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="The --shard of the page, as given to `drift`.")
    ] = "",
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Open or update an issue from a Markdown page, or close it."""
    from xerosync.ci.comment import marker_of, report_about
    from xerosync.cli.many.choose import shard_of

    body = read_text(page)
    marker = marker_of(body, str(page))
    if file:
        marker, title, body = report_about(file, shard_of(shard), title, body)
    terminal, forge = _terminal(no_color=no_color, debug=debug), _forge()
    if resolved:
        address = forge.resolve(marker, body)
        terminal.say(f"Closed: {address}" if address else "No issue is open.")
    else:
        terminal.say(f"Open: {forge.report(marker, title, body)}")


@app.command("reviewed")
def reviewed(
    out: Annotated[Path, options.output("PLAN.json", "Where to write the plan.")],
    kept: Annotated[
        str,
        typer.Option(metavar="NAME", help="The artifact (GitHub) or job (GitLab) with the plan."),
    ] = PLAN,
    require_approval: Annotated[
        bool, typer.Option("--require-approval", help="Refuse a plan that nobody has approved.")
    ] = False,
    this_run: Annotated[
        bool,
        typer.Option("--this-run", help="Fetch the plan of an earlier job of this run instead."),
    ] = False,
    workflow: Annotated[
        list[str], _workflows("plans pull requests", "plan.yml or xerosync-plan.yml")
    ] = [],  # noqa: B006 typer copies it
    file: Annotated[
        list[Path],
        _files("With --this-run: the chart files, whose authors do not count as approvers."),
    ] = [],  # noqa: B006 typer copies it
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Fetch the plan of the merged pull request.

    Prints who approved it. Refuses a commit outside the default branch. Without --this-run, also
    refuses one that merges no pull request, or (GitHub) a plan of any workflow but --workflow.
    """
    from xerosync.chartfile.load import read_for_names
    from xerosync.ci.connect import changes_to_approve

    forge = _forge()
    terminal = _terminal(no_color=no_color, debug=debug)
    if this_run:
        since, paths = changes_to_approve(file, read_for_names, terminal.say)
        found = forge.earlier(kept, tuple(workflow), since, paths)
    else:
        found = forge.reviewed(kept, tuple(workflow))
    if require_approval:
        found.check_approval()
    write_whole(out, found.plan)
    terminal.say(f"The plan of {found.of}, approved by {found.approved_by or 'nobody on record'}.")
    terminal.data(f"{found.approved_by}\n")


@app.command("journals")
def journals(
    kept: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="The artifact (GitHub, without the number of the attempt) or job (GitLab) that "
            "has the journals, if not xerosync-result or xerosync-apply.",
        ),
    ] = "",
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help="For a folder of charts: fetch more journals, including those of waves, since "
            "each may cover only some of the organisations.",
        ),
    ] = False,
    workflow: Annotated[
        list[str],
        _workflows("applies", "apply.yml, xerosync-apply.yml, again.yml or xerosync-again.yml"),
    ] = [],  # noqa: B006 typer copies it
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Fetch the journals of the last applies.

    `drift`, `apply` and `reviewed` read them.
    """
    forge = _forge()
    found = list(forge.journals(kept or forge.result_name, tuple(workflow), many=every))
    RUNS.mkdir(parents=True, exist_ok=True)
    for one in found:
        write_whole(RUNS / one.name, one.text)
    terminal = _terminal(no_color=no_color, debug=debug)
    terminal.say(f"{counted(len(found), 'journal')} of earlier applies fetched.")


@app.command("split")
def split(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help="A saved plan.")],
    out: Annotated[
        Path, typer.Option(metavar="FOLDER/", help="Where to write the plans and their index.")
    ],
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Split a saved plan into one plan for each organisation.

    `apply FOLDER/` then applies or refuses each plan separately, and can select some of them.
    """
    from xerosync.organisations.plan_folder import FolderWriter

    text = read_text(plan)
    plans, failed = read_saved(text, str(plan))
    made_at = read_timestamp(digest_and_date(text)[1])
    folder = FolderWriter.begin(out, [one.file for one in plans], made_at)
    for one in plans:
        folder.add(one)
    folder.end(plans, failed)
    _terminal(no_color=no_color, debug=debug).say(f"{counted(len(plans), 'plan')} in {out}.")


def _terminal(*, no_color: bool, debug: bool) -> Terminal:
    from xerosync.cli.session import open_session

    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        return session.terminal


def _job() -> Job:
    """Return this job. Raises `UsageError` outside a job of GitHub or GitLab."""
    from xerosync.ci.connect import require_job
    from xerosync.environment import job_from_environment

    return require_job(job_from_environment())


def _forge() -> Forge:
    from xerosync.ci.connect import forge_of

    return forge_of(_job())
