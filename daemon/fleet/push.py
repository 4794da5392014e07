"""Where Google tells of changes: a small WSGI application, behind the company's proxy that speaks TLS.

A notice names its channel and shows the channel's token; it says that something has changed and not what.  So all that
comes of one is that its leader is due now.  Fifty of them in a second are one job, and one more where one runs.
https://developers.google.com/workspace/calendar/api/guides/push
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from daemon.fleet import channels, jobs
from daemon.fleet.leaders import Connection
from daemon.model.errors import UnbusyError
from daemon.postgres import Seal

Start = Callable[[str, list[tuple[str, str]]], object]
log = logging.getLogger("unbusy.fleet")


def application(
    connection: Callable[[], AbstractContextManager[Connection]], fleet: Seal
) -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    """POST /push for notices, GET /health for whoever looks whether it is there."""

    def answered(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        status = _status(environ, connection, fleet)
        start(status, [("Content-Length", "0")])
        return [b""]

    return answered


def _status(
    environ: dict[str, Any], connection: Callable[[], AbstractContextManager[Connection]], fleet: Seal
) -> str:  # fmt: skip
    method, path = environ.get("REQUEST_METHOD"), environ.get("PATH_INFO")
    try:
        if (method, path) == ("GET", "/health"):
            with connection() as found:
                found.execute("SELECT 1")
            return "204 No Content"
        if (method, path) != ("POST", "/push"):
            return "404 Not Found"
        return _noticed(environ, connection, fleet)
    except UnbusyError as error:
        log.warning("push: %s", type(error).__name__)
        return "503 Service Unavailable"  # Google tells it again


def _noticed(
    environ: dict[str, Any], connection: Callable[[], AbstractContextManager[Connection]], fleet: Seal
) -> str:  # fmt: skip
    """A notice: is it Google's, and whom is it about?"""
    channel = str(environ.get("HTTP_X_GOOG_CHANNEL_ID", ""))[:100]
    shown = str(environ.get("HTTP_X_GOOG_CHANNEL_TOKEN", ""))[:200]
    if not hmac.compare_digest(shown.encode(), channels.token(fleet, channel).encode()):
        return "403 Forbidden"
    if environ.get("HTTP_X_GOOG_RESOURCE_STATE") == "sync":
        return "204 No Content"  # the channel is open, and nothing has changed
    with connection() as found:
        leader = channels.whose(found, channel)
        if leader is None:
            return "410 Gone"
        jobs.enqueue(found, leader, "cycle", priority=jobs.NOTICE)
    return "204 No Content"


class Server(ThreadingMixIn, WSGIServer):
    """A thread for each request; what is slow ends by itself."""

    daemon_threads = True
    request_queue_size = 64


class Handler(WSGIRequestHandler):
    """Says nothing: an address may be in a request."""

    timeout = 10

    def log_message(self, *_: object) -> None:
        """Nothing."""
