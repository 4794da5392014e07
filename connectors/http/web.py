"""The way to one server: what every request of a remote account keeps to, whatever protocol it speaks.

Credentials go to the origin of the config and nowhere else; redirects that leave it are refused.  Every request ends
by a deadline, also one that a server feeds byte by byte; an answer has a largest size, before and after it is unpacked.
TLS is always verified, and plain HTTP is for loopback only.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from urllib.parse import quote, urlsplit

from msgspec import Struct

from connectors.http.addresses import joined, origin, redacted, target
from connectors.http.challenges import challenges
from connectors.http.deadline import DeadlineSocket
from connectors.http.gate import gate
from daemon.model.errors import ConfigError, LoginError, TemporaryError, UnbusyError, UnreadableError

CONNECT = 10.0
"""Seconds within which a connection has to stand."""

LARGEST = 32 * 2**20
"""Bytes of an answer, packed or not."""

HOPS = 5
"""Redirects that are followed."""

LONGEST_REST = timedelta(hours=6)
"""The longest Retry-After that is believed."""

_BEFORE = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
"""What may stand before the root of a document or its type (XML 1.0, 2.8); neither can come later."""

_PLAIN = (b"utf-8", b"utf8", b"us-ascii", b"iso-8859-1")
_ENCODING = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)""")
_SAFE = "/:?#[]@!$&'()*+,;=%~-._"


class Answer(Struct, frozen=True):
    """What a server said; names of headers in lower case, the body unpacked.  `url`: where it came from."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


Authorize = Callable[[str, str, Answer | None], str | None]
"""The Authorization header of a request (method, URL, and the 401 that it got before, if any); None: there is none."""


def tls(ca_file: str) -> ssl.SSLContext:
    """What a server's certificate is verified with; ConfigError for a `ca_file` that is none."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            why = error.strerror if not isinstance(error, ssl.SSLError) else "there is no certificate in it"
            raise ConfigError(f"ca_file = {ca_file!r}: {why}", "name a file with certificates in PEM") from error
    return context


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Retry-After in seconds or as a date (RFC 9110, 10.2.3), at most `LONGEST_REST`; None for anything else."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), LONGEST_REST)
    moment = _moment(value)
    return None if moment is None else max(timedelta(0), min(moment - now, LONGEST_REST))


def _moment(value: str) -> datetime | None:
    """A date as headers write it (RFC 9110, 5.6.7); None for anything else."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def xml(answer: Answer) -> bytes:
    """The body of an answer that must be XML without a document type; UnreadableError for any other."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    head = answer.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if kind == "text/html" or head.startswith((b"<!doctype html", b"<html")):
        raise UnreadableError(
            f"{redacted(answer.url)} answered with a web page, not with calendar data",
            "open the address in a browser: it may ask for a login, or be no CalDAV address",
        )
    body = answer.body.removeprefix(b"\xef\xbb\xbf")
    named, before = _ENCODING.match(body), _BEFORE.match(body)
    first = body[before.end() : before.end() + 2] if before else b""
    if not first.startswith(b"<") or b"\0" in body[:64] or (named and named[1].lower() not in _PLAIN):
        raise UnreadableError(f"{redacted(answer.url)} answered with no XML in UTF-8")
    if first == b"<!":
        raise UnreadableError(f"{redacted(answer.url)} answered with a document type, which is never read")
    return answer.body


