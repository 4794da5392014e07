"""Which calendars an account has: from the address of a server, of a principal or of a calendar (RFC 4791, 5397, 6764).

What was found is remembered for a day, so that a quiet cycle asks nothing but whether something changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import asdict

from connectors.caldav.dav import Dav
from connectors.caldav.multistatus import CS, C, D, Row, path_of
from connectors.http.addresses import redacted
from daemon.model.errors import LoginError, RefusedError, TemporaryError, UnbusyError, UnreadableError

WELL_KNOWN = "/.well-known/caldav"
KEPT = timedelta(days=1)
"""For how long what was found is taken for true."""

HOMES = 16
"""Homes of calendars of one user; more are an error."""

CALENDARS = 1000
"""Calendars of one account; more are an error."""

ADDRESSES = 20
"""Addresses of one user; more are left out."""

_WHO = ("D:current-user-principal", "D:resourcetype", "C:calendar-home-set", "D:displayname", "D:owner",
        "D:current-user-privilege-set", "C:supported-calendar-component-set",
        "C:calendar-user-address-set")  # fmt: skip
_WHAT = ("D:resourcetype", "D:displayname", "D:owner", "D:current-user-privilege-set",
         "C:supported-calendar-component-set")  # fmt: skip
_MAIL, _LONG = "mailto:", 3 * 254  # of an address (RFC 5321, 4.5.3.1.3), where each sign of it is escaped
_ADDRESS = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,189}")
_WRITES = frozenset({f"{D}write", f"{D}write-content", f"{D}bind", f"{D}all"})
_REMEDY = "correct `url`: the address of the server, of your principal, or of one calendar"


class Found(Struct, frozen=True):
    """A calendar on the server.

    `path`: as `path_of`.  `shared`: it belongs to another principal.  `principal`: the path of the user's own, ''
    where the server does not tell.  `addresses`: of the user, lower case, as the server tells them.  `writable`: None
    where the server does not tell.
    """

    path: str
    name: str
    owned: bool = True
    shared: bool = False
    principal: str = ""
    addresses: tuple[str, ...] = ()
    writable: bool | None = None


def discover(dav: Dav, base: str) -> tuple[Found, ...]:
    """All calendars for events that the address leads to."""
    start = _start(dav, base)
    if _is_calendar(start):
        return (_found(start, "", ()),)
    principal, homes, who = start.path, start.hrefs(f"{C}calendar-home-set"), start
    if not homes or start.hrefs(f"{D}current-user-principal"):  # some servers tell a home for any resource
        principal = principal_of(start)
        if path_of(principal).rstrip("/") != start.path.rstrip("/"):
            (who,) = dav.propfind(principal, _WHO, 0)[:1] or (Row(principal, 404, {}),)
            homes = who.hrefs(f"{C}calendar-home-set") or homes
    if not homes:
        raise UnreadableError(f"{redacted(base)}, {path_of(principal)} names no home of calendars", _REMEDY)
    if len(set(homes)) > HOMES:
        raise UnreadableError(f"{redacted(base)} names more than {HOMES} homes of calendars", _REMEDY)
    found, addresses = dict[str, Found](), addresses_of(who)
    for home in dict.fromkeys(homes):
        found |= {f.path: f for f in _calendars(dav.propfind(home, _WHAT, 1), path_of(principal), addresses)}
        if len(found) > CALENDARS:
            raise UnreadableError(
                f"{redacted(base)} has more than {CALENDARS} calendars", "give the `url` of one of them"
            )
    return tuple(sorted(found.values(), key=lambda f: f.path))


def _start(dav: Dav, base: str) -> Row:
    """The resource from which discovery goes on: the given one, else the one that the server's well-known names."""
    failure: UnbusyError | None = None
    for address in (base, WELL_KNOWN, "/"):
        try:
            rows = dav.propfind(address, _WHO, 0)
        except (LoginError, TemporaryError):
            raise
        except UnbusyError as error:  # another address may lead there
            failure = failure or error
            continue
        for row in rows[:1]:
            if _is_calendar(row) or row.hrefs(f"{C}calendar-home-set") or row.hrefs(f"{D}current-user-principal"):
                return row
    raise UnreadableError(failure.what if failure else f"{redacted(base)} knows no principal", _REMEDY)


