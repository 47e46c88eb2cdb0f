"""Clean up after a run: delete or archive every throw-away account, whoever left it.

What is left is found by its name in Xero, even if the record is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from xerosync.doctor.demo.demo_books import DemoBooks, OutOfCalls
from xerosync.doctor.demo.item import Item
from xerosync.doctor.demo.made import Renamed
from xerosync.doctor.demo.port import Json, NotAsked, RawAnswer, Unanswered, id_of, text
from xerosync.doctor.demo.throw_away import is_throw_away, name_before
from xerosync.errors import Unavailable

_Found = TypeVar("_Found")
_ATTEMPTS = 3
_PAUSE = 2.0
_MOST_UNANSWERED = 5
"""After this many calls in a row without an answer, no more is cleaned up."""
_CONVINCING = 2
"""For each status of accounts, deletes stop after this many refusals and no success."""


@dataclass(frozen=True, slots=True)
class Remains:
    """What a clean-up leaves: accounts that Xero archives but does not delete, and what failed.

    `disturbed` has the codes, or else the names, of accounts of this run that somebody else
    deleted, and of throw-away accounts that another run has made since this run began.
    """

    archived: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    disturbed: tuple[str, ...] = ()


class _GivenUp(Exception):
    """Xero no longer answers."""


@dataclass(slots=True)
class CleanUp:
    """One clean-up. `wait` waits the given number of seconds before a call is repeated."""

    books: DemoBooks
    wait: Callable[[float], None]
    _failed: list[str] = field(default_factory=list)
    _why: dict[str, str] = field(default_factory=dict)
    _deleted: Counter[str] = field(default_factory=Counter)
    _refused: Counter[str] = field(default_factory=Counter)
    _undeletable: set[str] = field(default_factory=set)
    _disturbed: tuple[str, ...] = ()
    _unanswered: int = 0

    def run(self) -> Remains:
        """Clean up as far as possible, and return what is left.

        If the accounts cannot be read in the clean-up before a run, raises `Unavailable`, unless
        something is known to be left over. Also raises `NoDemoCompany`, `Interrupted` and others.
        """
        self.books.cleaning = True
        try:
            return self._judged(self._ended(self._chart()))
        except (NotAsked, _GivenUp) as failure:
            left = (*self._failed, *self.books.made.labels())
            if not (left or self.books.started):
                raise Unavailable(
                    f"No question was asked, because the accounts could not be read. {failure}",
                    "Run again. If it fails again, check the sign-in with `xerosync doctor`.",
                ) from failure
            return Remains((), (f"The clean-up stopped early: {failure}", *left), self._disturbed)
        finally:
            self.books.cleaning = False

    def _ended(self, accounts: list[Json]) -> list[Json]:
        """Delete or archive the throw-away accounts in a chart; return Xero's chart afterwards."""
        books = self.books
        ours = [one for one in accounts if _is_ours(one)]
        touched = [one for one in ours if id_of(one) not in books.made.record.kept]
        if books.started:
            there = [id_of(one) for one in accounts if _status(one) != "DELETED"]
            others = [one for one in touched if not books.names.has_made(text(one, "Name"))]
            codes = (text(one, "Code") or text(one, "Name") for one in others)
            self._disturbed = (*books.made.missing(there), *codes)
        renamed = [one for one in accounts if _is_renamed(one)]
        try:
            for account in renamed:
                self._name_back(account)
            if books.made.record.items or (touched and not books.started):
                self._items()
            for account in sorted(touched, key=_status):
                self._end(account)
        except _GivenUp as failure:
            self._failed.append(f"The clean-up stopped early: {failure}")
            self._unanswered = 0
        return self._chart() if touched or renamed else accounts

    def _chart(self) -> list[Json]:
        return self._insist(lambda: self.books.read_list("/Accounts", "Accounts"))

    def _judged(self, accounts: list[Json]) -> Remains:
        """Return what is left in a chart, and update the record."""
        record = self.books.made.record
        left = [one for one in accounts if _is_ours(one)]
        renamed = filter(_is_renamed, accounts)
        known = self._undeletable.union(record.kept)
        archived = [one for one in left if _is_archived(one) and id_of(one) in known]
        failed = [
            *self._failed,
            *(self._still(one, "is still there") for one in left if one not in archived),
            *(self._still(one, "still has its temporary name") for one in renamed),
        ]
        self.books.made.cleaned([id_of(one) for one in archived], whole=not failed)
        return Remains(tuple(map(_label, archived)), tuple(dict.fromkeys(failed)), self._disturbed)

    def _still(self, account: Json, what: str) -> str:
        why = self._why.get(id_of(account), "")
        return f"“{_label(account)}” {what}{f': {why}' if why else '.'}"

    def _name_back(self, account: Json) -> None:
        """Restore the name of a system account, from the record or from the temporary name."""
        system = self.books.made.record.system
        if system is None or system.id != id_of(account):
            system = Renamed(id_of(account), name_before(text(account, "Name")))
        self._try(partial(self.books.rename_system, system, system.name), account)

    def _items(self) -> None:
        """Delete the throw-away items, which lock accounts."""
        items = Item(self.books)
        try:
            found = self._insist(items.left)
        except NotAsked as failure:
            if self.books.made.record.items:
                self._failed.append(f"The items were not deleted: {failure}")
            return
        for item in found:
            try:
                answer = self._insist(partial(items.delete, item))
                gone = answer.done or answer.status == HTTPStatus.NOT_FOUND
                why = "" if gone else answer.why
            except NotAsked as failure:
                gone, why = False, str(failure)
            if not gone:
                self._failed.append(f"The item {text(item, 'Code')} could not be deleted: {why}")

    def _end(self, account: Json) -> None:
        """Delete an account; archive it if Xero refuses that."""
        self.books.made.adopt(account)
        if not self._is_refused(account, _status(account)):
            return
        if _is_archived(account):
            can_delete = self._deleted["ACTIVE"] and self._set_status(account, "ACTIVE")
            if not can_delete or not self._is_refused(account, "ACTIVE"):
                return
        self._set_status(account, "ARCHIVED")

    def _is_refused(self, account: Json, status: str) -> bool:
        """Delete an account that has this status; return whether Xero refuses.

        After some refusals and no success for this status, return True without another try.
        """
        if self._refused[status] < _CONVINCING or self._deleted[status]:
            answer = self._try(partial(self.books.delete, account), account)
            if answer is None:
                return False
            if answer.done or answer.status == HTTPStatus.NOT_FOUND:
                self._deleted[status] += 1
                return False
            self._refused[status] += 1
        self._undeletable.add(id_of(account))
        return True

    def _set_status(self, account: Json, status: str) -> bool:
        answer = self._try(partial(self.books.update, account, Status=status), account)
        return answer is not None and answer.done

    def _try(self, send: Callable[[], RawAnswer], account: Json) -> RawAnswer | None:
        """Send a write that may be repeated; note any failure. Without an answer, return None."""
        try:
            answer = self._insist(send)
        except NotAsked as failure:
            self._why[id_of(account)] = str(failure)
            return None
        if not answer.done:
            self._why[id_of(account)] = answer.why
        return answer

    def _insist(self, call: Callable[[], _Found]) -> _Found:
        """Make a call; repeat it on any `NotAsked` but `OutOfCalls`, up to `_ATTEMPTS` calls."""
        for attempt in range(1, _ATTEMPTS):
            try:
                return self._once(call)
            except OutOfCalls:
                raise
            except NotAsked:
                self.wait(_PAUSE * attempt)
        return self._once(call)

    def _once(self, call: Callable[[], _Found]) -> _Found:
        try:
            found = call()
        except OutOfCalls:
            raise
        except Unanswered as failure:
            self._unanswered += 1
            if self._unanswered == _MOST_UNANSWERED:
                raise _GivenUp(str(failure)) from failure
            raise
        self._unanswered = 0
        return found


def _is_ours(account: Json) -> bool:
    """Whether an account is a throw-away account, is not deleted, and has no role in Xero."""
    if _status(account) == "DELETED" or account.get("SystemAccount"):
        return False
    return is_throw_away(text(account, "Code"), text(account, "Name"))


def _is_renamed(account: Json) -> bool:
    return bool(account.get("SystemAccount")) and bool(name_before(text(account, "Name")))


def _status(account: Json) -> str:
    return text(account, "Status")


def _is_archived(account: Json) -> bool:
    return _status(account) == "ARCHIVED"


def _label(account: Json) -> str:
    return f"{text(account, 'Code')} {text(account, 'Name')}".strip()
