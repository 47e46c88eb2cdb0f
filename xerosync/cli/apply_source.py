"""Read what `apply` is to apply: chart files, a saved plan, or a folder of saved plans."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from glob import has_magic
from pathlib import Path

from xerosync.cli.many.choose import Charts, Chosen, shard_of
from xerosync.cli.session import load_chart
from xerosync.errors import UsageError
from xerosync.history.applied_once import Approval
from xerosync.history.folder import JournalIndex
from xerosync.history.target import Target
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.plan_folder import ApprovedPlan, by_name, check_against, read_folder
from xerosync.organisations.review import read_saved
from xerosync.organisations.select import parse_select
from xerosync.organisations.to_apply import ToApply
from xerosync.plan.plan import Plan
from xerosync.plan.saved import stale
from xerosync.plan.saved.serialize import digest_and_date
from xerosync.regular_file import read_text
from xerosync.text import counted, series
from xerosync.workspace import RUNS, command_on, is_plan_folder

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line names: a saved plan, a folder of saved plans, or chart files."""

    plan: Path | None
    arguments: Sequence[str] = ()
    file: Sequence[str] = ()
    select: Sequence[str] = ()
    shard: str = ""
    same_as: Sequence[str] = ()

    def read(self, say: Say) -> ToApply:
        """Return what to apply. Raises `UsageError`, `ChartError` or `Refused`."""
        if self.plan is None:
            self._check_same_as(())
            chosen = Chosen.of(self.arguments, self.file, self.select, self.shard)
            found = chosen.charts(say)
            return ToApply(
                tuple(map(Target, found.charts)),
                refused=found.failed,
                sharded=chosen.shard.total > 1,
                tags=found.tags,
            )
        if is_plan_folder(self.plan):
            self._check_file_alone()
            return self._folder(self.plan, say)
        return self._saved(self.plan, say)

    @property
    def unattended(self) -> str:
        """How to apply these chart files if nobody can answer a question."""
        chosen = [f"--select={one}" for one in self.select]
        chosen += [f"--shard={self.shard}"] if self.shard else []
        plan = command_on("plan", *self.arguments, *self.file)
        plan += " " + shlex.join([*chosen, "--out", "PLAN.json"])
        return (
            f"Use --yes, or save a plan with `{plan}`, have it reviewed, and run `xerosync apply "
            "PLAN.json` with this command's other options, but not those that choose files. Nothing"
            " was sent."
        )

    def _saved(self, path: Path, say: Say) -> ToApply:
        plans, failed = _read(path)
        saved = [one.outline for one in plans]
        for one in saved:
            stale.check_made_for_xero(one)
        self._check_file_alone()
        if self.select or self.shard:
            raise UsageError(
                "--select and --shard cannot be used with PLAN.json, which is applied as a whole.",
                "Leave them out, or save the plans to a folder: `xerosync plan --out FOLDER/`.",
            )
        # A folder or a pattern does not say which of its files belongs to which plan.
        folders = any(os.path.isdir(name) or has_magic(name) for name in self.same_as)  # noqa: PTH112
        if folders or not self.same_as:
            return self._matched(plans, failed, say)
        if plans:
            self._check_same_as(saved)
        files = zip(plans, self.same_as, strict=False)  # none is read if there is no plan
        targets = [one.target(load_chart(file, say)) for one, file in files]
        return ToApply(tuple(targets), failed, is_saved=True)

    def _folder(self, path: Path, say: Say) -> ToApply:
        folder = read_folder(path)
        selection, part = parse_select(self.select), shard_of(self.shard)
        if selection.changed_since:
            raise UsageError(
                "--select changed:REF cannot be used with saved plans.",
                "Use tag:NAME, or leave --select out.",
            )
        index = JournalIndex(RUNS)
        chosen = folder.choose(
            lambda tags, file: selection.has_tags(tags) and part.holds(file), index
        )
        if chosen.done:
            say(f"Already applied, and left out: {counted(chosen.done, 'plan')} of {path}.")
        if not chosen.plans and not chosen.left_out:
            given = {"--select": self.select, "--shard": self.shard}
            options = [name for name, value in given.items() if value]
            choose = "choose" if len(options) > 1 else "chooses"
            none = f"{series(options)} {choose} none of the plans in {{}}: nothing to do."
            say((none if folder.plans else "{} has no plans: nothing to do.").format(path))
        source = self._matched(chosen.plans, chosen.left_out, say)
        sharded = bool(self.select) or part.total > 1
        return replace(source, sharded=sharded, tags=chosen.tags, is_folder=True, index=index)

    def _matched(
        self, plans: Sequence[ApprovedPlan], left_out: tuple[FailedOrganisation, ...], say: Say
    ) -> ToApply:
        """Return what to apply. With `--same-as`, refuse plans for files that it does not name."""
        if not self.same_as:
            return ToApply(tuple(one.target() for one in plans), left_out, is_saved=True)
        self._check_partial([one.outline for one in plans])
        files = by_name([one.outline.file for one in plans], Chosen.of(self.same_as, ()).files)
        found = Charts(())
        if files:
            found = Chosen.of(tuple(files.values()), ()).charts(say, skip_invalid=True)
        charts = {chart.file: chart for chart in found.charts}
        targets, refused = check_against(plans, files, charts, found.failed)
        return ToApply(targets, left_out, refused, is_saved=True)

    def _check_file_alone(self) -> None:
        """Raise `UsageError` for `--file`: a saved plan would ignore that option."""
        if self.file:
            raise UsageError(
                "--file cannot be used with a saved plan, which already contains a chart.",
                "Leave out --file. To check the plan against the current file, use --same-as PATH.",
            )

    def _check_partial(self, saved: Sequence[Plan]) -> None:
        if self.same_as and any(plan.desired.partial for plan in saved):
            raise UsageError(
                "This plan undoes a run: no file asks for that, so --same-as cannot be used.",
                "Leave out --same-as.",
            )

    def _check_same_as(self, saved: Sequence[Plan]) -> None:
        """Raise `UsageError` if `--same-as` does not fit the saved plans."""
        self._check_partial(saved)
        if self.same_as and not saved:
            raise UsageError(
                "--same-as needs a saved plan.", "Give PLAN.json, or leave out --same-as."
            )
        if self.same_as and len(self.same_as) != len(saved):
            raise UsageError(
                f"--same-as names {counted(len(self.same_as), 'file')}, but the plan is for"
                f" {len(saved)}.",
                "Give one --same-as for each file of the plan, in their order.",
            )
        if len(set(self.same_as)) != len(self.same_as):
            raise UsageError(
                "--same-as names a file twice.", "Give the file of each organisation once."
            )


def _read(path: Path) -> tuple[tuple[ApprovedPlan, ...], tuple[FailedOrganisation, ...]]:
    """Return the plans in a file, and the organisations that could not be planned."""
    text = read_text(path)
    plans, failed = read_saved(text, str(path))
    approval = Approval(path, *digest_and_date(text))
    return tuple(ApprovedPlan(one, approval, _same(one)) for one in plans), failed


def _same(plan: Plan) -> Callable[[], Plan]:
    return lambda: plan
