"""Logging in to Google: the consent flow for desktop apps, on loopback with PKCE; and a check of each step.

https://developers.google.com/identity/protocols/oauth2/native-app
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from connectors.google import sync
from connectors.google.access import HOURS, LEAST, READ_OTHERS, SCOPE, credentials
from connectors.google.api import Api
from connectors.google.options import GoogleOptions
from connectors.http.addresses import origin
from daemon.model.errors import ConfigError, RefusedError, TemporaryError, UnbusyError
from daemon.model.plan import Problem
from daemon.model.protocols import Step, Talk

PATIENCE = 600
"""Seconds for the user to say yes in a browser."""

WHY = {
    LEAST[0]: "read the events of your own calendars, and write focus time and prompts there",
    LEAST[1]: "list your calendars",
    LEAST[2]: "know your time zone",
    HOURS: "know your working hours, once, to propose them; you may untick this one",
    READ_OTHERS: "read the calendars of others that `read` names",
}
"""What each right is for; it is said before it is asked for."""

AUTH_URI, TOKEN_URI = "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token"


def login(account: str, options: GoogleOptions, talk: Talk) -> str:
    """Lead through the consent; the secret as JSON.  A service-account key is tried and taken as it is."""
    talk.say(f"{account} is a Google account.")
    talk.say("docs/google.md leads through the Google console, where a client of your own is made.")
    key = _key(talk.ask("The JSON file of your OAuth client (or of a service account)"))
    if key.get("type") == "service_account":
        key["subject"] = talk.ask("Whose calendar? The address of the user")
        return _least(options, talk, lambda scopes: json.dumps(key | {"scopes": scopes}))
    client = _client(key)
    return _least(options, talk, lambda scopes: _agreed(client, [*scopes, HOURS], talk))


def _least(options: GoogleOptions, talk: Talk, secret: Callable[[list[str]], str]) -> str:
    """A secret for the least rights; for one more, where `read` names a calendar that is not the user's own."""
    found = secret(list(LEAST))
    if others := _tried(options, found, talk):
        talk.say(f"Not your own: {', '.join(others)}. To read that takes one right more.")
        found = secret([*LEAST, READ_OTHERS])
        _tried(options, found, talk)
    return found


def _agreed(client: Mapping[str, str], scopes: list[str], talk: Talk) -> str:
    """What the user's consent to these scopes gives, as JSON."""
    talk.say("Google will ask whether unbusy may:")
    for scope in scopes:
        talk.say(f"  – {WHY[scope]} ({scope.removeprefix(SCOPE)})")
    found = consent(client, scopes, talk)
    missing = set(scopes) - {HOURS} - set(found.granted_scopes or found.scopes or ())
    if missing:
        names = ", ".join(sorted(s.removeprefix(SCOPE) for s in missing))
        raise RefusedError(f"Google was not allowed to give: {names}", "log in again and leave every box ticked")
    if not found.refresh_token:
        raise RefusedError(
            "Google gave no lasting login", "take unbusy off your account’s list of apps, and log in again"
        )
    return json.dumps(
        {"client_id": client["client_id"], "client_secret": client["client_secret"],
         "refresh_token": found.refresh_token, "token_uri": client["token_uri"]}
    )  # fmt: skip


def consent(client: Mapping[str, str], scopes: list[str], talk: Talk) -> Any:  # noqa: ANN401  the library's class
    """The flow itself, with a small server on loopback that Google sends the browser back to."""
    from google_auth_oauthlib.flow import InstalledAppFlow
    from oauthlib.oauth2 import OAuth2Error

    os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"  # noqa: S105  fewer rights are told by us, with a remedy
    if client["token_uri"].startswith("http://"):  # loopback only, see `_client`
        os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    flow = InstalledAppFlow.from_client_config({"installed": dict(client)}, scopes)
    talk.say("Open the address that follows in a browser. On another machine, first: ssh -L PORT:localhost:PORT here,")
    talk.say("with the PORT that stands behind localhost in that address.")
    flow.authorization_url = partial(_told, flow.authorization_url, talk)
    try:
        return flow.run_local_server(
            host="localhost", bind_addr="127.0.0.1", port=0, open_browser=_browser(), timeout_seconds=PATIENCE,
            authorization_prompt_message="", success_message="unbusy is logged in; you may close this page.",
            access_type="offline", prompt="consent",
        )  # fmt: skip
    except (OAuth2Error, ValueError) as error:
        raise RefusedError(
            f"Google did not agree ({getattr(error, 'error', type(error).__name__)})", "log in again"
        ) from None
    except (OSError, AttributeError, TypeError) as error:
        raise TemporaryError(f"nobody came back from Google ({type(error).__name__})", "try again") from None
    finally:
        flow.oauth2session.close()


