"""Whether a CI job has what it needs, and nothing that it must not have."""

from __future__ import annotations

from collections.abc import Sequence

from xerosync.doctor.diagnosis import Check, Fact, Subject
from xerosync.settings import Host, Job
from xerosync.text import series

CI = Subject("ci", "CI job")

_NAMES = {Host.GITHUB: "a GitHub job", Host.GITLAB: "a GitLab job"}
_NEEDED = "XERO_CLIENT_ID and XERO_CLIENT_SECRET"


def check_job(job: Job, *, in_ci: bool, secrets: Sequence[str]) -> Check:
    """Check whether a job has secrets for Xero, and a token for its repository.

    `secrets` names the variables with Xero secrets: for a fork's pull request, there must be none.
    """
    facts: dict[str, Fact] = {
        "forge": str(job.host),
        "ci": in_ci or job.host is not Host.NONE,
        "pull_request": job.proposal,
        "fork": job.fork,
        "secrets": len(secrets),
        "token": job.token is not None,
    }
    if job.host is Host.NONE and not in_ci:
        return CI.ok("this is not a CI job", facts)
    which = _NAMES.get(job.host, "a job of a CI system other than GitHub and GitLab")
    kind = "a pull request from a fork" if job.fork else "a pull request" if job.proposal else ""
    said = f"{which}{f', for {kind}' if kind else ''}"
    has = f"has {series(secrets)}" if secrets else "has no Xero secret"
    if job.fork:
        if secrets:
            return CI.fail(
                f"{said}; it {has}.",
                "Never give secrets to a fork's job: whoever opens the pull request could read"
                " them. Replace them at Xero, and remove them from this job.",
                facts,
                private=True,
            )
        return CI.warn(
            f"{said}; it {has}, which is right.",
            "Such a job can only validate the file, or plan against a CSV (`--current`).",
            facts,
        )
    if not secrets:
        return CI.warn(
            f"{said}; it {has}.",
            f"Give it {_NEEDED}, as secrets of the CI system. For a profile, add its name in"
            " capitals to each: for acme-uk, XERO_CLIENT_ID_ACME_UK.",
            facts,
        )
    token = {Host.GITHUB: "GITHUB_TOKEN", Host.GITLAB: "GITLAB_TOKEN"}.get(job.host)
    if token and job.token is None:
        return CI.warn(
            f"{said}; it {has}, and {token} is not set.",
            f"Set {token} if the job is to comment, open issues or apply reviewed plans.",
            facts,
            private=True,
        )
    return CI.ok(f"{said}; it {has}", facts, private=True)
