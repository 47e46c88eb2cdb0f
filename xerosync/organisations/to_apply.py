"""The organisations of an apply, and how to go on if it does not reach all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xerosync.history.folder import JournalIndex
from xerosync.history.target import Target
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.waves import Part, check_tags
from xerosync.workspace import RUNS

_PLAN_AGAIN = "A saved plan is applied once. Plan again: the new plan holds what is left."
_REST = "for what was not begun, and plan again for the rest"


@dataclass(frozen=True, slots=True)
class ToApply:
    """The organisations to apply to.

    `left_out` are organisations that could not be planned when the plans were saved. `refused` are
    organisations whose chart file or saved plan cannot be used now. `sharded` says that other runs
    may apply to other organisations. `tags` include the tags of organisations that `--select`
    leaves out or whose plans were already applied. `is_folder` says that the plans are from a
    folder: another run can then apply the plans that this run does not begin. `to_result` says that
    `--result` was given: the next run needs another path, since no journal is overwritten.
    """

    targets: tuple[Target, ...]
    left_out: tuple[FailedOrganisation, ...] = ()
    refused: tuple[FailedOrganisation, ...] = ()
    sharded: bool = False
    tags: frozenset[str] = frozenset()
    is_saved: bool = False
    is_folder: bool = False
    to_result: bool = False
    index: JournalIndex = field(default_factory=lambda: JournalIndex(RUNS))

    @property
    def known_tags(self) -> frozenset[str]:
        """The tags that a wave can name."""
        left = (one.tags for one in (*self.left_out, *self.refused))
        return self.tags.union(*left, *(target.desired.tags for target in self.targets))

    @property
    def again(self) -> str:
        """How to go on after a failure of one organisation."""
        same = f"Run the same command again{self._elsewhere}: it continues with what is left."
        return _PLAN_AGAIN if self.is_saved else same

    @property
    def go_on(self) -> str:
        """How to go on after an interrupt."""
        rest = f"Run the same command again{self._elsewhere} {_REST}."
        return rest if self.is_folder else self.again

    def and_again(self, *, not_begun: bool) -> str:
        """Return how to go on, to end a sentence. `not_begun`: if organisations were not begun."""
        if self.is_folder and not_begun and not self.left_out:
            return f"and run again{self._elsewhere} {_REST}"
        return "and plan again" if self.is_saved else f"and run again{self._elsewhere}"

    @property
    def _elsewhere(self) -> str:
        return " (with another path for --result)" if self.to_result else ""

    def check_tags(self, waves: Sequence[Part]) -> None:
        """Raise `UsageError` if a wave names a tag not in `known_tags`, unless runs are sharded."""
        if not self.sharded:
            check_tags(waves, self.known_tags, saved=self.is_saved)

    @property
    def alone(self) -> Target | None:
        """The only target, if no organisation is left out or refused; else None."""
        others = (*self.left_out, *self.refused)
        return self.targets[0] if len(self.targets) == 1 and not others else None
