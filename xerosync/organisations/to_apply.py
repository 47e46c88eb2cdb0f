"""The organisations of an apply, and how to go on if it does not reach all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from xerosync.history.folder import JournalIndex
from xerosync.history.target import Target
from xerosync.organisations.failed import FailedOrganisation
from xerosync.workspace import RUNS

_RUN_AGAIN = "Run the same command again: it continues with what is left."
_PLAN_AGAIN = "A saved plan is applied once. Plan again: the new plan holds what is left."
_REST = "for what was not begun, and plan again for the rest"


@dataclass(frozen=True, slots=True)
class ToApply:
    """The organisations to apply to.

    `left_out` are organisations that could not be planned when the plans were saved. `refused` are
    organisations whose chart file or saved plan cannot be used now. `sharded` says that other runs
    may apply to other organisations. `tags` include the tags of organisations that `--select`
    leaves out or whose plans were already applied. `is_folder` says that the plans are from a
    folder: another run can then apply the plans that this run does not begin.
    """

    targets: tuple[Target, ...]
    left_out: tuple[FailedOrganisation, ...] = ()
    refused: tuple[FailedOrganisation, ...] = ()
    sharded: bool = False
    tags: frozenset[str] = frozenset()
    is_saved: bool = False
    is_folder: bool = False
    index: JournalIndex = field(default_factory=lambda: JournalIndex(RUNS))

    @property
    def known_tags(self) -> frozenset[str]:
        """The tags that a wave can name."""
        left = (one.tags for one in (*self.left_out, *self.refused))
        return self.tags.union(*left, *(target.desired.tags for target in self.targets))

    @property
    def again(self) -> str:
        """How to go on after a failure of one organisation."""
        return _PLAN_AGAIN if self.is_saved else _RUN_AGAIN

    @property
    def go_on(self) -> str:
        """How to go on after an interrupt."""
        return f"Run the same command again {_REST}." if self.is_folder else self.again

    def and_again(self, *, not_begun: bool) -> str:
        """Return how to go on after failures; `not_begun` is whether the apply stopped early."""
        if self.is_folder and not_begun and not self.left_out:
            return f"and run again {_REST}"
        return "and plan again" if self.is_saved else "and run again"

    @property
    def alone(self) -> Target | None:
        """The only target, if no organisation is left out or refused; else None."""
        others = (*self.left_out, *self.refused)
        return self.targets[0] if len(self.targets) == 1 and not others else None
