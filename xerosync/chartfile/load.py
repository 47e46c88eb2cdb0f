"""accounts.yaml → the chart that it wants, or every problem that it has.

The way of a file: `source` (bytes → clean text), `document` (text → nodes with places),
`structure` (the schema), `texts` (characters and quotes), `identity` (what is claimed
twice), `desired` (nodes → accounts), `linting` (the house's own policy). Each adds to one
report; a chart is built only when the report holds no error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from xerosync.chartfile.build import build, build_account
from xerosync.chartfile.lint.rules import Policy
from xerosync.chartfile.lint.section import check_policy, read_policy
from xerosync.chartfile.problems import Report
from xerosync.chartfile.syntax import source
from xerosync.chartfile.syntax.nodes import Mapping, Node, Opaque, Scalar, Sequence
from xerosync.chartfile.syntax.parse import compose
from xerosync.chartfile.syntax.source import Spot
from xerosync.chartfile.validate.duplicates import check_identities
from xerosync.chartfile.validate.structure import check_accounts, check_head
from xerosync.chartfile.validate.texts import check_texts
from xerosync.errors import Problem
from xerosync.model import DesiredAccount, DesiredChart

STDIN = "<stdin>"
"""What problems call standard input."""

_CSV_HEAD = "*Code,"
"""How the chart begins that Xero's screen exports."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A chart, and what to mend in its file though it works; severity `warning`.

    `policy` is the file's own; what breaks it is among the problems already.
    """

    chart: DesiredChart
    warnings: tuple[Problem, ...] = ()
    policy: Policy = field(default_factory=Policy)


def load(path: str, *, stdin: BinaryIO | None = None, lint: bool = True) -> Loaded:
    """Read a chart file; "-" reads `stdin`, or the process's own.

    With `lint` off, what breaks the file's policy is not looked for: to edit a file, it
    need not please its house.
    Raises ChartError with all problems, errors and warnings, in the order of the file;
    also for a file that is not there, is larger than `source.MAX_BYTES`, or is not UTF-8.
    """
    return parse(source.read(path, stdin), STDIN if path == "-" else path, lint=lint)


def parse(text: str | bytes, file: str, *, lint: bool = True) -> Loaded:
    """Read a chart from memory; `file` is what problems and sources call it. As `load`."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    decoded = source.decode(data, file)
    report = Report(file, decoded)
    decoded = source.clean(decoded, report)
    root = _root(decoded, report) or Mapping({}, 0, 0)
    accounts: tuple[DesiredAccount, ...] = ()
    policy = Policy()
    if root.line:
        given = root.get("accounts")
        listed = given if isinstance(given, Sequence) else Sequence([], 0, 0)
        check_head(root, report)
        check_accounts(listed, report)
        check_texts(root, listed, report)
        check_identities(listed, report)
        nodes = [n for n in listed.items if isinstance(n, Mapping) and not report.full]
        accounts = tuple(build_account(node, file) for node in nodes)
        policy = read_policy(root, report)
        if lint and not report.full:
            check_policy(root, nodes, accounts, policy, report)
    warnings = report.close()
    return Loaded(build(root, accounts, file), warnings, policy)


def _root(text: str, report: Report) -> Mapping | None:
    """Give the mapping that a chart file is; None when it is none, and that is reported."""
    if text.startswith(_CSV_HEAD):
        report.error(
            "not-a-mapping", Spot(1, 1), "This is the CSV file that Xero exports, not YAML.",
            "Make a chart of it with `xerosync import-csv`.",
        )  # fmt: skip
        return None
    errors = report.count_errors()
    root = compose(text, report)
    if isinstance(root, Mapping):
        return root
    if report.count_errors() == errors or root is not None:
        _refuse_root(root, report)
    return None


def _refuse_root(root: Node | None, report: Report) -> None:
    if root is None or (isinstance(root, Scalar) and root.null):
        report.error(
            "empty-file", Spot(0, 0), "The file is empty.",
            "Make a chart from Xero with `xerosync pull`, or begin with `version: 1`.",
        )  # fmt: skip
    elif isinstance(root, Sequence):
        report.error(
            "not-a-mapping", root, "The file is a list; a chart begins with fields.",
            "Write `version: 1`, organisation, and the list under `accounts:`.",
        )  # fmt: skip
    elif not isinstance(root, Opaque):
        report.error(
            "not-a-mapping", root, "This is text; a chart begins with fields.",
            "Begin the file with `version: 1`.",
        )  # fmt: skip
