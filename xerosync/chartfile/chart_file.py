"""One chart file by itself: its nodes, its accounts, and the report of its problems.

The stages: `syntax.source` (bytes → clean text), `syntax.parse` (text → nodes with positions),
`validate` (structure, characters, duplicates), `build` (nodes → accounts).
"""

from __future__ import annotations

import os
import re
from functools import cached_property

from xerosync.chartfile.build import build, build_account, build_document, kind_of_root
from xerosync.chartfile.lint.check import FileAccount, Linter
from xerosync.chartfile.lint.policy import Policy, read_policy
from xerosync.chartfile.problems import Report
from xerosync.chartfile.syntax import source
from xerosync.chartfile.syntax.nodes import (
    Mapping,
    Node,
    Opaque,
    Scalar,
    Sequence,
    items_of,
    text_of,
)
from xerosync.chartfile.syntax.parse import compose
from xerosync.chartfile.syntax.source import FIRST, NOWHERE
from xerosync.chartfile.validate.characters import check_characters
from xerosync.chartfile.validate.duplicates import check_duplicates
from xerosync.chartfile.validate.kinds import check_countries
from xerosync.chartfile.validate.structure import check_structure
from xerosync.desired import DesiredAccount, DesiredChart, Unmanaged
from xerosync.model import Status
from xerosync.organisations.standards.documents import Document, Kind
from xerosync.text import whole
from xerosync.workspace import STDIN, command_on

_CSV_HEAD = "*Code,"
"""The beginning of the CSV file that Xero exports."""
_JSON_HEAD = re.compile(r'\{\s*"(event|format_version|kind)":')
"""The beginning of JSON that xerosync writes: a journal, a saved plan or another report."""


class ChartFile:
    """One chart file, checked without its standards. `report` has its problems so far.

    Raises ChartError if the file is too large or is not UTF-8 text.
    """

    def __init__(self, data: bytes, file: str) -> None:
        self.file = whole(file)
        decoded = source.decode(data, self.file)
        self.report = Report(self.file, decoded)
        self.text = source.clean(decoded, self.report)
        self.root = _root(self.text, self.report, self.file) or Mapping({}, 0, 0)
        self.nodes: list[Mapping] = []
        self.accounts: tuple[DesiredAccount, ...] = ()
        self.policy = Policy()
        if self.root.line:
            self._check()

    def _check(self) -> None:
        root, report = self.root, self.report
        listed = items_of(root.get("accounts"))
        check_structure(root, listed, report)
        check_countries(root, report)
        check_characters(root, listed, report, self.text)
        check_duplicates(listed, report)
        self.nodes = [n for n in listed if isinstance(n, Mapping) and not report.full]
        self.accounts = tuple(build_account(node, self.file) for node in self.nodes)
        self.policy = read_policy(root, report, self.file)

    @property
    def kind(self) -> Kind:
        """Whether the file is a standard or the chart of an organisation."""
        return kind_of_root(self.root)

    @property
    def alone(self) -> bool:
        """Whether the file is the whole chart of an organisation, and needs no merging."""
        return not {"standard", "extends", "tax_types"} & self.root.pairs.keys()

    @property
    def valid(self) -> bool:
        """Whether no error has been found."""
        return not self.report.count_errors()

    @property
    def real_path(self) -> str:
        """The path with links resolved; standard input counts as a file in the current folder."""
        return os.path.realpath("stdin" if self.file == STDIN else self.file)

    @cached_property
    def chart(self) -> DesiredChart:
        """The chart of a valid file, without what it inherits."""
        return build(self.root, self.accounts, self.file)

    @cached_property
    def document(self) -> Document:
        """The content of a valid file, with the place of each value."""
        return build_document(self.root, self.chart, self.nodes)

    def lint(self) -> None:
        """Report each breach of the file's own `lint` rules."""
        if self.root.line and not self.report.full:
            pairs = zip(self.accounts, self.nodes, strict=True)
            entries = [FileAccount(account, node) for account, node in pairs]
            for breach in Linter(self.policy, self.policy, self.file).check(entries):
                self.report.add(breach)

    def check_archives(self, accounts: tuple[DesiredAccount, ...]) -> None:
        """Report a file that would archive every account: it has probably been cut short."""
        node = self.root.get("unmanaged")
        if node is None or text_of(node) != Unmanaged.ARCHIVE or not self.valid:
            return
        if all(account.status != Status.ACTIVE for account in accounts):
            self.report.error(
                "archives-everything", node,
                "`unmanaged: archive` would archive every account, since the file has no active "
                "one.",
                "If the file had accounts before, put them back, for example with Git: `pull` does "
                "not add accounts that were removed after an apply. If it had none, remove this "
                f"line, add the accounts to keep with `{self.report.command('pull')}`, then write "
                "the line again.",
            )  # fmt: skip


def _root(text: str, report: Report, file: str) -> Mapping | None:
    """Return the mapping at the root of the file; report anything else, and return None."""
    if text.startswith(_CSV_HEAD):
        name, first = "chart.csv", "Rename it to chart.csv, then run"
        if file == STDIN:
            first = "Save it as chart.csv, then run"
        elif file.casefold().endswith(".csv"):
            name, first = file, "Run"
        report.error(
            "not-a-mapping", FIRST, "This is a CSV file exported from Xero, not YAML.",
            f'{first} `{command_on("import-csv", name)} --organisation "NAME"`, with the name as '
            "Xero shows it.",
        )  # fmt: skip
        return None
    if _JSON_HEAD.match(text):
        report.error(
            "not-a-mapping", FIRST, "This is JSON that xerosync wrote, not a chart.",
            "To see a saved plan or a journal, run `xerosync show FILE`.",
        )  # fmt: skip
        return None
    errors = report.count_errors()
    root = compose(text, report)
    if isinstance(root, Mapping):
        return root
    if report.count_errors() == errors or root is not None:
        _report_root(root, text, report)
    return None


def _report_root(root: Node | None, text: str, report: Report) -> None:
    if root is None or (isinstance(root, Scalar) and root.null):
        message, hint = "The file has no fields.", "Begin with `version: 1`."
        if not text.strip():
            message = "The file is empty."
            hint = (
                f"Create a chart from Xero with `{report.command('pull')}`, or begin with "
                "`version: 1`."
            )
        report.error("empty-file", NOWHERE, message, hint)
    elif isinstance(root, Sequence):
        report.error(
            "not-a-mapping", root, "The file is a list; a chart file has fields at its top level.",
            "Begin with `version: 1` and `organisation:`; put the list under `accounts:`.",
        )  # fmt: skip
    elif not isinstance(root, Opaque):
        report.error(
            "not-a-mapping", root, "The file has no fields, only text.",
            "Begin the file with `version: 1`.",
        )  # fmt: skip
