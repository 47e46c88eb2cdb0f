"""The client of a forge: how long a call may take, how much it may bring, what is repeated."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler

import pytest
from network.scripted_server import Server, deflated, drip, respond

from xerosync.ci.rest import RestClient
from xerosync.errors import AccessDenied, LedgerError, NotFound, Unavailable
from xerosync.network.exchange import CALL_SECONDS, RawReply
from xerosync.network.no_reply import NoReply
from xerosync.secret import Secret

TOKEN = "forge-token-marker"


class Scripted:
    """A forge that answers the same each time, after a minute or as long as it is given."""

    def __init__(self, answer: RawReply | NoReply, takes: float = 60.0) -> None:
        self.now = 0.0
        self.answer = answer
        self.takes = takes
        self.given: list[float] = []

    def exchange(self, *_: object, seconds: float, **__: object) -> RawReply | NoReply:
        self.given.append(seconds)
        self.now += min(seconds, self.takes)
        return self.answer

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def client(url: str, scripted: Scripted | None = None) -> RestClient:
    token = ("Authorization", "Bearer ", Secret(TOKEN))
    monotonic = (lambda: scripted.now) if scripted else time.monotonic
    made = RestClient("GitHub", url, {}, token, variable="GITHUB_API_URL", monotonic=monotonic)
    if scripted:
        made._connections = scripted  # type: ignore[assignment]
    return made


def answered(status: int, headers: Mapping[str, str] | None = None) -> RawReply:
    return RawReply(status, "", headers or {}, b"{}")


@pytest.mark.parametrize("takes", [0.0, 40.0, 60.0, 1e6])
@pytest.mark.parametrize("answer", [answered(502), NoReply("Slow.", untouched=False)])
def test_a_call_ends_within_its_seconds_retries_included(
    answer: RawReply | NoReply, takes: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted = Scripted(answer, takes)
    monkeypatch.setattr("time.sleep", scripted.sleep)
    for call in (client("https://x", scripted).get, client("https://x", scripted).file):
        scripted.now = 0.0
        with pytest.raises(Unavailable):
            call("/x")
        assert scripted.now <= CALL_SECONDS + 0.2
        assert min(scripted.given) > 0


def test_redirects_share_the_seconds_of_their_call() -> None:
    scripted = Scripted(answered(302, {"location": "/again"}))
    with pytest.raises(LedgerError, match="redirects again and again"):
        client("https://x", scripted).get("/x")
    assert sum(min(60.0, given) for given in scripted.given) <= CALL_SECONDS + 0.2


def test_an_answer_that_arrives_a_byte_at_a_time_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("xerosync.ci.rest.EXCHANGE_SECONDS", 0.3)
    began = time.monotonic()
    with (
        Server(drip(b"HTTP/1.1 200 OK\r\n\r\n")) as server,
        pytest.raises(Unavailable, match="took too long"),
    ):
        client(server.url).send("POST", "/x", {})
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("name", ["get", "file"])
def test_an_answer_that_unpacks_to_too_much_is_not_read(name: str) -> None:
    packed = deflated(128 << 20)
    with (
        Server(respond(200, packed, {"Content-Encoding": "gzip"})) as server,
        pytest.raises(LedgerError, match=r"is larger than \d\d MB") as caught,
    ):
        getattr(client(server.url), name)("/x")
    assert len(server.asked) == 1, "it would be as large again"
    assert "GITHUB_API_URL" in caught.value.hint


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (answered(429), LedgerError, "later"),
        (answered(403, {"retry-after": "60"}), LedgerError, "later"),
        (answered(403, {"x-ratelimit-remaining": "0"}), LedgerError, "later"),
        (answered(403, {"x-ratelimit-remaining": "9"}), AccessDenied, "permissions"),
        (answered(404), NotFound, "is not allowed to see it"),
    ],
)
def test_a_rate_limit_is_not_reported_as_a_missing_permission(
    answer: RawReply, error: type[LedgerError], says: str
) -> None:
    scripted = Scripted(answer, 0.0)
    with pytest.raises((LedgerError, AccessDenied)) as caught:
        client("https://x", scripted).get("/x")
    assert type(caught.value) is error
    assert says in caught.value.hint
    assert len(scripted.given) == 1


def listing(links: Callable[[int], str]) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return pages with one item each, and a link to the next one."""
    count = iter(range(1, 1_000))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        number = next(count)
        link = links(number)
        respond(200, b'[{"id": %d}]' % number, {"Link": link} if link else {})(handler)

    return answer


def test_only_the_query_of_a_next_page_is_followed() -> None:
    """A forge can be called by another name than it knows."""

    def links(number: int) -> str:
        return f'<https://elsewhere.example/y?page={number + 1}>; rel="next"' if number < 3 else ""

    with Server(listing(links)) as server:
        found = [one.number("id") for one in client(server.url).pages("/x")]
    assert found == [1, 2, 3]
    assert [asked.path for asked in server.asked] == ["/x?per_page=100", "/x?page=2", "/x?page=3"]


def test_a_list_that_does_not_end_is_an_error() -> None:
    """A request for changes could be on a page that is not read."""
    with (
        Server(listing(lambda _: '<https://x/?page=2>; rel="next"')) as server,
        pytest.raises(LedgerError, match="more than 20 pages") as refused,
    ):
        list(client(server.url).pages("/x"))
    assert "Delete what is old" in refused.value.hint
    assert len(server.asked) == 20


def test_an_unexpected_field_names_itself_and_its_call() -> None:
    with Server(respond(200, b'{"user": {"login": 7}}')) as server:
        user = client(server.url).get("/x").part("user")
    with pytest.raises(LedgerError) as caught:
        user.text("login")
    assert caught.value.message == "Unexpected answer: GitHub /x, user: its `login` is not text."
