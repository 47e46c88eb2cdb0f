"""A local Xero for demonstrations and tests: ``Sandbox``.

An HTTP server on SQLite that follows Xero's rules, error texts, limits and sign-in as far
as they are publicly known. It imports only the standard library, and no other part of
xerosync, so that it is an independent check of what xerosync assumes about Xero.
"""

from xerosync.sandbox.errors import SandboxError, WrongOption
from xerosync.sandbox.http.faults import Fault, FaultKind
from xerosync.sandbox.http.messages import LogEntry
from xerosync.sandbox.http.rate_limits import Limits
from xerosync.sandbox.sandbox import Sandbox

__all__ = ["Fault", "FaultKind", "Limits", "LogEntry", "Sandbox", "SandboxError", "WrongOption"]
