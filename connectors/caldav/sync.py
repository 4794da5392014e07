"""What changed in a calendar on a CalDAV server, with as few requests as its server allows.

A sync token is a hint: servers lose tokens without saying so.  Every day, and after every answer that looks odd, the
versions of all resources are compared one by one.  Absence is only ever judged by a list of all of them.

So is a time range: servers hide from it what does touch it.  Each resource that is listed is read once, whenever it is;
of very many, what the server finds in the window comes first, and the others with the next reads.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import asdict, replace

from connectors.caldav.dav import MULTIGET, Dav, quoted
from connectors.caldav.multistatus import CS, D, Row
from connectors.http.web import LARGEST
from daemon.model.errors import LoginError, TemporaryError, UnbusyError, UnreadableError
from daemon.model.event import CalendarId, ResourceRef
from daemon.model.owner import UID_PREFIX
from daemon.model.plan import Problem
from daemon.model.protocols import Changes, End, Resource, Seen

MARGIN = timedelta(days=8)
"""What is fetched on either side of a window: servers take a time range to be something else than we do."""

RESOURCE_LIMIT = 2**20
"""Bytes of one resource; a larger one is not read."""

_AGAIN = TemporaryError.code
"""The code of a problem that may pass by itself."""

MOST = 100_000
"""Resources of one calendar."""

PORTION = 5_000
"""Resources that one read asks for, or so many that they are `PORTION_SIZE`; the others come with the next ones."""

PORTION_SIZE = 32 * 2**20
"""Bytes of contents after which one read asks for no more."""


class State(Struct, frozen=True):
    """What one read leaves for the next one.

    `token`: of the sync report, '' where there is none; `tag`: the ctag then.  `compared`: the day on which all
    versions were last compared.  `mirrored`: a digest of the versions that the mirror then had; it has others after a
    write of ours, which a server whose tokens stand for contents does not report when somebody has put the old content
    back.  `owed`: what the server has not given, by href with its version, as JSON: it is asked for again, and nothing
    else for its sake.
    """

    token: str = ""
    tag: str = ""
    compared: str = ""
    mirrored: str = ""
    owed: str = "{}"

    @classmethod
    def parse(cls, text: str) -> State:
        """From what `str` gave; a new one for anything else."""
        try:
            said = json.loads(text)
            found = cls(**{k: str(said[k]) for k in cls.__struct_fields__})
            _ = found.compared and date.fromisoformat(found.compared)
            _ = [href + version for href, version in found.unread.items()]
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()
        return found

    @property
    def unread(self) -> dict[str, str]:
        """See `owed`."""
        unread: dict[str, str] = json.loads(self.owed)
        return unread

    def __str__(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self))


class Calendar(Struct, frozen=True):
    """A calendar that is read: its collection's path, as `path_of`, and whose it is."""

    dav: Dav
    id: CalendarId
    path: str

    def name(self, row: Row) -> str:
        """The href of a resource, as `path_of`, relative to it; '' for the collection itself and what is beyond."""
        inner = row.path.removeprefix(self.path)
        return "" if inner == row.path or inner.endswith("/") or "\0" in inner else inner

    def where(self, href: str) -> str:
        """The path of a resource."""
        return f"{self.path}{href}"


def changes(calendar: Calendar, seen: Seen, now: datetime) -> Changes:
    """What changed since it was last seen; see `Changes`.  It is fetched as it is asked for."""
    state = State.parse(seen.state)
    today = now.astimezone(UTC).date().isoformat()
    listing, token, tag = _hinted(calendar, seen, state) if state.compared else (None, "", "")
    whole = listing is None or state.compared != today or state.mirrored != _digest(seen.versions)
    if listing is None or whole:
        listing, token, tag = _listed(calendar, token, tag)
    news = {h: v for h, v in listing.items() if not v or seen.versions.get(h) != v or h in state.unread}
    after = State(token, tag, today if whole else state.compared)
    return Changes(changed=_coming(calendar, seen, listing, news, after), present=frozenset(listing))


def _coming(
    calendar: Calendar, seen: Seen, listing: Mapping[str, str], news: Mapping[str, str], after: State
) -> Iterator[Resource | Problem | End]:
    """What is new, as far as one read goes; at its end what the next one needs, which lists all while some is left."""
    hrefs = _in_order(calendar, seen, news)
    mirrored = {h: v for h, v in seen.versions.items() if h in listing}
    owed: dict[str, str] = {}
    at = size = 0
    while at < min(len(hrefs), PORTION) and size < PORTION_SIZE:
        asked = hrefs[at : at + MULTIGET]
        at += len(asked)
        owed |= {h: listing[h] for h in asked}
        for item in _portion(calendar, asked):
            if isinstance(item, Resource):
                href, size = item.ref.href, size + len(item.payload)
                mirrored[href] = item.ref.version
                del owed[href]
            elif not item.code:
                del owed[item.where.removeprefix(f"{calendar.id}/")]
            yield item
    if len(owed) <= MULTIGET:  # else all is compared in the next read
        after = replace(after, mirrored=_digest(mirrored), owed=json.dumps(owed))
    rest = hrefs[at:]
    yield End("" if rest else str(after), sum(1 for h in rest if listing[h] or h not in seen.versions))


def _in_order(calendar: Calendar, seen: Seen, news: Mapping[str, str]) -> list[str]:
    """The hrefs of what is new: ours first; of more than one read takes, then what the server finds in the window.

    What is known, and of which the server tells no version, comes last: it is asked for in every read.
    """
    near: set[str] = set()
    if len(news) > PORTION:
        with suppress(UnbusyError):  # it is no more than a hint
            start, end = seen.window.start - MARGIN, seen.window.end + MARGIN
            near = {calendar.name(row) for row in calendar.dav.between(calendar.path, start, end)}

    def place(href: str) -> tuple[bool, bool, bool, str]:
        again = not news[href] and href in seen.versions
        return again, not href.startswith(UID_PREFIX), href not in near, href

    return sorted(news, key=place)


