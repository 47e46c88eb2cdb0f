"""Check a sign-in step by step. A step is skipped if it needs an earlier step that failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xerosync.cli.doctor.examination import Examination
from xerosync.cli.doctor.machine import ChartOnDisk, stored_file
from xerosync.cli.session import OF_SANDBOX
from xerosync.doctor import signed_in
from xerosync.doctor.connections_to_xero import Service
from xerosync.doctor.diagnosis import Check, Level
from xerosync.doctor.signed_in import Method
from xerosync.model import Organisation
from xerosync.xero.auth.claims import Claims
from xerosync.xero.auth.credentials import AuthKind, Credentials
from xerosync.xero.auth.scopes import allowed
from xerosync.xero.auth.status import SignInReader
from xerosync.xero.auth.tenants import Connection
from xerosync.xero.ledger import XeroLedger

_NO_TOKEN = "no access token was read."  # noqa: S105 a sentence


class SignInExamination:
    """Checks the sign-in for one chart file; `reached` are the services of Xero that answered."""

    def __init__(
        self, examination: Examination, chart: ChartOnDisk, reached: frozenset[Service]
    ) -> None:
        self._examination = examination
        self._chart = chart
        self._profile = chart.profile
        self._reached = reached
        self._stored = signed_in.TOKEN_FILE.not_checked(examination.unasked)
        self._reader: SignInReader | None = None
        self._claims: Claims | None = None
        self._connections: tuple[Connection, ...] | None = None
        self._ledger: XeroLedger | None = None

    def checks(self) -> Iterator[Check]:
        """Yield the checks in order."""
        if self._examination.broken:
            for subject in signed_in.SUBJECTS:
                yield subject.not_checked(self._examination.unasked)
            return
        try:
            yield self._check_credentials()
            yield self._stored
            yield self._check_token()
            yield self._check_scopes()
            yield self._check_connected()
            yield self._check_books()
            yield self._check_calls()
        finally:
            if self._reader:
                self._reader.close()

    def _check_credentials(self) -> Check:
        """Check how this run signs in. Also set `_stored`, the check of the stored sign-in."""
        subject, session, profile = signed_in.CREDENTIALS, self._examination.session, self._profile
        credentials = self._examination.attempt(subject, lambda: session.credentials(profile))
        if isinstance(credentials, Check):
            self._stored = signed_in.TOKEN_FILE.not_checked("the credentials are wrong.")
            return credentials
        self._examination.learn(credentials)

        def open_reader() -> SignInReader:
            addresses, hooks = session.addresses(), session.hooks()
            return SignInReader(credentials, addresses, hooks, every_scope=True)

        reader = self._examination.attempt(subject, open_reader, profile)
        self._stored = self._check_stored(credentials, reader)
        if isinstance(reader, Check):
            if self._stored.level is Level.FAIL:
                return subject.not_checked("the stored sign-in cannot be used.")
            return reader
        self._reader = reader
        return signed_in.check_method(self._method(credentials, reader.method.kind))

    def _check_stored(self, credentials: Credentials, reader: SignInReader | Check) -> Check:
        store = credentials.store
        if store is None:
            return signed_in.TOKEN_FILE.not_checked("--sandbox uses no stored sign-in.")
        found = self._examination.attempt(
            signed_in.TOKEN_FILE, lambda: stored_file(store), self._profile
        )
        if isinstance(found, Check):
            return found
        used = isinstance(reader, Check) or reader.method.sign_in is not None
        return signed_in.check_stored(found, self._examination.now(), credentials.login, used=used)

    def _check_token(self) -> Check:
        subject, reader = signed_in.SIGN_IN, self._reader
        if reader is None:
            return subject.not_checked("there are no credentials that can be used.")
        if self._examination.offline:
            return subject.not_checked(self._examination.unasked)
        if reader.method.kind.asks_identity and Service.IDENTITY not in self._reached:
            return subject.not_checked("Xero's identity service was not reached.")
        claims = self._examination.attempt(subject, reader.claims, self._profile)
        if isinstance(claims, Check):
            return claims
        self._claims = claims
        return signed_in.check_sign_in(claims.ends, self._examination.now())

    def _check_scopes(self) -> Check:
        if self._reader is None or self._claims is None:
            return signed_in.SCOPES.not_checked(_NO_TOKEN)
        scopes = self._reader.method.scopes(self._claims)
        return signed_in.check_scopes(scopes, allowed(scopes))

    def _check_connected(self) -> Check:
        subject, reader = signed_in.CONNECTED, self._reader
        if reader is None or self._claims is None:
            return subject.not_checked(_NO_TOKEN)
        if Service.API not in self._reached:
            return subject.not_checked("Xero's API was not reached.")
        found = self._examination.attempt(subject, reader.connections, self._profile)
        if isinstance(found, Check):
            return found
        self._connections = found
        return signed_in.check_connected([Organisation(one.tenant_id, one.name) for one in found])

    def _check_books(self) -> Check:
        """Read the organisation to use, and compare it with the chart file's organisation."""
        subject, reader, pin = signed_in.BOOKS, self._reader, self._chart.pin
        if reader is None or self._claims is None:
            return subject.not_checked(_NO_TOKEN)
        if Service.API not in self._reached:
            return subject.not_checked("Xero's API was not reached.")
        tenant_id = self._examination.attempt(
            subject, lambda: reader.tenant_id(pin, self._connections), self._profile
        )
        if tenant_id is None:
            known = self._connections is not None
            why = "no readable file names one" if known else "the organisations are not known"
            return subject.not_checked(f"{why}.")
        if isinstance(tenant_id, Check):
            return tenant_id
        ledger = reader.ledger(tenant_id)
        found = self._examination.attempt(subject, ledger.organisation, self._profile)
        if isinstance(found, Check):
            return found
        self._ledger = ledger
        check = signed_in.check_books(pin, found)
        wrong = check.level is Level.FAIL and self._examination.session.settings.sandboxed
        return replace(check, hint=OF_SANDBOX) if wrong else check

    def _check_calls(self) -> Check:
        if self._ledger is None:
            return signed_in.CALLS.not_checked("no organisation has answered.")
        return signed_in.check_calls(self._ledger.calls_left_today)

    def _method(self, credentials: Credentials, kind: AuthKind) -> Method:
        """Return how this run signs in, and which credentials it has but does not use."""
        return Method(
            sort=kind.name.lower(),
            shown=kind.value,
            profile=credentials.profile,
            variables=credentials.used_by(kind) if credentials.store else (),
            ignored=credentials.ignored_by(kind, stored=bool(self._stored.facts.get("exists"))),
        )
