"""The consent flow of the true client: against the server of the tests, and against a public emulator where Node is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google_auth_oauthlib.flow import InstalledAppFlow
from googleapiclient.discovery import build

from emulator import USER, emulator, missing
from gcal import google_server
from gcal.browser import browser
from gcal.oauth import SCOPE

SCOPES = [SCOPE + s for s in ("calendar.events.owned", "calendar.calendarlist.readonly", "calendar.settings.readonly")]


@dataclass(frozen=True)
class Service:
    """Where a service has what."""

    authorize: str
    token: str
    revoke: str
    api: str
    client: str = "unbusy.apps.example.com"
    secret: str = "GOCSPX-emulated"  # noqa: S105  of the tests


@pytest.fixture(params=["own", "emulator"])
def service(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # http, on loopback
    if request.param == "own":
        with google_server(user=USER) as server:
            client = server.oauth.client
            yield Service(
                server.auth_uri, server.token_uri, f"{server.origin}/revoke", server.url, client.id, client.secret
            )
        return
    if reason := missing():
        pytest.skip(reason)
    with emulator() as origin:
        yield Service(
            f"{origin}/o/oauth2/v2/auth", f"{origin}/oauth2/token", f"{origin}/oauth2/revoke", f"{origin}/calendar/v3/"
        )


def test_the_round_trip_of_a_desktop_app(service: Service) -> None:
    config = {
        "client_id": service.client, "client_secret": service.secret, "auth_uri": service.authorize,
        "token_uri": service.token, "redirect_uris": ["http://localhost"],
    }  # fmt: skip
    flow = InstalledAppFlow.from_client_config({"installed": config}, SCOPES)
    with browser() as user:
        credentials = flow.run_local_server(
            host="localhost", port=0, authorization_prompt_message="", timeout_seconds=20, access_type="offline",
            prompt="consent",
        )  # fmt: skip
    (asked,) = [parse_qs(urlsplit(url).query) for url in user.opened]
    assert asked["code_challenge_method"] == ["S256"]
    assert (set(credentials.granted_scopes), bool(credentials.refresh_token)) == (set(SCOPES), True)

    options = {"api_endpoint": service.api}
    with build("calendar", "v3", credentials=credentials, static_discovery=True, client_options=options) as api:
        assert [c["accessRole"] for c in api.calendarList().list().execute()["items"] if c.get("primary")] == ["owner"]

    old = credentials.token
    with requests.Session() as session, flow.oauth2session:
        credentials.refresh(Request(session))
        assert credentials.token != old
        session.post(service.revoke, {"token": credentials.refresh_token}).raise_for_status()
        with pytest.raises(RefreshError, match="invalid_grant"):
            credentials.refresh(Request(session))
