"""The api toolkit: reading answers and failures of any library, the breaker, the sender."""

import asyncio
import email.utils
import http.client
import pickle
import ssl
import threading
import time
import urllib.error

import httpx
import pytest
import requests

from poet.domains.api.toolkit import (
    Breaker,
    Sender,
    cut_short,
    retry_after,
    retryable_answer,
    retryable_status,
    status_of,
    transient,
    unreachable,
)
from poet.errors import CircuitOpen, DeadlineExceeded


def answer(status=200, body=b"{}", kind="application/json", **headers):
    """Make a response of requests without a network."""
    made = requests.Response()
    made.status_code, made._content = status, body
    made.headers.update(
        {"Content-Type": kind, **{k.replace("_", "-"): v for k, v in headers.items()}}
    )
    return made


def http_error(status):
    """Make the error that urllib raises for a status."""
    return urllib.error.HTTPError("http://x", status, "", {"Retry-After": "2"}, None)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_passing_statuses(status):
    """A server in trouble and too many requests may pass."""
    assert retryable_status(status)
    assert retryable_answer(answer(status))
    assert transient(requests.HTTPError(response=answer(status)))


@pytest.mark.parametrize("status", [200, 201, 301, 400, 401, 403, 404, 409, 410, 422, 501, None])
def test_lasting_statuses(status):
    """No other status gets better by asking again."""
    assert not retryable_status(status)
    if status:
        assert not transient(requests.HTTPError(response=answer(status)))


def test_status_is_read_from_any_library():
    """Answers and errors of requests, httpx and urllib all show their status."""
    request = httpx.Request("GET", "http://x")
    assert status_of(answer(404)) == 404
    assert status_of(requests.HTTPError(response=answer(503))) == 503
    assert status_of(httpx.Response(502, request=request)) == 502
    response = httpx.Response(429, request=request)
    assert status_of(httpx.HTTPStatusError("", request=request, response=response)) == 429
    with http_error(503) as error:
        assert status_of(error) == 503
    for other in (None, 503, {"status": 503}, ValueError("x"), object()):
        assert status_of(other) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3", 3.0), (" 0.5 ", 0.5), ("0", None), ("-1", None), ("soon", None), ("nan", None),
     ("inf", None), ("", None)],
)  # fmt: skip
def test_retry_after_in_seconds(value, seconds):
    """A number of seconds is taken as it is; nonsense counts as nothing said."""
    assert retry_after(answer(429, Retry_After=value)) == seconds


def test_retry_after_as_a_date():
    """An HTTP date is turned into seconds from now; one in the past asks for nothing."""
    later = email.utils.formatdate(time.time() + 30, usegmt=True)
    assert retry_after(answer(503, Retry_After=later)) == pytest.approx(30, abs=2)
    earlier = email.utils.formatdate(time.time() - 30, usegmt=True)
    assert retry_after(requests.HTTPError(response=answer(503, Retry_After=earlier))) is None
    with http_error(503) as error:
        assert retry_after(error) == 2.0
    assert retry_after(None) is None


@pytest.mark.parametrize(
    ("body", "cut"),
    [(b'{"a": 1}', False), (b'{"a": ', True), (b" [1, 2]\n", False), (b"[1, 2", True), (b"{", True),
     (b"", False), (b"17", False), (b'"abc', True), (b'"', True), (b"null", False)],
)  # fmt: skip
def test_json_that_ends_too_early(body, cut):
    """Only a body that is plainly unfinished counts as cut short."""
    assert cut_short(answer(body=body)) is cut
    assert not cut_short(answer(body=body, kind="text/html"))


def test_a_streamed_body_is_not_read():
    """Looking at an answer never consumes a body that the function wants to stream."""
    streamed = answer()
    streamed._content = False
    assert not cut_short(streamed)
    assert not cut_short(None)