def _digest(versions: Mapping[str, str]) -> str:
    return hashlib.sha256("\n".join(f"{h} {v}" for h, v in sorted(versions.items())).encode()).hexdigest()


def _hinted(calendar: Calendar, seen: Seen, state: State) -> tuple[dict[str, str] | None, str, str]:
    """The versions of all resources as the cheapest question tells, or None where that is not to be trusted."""
    if not state.token:
        tag = _tag(calendar)
        return ({**seen.versions, **state.unread} if tag and tag == state.tag else None), "", tag
    try:
        return _synced(calendar, seen, state)
    except (LoginError, TemporaryError):
        raise
    except UnbusyError:  # not every server says in words that it is the token: the list of all tells what is wrong
        return None, "", ""


def _synced(calendar: Calendar, seen: Seen, state: State) -> tuple[dict[str, str] | None, str, str]:
    """The same from what changed since the token."""
    listing = {**seen.versions, **state.unread}
    synced = calendar.dav.sync(calendar.path, state.token)
    count = gone = odd = 0
    for row in synced:
        count += 1
        if not (href := calendar.name(row)):
            continue
        if row.status == 404:
            odd += href not in listing
            gone += listing.pop(href, None) is not None
        else:
            listing[href] = row.etag
    known = len(seen.versions)
    full = known > 3 and count - odd >= known and not gone
    if not synced.whole or not synced.token or full:
        return None, synced.token if synced.whole else "", ""
    return _bounded(calendar, listing), synced.token, ""


def _listed(calendar: Calendar, token: str, tag: str) -> tuple[dict[str, str], str, str]:
    """Every resource with its version, and a token or a tag from before the list was made."""
    if not token and not tag:
        try:  # from the empty token: all there is
            synced = calendar.dav.sync(calendar.path, "")
            found = _versions(calendar, (r for r in synced if r.status != 404))
        except (LoginError, TemporaryError):
            raise
        except UnbusyError:  # what is wrong with more than the report, the next question meets too
            tag = _tag(calendar)
        else:
            token = synced.token
            if synced.whole and token:
                return found, token, ""
    rows = calendar.dav.listed(quoted(calendar.path), ["D:getetag", "D:resourcetype"])
    return _versions(calendar, rows), token, tag


def _versions(calendar: Calendar, rows: Iterable[Row]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        if row.status >= 500:
            raise TemporaryError(f"{calendar.id} could not be listed: the server failed in between")
        if row.status >= 400 and row.path.rstrip("/") == calendar.path.rstrip("/"):
            raise UnreadableError(
                f"{calendar.id} could not be listed: the server answered {row.status}",
                "bring the calendar back, or correct `read` and `write` of this account",
            )
        if row.status in (404, 410) or f"{D}collection" in row.tags(f"{D}resourcetype"):
            continue
        if href := calendar.name(row):  # one of which the server tells nothing else is there, all the same
            _bounded(calendar, found)[href] = row.etag
    return found


def _bounded(calendar: Calendar, listing: dict[str, str]) -> dict[str, str]:
    if len(listing) > MOST:
        raise UnreadableError(f"{calendar.id} has more than {MOST} events", "read a smaller calendar")
    return listing


def _tag(calendar: Calendar) -> str:
    """The ctag (a version of the whole calendar), '' where there is none."""
    rows = calendar.dav.propfind(quoted(calendar.path), ["CS:getctag"], 0)
    return rows[0].text(f"{CS}getctag") if rows else ""


# -- contents ---------------------------------------------------------------------------------------------------------


def _portion(calendar: Calendar, hrefs: Collection[str]) -> Iterator[Resource | Problem]:
    """Up to `MULTIGET` resources; those that the server leaves out are asked for one by one."""
    missing = set(hrefs)
    try:
        for row in calendar.dav.multiget(calendar.path, [calendar.where(h) for h in hrefs]):
            href, data = calendar.name(row), row.data
            if data is not None and href in missing:
                missing.remove(href)
                yield from _sized(calendar, href, row.etag, data)
    except TemporaryError:
        raise
    except UnbusyError:
        pass  # what is wrong with one of them costs no other
    for href in sorted(missing):
        yield from _alone(calendar, href)


def _alone(calendar: Calendar, href: str) -> Iterator[Resource | Problem]:
    """One resource by itself, or why it cannot be read; nothing of one that has gone meanwhile."""
    answer = calendar.dav.get(calendar.where(href))
    if answer.status == 200 and answer.headers.get("content-type", "").startswith("text/html"):
        yield Problem(f"{calendar.id}/{href}", "cannot be read: the server answered with a web page", code=_AGAIN)
    elif answer.status == 200:
        yield from _sized(calendar, href, answer.headers.get("etag", ""), answer.body)
    elif answer.status not in (404, 410):
        yield Problem(f"{calendar.id}/{href}", f"cannot be read: the server answered {answer.status}", code=_AGAIN)


def _sized(calendar: Calendar, href: str, etag: str, data: bytes) -> Iterator[Resource | Problem]:
    if len(data) > min(RESOURCE_LIMIT, LARGEST):
        yield Problem(f"{calendar.id}/{href}", f"is larger than {RESOURCE_LIMIT // 2**20} MiB")
    else:
        yield Resource(ResourceRef(calendar.id, href, etag or digest(data)), data)


def digest(payload: bytes) -> str:
    """The version of a resource that its server gives none."""
    return f"sha256:{hashlib.sha256(payload).hexdigest()}"
