"""The Organisation and TaxRates endpoints, which are read-only."""

from __future__ import annotations

from typing import Any

from xerosync.sandbox.accounting.query import Query
from xerosync.sandbox.accounting.tax_rate import APPLIES, render
from xerosync.sandbox.books.seed import Country
from xerosync.sandbox.books.seed.country import CREATED_MS
from xerosync.sandbox.books.store import Store
from xerosync.sandbox.http.messages import (
    Request,
    Response,
    envelope,
    method_not_allowed,
    not_found,
)

TAX_RATE_FIELDS = ("Name", "TaxType", "ReportTaxType", "DisplayTaxRate", "EffectiveRate", "Status")
QUERY = Query("TaxRate", (*TAX_RATE_FIELDS, *APPLIES.values()))


def organisation(request: Request, item: str, store: Store) -> Response:
    """Respond to a request for the organisation of the token."""
    if item:
        return not_found()
    if request.method != "GET":
        return method_not_allowed("GET")
    return envelope("Organisations", [_organisation(store.country)], store.now_ms())


def tax_rates(request: Request, item: str, store: Store) -> Response:
    """Respond to a request for all tax rates, or for one if ``item`` is its type."""
    if request.method != "GET":
        return method_not_allowed("GET")
    elements = [render(tax) for tax in store.tax_rates()]
    if item:
        elements = [each for each in elements if each["TaxType"] == item.upper()]
        if not elements:
            return not_found()
    return envelope("TaxRates", QUERY.select(elements, request), store.now_ms())


def _organisation(place: Country) -> dict[str, Any]:
    day, month = place.year_end
    return {
        "Name": place.organisation,
        "LegalName": place.organisation,
        "PaysTax": True,
        "Version": place.name,
        "OrganisationType": "COMPANY",
        "BaseCurrency": place.currency,
        "CountryCode": place.country_code,
        "IsDemoCompany": True,
        "OrganisationStatus": "ACTIVE",
        "TaxNumber": place.tax_number,
        "FinancialYearEndDay": day,
        "FinancialYearEndMonth": month,
        "SalesTaxBasis": "ACCRUALS",
        "SalesTaxPeriod": place.tax_period,
        "DefaultSalesTax": "Remember previous",
        "DefaultPurchasesTax": "Remember previous",
        "PeriodLockDate": "/Date(1230681600000+0000)/",
        "CreatedDateUTC": f"/Date({CREATED_MS})/",
        "OrganisationEntityType": "COMPANY",
        "Timezone": place.timezone,
        "ShortCode": f"!7{place.name.title()}4k",
        "OrganisationID": place.tenant_id,
        "Edition": "BUSINESS",
        "Class": "DEMO",
        "Addresses": [
            {
                "AddressType": "POBOX",
                "AddressLine1": "1 Example Quay",
                "City": "Sandbox Bay",
                "Region": "",
                "PostalCode": "0001",
                "Country": "",
                "AttentionTo": "",
            }
        ],
        "Phones": [
            {"PhoneType": "OFFICE", "PhoneNumber": "555 0100", "PhoneAreaCode": "00"},
        ],
        "ExternalLinks": [],
        "PaymentTerms": {},
        "TaxNumberName": place.tax_number_name,
    }