def principal_at(dav: Dav, base: str) -> str:
    """The address of the user, to which this one leads; UnbusyError where it leads to none."""
    return principal_of(_start(dav, base))


def principal_of(row: Row) -> str:
    """The address of the user; RefusedError when the server takes the request for nobody's (RFC 5397)."""
    hrefs = row.hrefs(f"{D}current-user-principal")
    if not hrefs:
        raise RefusedError("the server does not know who is asking", "check the user name, and log in again")
    return hrefs[0]


def addresses_of(row: Row) -> tuple[str, ...]:
    """The user's addresses of mail, lower case, at most `ADDRESSES`; () where the row tells none (RFC 6638, 2.4.1)."""
    told = (unquote(href[len(_MAIL) :]) for href in row.hrefs(f"{C}calendar-user-address-set") if _is_mail(href))
    good = (address.lower() for address in told if _ADDRESS.fullmatch(address) and address.isprintable())
    return tuple(islice(dict.fromkeys(good), ADDRESSES))


def _is_mail(href: str) -> bool:
    return len(href) < _LONG and href[: len(_MAIL)].lower() == _MAIL


def _is_calendar(row: Row) -> bool:
    return f"{C}calendar" in row.tags(f"{D}resourcetype")


def _calendars(rows: Iterable[Row], principal: str, addresses: tuple[str, ...]) -> Iterator[Found]:
    seen = set()
    for row in sorted(rows, key=lambda r: r.path):
        kinds = row.props.get(f"{C}supported-calendar-component-set")
        events = kinds is None or not kinds.tags or "VEVENT" in kinds.named
        path = row.path.rstrip("/")
        twin = path.rpartition(".")[0] in seen and path.endswith((".ics", ".xml"))
        if _is_calendar(row) and events and not twin and path not in seen:
            seen.add(path)
            yield _found(row, principal, addresses)


def _found(row: Row, principal: str, addresses: tuple[str, ...]) -> Found:
    owner = [path_of(h).rstrip("/") for h in row.hrefs(f"{D}owner")]
    kinds = row.tags(f"{D}resourcetype")
    mine = not principal or not owner or principal.rstrip("/") in owner
    rights = row.tags(f"{D}current-user-privilege-set")
    return Found(
        path=row.path if row.path.endswith("/") else f"{row.path}/",
        name=row.text(f"{D}displayname") or row.path.rstrip("/").rpartition("/")[2],
        owned=mine and f"{CS}subscribed" not in kinds,
        shared=not mine,
        principal=principal,
        addresses=addresses,
        writable=bool(rights & _WRITES) if rights else None,
    )


# -- what is remembered -----------------------------------------------------------------------------------------------


def remembered(note: str, base: str, now: datetime) -> tuple[Found, ...]:
    """What `note` says of this address, () when it is too old or says nothing."""
    try:
        said = json.loads(note)
        at = datetime.fromisoformat(said["at"])
        if said["base"] != base or not timedelta(0) <= now - at < KEPT:
            return ()
        addresses = tuple(map(str, said["addresses"]))
        return tuple(Found(**row, addresses=addresses) for row in said["calendars"])
    except (ValueError, TypeError, KeyError):
        return ()


def note_of(found: Iterable[Found], base: str, now: datetime) -> str:
    """What `remembered` reads."""
    rows = [asdict(f) for f in found]
    addresses = [row.pop("addresses") for row in rows][:1]  # those of the user, the same in each row
    said = {"at": now.isoformat(), "base": base, "addresses": addresses[0] if addresses else (), "calendars": rows}
    return json.dumps(said)
