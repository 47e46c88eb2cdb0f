"""Currencies, users and tracking categories of an organisation, as Xero's JSON.

The tracking category and its options are named as in Xero's demo companies; the users are invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xerosync.sandbox.books.seed.country import CREATED_MS, Organisation

CURRENCIES = {
    "AUD": "Australian Dollar",
    "EUR": "Euro",
    "GBP": "British Pound",
    "NZD": "New Zealand Dollar",
    "USD": "United States Dollar",
}
USERS = (
    ("Aroha", "Example", "FINANCIALADVISER", False),
    ("Kim", "Example", "STANDARD", True),
    ("Sam", "Example", "READONLY", False),
)
TRACKING = {"Region": ("Eastside", "North", "South", "West Coast")}


def currencies(organisation: Organisation) -> Sequence[dict[str, Any]]:
    """Return the organisation's currencies: without multi-currency, only its base currency."""
    place = organisation.country
    codes = CURRENCIES if place.multi_currency else (place.currency,)
    return [{"Code": code, "Description": CURRENCIES[code]} for code in codes]


def tracking_categories(organisation: Organisation) -> Sequence[dict[str, Any]]:
    """Return the tracking categories, each with its options."""
    return [
        {
            "Name": name,
            "Status": "ACTIVE",
            "TrackingCategoryID": organisation.id_of(f"company/{name}"),
            "Options": [
                {
                    "TrackingOptionID": organisation.id_of(f"company/{name}/{option}"),
                    "Name": option,
                    "Status": "ACTIVE",
                    "HasValidationErrors": False,
                    "IsDeleted": False,
                    "IsArchived": False,
                    "IsActive": True,
                }
                for option in options
            ],
        }
        for name, options in TRACKING.items()
    ]


def users(organisation: Organisation) -> Sequence[dict[str, Any]]:
    """Return the users of the organisation."""
    return [
        {
            "UserID": organisation.id_of(f"company/{first}"),
            "EmailAddress": f"{first.lower()}@demo.example",
            "FirstName": first,
            "LastName": last,
            "UpdatedDateUTC": f"/Date({CREATED_MS}+0000)/",
            "IsSubscriber": is_subscriber,
            "OrganisationRole": role,
        }
        for first, last, role, is_subscriber in USERS
    ]