PASSING = [
    ConnectionResetError(), TimeoutError(), requests.ConnectionError(), requests.ReadTimeout(),
    requests.exceptions.ChunkedEncodingError(), httpx.ConnectError(""), httpx.ReadTimeout(""),
    httpx.RemoteProtocolError(""), http.client.IncompleteRead(b""), http.client.RemoteDisconnected(),
    urllib.error.URLError(ConnectionRefusedError()), urllib.error.URLError(TimeoutError()),
]  # fmt: skip
LASTING = [
    ValueError(), KeyError("x"), OSError("disk"), requests.exceptions.SSLError(),
    requests.exceptions.InvalidURL(), requests.exceptions.JSONDecodeError("x", "y", 0),
    requests.TooManyRedirects(), httpx.UnsupportedProtocol(""), httpx.InvalidURL(""),
    urllib.error.URLError(ssl.SSLCertVerificationError()), urllib.error.URLError("no host given"),
    requests.ConnectionError(ssl.SSLCertVerificationError()),
    DeadlineExceeded("x"), CircuitOpen("x"), KeyboardInterrupt(), None,
]  # fmt: skip


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_failures_that_may_pass(error):
    """Broken connections and time-outs of every library may pass."""
    assert transient(error)


@pytest.mark.parametrize("error", LASTING, ids=repr)
def test_failures_that_last(error):
    """Certificates, addresses and programming errors do not, nor do POET's own refusals."""
    assert not transient(error)


def test_only_connecting_counts_as_unreachable():
    """A host that answers, late or with a reset, is there."""
    assert unreachable(ConnectionRefusedError())
    assert unreachable(httpx.ConnectError("x"))
    assert unreachable(urllib.error.URLError(ConnectionRefusedError()))
    with pytest.raises(requests.ConnectionError) as refused:
        requests.get("http://127.0.0.1:9/", timeout=2)
    assert unreachable(refused.value)
    for there in (ConnectionResetError(), requests.ReadTimeout(), TimeoutError(), ValueError()):
        assert not unreachable(there)


class Clock:
    """Seconds that pass when told to."""

    now = 100.0

    def __call__(self):
        return self.now


def opened(failures=3, rest=10.0, error=None):
    """Return a breaker that has just opened, and its clock."""
    clock = Clock()
    breaker = Breaker(failures, rest, clock)
    for _ in range(failures):
        breaker.before()
        breaker.failure(error or ConnectionRefusedError("refused"))
    return breaker, clock


def test_the_breaker_opens_after_failures_in_a_row():
    """The refusal says what happened and how long it lasts."""
    breaker, clock = opened()
    clock.now += 4
    with pytest.raises(CircuitOpen, match=r"last 3 calls could not connect.*in 6\.0 s"):
        breaker.before()


def test_a_success_in_between_starts_the_count_anew():
    """Failures that are not in a row do not open it."""
    breaker = Breaker(failures=2)
    for _ in range(5):
        breaker.failure(ConnectionRefusedError())
        breaker.success()
    breaker.before()


@pytest.mark.parametrize("error", [requests.ReadTimeout(), ValueError(), ConnectionResetError()])
def test_a_host_that_is_there_is_not_cut_off(error):
    """Only failures to connect open the breaker."""
    breaker = Breaker(failures=1)
    for _ in range(5):
        breaker.failure(error)
        breaker.before()


def test_one_call_tries_after_the_rest():
    """Half-open: one goes through; its success closes the breaker, its failure opens it again."""
    breaker, clock = opened()
    clock.now += 10
    breaker.before()
    with pytest.raises(CircuitOpen):
        breaker.before()
    breaker.failure(ConnectionRefusedError())
    with pytest.raises(CircuitOpen):
        breaker.before()
    clock.now += 10
    breaker.before()
    breaker.success()
    breaker.before()


def test_the_refusal_is_caught_like_the_failure():
    """It is of the failure's class as well, and survives pickling."""
    breaker, _ = opened(error=httpx.ConnectError("no"))
    with pytest.raises(httpx.ConnectError) as refused:
        breaker.before()
    assert isinstance(refused.value, CircuitOpen)
    again = pickle.loads(pickle.dumps(refused.value))
    assert isinstance(again, CircuitOpen)
    assert isinstance(again, httpx.ConnectError)
    assert str(again) == str(refused.value)


def test_hosts_count_for_themselves():
    """One host that is down does not cut off another."""
    breaker = Breaker(failures=1)
    breaker.at("a").failure(ConnectionRefusedError())
    with pytest.raises(CircuitOpen):
        breaker.at("a").before()
    breaker.at("b").before()
    for number in range(2000):
        breaker.at(str(number))
    assert len(breaker._hosts) <= 1000


