"""The endpoints that are read-only in the sandbox, and the reading half of Items.

Xero also lets programs write contacts, currencies, repeating invoices, tax rates and tracking.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xerosync.sandbox.accounting import organisation, tax_rate
from xerosync.sandbox.accounting.pages import Page, contacts, unit_prices, whole
from xerosync.sandbox.accounting.query import select
from xerosync.sandbox.accounting.tax_rate import APPLIES
from xerosync.sandbox.accounting.where import Element, Fields
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
    """A collection of the API, such as Contacts.

    ``elements`` returns all elements. ``keys`` are the fields that can identify an element in a
    path, such as TaxType in ``/TaxRates/NONE``. Without keys, a collection can only be listed.
    ``paged`` receives the elements that a request selects, and returns the page to send.
    """

    name: str
    fields: Fields
    elements: Callable[[Store], Sequence[Element]]
    keys: tuple[str, ...] = ()
    paged: Callable[[Sequence[Element], Request], Page] = whole

    def respond(self, request: Request, item: str, store: Store) -> Response:
        """Respond to a request for all elements or, if given, for the one with the key ``item``."""
        if item and not self.keys:
            return not_found()
        if request.method != "GET":
            return method_not_allowed("GET")
        elements = self.elements(store)
        if item:
            wanted = item.lower()
            elements = [e for e in elements if wanted in {e.get(k, "").lower() for k in self.keys}]
            return envelope(self.name, elements, store.now_ms()) if elements else not_found()
        page = self.paged(select(elements, self.fields, request), request)
        return envelope(self.name, page.elements, store.now_ms(), page.pagination)


CONTACTS = Collection(
    name="Contacts",
    fields=Fields(
        "Contact",
        GUID="ContactID",
        TEXT=(
            "Name FirstName LastName EmailAddress ContactStatus ContactNumber AccountNumber "
            "SalesDefaultAccountCode PurchasesDefaultAccountCode SalesDefaultLineAmountType "
            "PurchasesDefaultLineAmountType"
        ),
        FLAG="IsSupplier IsCustomer HasAttachments HasValidationErrors",
        DATE="UpdatedDateUTC",
    ),
    elements=lambda store: store.contacts(),
    keys=("ContactID",),
    paged=contacts,
)
CURRENCIES = Collection(
    name="Currencies",
    fields=Fields("Currency", TEXT="Code Description"),
    elements=lambda store: seed.currencies(store.organisation),
)
ITEMS = Collection(
    name="Items",
    fields=Fields(
        "Item",
        GUID="ItemID",
        TEXT="Code Name Description PurchaseDescription InventoryAssetAccountCode",
        FLAG="IsSold IsPurchased IsTrackedAsInventory",
        NUMBER="TotalCostPool QuantityOnHand",
        DATE="UpdatedDateUTC",
    ),
    elements=lambda store: store.items(),
    keys=("ItemID", "Code"),
    paged=unit_prices,
)
ORGANISATIONS = Collection(
    name="Organisations",
    fields=Fields(
        "Organisation",
        GUID="OrganisationID",
        TEXT=(
            "Name LegalName Version OrganisationType BaseCurrency CountryCode OrganisationStatus"
            " TaxNumber SalesTaxBasis SalesTaxPeriod DefaultSalesTax DefaultPurchasesTax"
            " OrganisationEntityType Timezone ShortCode Edition Class TaxNumberName"
        ),
        FLAG="PaysTax IsDemoCompany",
        NUMBER="FinancialYearEndDay FinancialYearEndMonth",
        DATE="PeriodLockDate EndOfYearLockDate CreatedDateUTC",
    ),
    elements=lambda store: [organisation.render(store.organisation)],
)
REPEATING_INVOICES = Collection(
    name="RepeatingInvoices",
    fields=Fields(
        "RepeatingInvoice",
        GUID="RepeatingInvoiceID ID",
        TEXT="Type Status Reference LineAmountTypes CurrencyCode",
        FLAG="HasAttachments ApprovedForSending SendCopy MarkAsSent IncludePDF",
        NUMBER="SubTotal TotalTax Total",
    ),
    elements=lambda store: store.repeating_invoices(),
    keys=("RepeatingInvoiceID",),
)
TAX_RATES = Collection(
    name="TaxRates",
    fields=Fields(
        "TaxRate",
        TEXT="Name TaxType ReportTaxType Status",
        FLAG=" ".join(APPLIES.values()),
        NUMBER="DisplayTaxRate EffectiveRate",
    ),
    elements=lambda store: [tax_rate.render(tax) for tax in store.tax_rates()],
    keys=("TaxType",),
)
TRACKING_CATEGORIES = Collection(
    name="TrackingCategories",
    fields=Fields("TrackingCategory", GUID="TrackingCategoryID", TEXT="Name Status"),
    elements=lambda store: seed.tracking_categories(store.organisation),
    keys=("TrackingCategoryID",),
)
USERS = Collection(
    name="Users",
    fields=Fields(
        "User",
        GUID="UserID",
        TEXT="EmailAddress FirstName LastName OrganisationRole",
        FLAG="IsSubscriber",
        DATE="UpdatedDateUTC",
    ),
    elements=lambda store: seed.users(store.organisation),
    keys=("UserID",),
)