class Web(Struct):
    """One account's way to its server; one connection, kept open.

    `timeout`: seconds for a whole request.  `skew`: how far our clock was ahead of the server's at its last answer that
    said (RFC 9110, 6.6.1), None before.
    """

    base: str
    clock: Callable[[], datetime]
    authorize: Authorize = lambda _method, _url, _refused: None
    timeout: float = 120.0
    ca_file: str = ""
    skew: timedelta | None = None
    _connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        """Give the connection back."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def ask(self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """One request, as `send` makes it; any status is returned but those that mean the same to everyone.

        401 is LoginError; 429, 502, 503 and 504 are TemporaryError with the time that the server asks for.
        """
        return self._passed(self.send(method, url, body, headers))

    def send(self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """One request, redirects within the origin followed, and once more with credentials after a 401; any status."""
        deadline = monotonic() + self.timeout
        for _ in range(HOPS + 1):
            answer = self._authorized(method, self.within(url), body, headers or {}, deadline)
            if answer.status not in (301, 302, 307, 308) or not answer.headers.get("location"):
                return answer
            url = joined(answer.url, answer.headers["location"])
        raise UnbusyError(f"{redacted(url)} redirects again and again", "correct the address of this account")

    def _authorized(self, method: str, url: str, body: bytes, headers: Mapping[str, str], deadline: float) -> Answer:
        refused: Answer | None = None
        for _ in range(2):
            header = self.authorize(method, url, refused)
            if refused and not header:
                return refused
            if header and not (header.isprintable() and max(header) <= "\xff"):
                raise LoginError(f"the secret for {redacted(url)} cannot be sent", "run `unbusy login` again")
            sent = {**headers, "Authorization": header} if header else headers
            refused = answer = self._once(method, url, body, sent, deadline)
            if answer.status != 401:
                break
        return answer

    def within(self, url: str) -> str:
        """An address, whole, made of one that may be relative to the base; UnbusyError when it leaves the origin."""
        whole = joined(self.base, quote(url, safe=_SAFE))
        try:
            there = origin(whole)
        except ConfigError as error:
            raise UnbusyError(f"the server sends unbusy to {redacted(whole)}: refused", error.remedy) from None
        if there != origin(self.base):
            raise UnbusyError(
                f"the server sends unbusy to {redacted(whole)}; nothing was sent there",
                "if that is right, correct the address of this account",
            )
        return whole

    def _passed(self, answer: Answer) -> Answer:
        if answer.status == 401:
            ways = dict.fromkeys(c.scheme for c in challenges(answer.headers.get("www-authenticate", "")))
            takes = f" (it takes: {', '.join(ways)[:100]})" if ways else ""
            raise LoginError(f"{redacted(answer.url)} refuses the login{takes}", "run `unbusy login` for this account")
        if answer.status in (429, 502, 503, 504):
            rest = retry_after(answer.headers.get("retry-after", ""), self.clock())
            raise TemporaryError(f"{redacted(answer.url)} asks to wait ({answer.status})", "", rest)
        return answer

    # -- one exchange -------------------------------------------------------------------------------------------------

    def _once(self, method: str, url: str, body: bytes, headers: Mapping[str, str], deadline: float) -> Answer:
        sent = {"Accept-Encoding": "gzip", "User-Agent": "unbusy", **headers}
        path = target(url)
        kept = self._connection is not None
        try:
            return self._exchange(method, path, body, sent, deadline, url)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
            self.close()
            if not kept or method not in ("GET", "PROPFIND", "REPORT", "OPTIONS"):
                raise self._failed(url, error) from error
        except (OSError, http.client.HTTPException, zlib.error, EOFError) as error:
            self.close()
            raise self._failed(url, error) from error
        try:  # a server may close a connection that rests; what changes nothing is asked again
            return self._exchange(method, path, body, sent, deadline, url)
        except (OSError, http.client.HTTPException, zlib.error, EOFError) as error:
            self.close()
            raise self._failed(url, error) from error

    def _exchange(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], deadline: float, url: str
    ) -> Answer:
        host = urlsplit(url).hostname or ""
        gate().before(host)
        connection = self._connected(deadline)
        connection.request(method, path, body or None, dict(headers))
        with closing(connection.getresponse()) as got:  # closed, the connection is free for the next request
            packed = got.headers.get("content-encoding", "").strip().lower()
            if packed not in ("", "identity", "gzip", "x-gzip"):
                raise http.client.HTTPException(f"content in {packed!r}")
            content = b"".join(_unpacked(got, packed, deadline))
        if got.will_close:
            self.close()
        headers = _headers(got)
        if (said := _moment(headers.get("date", ""))) is not None:
            self.skew = self.clock() - said
        if got.status == 429 or (got.status == 403 and b"ateLimitExceeded" in content):
            gate().refused(host, retry_after(headers.get("retry-after", ""), self.clock()))
        return Answer(got.status, headers, content, url)

    def _connected(self, deadline: float) -> http.client.HTTPConnection:
        if not self._connection:
            scheme, host, port = origin(self.base)
            wait = max(0.1, min(CONNECT, deadline - monotonic()))
            if scheme == "https":
                self._connection = http.client.HTTPSConnection(host, port, timeout=wait, context=tls(self.ca_file))
            else:
                self._connection = http.client.HTTPConnection(host, port, timeout=wait)
            self._connection.connect()
            self._connection.sock = DeadlineSocket(self._connection.sock)
        sock = self._connection.sock
        if isinstance(sock, DeadlineSocket):
            sock.deadline = deadline
        return self._connection

    def _failed(self, url: str, error: Exception) -> UnbusyError:
        where = redacted(url)
        if isinstance(error, ssl.SSLCertVerificationError):
            return UnbusyError(
                f"the certificate of {where} cannot be trusted: {error.verify_message}",
                "if it is your own authority's, name its certificate in `ca_file`",
            )
        if isinstance(error, TimeoutError):
            return TemporaryError(f"{where} did not answer in time")
        if isinstance(error, socket.gaierror):
            return TemporaryError(f"{where} cannot be found: {error.strerror}", "check the address and the network")
        if isinstance(error, _TooLargeError):
            return UnreadableError(f"{where} answered with more than {LARGEST // 2**20} MiB")
        what = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        return TemporaryError(f"{where} cannot be reached, or broke off: {what}")


def _headers(got: http.client.HTTPResponse) -> dict[str, str]:
    """By name in lower case.  Of one that comes again the last counts; each challenge does (RFC 9110, 5.3, 11.6.1)."""
    every = got.headers.get_all("www-authenticate", [])
    return {k.lower(): v for k, v in got.getheaders()} | ({"www-authenticate": ", ".join(every)} if every else {})


class _TooLargeError(http.client.HTTPException):
    """An answer over the limit."""


def _unpacked(got: http.client.HTTPResponse, packed: str, deadline: float) -> Iterable[bytes]:
    """The body in pieces; an announced length must be met (IncompleteRead), and no limit passed."""
    unzip = zlib.decompressobj(wbits=31) if packed else None
    seen = size = 0
    expected = got.length
    while piece := got.read1(65536):
        if monotonic() > deadline:
            raise TimeoutError("too slow")
        seen += len(piece)
        piece = unzip.decompress(piece, LARGEST + 1 - size) if unzip else piece
        size += len(piece)
        if max(seen, size) > LARGEST or (unzip and unzip.unconsumed_tail):
            raise _TooLargeError
        if unzip and unzip.unused_data:
            raise EOFError("it goes on behind its end")
        yield piece
    if expected is not None and seen < expected:
        raise http.client.IncompleteRead(b"", expected - seen)
    if unzip and not unzip.eof and seen:
        raise EOFError("cut off")