def test_the_breaker_is_safe_between_threads():
    """Counting from many threads loses nothing."""
    breaker = Breaker(failures=10_000)

    def fail():
        for _ in range(500):
            breaker.failure(ConnectionRefusedError())

    threads = [threading.Thread(target=fail) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert breaker._in_a_row == 4000


class Script:
    """A call that answers or raises step by step; `name` is the HTTP method."""

    def __init__(self, *steps, name="get"):
        self.steps, self.calls, self.__name__ = list(steps), [], name

    def __call__(self, *args, **kwargs):
        self.calls.append((args, kwargs))
        step = self.steps.pop(0)
        if isinstance(step, BaseException):
            raise step
        return step


def test_a_safe_request_is_repeated():
    """A GET gets its answer; what was not used is closed."""
    bad, good = answer(503), answer()
    closed = []
    bad.close = lambda: closed.append(True)
    call = Script(ConnectionResetError(), bad, good)
    assert Sender()(call, "http://x/") is good
    assert len(call.calls) == 3
    assert closed == [True]


@pytest.mark.parametrize("name", ["post", "put", "patch", "delete", "mystery"])
def test_what_is_not_safe_is_sent_once(name):
    """Only `idempotent=True` allows repeating anything but GET, HEAD and OPTIONS."""
    once = Script(ConnectionResetError(), answer(), name=name)
    with pytest.raises(ConnectionResetError):
        Sender()(once, "http://x/")
    assert len(once.calls) == 1
    twice = Script(ConnectionResetError(), answer(), name=name)
    assert Sender(idempotent=True)(twice, "http://x/").status_code == 200


def test_request_takes_its_method_from_the_call():
    """`requests.request("POST", …)` is a POST."""
    for args, kwargs, attempts in ((("POST", "u"), {}, 1), (("get", "u"), {}, 2),
                                   ((), {"method": "HEAD", "url": "u"}, 2)):  # fmt: skip
        call = Script(answer(503), answer(), name="request")
        Sender()(call, *args, **kwargs)
        assert len(call.calls) == attempts


def test_a_body_that_is_used_up_is_not_sent_again():
    """A stream or a file can be read once."""
    for body in ({"data": iter([b"x"])}, {"files": {"f": b"x"}}, {"content": iter([b"x"])}):
        call = Script(answer(503), answer())
        Sender()(call, "u", **body)
        assert len(call.calls) == 1
    call = Script(answer(503), answer())
    Sender()(call, "u", data={"a": 1})
    assert len(call.calls) == 2


def test_the_time_left_bounds_each_attempt():
    """A request's own time-out is shortened to what is left; an explicit None stays."""
    call = Script(answer())
    Sender(timeout=1.0)(call, "u", timeout=30)
    assert 0.9 < call.calls[0][1]["timeout"] <= 1.0
    call = Script(answer())
    Sender(timeout=1.0)(call, "u", timeout=None)
    assert call.calls[0][1]["timeout"] is None


def test_a_wait_beyond_the_deadline_is_not_begun():
    """`Retry-After: 3600` means that the 429 is the answer, at once."""
    start, late = time.monotonic(), answer(429, Retry_After="3600")
    assert Sender(timeout=5)(Script(late, answer()), "u") is late
    assert time.monotonic() - start < 1


def test_async_requests():
    """A coroutine function is sent by awaiting."""
    request = httpx.Request("GET", "http://x")
    steps = [httpx.Response(503, request=request), httpx.ConnectError("x"),
             httpx.Response(200, request=request)]  # fmt: skip

    async def get(url):
        step = steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    assert asyncio.run(Sender()(get, "http://x")).status_code == 200
    assert steps == []


def test_an_unreachable_host_is_left_alone_for_a_while():
    """The breaker counts calls, not attempts, and async calls as well."""
    send = Sender(retries=1, breaker=Breaker(failures=2))

    async def get(url):
        raise httpx.ConnectError("no")

    for _ in range(2):
        with pytest.raises(httpx.ConnectError):
            asyncio.run(send(get, "http://down/"))
    with pytest.raises(CircuitOpen):
        asyncio.run(send(get, "http://down/"))
    with pytest.raises(CircuitOpen):
        send(Script(answer()), "http://down/x")
    assert send(Script(answer()), "http://up/").status_code == 200


def test_nothing_is_hidden_by_interrupts():
    """KeyboardInterrupt passes at once."""
    call = Script(KeyboardInterrupt(), answer())
    with pytest.raises(KeyboardInterrupt):
        Sender()(call, "u")
    assert len(call.calls) == 1
