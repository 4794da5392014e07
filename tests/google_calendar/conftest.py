"""A server for each test, and a client that knows HTTP only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gcal import GoogleServer, google_server
from gcal.plain import Plain


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    with google_server() as one:
        yield one


@pytest.fixture
def call(server: GoogleServer) -> Plain:
    return Plain(server, server.access_token())
