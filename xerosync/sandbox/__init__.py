"""Turns a path into a local Xero for demonstrations and tests: ``Sandbox``.

An embedded HTTP server on SQLite that follows Xero's rules, error texts, limits and
sign-in as far as they are publicly known. It imports the standard library alone, and
nothing of the rest of xerosync: a second opinion, not a mirror.
"""

from xerosync.sandbox.errors import SandboxError
from xerosync.sandbox.http.faults import Fault, Kind
from xerosync.sandbox.http.messages import Request
from xerosync.sandbox.http.rate_limits import Limits
from xerosync.sandbox.sandbox import Sandbox

__all__ = ["Fault", "Kind", "Limits", "Request", "Sandbox", "SandboxError"]
