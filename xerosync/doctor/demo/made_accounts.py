"""Keeps the record of `made.py` during a run: it grows before Xero is asked to make something."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from threading import RLock

from xerosync.doctor.demo.made import Made, Record, RecordFile, Renamed
from xerosync.doctor.demo.port import Json, NotAsked, id_of, text
from xerosync.doctor.demo.throw_away import is_throw_away

_GUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class MadeAccounts:
    """The record of one run, for several threads; every change is written to disk at once.

    `not_ours` are the ids of the accounts from before the run, in lower case. Methods that
    change the record raise `XerosyncError` if it cannot be written.
    """

    def __init__(self, file: RecordFile) -> None:
        self.record = file.read() or Record()
        self.not_ours: Collection[str] = ()
        self._deleting: set[str] = set()
        self._file = file
        self._lock = RLock()

    def begin(self, made: Made) -> None:
        """Record an account that is about to be made."""
        with self._lock:
            if all(one.name != made.name for one in self.record.accounts):
                self.record.accounts.append(made)
                self.save()

    def begin_item(self, made: Made) -> None:
        """Record an item that is about to be made."""
        with self._lock:
            self.record.items.append(made)
            self.save()

    def rename(self, system: Renamed | None) -> None:
        """Record the system account that is about to be renamed; None clears the record of it."""
        with self._lock:
            self.record.system = system
            self.save()

    def note(self, account: Json) -> None:
        """Record the id, code and name of an account that Xero says it wrote.

        Accounts from before the run, and accounts that are not throw-away ones, are ignored.
        """
        account_id, code, name = id_of(account), text(account, "Code"), text(account, "Name")
        if not is_guid(account_id) or account_id in self.not_ours or not is_throw_away(code, name):
            return
        with self._lock:
            known = [one for one in self.record.accounts if one.id == account_id]
            known += [one for one in self.record.accounts if one.name == name and not one.id]
            made = known[0] if known else Made("", "")
            if not known:
                self.record.accounts.append(made)
            made.code, made.name, made.id = code, name, account_id
            self.save()

    def adopt(self, account: Json) -> None:
        """Record a throw-away account of an earlier run, or of a create whose answer was lost.

        Raises `NotAsked` if it is not a throw-away account.
        """
        account_id, code, name = id_of(account), text(account, "Code"), text(account, "Name")
        if not is_throw_away(code, name):
            raise NotAsked("Only throw-away accounts may be written to.")
        with self._lock:
            if not self.is_ours(account) and is_guid(account_id):
                self.record.accounts.append(Made(code, name, account_id))
                self.save()

    def is_ours(self, account: Json) -> bool:
        """Whether an account is a throw-away one that the record knows by its id."""
        account_id = id_of(account)
        with self._lock:
            return any(one.id == account_id for one in self.record.accounts if one.id)

    def forget(self, made: Made) -> None:
        """Remove from the record what Xero refused to make."""
        with self._lock:
            for listed in (self.record.accounts, self.record.items):
                if made in listed:
                    listed.remove(made)
                    self.save()

    def deleting(self, account_id: str) -> None:
        """Note that this run is about to delete an account, so that it never counts as missing."""
        with self._lock:
            self._deleting.add(account_id.lower())

    def missing(self, there: Iterable[str]) -> tuple[str, ...]:
        """Return the codes of recorded accounts that Xero created and somebody else deleted.

        An account without a code is given by its name. `there` are the ids of the accounts that
        are in the books, in lower case.
        """
        with self._lock:
            known = self._deleting.union(there)
            made = [one for one in self.record.accounts if one.id]
            return tuple(one.code or one.name for one in made if one.id not in known)

    def deleted(self, account_id: str) -> None:
        """Remove a deleted account from the record."""
        with self._lock:
            self.record.accounts = [o for o in self.record.accounts if o.id != account_id.lower()]
            self.save()

    def cleaned(self, kept: list[str], *, whole: bool) -> None:
        """Record the end of a clean-up. `kept` has the ids of accounts that Xero refuses to delete.

        If `whole`, the clean-up left nothing else, and the other parts of the record are emptied.
        """
        with self._lock:
            self.record.kept = kept
            if whole:
                self.record.accounts, self.record.items, self.record.system = [], [], None
            self.save()

    def labels(self) -> tuple[str, ...]:
        """Return the code and name of each recorded account and item, and a note on a rename."""
        record = self.record
        labels = (f"{one.code} {one.name}" for one in (*record.accounts, *record.items))
        made = [f"“{label.strip()}”" for label in labels]
        renamed = [f"{record.system.name} has a temporary name."] if record.system else []
        return tuple(dict.fromkeys([*made, *renamed]))

    def save(self) -> None:
        """Write the record."""
        self._file.write(self.record)


def is_guid(text: str) -> bool:
    """Whether a text has the form of Xero's ids, so that it can be a part of a URL."""
    return bool(_GUID.fullmatch(text))
