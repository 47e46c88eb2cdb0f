"""`xerosync ci`: what a job does beside planning: comments, issues, the reviewed plan."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.errors import (
    ExitCode,
    NotConfirmed,
    Refused,
    SignInError,
    UsageError,
)

if TYPE_CHECKING:
    from xerosync.ci.forge import Forge
    from xerosync.cli.terminal import Terminal
    from xerosync.job import Job

PLAN = "xerosync-plan"
TITLE = "Xero is not as the chart of accounts says"


class Marks(StrEnum):
    """What annotations can be written as."""

    GITHUB = "github"
    GITLAB = "gitlab"


_MARKER = re.compile(r"<!-- xerosync:[a-z]+:[\w%./~,-]+ -->")

app = typer.Typer(
    help="For jobs of GitHub and GitLab: comment, issue, and the plan that was reviewed.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Page = Annotated[
    Path, typer.Argument(metavar="PAGE.md", help="What `plan` or `drift` wrote as Markdown.")
]


@app.command("source")
def source(no_color: options.NoColor = False, debug: options.Debug = False) -> int:
    """Tell where a job's chart comes from: `fork`, `request` or `branch`.

    Leaves with 5 where a fork's job holds secrets of Xero, with 4 where another holds none.
    """
    job = _job()
    if job.fork and job.holds:
        raise Refused(
            f"This job is for a fork's pull request, and it holds {', '.join(job.holds)}: who "
            "wrote that pull request could read the books.",
            "Nothing was asked of Xero. Run it by `pull_request`, not `pull_request_target`; at "
            "GitLab, not as a pipeline of the parent project. See Forks in docs/ci.md.",
        )
    if not job.fork and not job.holds:
        raise SignInError(
            "This job has no credentials for Xero, and it is for no fork: neither "
            "XERO_CLIENT_SECRET nor XERO_ACCESS_TOKEN is set.",
            "Look whether the secrets are there, and spelt as the workflow has them: at GitHub "
            "XERO_READ_CLIENT_ID and XERO_READ_CLIENT_SECRET go into client-id and client-secret "
            "of the action, at GitLab they are variables that are not protected.",
        )
    where = "fork" if job.fork else "request" if job.proposal else "branch"
    _terminal(no_color=no_color, debug=debug).data(f"{where}\n")
    return ExitCode.OK


@app.command("annotate")
def annotate(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help="A saved plan.")],
    format: Annotated[  # noqa: A002 the option is called so
        Marks,
        typer.Option(
            "--format", help="GitHub's workflow commands, or GitLab's Code Quality report."
        ),
    ] = Marks.GITHUB,
    allow: options.Allow = [],  # noqa: B006 typer copies it
    skip_blocked: Annotated[
        bool, typer.Option("--skip-blocked", help="Changes that are blocked are no reason to fail.")
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Mark the lines of the chart file that the plan warns of. Leaves with 5 where apply would.

    That is with the same --allow and --skip-blocked.
    """
    from xerosync.cli.files import read_text
    from xerosync.plan import limits
    from xerosync.plan.serialize import loads
    from xerosync.render.plan.annotations import checked_plans
    from xerosync.render.problems import as_github, as_gitlab

    allowed = limits.parse_allow(allow)
    plans = loads(read_text(plan), str(plan))
    write = as_github if format is Marks.GITHUB else as_gitlab
    terminal = _terminal(no_color=no_color, debug=debug)
    terminal.data(write(checked_plans(plans)))
    blocked = 0 if skip_blocked else sum(len(one.blocked) for one in plans)
    broken = sum(len(limits.check(one, allowed)) for one in plans)
    if not blocked and not broken:
        return ExitCode.OK
    terminal.say(f"apply would refuse this plan: {blocked} blocked, {broken} limits exceeded.")
    return ExitCode.REFUSED


