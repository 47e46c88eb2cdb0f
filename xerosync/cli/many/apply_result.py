"""The journals of an apply to many organisations, and the file or folder of `--result`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Self

from xerosync.errors import UsageError
from xerosync.history.journal import probe, reason_of
from xerosync.organisations.plan_folder import safe_names
from xerosync.text import counted
from xerosync.workspace import RUNS, new_journal_path


@dataclass(slots=True)
class Journals:
    """Where the journal of each organisation is written.

    Each journal is a file in `.xerosync/runs`. With `--result FOLDER/`, it is also a file in that
    folder, named for the chart file. With `--result FILE`, a closed journal is also appended to
    that file; `show` and `rollback` read such a file. `also` is called with each line of a closed
    journal, so that the lines of an organisation stay together.
    """

    file: Path | None
    folder: Path | None
    names: dict[str, list[str]]
    also: Callable[[str], None] | None
    written: list[Path] = field(default_factory=list)
    _unwritten: str = ""
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def check(
        cls,
        file: Path | None,
        folder: Path | None,
        charts: Sequence[str],
        also: Callable[[str], None] | None,
    ) -> Self:
        """Return where to write the journals. Raises `XerosyncError` if that is not possible."""
        if folder and folder.is_dir() and any(folder.iterdir()):
            raise UsageError(
                f"{folder} is not empty, and a journal is never overwritten.",
                "Choose another folder for --result.",
            )
        names: dict[str, list[str]] = {chart: [] for chart in charts}
        for chart, name in zip(charts, safe_names(charts, ".jsonl"), strict=True):
            names[chart].append(name)
        if folder:
            probe(folder / "journal.jsonl")
        else:
            if file:
                probe(file)
            probe(new_journal_path())
        return cls(file, folder, names, also)

    def new(self, chart: str) -> Path:
        """Return the path of a new journal for the organisation of a chart file."""
        return self.folder / self.names[chart].pop(0) if self.folder else new_journal_path()

    def ended(self, path: Path) -> None:
        """Add a closed journal to the result."""
        with self._lock:
            self.written.append(path)
            text = path.read_text(encoding="utf-8")
            if self.file:
                try:
                    with self.file.open("a", encoding="utf-8") as file:
                        file.write(text)
                except OSError as error:
                    self._unwritten = f"{self.file} cannot be written: {reason_of(error)}."
            if self.also:
                for line in text.splitlines(keepends=True):
                    self.also(line)

    def sentences(self) -> tuple[str, ...]:
        """Return sentences that say where the journals are; none if there are no journals."""
        if not self.written:
            return ()
        if self._unwritten:
            return (f"{self._unwritten} The journals are in {RUNS}.",)
        if self.file or len(self.written) == 1:
            return (f"Journal: {self.file or self.written[0]}",)
        number, folder = counted(len(self.written), "journal"), self.folder or RUNS
        return (f"{number}, one for each organisation, in {folder}",)
