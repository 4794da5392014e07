"""Requests to the Google Calendar API: the official client on our own way to a server, with our own patience.

Retries follow https://developers.google.com/workspace/calendar/api/guides/errors: Retry-After first, else a truncated
exponential back-off with a share of chance.  Nothing is repeated that could happen twice: inserts carry ids of ours,
changes and deletions a condition.
"""

from __future__ import annotations

import json
import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, field

from connectors.google.access import AGAIN, Bearer
from connectors.google.options import ENDPOINT, GoogleOptions
from connectors.http.web import Web, retry_after
from daemon.model.errors import (
    GoneError,
    LostRaceError,
    RefusedError,
    TemporaryError,
    UnbusyError,
    UnreadableError,
)

TRIES = 4
BUDGET = 60.0
"""Seconds that one cycle may wait for repeated requests, all of them together."""

MINUTE, A_MINUTE = 60.0, 500
"""Requests in so many seconds: under the documented 600 for each user and project."""

HOURS = timedelta(hours=1)
"""How long a limit on use is left alone (quotaExceeded)."""

_LIMITS = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_RIGHTS = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "forbidden", ""})


class TokenError(UnbusyError):
    """The sync token is void (410): everything is to be read again."""


class TakenError(UnbusyError):
    """The id is taken (409)."""


class ForbiddenError(RefusedError):
    """The user has no right to it, or gave none to unbusy (403)."""


class RefusedBodyError(UnbusyError):
    """Google does not take an event as it is (400, or 403 for no lack of rights); `reason` is its word for it."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what)
        self.reason = reason


# -- the service ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _document() -> Any:  # noqa: ANN401  JSON
    from googleapiclient.discovery_cache import get_static_doc

    return json.loads(get_static_doc("calendar", "v3"))


def addressed(endpoint: str) -> dict[str, str]:
    """Where the client's document says that the API is; an address without a path is the root of its server."""
    root, named, path = endpoint.rstrip("/").partition("/calendar/v3")
    if (named and not path) or not urlsplit(endpoint).path.strip("/"):
        return {"rootUrl": f"{root}/", "servicePath": "calendar/v3/"}
    return {"rootUrl": f"{endpoint.rstrip('/')}/", "servicePath": ""}


class Api(Struct):
    """One account's requests.  `sleep`, `ticks` (seconds) and `draw` (in [0, 1)) are what patience is made of.

    `repeated`: whether the last call was sent more than once, so that an answer may be about what it did itself.
    """

    options: GoogleOptions
    clock: Callable[[], datetime]
    secret: Callable[[], str]
    sleep: Callable[[float], None] = time.sleep
    ticks: Callable[[], float] = time.monotonic
    draw: Callable[[], float] = random.random
    _spent: float = 0.0
    repeated: bool = False
    _sent: deque[float] = field(default_factory=deque)
    _web: Web | None = None
    _service: Any = None

    @property
    def endpoint(self) -> str:
        """Where the API is."""
        return self.options.endpoint or ENDPOINT

    @property
    def skew(self) -> timedelta | None:
        """See `Web.skew`."""
        return self._web.skew if self._web else None

    def close(self) -> None:
        """Give the connection back."""
        if self._web:
            self._web.close()

    @property
    def service(self) -> Any:  # noqa: ANN401  the client's classes are made at run time
        """The client; it is loaded when it is first used."""
        if self._service is None:
            from googleapiclient.discovery import build_from_document

            document = _document() | addressed(self.endpoint)
            bearer = Bearer(self.options, self.clock, self.secret)
            self._web = Web(self.endpoint, self.clock, bearer, float(self.options.timeout), self.options.ca_file)
            self._service = build_from_document(document, http=_Http(self._web))
        return self._service

    def call(self, request: Any, what: str, *, etag: str = "") -> Any:  # noqa: ANN401  requests and answers are JSON
        """Carry a request out; its answer, or the failure as one of the kinds that a cycle knows."""
        from googleapiclient.errors import HttpError

        if etag:
            request.headers["If-Match"] = etag
        for tried in range(TRIES):
            self._pace()
            self.repeated = tried > 0
            try:
                answer = request.execute(num_retries=0)
            except HttpError as error:
                failure, again = _failure(error, what, self.clock())
            except (TemporaryError, ValueError) as error:
                failure, again = error if isinstance(error, TemporaryError) else _unclear(what), True
            else:
                if isinstance(answer, dict) or (answer == "" and request.method == "DELETE"):
                    return answer
                failure, again = _unclear(what), True
            if not again or tried + 1 == TRIES or not self._waited(tried, failure):
                raise failure from None
        raise AssertionError  # the loop ends in one of the two ways above

    def _waited(self, tried: int, failure: UnbusyError) -> bool:
        """Wait before a repetition; False when that is more than this cycle may."""
        asked = failure.retry_after if isinstance(failure, TemporaryError) else None
        rest = asked.total_seconds() if asked else min(2**tried + self.draw(), 32.0)
        if self._spent + rest > BUDGET:
            return False
        self._spent += rest
        self.sleep(rest)
        return True

    def _pace(self) -> None:
        """Stay under the quota, by a window that slides over the last minute."""
        if len(self._sent) == A_MINUTE:
            rest = self._sent.popleft() + MINUTE - self.ticks()
            if rest > 0:
                self.sleep(rest)
        self._sent.append(self.ticks())


