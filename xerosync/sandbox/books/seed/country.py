"""The countries that have a demo company, and the facts of each."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from xerosync.sandbox.errors import SandboxError

NAMESPACE = UUID("6f5b1a52-8f0e-5c1e-9c39-0b1f6a4d7e10")
CREATED_MS = 1_767_225_600_000
"""2026-01-01 UTC: when every demo company was created, so that seeds are reproducible."""


@dataclass(frozen=True, slots=True)
class Country:
    """What differs between the demo companies, apart from their charts and tax rates.

    Without ``multi_currency``, Xero has archived the system accounts of exchange differences.
    ``tax`` maps the words of the base chart (``out``, ``in``, ``none``, ``capital``,
    ``free``) to the country's tax types; bank accounts have ``none``.
    """

    name: str
    country_code: str
    currency: str
    timezone: str
    year_end: tuple[int, int]
    tax_number: str
    tax_number_name: str
    tax_period: str
    tax: dict[str, str]
    multi_currency: bool = True

    @property
    def organisation(self) -> str:
        """The name of the demo company."""
        return f"Demo Company ({self.name})"

    @property
    def tenant_id(self) -> str:
        """The organisation's id: the same in every sandbox of the country."""
        return str(uuid5(NAMESPACE, self.name))


def _tax_types(*tax_types: str) -> dict[str, str]:
    return dict(zip(("out", "in", "none", "capital", "free"), tax_types, strict=True))


COUNTRIES = {
    place.name: place
    for place in (
        Country(
            "NZ", "NZ", "NZD", "NEWZEALANDSTANDARDTIME", (31, 3),
            "101-202-303", "GST Number", "TWOMONTHS",
            _tax_types("OUTPUT2", "INPUT2", "NONE", "INPUT2", "NONE"),
        ),
        Country(
            "AU", "AU", "AUD", "AUSEASTERNSTANDARDTIME", (30, 6),
            "11 111 111 138", "ABN", "QUARTERLY1",
            _tax_types("OUTPUT", "INPUT", "BASEXCLUDED", "CAPEXINPUT", "EXEMPTOUTPUT"),
        ),
        Country(
            "UK", "GB", "GBP", "GMTSTANDARDTIME", (31, 12),
            "GB 123 4567 89", "VAT Number", "QUARTERLY",
            _tax_types("OUTPUT2", "INPUT2", "NONE", "INPUT2", "EXEMPTOUTPUT"),
        ),
        Country(
            "US", "US", "USD", "PACIFICSTANDARDTIME", (31, 12),
            "12-3456789", "EIN", "QUARTERLY",
            _tax_types("OUTPUT", "INPUT", "NONE", "INPUT", "NONE"),
            multi_currency=False,
        ),
    )
}  # fmt: skip


def country(name: str) -> Country:
    """Return the country with a name in any case; raise ``SandboxError`` if it is unknown."""
    try:
        return COUNTRIES[name.upper()]
    except KeyError:
        raise SandboxError(
            f"There is no demo company for country {name!r}.",
            f"Choose one of {', '.join(COUNTRIES)}.",
        ) from None
