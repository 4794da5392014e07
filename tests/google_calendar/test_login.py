"""`unbusy login` of a Google account, as the connector leads through it: on the strict server, with a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.google.connector import KIND
from connectors.google.options import GoogleOptions
from daemon.model.errors import ConfigError, RefusedError
from gcal import GoogleServer
from gcal.browser import Browser, browser
from gcal.oauth import SCOPE

LEAST = {"calendar.events.owned", "calendar.calendarlist.readonly", "calendar.settings.readonly"}
HOURS = {"calendar.calendars.readonly"}


@dataclass
class User:
    """At a terminal: answers every question with the same line."""

    answer: str
    heard: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.heard.append(text)

    def ask(self, question: str, *, hidden: bool = False) -> str:
        del question, hidden
        return self.answer

    def agree(self, question: str) -> bool:
        raise AssertionError(question)


@pytest.fixture
def user(server: GoogleServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    """With the file of the console, and a display for a browser."""
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
    client = server.oauth.client
    said = {"client_id": client.id, "client_secret": client.secret, "auth_uri": server.auth_uri,
            "token_uri": server.token_uri}  # fmt: skip
    file = tmp_path / "client_secret.json"
    file.write_text(json.dumps({"installed": said}))
    return User(str(file))


@pytest.fixture
def window() -> Iterator[Browser]:
    with browser() as one:
        yield one


def logged_in(server: GoogleServer, user: User, **more: Any) -> dict[str, str]:
    assert KIND.login
    return dict(json.loads(KIND.login("work", GoogleOptions(endpoint=server.url, **more), user)))


def asked(window: Browser) -> list[set[str]]:
    """The scopes of each consent."""
    queries = [parse_qs(urlsplit(url).query) for url in window.opened]
    assert {q["code_challenge_method"][0] for q in queries} == {"S256"}
    return [{s.removeprefix(SCOPE) for s in q["scope"][0].split()} for q in queries]


def test_a_consent_gives_a_secret_that_works(
    server: GoogleServer, user: User, window: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = logged_in(server, user)
    assert secret.keys() == {"client_id", "client_secret", "refresh_token", "token_uri"}
    assert asked(window) == [LEAST | HOURS]
    assert KIND.examine
    steps = list(KIND.examine(GoogleOptions(endpoint=server.url), lambda: json.dumps(secret), user))
    assert [problem for _, problem in steps if problem] == []
    told = "\n".join(user.heard)
    assert all(f"({scope})" in told for scope in LEAST | HOURS)
    assert window.opened[0] in user.heard
    assert secret["refresh_token"] not in told
    assert capsys.readouterr().out == ""  # it belongs to the secret, see `--print`


def test_calendars_of_one_s_own_take_no_further_right(server: GoogleServer, user: User, window: Browser) -> None:
    server.add_calendar("Mine")
    logged_in(server, user, read=("Mine",))
    assert asked(window) == [LEAST | HOURS]


def test_reading_a_calendar_of_somebody_else_takes_one_right_more(
    server: GoogleServer, user: User, window: Browser
) -> None:
    server.add_calendar("Team", owner="bob@example.com", role="reader")
    secret = logged_in(server, user, read=("Team",))
    assert asked(window) == [LEAST | HOURS, LEAST | HOURS | {"calendar.events.readonly"}]
    assert {s.removeprefix(SCOPE) for s in server.oauth.refresh[secret["refresh_token"]].scopes} == asked(window)[1]


def test_the_working_hours_may_be_refused(server: GoogleServer, user: User, window: Browser) -> None:
    del window
    server.oauth.consent.scopes = frozenset(SCOPE + scope for scope in LEAST)
    assert logged_in(server, user)["refresh_token"]


def test_a_box_that_was_not_ticked_is_named(server: GoogleServer, user: User, window: Browser) -> None:
    del window
    server.oauth.consent.scopes = server.scopes - {SCOPE + "calendar.events.owned"}
    with pytest.raises(RefusedError, match=r"calendar\.events\.owned"):
        logged_in(server, user)


def test_a_no_is_a_no(server: GoogleServer, user: User, window: Browser) -> None:
    del window
    server.oauth.consent.agrees = False
    with pytest.raises(RefusedError, match="access_denied"):
        logged_in(server, user)


@pytest.mark.parametrize(
    "content",
    ["", "x", "[]", "{}", '{"web": {}}', '{"installed": []}', '{"installed": {"client_id": "a"}}',
     '{"installed": {"client_id": "a", "client_secret": "b", "token_uri": "http://evil.example/"}}',
     '{"installed": {"client_id": "a", "client_secret": "b", "auth_uri": "file:///etc/passwd"}}'],
)  # fmt: skip
def test_a_file_that_is_no_client(server: GoogleServer, user: User, content: str) -> None:
    Path(user.answer).write_text(content)
    with pytest.raises(ConfigError) as caught:
        logged_in(server, user)
    assert caught.value.remedy


def test_a_file_that_is_not_there(server: GoogleServer, user: User) -> None:
    user.answer += ".bak"
    with pytest.raises(ConfigError, match="cannot be read"):
        logged_in(server, user)