def _failure(error: Any, what: str, now: datetime) -> tuple[UnbusyError, bool]:  # noqa: ANN401  HttpError
    """What an answer means, and whether the same request may be sent again."""
    status, reason, message = int(error.resp.status), _reason(error), _message(error)
    said = f"{what}: Google answered {status}" + (f" {reason}" if reason else "") + (f", {message}" if message else "")
    rest = retry_after(str(error.resp.get("retry-after", "")), now)
    if status == 429 or status >= 500 or (status == 403 and reason in _LIMITS):
        return TemporaryError(said, "", rest), True
    if status == 403 and reason == "quotaExceeded":
        return TemporaryError(said, "Google limits use; it passes within hours", rest or HOURS), False
    return _final(status, reason, said), False


def _final(status: int, reason: str, said: str) -> UnbusyError:
    """What will not change by itself."""
    kinds: dict[int, UnbusyError] = {
        401: RefusedError(said, AGAIN),
        404: UnreadableError(said, "the calendar or event is not there, or not shared with you"),
        409: TakenError(said),
        410: GoneError(said) if reason == "deleted" else TokenError(said),
        412: LostRaceError(said),
    }
    if status == 403 and reason == "accessNotConfigured":
        return RefusedError(said, "switch the Google Calendar API on for your project (docs/google.md)")
    if status == 403 and reason in _RIGHTS:
        return ForbiddenError(said, "log in again and leave every box ticked, or correct `read` and `write`")
    return kinds.get(status) or RefusedBodyError(said, reason)


def _unclear(what: str) -> UnbusyError:
    return TemporaryError(f"{what}: the answer is not JSON")


def _reason(error: Any) -> str:  # noqa: ANN401  as above
    details = error.error_details
    first = details[0] if isinstance(details, list) and details else {}
    return str(first.get("reason", "")) if isinstance(first, dict) else ""


def _message(error: Any) -> str:  # noqa: ANN401  as above
    text = " ".join(str(error.reason or "").split())
    return text[:120] if text and "<" not in text else ""


class _Http:
    """What the client takes for httplib2: every request goes our way, and none of them twice."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self.redirect_codes = frozenset[int]()

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_kwargs: object,
    ) -> tuple[Any, bytes]:
        from httplib2 import Response

        data = body.encode() if isinstance(body, str) else body or b""
        kept = {k: v for k, v in (headers or {}).items() if k.lower() not in ("accept-encoding", "user-agent")}
        answer = self._web.send(method, uri, data, kept)
        return Response({**answer.headers, "status": str(answer.status)}), answer.body

    def close(self) -> None:
        self._web.close()
