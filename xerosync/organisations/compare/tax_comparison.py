"""Compare the tax rates of accounts with those of a standard, where that is possible.

A CSV export has only the names of tax rates; a standard may have Xero's codes, or its own names.
"""

from __future__ import annotations

from functools import cache

from xerosync.model import name_key
from xerosync.organisations.book import Book
from xerosync.organisations.standards.merge import LIKE_A_CODE
from xerosync.plan.tax_rates import TaxRates, split_label


class TaxComparison:
    """Compares the tax rates of one book with those that a standard names."""

    def __init__(self, book: Book) -> None:
        self._exported = book.exported
        self._rates = TaxRates(book.chart.tax_rates)
        self._code_for = cache(self._rates.code_for)
        accounts = book.chart.accounts if book.exported else ()
        self._labels = {name_key(split_label(one.tax_type)[0]) for one in accounts}

    def shown(self, wanted: str) -> str:
        """Return a tax rate of the standard as Xero's code, unchanged if the code is not known."""
        return wanted if self._exported else self._code_for(wanted)

    def differs(self, wanted: str, found: str) -> bool:
        """Whether the tax rates differ; False if they cannot be compared."""
        if not wanted or wanted == found:
            return False
        if self.is_unknown(wanted) or self.lacks_in_csv(wanted, found):
            return False
        if not self._exported:
            return self._code_for(wanted) != found
        (name, percent), (other, its_percent) = split_label(wanted), split_label(found)
        same_percent = percent is None or its_percent is None or percent == its_percent
        return name_key(name) != name_key(other) or not same_percent

    def lacks_in_csv(self, wanted: str, found: str) -> bool:
        """Whether a CSV has nothing to compare: the standard has a code, or the CSV has no name."""
        return self._exported and (LIKE_A_CODE.fullmatch(wanted) is not None or not found)

    def is_unknown(self, wanted: str) -> bool:
        """Whether a tax type is a name that does not identify one tax rate of these books.

        A CSV does not list the tax rates. There, a name is unknown only if no account has a rate of
        that name and the name is a single word. Xero's own names have several words.
        """
        if LIKE_A_CODE.fullmatch(wanted):
            return False
        if self._exported:
            return len(wanted.split()) == 1 and name_key(wanted) not in self._labels
        return self._code_for(wanted) == wanted and self._rates.by_code(wanted) is None
