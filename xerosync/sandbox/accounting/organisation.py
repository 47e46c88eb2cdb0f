"""Turns calls for Organisation and TaxRates into answers; both can only be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xerosync.sandbox.accounting.tax_rate import render
from xerosync.sandbox.accounting.where import QueryError, arrange, choose
from xerosync.sandbox.books.seed.country import CREATED_MS
from xerosync.sandbox.http.messages import Answer, envelope, not_allowed, not_found, problem

if TYPE_CHECKING:
    from xerosync.sandbox.books.seed import Country
    from xerosync.sandbox.books.store import Store
    from xerosync.sandbox.http.messages import Call


def organisation(call: Call, item: str, store: Store) -> Answer:
    """Answer a call for the organisation of the token."""
    if item:
        return not_found()
    if call.method != "GET":
        return not_allowed(["GET"])
    return envelope("Organisations", [_organisation(store.country)], store.now_ms())


def tax_rates(call: Call, item: str, store: Store) -> Answer:
    """Answer a call for all tax rates, or for one when ``item`` is its type."""
    if call.method != "GET":
        return not_allowed(["GET"])
    elements = [render(tax) for tax in store.tax_rates()]
    if item:
        elements = [each for each in elements if each["TaxType"] == item.upper()]
        if not elements:
            return not_found()
    names = [name for name in elements[0] if name != "TaxComponents"] if elements else []
    try:
        chosen = choose(elements, call.parameter("where"), names, "TaxRate")
        chosen = arrange(chosen, call.parameter("order"), names, "TaxRate")
    except QueryError as error:
        return problem(16, "QueryParseException", str(error))
    return envelope("TaxRates", chosen, store.now_ms())


def _organisation(place: Country) -> dict[str, Any]:
    day, month = place.year_end
    return {
        "Name": place.organisation,
        "LegalName": place.organisation,
        "PaysTax": True,
        "Version": place.version,
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
        "ShortCode": place.short_code,
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