def _told(address: Callable[..., tuple[str, str]], talk: Talk, **asked: str) -> tuple[str, str]:
    """Say the address too: the library would print it among what is printed for other programs."""
    url, state = address(**asked)
    talk.say(url)
    return url, state


def _browser() -> bool:
    """Whether there is one here to open."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _key(path: str) -> dict[str, Any]:
    try:
        said = json.loads(Path(path).expanduser().read_bytes()[:100_000])
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}", "name the file that the console gave you"
        ) from None
    except ValueError:
        raise ConfigError(f"{path} is not JSON", "name the file that the console gave you") from None
    if not isinstance(said, dict):
        raise ConfigError(f"{path} is not a key of Google's", "name the file that the console gave you")
    return said


def _client(key: Mapping[str, Any]) -> dict[str, str]:
    said = key.get("installed")
    if not isinstance(said, dict):
        raise ConfigError(
            "this is not a client for a desktop app", "make one of that kind in the console (docs/google.md)"
        )
    try:
        client = {"client_id": str(said["client_id"]), "client_secret": str(said["client_secret"]),
                  "auth_uri": str(said.get("auth_uri", AUTH_URI)),
                  "token_uri": str(said.get("token_uri", TOKEN_URI))}  # fmt: skip
    except KeyError as error:
        raise ConfigError(f"the file has no {error}", "download it again from the console") from None
    for name in ("auth_uri", "token_uri"):
        origin(client[name])
    return client


def _tried(options: GoogleOptions, secret: str, talk: Talk) -> list[str]:
    """Say which calendars the secret opens; the names of those that are to be read and are not the user's own."""
    api = _api(options, lambda: secret)
    try:
        found = list(sync.listed(api))
    finally:
        api.close()
    talk.say(f"It works: {', '.join(str(c.get('summary', '')) for c in found)}.")
    return [
        str(c.get("summary", "")) for c in found if c["accessRole"] != "owner" and _names(c) & {*options.read_names}
    ]


def _names(calendar: Mapping[str, Any]) -> set[str]:
    """What the config may call it."""
    named = {str(calendar[k]) for k in ("summary", "summaryOverride", "id") if calendar.get(k)}
    return named | ({"primary"} if calendar.get("primary") else set())


def _api(options: GoogleOptions, secret: Callable[[], str]) -> Api:
    return Api(options, lambda: datetime.now(UTC), secret)


def examine(options: GoogleOptions, secret: Callable[[], str], talk: Talk) -> Iterator[Step]:
    """The secret, the login, the list of calendars, and of each that is used whether it can be read and written to."""
    del talk
    api = _api(options, secret)
    try:
        yield from _steps(api, options, secret)
    finally:
        api.close()


def _steps(api: Api, options: GoogleOptions, secret: Callable[[], str]) -> Iterator[Step]:
    try:
        credentials(secret())
        yield "find the secret", None
        found = list(sync.listed(api))
    except UnbusyError as error:
        yield "log in", Problem("log in", error.what, error.remedy, error.code)
        return
    yield "log in", None
    for one in found:
        names, role = _names(one), one["accessRole"]
        if options.write in names:
            problem = None if role in ("owner", "writer") else Problem(options.write, "you may not write there", "", 3)
            yield f"write to {one.get('summary')}", problem
        if not names.isdisjoint(options.read_names) or (not options.read and role == "owner"):
            problem = Problem(str(one["id"]), "only free or busy is shown to you", "ask for more", 3)
            yield f"read {one.get('summary')}", problem if role == "freeBusyReader" else None
