"""Who may ask Google: rights, credentials, and access tokens that live in memory only.

https://developers.google.com/identity/protocols/oauth2
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any

from connectors.google.options import GoogleOptions
from connectors.http.addresses import origin
from connectors.http.web import Answer, Web, retry_after
from daemon.model.errors import ConfigError, RefusedError, TemporaryError

SCOPE = "https://www.googleapis.com/auth/"
LEAST = tuple(
    SCOPE + s for s in ("calendar.events.owned", "calendar.calendarlist.readonly", "calendar.settings.readonly")
)
"""What unbusy asks for: events in own calendars; their list; the settings (time zone)."""

HOURS = SCOPE + "calendar.calendars.readonly"
"""And this, which the user may refuse: the calendar itself, for the working hours that are set there."""

READ_OTHERS = SCOPE + "calendar.events.readonly"
"""And this where the config reads calendars of others."""

AGAIN = (
    "run `unbusy login` for this account again; where the app is in testing, Google ends each login after 7 days:"
    " publish it, or make it internal (docs/google.md)"
)
MOST = 1_000
"""So many credentials are kept at a time: the longest unused go first."""


class Kept:
    """Credentials by secret: access tokens live in memory only, for as long as they are good."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._found: dict[bytes, Any] = {}
        self._lock = Lock()

    def __call__(self, secret: str) -> Any:  # noqa: ANN401  the library's class
        """Those of a secret, made when it is first met."""
        name = hashlib.sha256(secret.encode()).digest()
        with self._lock:
            found = self._found.pop(name, None) or credentials(secret)
            self._found[name] = found
            while len(self._found) > self._most:
                del self._found[next(iter(self._found))]
        return found

    def clear(self) -> None:
        """All of them are forgotten."""
        with self._lock:
            self._found.clear()


_ACCESS = Kept()


def credentials(secret: str) -> Any:  # noqa: ANN401  the library's class
    """From the JSON that `unbusy login` has stored; RefusedError for anything else.

    That is a user's consent, or a service-account key with `subject`, and `scopes` where they are more than the least.
    """
    try:
        said = dict(json.loads(secret))
        origin(said["token_uri"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise RefusedError("the secret is not a login of Google's", AGAIN) from None
    except ConfigError as error:
        raise RefusedError(f"token_uri in the secret: {error.what}", error.remedy) from None
    try:
        if said.get("type") == "service_account":
            subject = said.pop("subject", None)
            made = _service(json.dumps(said, sort_keys=True))
            return made.with_subject(str(subject)) if subject else made
        from google.oauth2.credentials import Credentials

        names = ("refresh_token", "client_id", "client_secret", "token_uri")
        return Credentials(None, **{name: str(said[name]) for name in names})  # type: ignore[no-untyped-call]  # likewise
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError(f"the secret is not complete ({type(error).__name__})", AGAIN) from None


@lru_cache(maxsize=8)
def _service(key: str) -> Any:  # noqa: ANN401  as above
    """A service account, whose key is the same for all whom it acts for: taking it apart costs more than a cycle."""
    from google.oauth2 import service_account

    said = json.loads(key)
    return service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]  # the library's
        said, scopes=[str(s) for s in said.get("scopes", LEAST)]
    )


class Bearer:
    """The Authorization header, refreshed when it is too old or was refused (see `Authorize`)."""

    def __init__(self, options: GoogleOptions, clock: Callable[[], datetime], secret: Callable[[], str]) -> None:
        self._options, self._clock, self._secret = options, clock, secret

    @cached_property
    def _credentials(self) -> Any:  # noqa: ANN401  as above
        return _ACCESS(self._secret())

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
        except (GoogleAuthError, ValueError, TypeError, LookupError, AttributeError) as error:
            # the library takes a 200 for what it asked for, and a body that is not JSON for a text
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
            answer = web.send(method, url, body.encode() if isinstance(body, str) else body or b"", headers)
        finally:
            web.close()
        if answer.status == 429 or answer.status >= 500:  # the library would wait here, and ask again
            rest = retry_after(answer.headers.get("retry-after", ""), self._clock())
            raise TemporaryError(f"Google gives no access token now ({answer.status})", "", rest)
        return _Reply(answer)


class _Reply:
    """A response as google-auth reads it."""

    def __init__(self, answer: Answer) -> None:
        self.status, self.headers, self.data = answer.status, answer.headers, answer.body