@app.command("comment")
def comment(
    page: Annotated[
        Path | None, typer.Argument(metavar="PAGE.md", help="What `plan` wrote as Markdown.")
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(metavar="PLAN.json", help="The plan as it was saved, to name its digest."),
    ] = None,
    failed: Annotated[
        bool,
        typer.Option(
            "--failed", help="Without a page: say in the earlier comment that its plan is outdated."
        ),
    ] = False,
    file: Annotated[
        list[Path],
        typer.Option("--file", "-f", help="The chart files of the job, which tell its comment."),
    ] = [],  # noqa: B006 typer copies it
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Write a page as a comment on the pull request, over the one of the run before."""
    from xerosync.ci import comment as write
    from xerosync.cli.files import read_text
    from xerosync.plan.serialize import digest_of, loads

    if failed != (page is None):
        raise UsageError("Give a page, or --failed.")
    second, job = write.second_line(file), _job()
    terminal = _terminal(no_color=no_color, debug=debug)
    if page:
        marker, body = _read(page)
        digest = digest_of(loads(read_text(plan), str(plan))) if plan else ""
        address = _forge().comment(marker, write.planned(body, second, job, digest))
    else:
        ours = job.request and not job.fork
        address = _forge().overwrite(second, write.failed(job)) if ours else ""
    terminal.say(f"Commented: {address}" if address else "No earlier comment is there to change.")
    return ExitCode.OK


@app.command("issue")
def issue(
    page: Page,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Close the issue, with the page as its last word.")
    ] = False,
    title: Annotated[str, typer.Option(metavar="TEXT", help="The title of a new issue.")] = TITLE,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Open an issue with a page, bring the open one up to date, or close it."""
    marker, body = _read(page)
    terminal, forge = _terminal(no_color=no_color, debug=debug), _forge()
    if resolved:
        address = forge.resolve(marker, body)
        terminal.say(f"Closed: {address}" if address else "No issue is open.")
    else:
        terminal.say(f"Open: {forge.report(marker, title, body)}")
    return ExitCode.OK


@app.command("reviewed")
def reviewed(
    out: Annotated[Path, typer.Option(metavar="PLAN.json", help="Where to write the plan.")],
    kept: Annotated[
        str,
        typer.Option(metavar="NAME", help="The artifact (GitHub) or job (GitLab) that keeps it."),
    ] = PLAN,
    require_approval: Annotated[
        bool,
        typer.Option("--require-approval", help="Refuse it unless somebody has approved it."),
    ] = False,
    this_run: Annotated[
        bool,
        typer.Option("--this-run", help="Fetch the plan of an earlier job of this run instead."),
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Fetch the plan of the pull request that was merged; print who has approved it.

    Refuses a commit that is on another branch, or is not the merge of a pull request.
    """
    from xerosync.cli.files import write_whole
    from xerosync.text import visible

    forge = _forge()
    found = forge.earlier(kept) if this_run else forge.reviewed(kept)
    terminal = _terminal(no_color=no_color, debug=debug)
    approvers = ", ".join(visible(one) for one in found.approvers)
    if require_approval and not approvers:
        raise NotConfirmed(
            f"Nobody has approved {found.of}.",
            "Nothing was sent. An approval of an earlier commit does not count.",
        )
    if require_approval and found.objectors:
        objectors = ", ".join(visible(one) for one in found.objectors)
        raise NotConfirmed(
            f"{objectors} asked for changes, after which {found.of} was merged all the same.",
            "Nothing was sent. It counts until they approve, or their review is dismissed.",
        )
    write_whole(out, found.plan)
    terminal.say(f"The plan of {found.of}, approved by {approvers or 'nobody on record'}.")
    terminal.data(f"{approvers}\n")
    return ExitCode.OK


@app.command("journals")
def journals(
    kept: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="The artifact (GitHub, without the number of the attempt) or job (GitLab) that "
            "keeps them, if not xerosync-result or xerosync-apply.",
        ),
    ] = "",
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Fetch the journals of the last applies, by which `drift` tells who moved, and when."""
    from xerosync.cli.files import write_whole
    from xerosync.cli.state import RUNS
    from xerosync.job import Host

    forge, github = _forge(), _job().host is Host.GITHUB
    found = list(forge.journals(kept or ("xerosync-result" if github else "xerosync-apply")))
    RUNS.mkdir(parents=True, exist_ok=True)
    for one in found:
        write_whole(RUNS / one.name, one.text)
    noun = "journal" if len(found) == 1 else "journals"
    terminal = _terminal(no_color=no_color, debug=debug)
    terminal.say(f"{len(found)} {noun} of earlier applies fetched.")
    return ExitCode.OK


def _read(page: Path) -> tuple[str, str]:
    """Read a page, and give its marker too. Raises `UsageError` where it has none."""
    from xerosync.cli.files import read_text

    body = read_text(page)
    marker = body.partition("\n")[0]
    if not _MARKER.fullmatch(marker):
        raise UsageError(
            f"{page} is not a page of xerosync: it has no marker in its first line.",
            "Give what `plan --markdown-file` or `drift --markdown-file` wrote.",
        )
    return marker, body


def _terminal(*, no_color: bool, debug: bool) -> Terminal:
    from xerosync.cli.session import open_session

    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        return session.terminal


def _job() -> Job:
    """Give what this job knows of itself. Raises `UsageError` outside of a job."""
    from xerosync.job import Host
    from xerosync.settings import job_from_environment

    job = job_from_environment()
    if job.host is Host.NONE:
        raise UsageError(
            "This is no job of GitHub or GitLab.",
            "Elsewhere, use `plan`, `apply` and `drift` alone: see docs/ci.md.",
        )
    return job


def _forge() -> Forge:
    """Give the place where this job's repository is. Raises `UsageError` without a token."""
    from xerosync.job import Host

    job = _job()
    if job.token is None:
        raise UsageError(
            "The job has no token.",
            "Set GITHUB_TOKEN, or for GitLab GITLAB_TOKEN: see docs/ci.md.",
        )
    if job.host is Host.GITHUB:
        from xerosync.ci.github import GitHub

        return GitHub(job)
    from xerosync.ci.gitlab import GitLab

    return GitLab(job)
