"""How the books are reached → the CI workflow that checks and plans each pull request.

It may read the repository and no more, and it never applies. Where xerosync comes from is left to
who fills it in: a commit of zeros does not work, and a name in an index may be anybody's.
"""

from __future__ import annotations

from xerosync.chartfile.syntax.quoting import double_quoted

PATH = ".github/workflows/xerosync.yml"

_HEAD = """\
# Made by `xerosync init`: checks the chart of accounts and shows the plan of each pull
# request. It changes nothing in Xero; applying stays with you.
# Put your copy of xerosync's repository, and the commit of a release, where the zeros are.
name: Chart of accounts
on:
  pull_request:
{more}  workflow_dispatch:
permissions:
  contents: read
env:
  CHART: {chart}
{env}
jobs:
  validate:
    runs-on: ubuntu-latest
    steps:
{setup}      - run: xerosync validate "$CHART" --format github
"""

_SETUP = """\
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          persist-credentials: false
      - uses: actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0
        with:
          python-version: "3.12"
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          persist-credentials: false
          repository: your-organisation/xerosync
          ref: "0000000000000000000000000000000000000000" # a release
          path: .xerosync-source
      - run: python -m pip install ./.xerosync-source
        env:
          PIP_CONSTRAINT: ${{ github.workspace }}/.xerosync-source/constraints.txt
          PIP_BUILD_CONSTRAINT: ${{ github.workspace }}/.xerosync-source/constraints.txt
"""

_CSV_PLAN = """
  # A plan against the exported chart: no secrets, so forks get it too.
  plan:
    needs: validate
    runs-on: ubuntu-latest
    steps:
{setup}      - run: xerosync plan -f "$CHART" --current "$CURRENT" --markdown-file plan.md
{plan_summary}"""

_XERO_PLAN = """
  # A pull request from a fork gets no secrets, and so no plan.
  plan:
    needs: validate
    if: >-
      github.event_name == 'workflow_dispatch' || (github.event_name == 'pull_request' &&
      github.event.pull_request.head.repo.full_name == github.repository)
    runs-on: ubuntu-latest
    steps:
{setup}      - run: xerosync plan -f "$CHART" --markdown-file plan.md
{secrets}{plan_summary}
  # Each night: what changed in Xero? Drift fails the job.
  drift:
    if: github.event_name == 'schedule'
    runs-on: ubuntu-latest
    steps:
{setup}      - run: xerosync drift -f "$CHART" --detailed-exitcode --markdown-file drift.md
{secrets}{drift_summary}"""

_SUMMARY = """\
      - if: "!cancelled()"
        run: if [ -f {page} ]; then cat {page} >> "$GITHUB_STEP_SUMMARY"; fi
"""

_SECRETS = """\
        env:
          XERO_CLIENT_ID: ${{ secrets.XERO_CLIENT_ID }}
          XERO_CLIENT_SECRET: ${{ secrets.XERO_CLIENT_SECRET }}
"""


def workflow(chart: str, csv: str = "") -> str:
    """Give the workflow's text for a chart file; with `csv`, it plans against that."""
    head = _HEAD.format(
        chart=double_quoted(chart),
        env=f"  CURRENT: {double_quoted(csv)}\n" if csv else "",
        more="" if csv else '  schedule:\n    - cron: "17 5 * * *"\n',
        setup=_SETUP,
    )
    body = _CSV_PLAN if csv else _XERO_PLAN
    return head + body.format(
        setup=_SETUP,
        secrets=_SECRETS,
        plan_summary=_SUMMARY.format(page="plan.md"),
        drift_summary=_SUMMARY.format(page="drift.md"),
    )
