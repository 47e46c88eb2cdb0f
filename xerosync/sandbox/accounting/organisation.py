"""Xero's JSON for an organisation."""

from __future__ import annotations

from typing import Any

from xerosync.sandbox.books.seed import Organisation
from xerosync.sandbox.books.seed.country import CREATED_MS


def render(organisation: Organisation) -> dict[str, Any]:
    """Return Xero's JSON for an organisation."""
    place = organisation.country
    day, month = place.year_end
    return {
        "Name": organisation.name,
        "LegalName": organisation.name,
        "PaysTax": True,
        "Version": place.name,
        "OrganisationType": "COMPANY",
        "BaseCurrency": place.currency,
        "CountryCode": place.country_code,
        "IsDemoCompany": organisation.is_demo,
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
        "ShortCode": organisation.short_code,
        "OrganisationID": organisation.tenant_id,
        "Edition": "BUSINESS",
        "Class": "DEMO" if organisation.is_demo else "STANDARD",
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
        "Phones": [{"PhoneType": "OFFICE", "PhoneNumber": "555 0100", "PhoneAreaCode": "00"}],
        "ExternalLinks": [],
        "PaymentTerms": {},
        "TaxNumberName": place.tax_number_name,
    }
