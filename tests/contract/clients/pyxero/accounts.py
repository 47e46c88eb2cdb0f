"""What pyxero does with accounts; prints it as JSON. It writes XML and reads JSON."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import requests
from xero import Xero  # type: ignore[attr-defined]  # mypy finds tests/xero
from xero.auth import OAuth2Credentials  # type: ignore[attr-defined]
from xero.exceptions import XeroBadRequest  # type: ignore[import-not-found]


def sign_in() -> OAuth2Credentials:
    """Return the credentials of a custom connection, which pyxero has no flow for."""
    asked = {"grant_type": "client_credentials", "scope": "accounting.settings"}
    url = "https://identity.xero.com/connect/token"
    token = requests.post(url, auth=("sandbox", "sandbox"), data=asked, timeout=10).json()
    credentials = OAuth2Credentials("sandbox", "sandbox", token=token)
    credentials.tenant_id = os.environ["TENANT_ID"]
    return credentials


def refused(xero: Xero, **fields: Any) -> list[str]:
    """Return why a new account is refused."""
    try:
        xero.accounts.put(fields)
    except XeroBadRequest as error:
        return list(error.errors)
    return []


xero = Xero(sign_in())
listed = xero.accounts.all()
created = xero.accounts.put({"Code": "601", "Name": "R & D <café>", "Type": "EXPENSE"})[0]
account = {"AccountID": created["AccountID"]}
done = {
    "listed": [each["AccountID"] for each in listed],
    "filtered": [each["Code"] for each in xero.accounts.filter(Name__contains="Currency")],
    "ordered": [each["Code"] for each in xero.accounts.filter(order="Code DESC", Type="REVENUE")],
    "by id": [each["Code"] for each in xero.accounts.filter(**account)],
    "created": created["Name"],
    "updated": xero.accounts.save({**account, "Name": "Research"})[0]["Name"],
    "archived": xero.accounts.save({**account, "Status": "ARCHIVED"})[0]["Status"],
    "refused": refused(xero, Code="200", Name="Sales", Type="REVENUE"),
    "rates": [each["TaxType"] for each in xero.taxrates.all()],
    "currencies": [each["Code"] for each in xero.currencies.all()],
    "users": [each["FirstName"] for each in xero.users.all()],
    "categories": [each["Name"] for each in xero.trackingcategories.all()],
}
sys.stdout.write(json.dumps(done))
