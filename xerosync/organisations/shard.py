"""Divide chart files or organisations among the jobs of a CI matrix: each is in one shard."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.errors import UsageError

_SHARD = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `total` shards; `number` counts from 1.

    A file's shard depends only on `total` and on the file's path from the current folder, with
    links resolved. So a new file never moves other files to another shard.
    """

    number: int = 1
    total: int = 1

    def __str__(self) -> str:
        """Return the shard as `--shard` takes it: 3/8."""
        return f"{self.number}/{self.total}"

    def holds(self, file: str) -> bool:
        """Whether a file belongs to this shard; a tenant id may stand for the file."""
        if self.total == 1:
            return True
        path = Path(os.path.relpath(os.path.realpath(file))).as_posix()
        place = int.from_bytes(sha256(path.encode("utf-8", "surrogateescape")).digest()[:8], "big")
        return place % self.total == self.number - 1

    def charts(self, connected: Iterable[tuple[str, str]]) -> tuple[DesiredChart, ...]:
        """Return, for each organisation (name and id) in this shard, a chart that only names it."""
        return tuple(
            DesiredChart("", (), OrganisationPin(name, tenant_id), partial=True)
            for name, tenant_id in connected
            if self.holds(tenant_id.lower())
        )


def parse_shard(text: str, *, auto: bool = False) -> Shard:
    """Return the shard that a text such as 3/8 names. Raises `UsageError` for other texts.

    `auto`: the caller read the text in the environment, which the error says.
    """
    found = _SHARD.fullmatch(text)
    shard = Shard(int(found[1]), int(found[2])) if found else Shard(0)
    if 1 <= shard.number <= shard.total:
        return shard
    if auto:
        raise UsageError(
            f"--shard auto: the environment says {text}, which is not a shard.",
            "XEROSYNC_SHARD_INDEX and JOB_COMPLETION_INDEX count from 0, and are less than"
            " XEROSYNC_SHARD_COUNT. CI_NODE_INDEX counts from 1 to CI_NODE_TOTAL.",
        )
    raise UsageError(
        f"--shard {text} is not a shard.",
        "Write the shard's number and how many there are, such as 3/8; or auto in a CI matrix.",
    )
