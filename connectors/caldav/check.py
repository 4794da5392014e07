"""Trying a CalDAV account step by step, so that what fails is named with its remedy; and trying a password."""

from __future__ import annotations

import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

from connectors.caldav import write
from connectors.caldav.dav import Dav, failed
from connectors.caldav.discovery import Found, discover
from connectors.caldav.options import CaldavOptions, web_of
from connectors.caldav.sync import Calendar
from connectors.http.addresses import origin
from connectors.http.web import CONNECT, tls
from connectors.rfc5545.codec import MARK
from daemon.model.errors import ConfigError, RefusedError, UnbusyError
from daemon.model.owner import KEEP_STATE, MARKS_DROPPED
from daemon.model.plan import Problem
from daemon.model.protocols import Step, Talk
from daemon.model.words import listed

_PROBE = "unbusy-probe.ics"
_UID = b"UID:unbusy-probe"
_EVENT = """\
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//unbusy//unbusy//EN\r
BEGIN:VEVENT\r
UID:unbusy-probe\r
DTSTAMP:{now:%Y%m%dT%H%M%SZ}\r
DTSTART:{now:%Y%m%dT%H%M%SZ}\r
DTEND:{end:%Y%m%dT%H%M%SZ}\r
SUMMARY:unbusy checks whether it may write here\r
TRANSP:TRANSPARENT\r
X-UNBUSY:probe\r
END:VEVENT\r
END:VCALENDAR\r
"""


def login(account: str, options: CaldavOptions, talk: Talk) -> str:
    """Ask for the password (or token) and try it; RefusedError when the server does not take it."""
    what = "Token" if options.auth == "bearer" else "Password"
    who = f" of {options.username}" if options.username else ""
    talk.say(f"{account} is {options.url}. Where it offers app passwords, make one for unbusy.")
    secret = talk.ask(f"{what}{who}", hidden=True)
    found = discover(_dav(options, lambda: secret), options.url)
    talk.say(f"It works: {', '.join(f.name for f in found) or 'there are no calendars yet'}.")
    return secret


def examine(options: CaldavOptions, secret: Callable[[], str], talk: Talk) -> Iterator[Step]:
    """Name, connection, certificate, login, calendars; then of each calendar whether it can be read and written to."""
    scheme, host, port = origin(options.url)
    for step, attempt in (
        (f"find {host}", lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)),
        (f"reach {host}:{port}", lambda: _connect(host, port)),
        *(
            [(f"trust the certificate of {host}", lambda: _handshake(host, port, options.ca_file))]
            * (scheme == "https")
        ),
    ):
        problem = _tried(step, attempt)
        yield step, problem
        if problem:
            return
    dav = _dav(options, secret)
    with closing(dav.web):
        yield from _account(dav, options, talk)


def _account(dav: Dav, options: CaldavOptions, talk: Talk) -> Iterator[Step]:
    """Login and calendars."""
    try:
        found = discover(dav, options.url)
    except UnbusyError as error:
        step = "log in" if isinstance(error, RefusedError) else "find the calendars"
        yield step, Problem(step, error.what, error.remedy, error.code)
        return
    yield f"log in{f' as {options.username}' if options.username else ''}", None
    told = found[0].addresses if found and not options.emails else ()
    if told:  # how the server names the user, in place of `emails`
        yield f"count {listed(told)} as you", None
    yield "find the calendars", None if found else Problem(options.url, "there is none", "make one on the server", 1)
    for calendar in found:
        yield from _calendar(dav, calendar, options, talk)


def _calendar(dav: Dav, found: Found, options: CaldavOptions, talk: Talk) -> Iterator[Step]:
    chosen = found.path.strip("/").rpartition("/")[2], found.name
    if not (found.owned and not options.read) and not {*options.read_names, options.write}.intersection(chosen):
        return
    calendar = Calendar(dav, found.name, found.path)
    try:
        dav.propfind(found.path, ["D:getetag"], 0)
        yield f"read {found.name}", None
    except UnbusyError as error:
        yield f"read {found.name}", Problem(found.name, error.what, error.remedy, error.code)
    try:
        synced = dav.sync(found.path, "")
        deque(synced, maxlen=0)
        whole = synced.token
    except UnbusyError:
        whole = ""
    yield f"{'sync' if whole else 'compare versions of'} {found.name}", None
    if options.write in chosen:
        yield from _writes(calendar, found, talk)


def _writes(calendar: Calendar, found: Found, talk: Talk) -> Iterator[Step]:
    """By what the server tells; and, after a yes, by an event that is made, looked at and deleted."""
    step, marks = f"write to {found.name}", f"keep marks in {found.name}"
    remedy = "ask for the right to write, or name another calendar in `write`"
    if found.writable is False:
        yield step, Problem(found.name, "you may not write there", remedy, 3)
        return
    asked = "what the server keeps" if found.writable else "whether it can be written to, and what the server keeps"
    if not talk.agree(f"Try {found.name} with an event, to see {asked}?"):
        yield step if found.writable else f"{step}: not tried", None
        yield f"{marks}: not tried", None
        return
    try:
        stored = _probed(calendar)
    except UnbusyError as error:
        yield step, Problem(found.name, error.what, error.remedy or remedy, error.code)
        return
    yield step, None
    yield marks, None if MARK.encode() in stored else Problem(found.name, MARKS_DROPPED, KEEP_STATE)


def _probed(calendar: Calendar) -> bytes:
    """What the server makes of an event; it is deleted again."""
    now = datetime.now(UTC)
    payload = _EVENT.format(now=now, end=now + timedelta(minutes=5)).encode()
    left = calendar.dav.get(calendar.where(_PROBE))
    if left.status == 200 and _UID in left.body.splitlines():  # an earlier check was cut off
        calendar.dav.delete(calendar.where(_PROBE), {})
    stored = write.create(calendar, _PROBE, payload).payload
    gone = calendar.dav.delete(calendar.where(_PROBE), {})
    if not 200 <= gone.status < 300:
        raise failed(gone, f"the event {_UID.decode()[4:]} was written and cannot be deleted; delete it yourself")
    return stored


def _tried(step: str, attempt: Callable[[], object]) -> Problem | None:
    try:
        attempt()
    except ssl.SSLCertVerificationError as error:
        return Problem(step, error.verify_message, "if it is your own authority's, name it in `ca_file`", 1)
    except ConfigError as error:
        return Problem(step, error.what, error.remedy, error.code)
    except OSError as error:
        return Problem(step, error.strerror or str(error), "check `url` and the network", 4)
    return None


def _connect(host: str, port: int) -> None:
    socket.create_connection((host, port), timeout=CONNECT).close()


def _handshake(host: str, port: int, ca_file: str) -> None:
    with (
        socket.create_connection((host, port), timeout=CONNECT) as plain,
        tls(ca_file).wrap_socket(plain, server_hostname=host),
    ):
        pass


def _dav(options: CaldavOptions, secret: Callable[[], str]) -> Dav:
    return Dav(web_of(options, lambda: datetime.now(UTC), secret))
