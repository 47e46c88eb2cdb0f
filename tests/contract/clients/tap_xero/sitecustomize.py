"""Preload (on PYTHONPATH): what is for Xero goes to the sandbox, and nothing goes elsewhere."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

_send = HTTPAdapter.send


def send(
    adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any
) -> requests.Response:
    """Send a request to the sandbox."""
    parts = urlsplit(request.url or "")
    if not (parts.hostname or "").endswith(".xero.com"):
        raise ValueError(f"{parts.hostname} is not Xero")
    sandbox = urlsplit(os.environ["SANDBOX_URL"])
    request.url = parts._replace(scheme=sandbox.scheme, netloc=sandbox.netloc).geturl()
    return _send(adapter, request, **options)


HTTPAdapter.send = send  # type: ignore[assignment]
