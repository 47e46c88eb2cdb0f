"""`xerosync doctor --demo-company`: ask a demo company the open questions about Xero."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xerosync.model import Chart, DesiredChart


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """Writes and reads the chart files of the main job in a folder."""

    folder: Path

    def pull(self, chart: Chart) -> DesiredChart:
        """Write a new chart file from Xero's chart, as `pull` does, and read it."""
        from xerosync.chartfile.edit.new_entry import SourceFields
        from xerosync.chartfile.edit.pull import pull

        path = self.folder / "pulled.yaml"
        return self._written(path, pull(b"", None, chart, SourceFields(), str(path)).text)

    def load(self, text: str) -> DesiredChart:
        """Write a chart file with this text, and read it."""
        number = len(list(self.folder.glob("*.yaml")))
        return self._written(self.folder / f"accounts-{number}.yaml", text)

    def _written(self, path: Path, text: str) -> DesiredChart:
        from xerosync.chartfile.load import load
        from xerosync.cli.files import write_whole

        write_whole(path, text)
        return load(str(path)).chart
