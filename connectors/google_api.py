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
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from connectors.google_options import ENDPOINT, GoogleOptions
from connectors.web import Answer, Web, origin, retry_after
from daemon.model.errors import (
    ConfigError,
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

A_MINUTE = 500
"""Requests: under the documented 600 a minute for each user and project."""

HOURS = timedelta(hours=1)
"""How long a limit on use is left alone (quotaExceeded)."""

SCOPE = "https://www.googleapis.com/auth/"
LEAST = tuple(
    SCOPE + s for s in ("calendar.events.owned", "calendar.calendarlist.readonly", "calendar.settings.readonly")
)
"""What unbusy asks for: events in own calendars; their list; the settings (time zone)."""

READ_OTHERS = SCOPE + "calendar.events.readonly"
"""And this where the config reads calendars of others."""

AGAIN = (
    "run `unbusy login` for this account again; where the app is in testing, Google ends each login after 7 days:"
    " publish it, or make it internal (docs/google.md)"
)
_LIMITS = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_ACCESS: dict[str, Any] = {}
"""Credentials by secret: access tokens live in memory only, for as long as they are good."""


class TokenError(UnbusyError):
    """The sync token is void (410): everything is to be read again."""


class TakenError(UnbusyError):
    """The id is taken (409)."""


class RefusedBodyError(UnbusyError):
    """Google does not take an event as it is (400, or 403 for no lack of rights); `reason` is its word for it."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what)
        self.reason = reason


# -- credentials ------------------------------------------------------------------------------------------------------


def credentials(secret: str, scopes: tuple[str, ...] = LEAST) -> Any:  # noqa: ANN401  the library's class
    """From the JSON that `unbusy login` has stored, or a service-account key with `subject`; RefusedError."""
    try:
        said = dict(json.loads(secret))
        origin(said["token_uri"])
    except (ValueError, TypeError, KeyError):
        raise RefusedError("the secret is no login of Google's", AGAIN) from None
    except ConfigError as error:
        raise RefusedError(f"token_uri in the secret: {error.what}", error.remedy) from None
    try:
        if said.get("type") == "service_account":
            from google.oauth2 import service_account

            return service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]  # the library's
                said, scopes=list(scopes), subject=said.get("subject")
            )
        from google.oauth2.credentials import Credentials

        names = ("refresh_token", "client_id", "client_secret", "token_uri")
        return Credentials(None, **{name: str(said[name]) for name in names})  # type: ignore[no-untyped-call]  # likewise
    except (ValueError, KeyError) as error:
        raise RefusedError(f"the secret is not complete ({type(error).__name__})", AGAIN) from None


class Bearer:
    """The Authorization header, refreshed when it is too old or was refused (see `Authorize`)."""

    def __init__(self, options: GoogleOptions, clock: Callable[[], datetime], secret: Callable[[], str]) -> None:
        self._options, self._clock, self._secret = options, clock, secret

    @cached_property
    def _credentials(self) -> Any:  # noqa: ANN401  as above
        said = self._secret()
        if said not in _ACCESS:
            _ACCESS.clear()
            _ACCESS[said] = credentials(said)
        return _ACCESS[said]

    def __call__(self, _method: str, _url: str, refused: Answer | None) -> str | None:
        """The header; RefusedError when the user must log in again."""
        found = self._credentials
        if refused or not found.token or found.expired:
            self._refresh(found)
        return f"Bearer {found.token}"

    def _refresh(self, found: Any) -> None:  # noqa: ANN401  as above
        from google.auth.exceptions import GoogleAuthError, RefreshError

        try:
            found.refresh(self._request)
        except RefreshError as error:
            said = str(error.args[1] if len(error.args) > 1 else error)
            if "invalid_grant" in str(error) or "unauthorized_client" in said or "invalid_client" in said:
                raise RefusedError("Google does not take the login any more (invalid_grant)", AGAIN) from None
            raise TemporaryError("Google gave no access token; its answer could not be used") from None
        except (GoogleAuthError, ValueError) as error:
            raise TemporaryError(f"Google gave no access token ({type(error).__name__})") from None

    def _request(
        self,
        url: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_kwargs: object,
    ) -> _Reply:
        """What google-auth calls: a request to the token endpoint, on its own way."""
        web = Web(url, self._clock, timeout=float(self._options.timeout), ca_file=self._options.ca_file)
        try:
            return _Reply(web.send(method, url, body.encode() if isinstance(body, str) else body or b"", headers))
        finally:
            web.close()


class _Reply:
    """A response as google-auth reads it."""

    def __init__(self, answer: Answer) -> None:
        self.status, self.headers, self.data = answer.status, answer.headers, answer.body


# -- the service ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _document() -> Any:  # noqa: ANN401  JSON
    from googleapiclient.discovery_cache import get_static_doc

    return json.loads(get_static_doc("calendar", "v3"))


@dataclass(slots=True)
class Api:
    """One account's requests.  `sleep` and `draw` (a number in [0, 1)) are what patience is made of."""

    options: GoogleOptions
    clock: Callable[[], datetime]
    secret: Callable[[], str] = field(repr=False)
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = random.random
    _spent: float = 0.0
    _sent: deque[datetime] = field(default_factory=deque)
    _web: Web | None = None
    _service: Any = None

    @property
    def endpoint(self) -> str:
        """Where the API is."""
        return self.options.endpoint or ENDPOINT

    def close(self) -> None:
        """Give the connection back."""
        if self._web:
            self._web.close()

    @property
    def service(self) -> Any:  # noqa: ANN401  the client's classes are made at run time
        """The client; it is loaded when it is first used."""
        if self._service is None:
            from googleapiclient.discovery import build_from_document

            root, _, path = self.endpoint.partition("/calendar/v3")
            document = _document() | {"rootUrl": f"{root}/", "servicePath": "calendar/v3/"}
            if path.strip("/") or not _:
                document |= {"rootUrl": self.endpoint, "servicePath": ""}
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
            try:
                answer = request.execute(num_retries=0)
            except HttpError as error:
                failure, again = _failure(error, what, self.clock())
            except (TemporaryError, ValueError) as error:
                failure = (
                    error if isinstance(error, TemporaryError) else TemporaryError(f"{what}: no answer of Google's")
                )
                again = True
            else:
                if isinstance(answer, str) and answer:
                    failure, again = _unclear(what), True
                else:
                    return answer
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
        now = self.clock()
        while self._sent and now - self._sent[0] >= timedelta(minutes=1):
            self._sent.popleft()
        if len(self._sent) >= A_MINUTE:
            self.sleep(max(0.0, 60 - (now - self._sent[0]).total_seconds()))
            self._sent.popleft()
        self._sent.append(now)


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


_RIGHTS = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "forbidden", ""})


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
        return RefusedError(said, "log in again and leave every box ticked, or correct `read` and `write`")
    return kinds.get(status) or RefusedBodyError(said, reason)


def _unclear(what: str) -> UnbusyError:
    return TemporaryError(f"{what}: the answer is no JSON")


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
