"""The countries of the sandbox and what differs between them; an organisation and its ids."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from xerosync.sandbox.errors import WrongOption

NAMESPACE = UUID("6f5b1a52-8f0e-5c1e-9c39-0b1f6a4d7e10")
CREATED_MS = 1_767_225_600_000
"""When every organisation was created: 2026-01-01 UTC, the same in every sandbox."""


@dataclass(frozen=True, slots=True)
class Country:
    """What differs between the countries, apart from their charts and tax rates.

    ``timezone`` is Xero's name of the time zone, and ``zone`` is its IANA name. ``year_end`` is
    the day and month of the end of the financial year: ``(31, 3)`` is 31 March. ``tax`` maps the
    words for taxes in ``chart`` (``out``, ``in``, ``none``, ``capital``, ``free``) to the country's
    tax types. Bank accounts have ``none``. Without ``multi_currency``, the system accounts for
    exchange differences are archived.
    """

    name: str
    country_code: str
    currency: str
    timezone: str
    zone: str
    year_end: tuple[int, int]
    tax_number: str
    tax_number_name: str
    tax_period: str
    tax: dict[str, str]
    multi_currency: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """One organisation. Its ids are derived from ``key``, and are the same in every sandbox."""

    key: str
    name: str
    country: Country

    @property
    def tenant_id(self) -> str:
        """The organisation's tenant id."""
        return self.id_of("")

    @property
    def is_demo(self) -> bool:
        """Whether the organisation is the demo company of its country."""
        return self.key == self.country.name

    @property
    def short_code(self) -> str:
        """The organisation's short code, which Xero's web addresses contain."""
        return f"!7{self.key.title()}4k" if self.is_demo else f"!{self.tenant_id[:5].title()}"

    def id_of(self, part: str) -> str:
        """Return the id of the organisation's object ``part``, for example ``item/TOOL``."""
        return str(uuid5(NAMESPACE, f"{self.key}/{part}" if part else self.key))


def _tax_types(*tax_types: str) -> dict[str, str]:
    return dict(zip(("out", "in", "none", "capital", "free"), tax_types, strict=True))


COUNTRIES = {
    place.name: place
    for place in (
        Country(
            "NZ", "NZ", "NZD", "NEWZEALANDSTANDARDTIME", "Pacific/Auckland", (31, 3),
            "101-202-303", "GST Number", "TWOMONTHS",
            _tax_types("OUTPUT2", "INPUT2", "NONE", "INPUT2", "NONE"),
        ),
        Country(
            "AU", "AU", "AUD", "AUSEASTERNSTANDARDTIME", "Australia/Sydney", (30, 6),
            "11 111 111 138", "ABN", "QUARTERLY1",
            _tax_types("OUTPUT", "INPUT", "BASEXCLUDED", "CAPEXINPUT", "EXEMPTOUTPUT"),
        ),
        Country(
            "UK", "GB", "GBP", "GMTSTANDARDTIME", "Europe/London", (31, 12),
            "GB 123 4567 89", "VAT Number", "QUARTERLY",
            _tax_types("OUTPUT2", "INPUT2", "NONE", "INPUT2", "EXEMPTOUTPUT"),
        ),
        Country(
            "US", "US", "USD", "PACIFICSTANDARDTIME", "America/Los_Angeles", (31, 12),
            "12-3456789", "EIN", "QUARTERLY",
            _tax_types("OUTPUT", "INPUT", "NONE", "INPUT", "NONE"),
            multi_currency=False,
        ),
    )
}  # fmt: skip


def country(name: str) -> Country:
    """Return the country with a name, ignoring case; raise ``WrongOption`` if it is unknown."""
    try:
        return COUNTRIES[name.upper()]
    except KeyError:
        raise WrongOption(
            f"The sandbox has no organisation in the country {name!r}.",
            f"Choose one of {', '.join(COUNTRIES)}.",
        ) from None


def demo_company(place: Country) -> Organisation:
    """Return the demo company of a country."""
    return Organisation(key=place.name, name=f"Demo Company ({place.name})", country=place)
