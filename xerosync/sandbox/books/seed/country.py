"""The countries that have a demo company, and the facts of each."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from xerosync.sandbox.errors import SandboxError

NAMESPACE = UUID("6f5b1a52-8f0e-5c1e-9c39-0b1f6a4d7e10")
CREATED_MS = 1_767_225_600_000
"""2026-01-01 UTC: when every demo company was created, so that seeds are reproducible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """What differs between the demo companies, apart from their charts and tax rates.

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
    "NZ": Country(
        name="NZ",
        country_code="NZ",
        currency="NZD",
        timezone="NEWZEALANDSTANDARDTIME",
        year_end=(31, 3),
        tax_number="101-202-303",
        tax_number_name="GST Number",
        tax_period="TWOMONTHS",
        tax=_tax_types("OUTPUT2", "INPUT2", "NONE", "INPUT2", "NONE"),
    ),
    "AU": Country(
        name="AU",
        country_code="AU",
        currency="AUD",
        timezone="AUSEASTERNSTANDARDTIME",
        year_end=(30, 6),
        tax_number="11 111 111 138",
        tax_number_name="ABN",
        tax_period="QUARTERLY1",
        tax=_tax_types("OUTPUT", "INPUT", "BASEXCLUDED", "CAPEXINPUT", "EXEMPTOUTPUT"),
    ),
    "UK": Country(
        name="UK",
        country_code="GB",
        currency="GBP",
        timezone="GMTSTANDARDTIME",
        year_end=(31, 12),
        tax_number="GB 123 4567 89",
        tax_number_name="VAT Number",
        tax_period="QUARTERLY",
        tax=_tax_types("OUTPUT2", "INPUT2", "NONE", "INPUT2", "EXEMPTOUTPUT"),
    ),
    "US": Country(
        name="US",
        country_code="US",
        currency="USD",
        timezone="PACIFICSTANDARDTIME",
        year_end=(31, 12),
        tax_number="12-3456789",
        tax_number_name="EIN",
        tax_period="QUARTERLY",
        tax=_tax_types("OUTPUT", "INPUT", "NONE", "INPUT", "NONE"),
    ),
}


def country(name: str) -> Country:
    """Return the country with a name in any case; raise ``SandboxError`` if it is unknown."""
    try:
        return COUNTRIES[name.upper()]
    except KeyError:
        raise SandboxError(
            f"There is no demo company for country {name!r}.",
            f"Choose one of {', '.join(COUNTRIES)}.",
        ) from None
