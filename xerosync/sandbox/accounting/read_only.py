"""The endpoints that the sandbox has only for reading.

Xero also takes writes of currencies, tax rates and tracking categories.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xerosync.sandbox.accounting import organisation, tax_rate
from xerosync.sandbox.accounting.query import select
from xerosync.sandbox.accounting.tax_rate import APPLIES
from xerosync.sandbox.accounting.where import Element, Fields, Kind
from xerosync.sandbox.books import seed
from xerosync.sandbox.books.store import Store
from xerosync.sandbox.http.messages import (
    Request,
    Response,
    envelope,
    method_not_allowed,
    not_found,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection of elements: its name, its fields, and where they come from.

    ``key`` is the field by which one element is read, ``""`` if Xero has no such call.
    """

    name: str
    fields: Fields
    elements: Callable[[Store], Sequence[Element]]
    key: str = ""

    def respond(self, request: Request, item: str, store: Store) -> Response:
        """Respond to a request for the elements, or for one if ``item`` is its key."""
        if item and not self.key:
            return not_found()
        if request.method != "GET":
            return method_not_allowed("GET")
        elements = self.elements(store)
        if item:
            elements = [each for each in elements if each[self.key].lower() == item.lower()]
            if not elements:
                return not_found()
        return envelope(self.name, select(elements, self.fields, request), store.now_ms())


CURRENCIES = Collection(
    name="Currencies",
    fields=Fields("Currency", {Kind.TEXT: "Code Description"}),
    elements=lambda store: seed.currencies(store.organisation),
)
ORGANISATIONS = Collection(
    name="Organisations",
    fields=Fields(
        "Organisation",
        {
            Kind.GUID: "OrganisationID",
            Kind.TEXT: (
                "Name LegalName Version OrganisationType BaseCurrency CountryCode "
                "OrganisationStatus TaxNumber SalesTaxBasis SalesTaxPeriod DefaultSalesTax "
                "DefaultPurchasesTax OrganisationEntityType Timezone ShortCode Edition Class "
                "TaxNumberName"
            ),
            Kind.FLAG: "PaysTax IsDemoCompany",
            Kind.NUMBER: "FinancialYearEndDay FinancialYearEndMonth",
            Kind.DATE: "PeriodLockDate EndOfYearLockDate CreatedDateUTC",
        },
    ),
    elements=lambda store: [organisation.render(store.organisation)],
)
TAX_RATES = Collection(
    name="TaxRates",
    fields=Fields(
        "TaxRate",
        {
            Kind.TEXT: "Name TaxType ReportTaxType Status",
            Kind.FLAG: " ".join(APPLIES.values()),
            Kind.NUMBER: "DisplayTaxRate EffectiveRate",
        },
    ),
    elements=lambda store: [tax_rate.render(tax) for tax in store.tax_rates()],
    key="TaxType",
)
TRACKING_CATEGORIES = Collection(
    name="TrackingCategories",
    fields=Fields("TrackingCategory", {Kind.GUID: "TrackingCategoryID", Kind.TEXT: "Name Status"}),
    elements=lambda store: seed.tracking_categories(store.organisation),
    key="TrackingCategoryID",
)
USERS = Collection(
    name="Users",
    fields=Fields(
        "User",
        {
            Kind.GUID: "UserID",
            Kind.TEXT: "EmailAddress FirstName LastName OrganisationRole",
            Kind.FLAG: "IsSubscriber",
            Kind.DATE: "UpdatedDateUTC",
        },
    ),
    elements=lambda store: seed.users(store.organisation),
    key="UserID",
)
