"""The true client against the Google Calendar that tests use, over HTTP, as the product would drive it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.exceptions import RefreshError
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from gcal import GoogleServer, google_server
from gcal.oauth import SCOPE, ServiceAccount
from gcal.plain import timed


def service(server: GoogleServer, credentials: Any) -> Any:
    options = {"api_endpoint": server.url}
    return build("calendar", "v3", credentials=credentials, static_discovery=True, client_options=options)


@pytest.fixture
def api(server: GoogleServer) -> Iterator[Any]:
    with service(server, Credentials(None, **server.secret())) as one:
        yield one


def test_a_calendar_from_end_to_end(server: GoogleServer, api: Any) -> None:
    (primary,) = api.calendarList().list().execute()["items"]
    events = api.events()
    made = events.insert(calendarId=primary["id"], body=timed(id="abcde"), sendUpdates="none").execute()
    token = events.list(calendarId="primary", showDeleted=True).execute()["nextSyncToken"]
    request = events.patch(calendarId="primary", eventId="abcde", body={"summary": "Strategy"})
    request.headers["If-Match"] = made["etag"]
    assert request.execute()["summary"] == "Strategy"
    request.headers["If-Match"] = made["etag"]
    with pytest.raises(HttpError) as error:
        request.execute()
    assert (error.value.status_code, error.value.error_details[0]["reason"]) == (412, "conditionNotMet")
    assert events.delete(calendarId="primary", eventId="abcde").execute() == ""
    changed = events.list(calendarId="primary", syncToken=token).execute()["items"]
    assert [(e["id"], e["status"]) for e in changed] == [("abcde", "cancelled")]


def test_pages_are_followed(server: GoogleServer, api: Any) -> None:
    for n in range(5):
        server.device.insert(timed(id=f"event{n}"))
    server.pages.size, server.pages.holes = 2, True
    request, seen = api.events().list(calendarId="primary"), []
    while request:
        page = request.execute()
        seen += [e["id"] for e in page["items"]]
        request = api.events().list_next(request, page)
    assert seen == [f"event{n}" for n in range(5)]


def test_an_expired_token_is_renewed_once(server: GoogleServer, api: Any) -> None:
    api.events().list(calendarId="primary").execute()
    server.expire_access()
    api.events().list(calendarId="primary").execute()
    assert [s.status for s in server.requests("events.list")] == [200, 401, 200]
    assert len(server.requests("token")) == 2


def test_a_grant_that_was_taken_back_stops_the_client(server: GoogleServer, api: Any) -> None:
    server.revoke()
    with pytest.raises(RefreshError) as error:
        api.events().list(calendarId="primary").execute()
    assert "invalid_grant" in str(error.value)
    assert server.requests("events.list") == []


def test_the_client_repeats_an_insert_whose_answer_was_lost(server: GoogleServer, api: Any) -> None:
    """It does so by itself, below everything that could be told not to: the event is there, and the answer is 409."""
    server.fail("dropped", on="events.insert", applied=True)
    with pytest.raises(HttpError) as error:
        api.events().insert(calendarId="primary", body=timed(id="abcde")).execute()
    assert error.value.status_code == 409
    assert [s.status for s in server.requests("events.insert")] == [0, 409]
    assert list(server.events()) == ["abcde"]


def test_broken_json_comes_back_as_text(server: GoogleServer, api: Any) -> None:
    server.fail("broken JSON", on="events.list")
    assert isinstance(api.events().list(calendarId="primary").execute(), str)


def test_a_service_account_signs() -> None:
    """The library reads the clock of the machine; so does the server then."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_numbers()
    email, scope = "robot@project.iam.gserviceaccount.com", SCOPE + "calendar.events"
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with google_server(clock=lambda: datetime.now(UTC)) as server:
        server.oauth.service = ServiceAccount(email, (public.n, public.e), frozenset({scope}))
        info = {"type": "service_account", "client_email": email, "private_key": pem.decode(), "private_key_id": "1",
                "token_uri": server.token_uri}  # fmt: skip
        credentials = service_account.Credentials.from_service_account_info(info, scopes=[scope], subject=server.user)
        with service(server, credentials) as api:
            assert api.events().insert(calendarId="primary", body=timed(id="abcde")).execute()["creator"]["self"]
        assert list(server.events()) == ["abcde"]
