"""What else a demo company has, as Xero's JSON: currencies, users, tracking categories.

The names of the tracking category and of its options are those of Xero's demo companies;
the users are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid5

from xerosync.sandbox.books.seed.country import CREATED_MS, NAMESPACE, Country

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


def currencies(place: Country) -> Sequence[dict[str, Any]]:
    """Return the currencies of the organisation: its own, or all where it has several."""
    codes = CURRENCIES if place.multi_currency else (place.currency,)
    return [{"Code": code, "Description": CURRENCIES[code]} for code in codes]


def tracking_categories(place: Country) -> Sequence[dict[str, Any]]:
    """Return the tracking categories, each with its options."""
    return [
        {
            "Name": name,
            "Status": "ACTIVE",
            "TrackingCategoryID": _id(place, name),
            "Options": [
                {
                    "TrackingOptionID": _id(place, f"{name}/{option}"),
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


def users(place: Country) -> Sequence[dict[str, Any]]:
    """Return the users of the organisation."""
    return [
        {
            "UserID": _id(place, first),
            "EmailAddress": f"{first.lower()}@demo.example",
            "FirstName": first,
            "LastName": last,
            "UpdatedDateUTC": f"/Date({CREATED_MS}+0000)/",
            "IsSubscriber": is_subscriber,
            "OrganisationRole": role,
        }
        for first, last, role, is_subscriber in USERS
    ]


def _id(place: Country, name: str) -> str:
    return str(uuid5(NAMESPACE, f"{place.name}/company/{name}"))
