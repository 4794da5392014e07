"""What changed in a calendar on a CalDAV server, with as few requests as its server allows.

A sync token is a hint: servers lose tokens without saying so.  Every day, and after every answer that looks odd, the
versions of all resources are compared one by one.  Absence is only ever judged by a list of all of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from connectors.caldav.dav import CS, MULTIGET, D, Dav, Row
from connectors.http.web import LARGEST
from daemon.model.errors import LoginError, TemporaryError, UnbusyError, UnreadableError
from daemon.model.event import CalendarId, ResourceRef
from daemon.model.owner import UID_PREFIX
from daemon.model.plan import Problem
from daemon.model.protocols import Changes, Resource, Seen
from daemon.model.times import TimeRange

MARGIN = timedelta(days=8)
"""What is fetched on either side of a window: servers take a time range to be something else than we do."""

RESOURCE_LIMIT = 2**20
"""Bytes of one resource; a larger one is not read."""

_AGAIN = TemporaryError.code
"""The code of a problem that may pass by itself."""

MOST = 100_000
"""Resources of one calendar."""


@dataclass(frozen=True, slots=True)
class State:
    """What one read leaves for the next one.

    `token`: of the sync report, '' where there is none; `tag`: the ctag then.  `compared`: the day on which all
    versions were last compared.  `first`, `end`: the span (ISO days) of which everything was fetched.  `mirrored`: a
    digest of the versions that the mirror then had; it has others after a write of ours, which a server whose tokens
    stand for contents does not report when somebody has put the old content back.  `owed`: what the server has not
    given, by href with its version, as JSON: it is asked for again, and nothing else for its sake.
    """

    token: str = ""
    tag: str = ""
    compared: str = ""
    first: str = ""
    end: str = ""
    mirrored: str = ""
    owed: str = "{}"

    @classmethod
    def parse(cls, text: str) -> State:
        """From what `str` gave; a new one for anything else."""
        try:
            said = json.loads(text)
            found = cls(**{k: str(said[k]) for k in cls.__slots__})
            _ = found.compared and (date.fromisoformat(found.first), date.fromisoformat(found.end))
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


@dataclass(frozen=True, slots=True)
class Calendar:
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
    """What changed since it was last seen; see `Changes`."""
    state = State.parse(seen.state)
    today = now.astimezone(UTC).date().isoformat()
    if not state.compared:
        return _first(calendar, seen, today)
    span = _around(seen.window)
    listing, token, tag = _hinted(calendar, seen, state)
    whole = listing is None or state.compared != today or state.mirrored != _digest(seen.versions)
    if listing is None or whole:
        listing, token, tag = _listed(calendar, token, tag)
    news = {h: v for h, v in listing.items() if not v or seen.versions.get(h) != v or h in state.unread}
    gaps = _uncovered(state, span) if whole or not _covers(state, seen.window) else []
    after = State(token, tag, today if whole else state.compared, state.first, state.end)
    if gaps:
        after = replace(after, first=min(state.first, span[0].isoformat()), end=max(state.end, span[1].isoformat()))
    fetched = tuple(_fetched(calendar, seen, news, listing, gaps))
    after = _noted(after, calendar, _mirrored(seen, listing, fetched), listing, fetched)
    return Changes(changed=fetched, present=frozenset(listing), state=str(after))


def _first(calendar: Calendar, seen: Seen, today: str) -> Changes:
    """On first contact: the list of all resources, then those of the window with their content."""
    listing, token, tag = _listed(calendar, "", "")
    first, end = _around(seen.window)
    new = {h: v for h, v in listing.items() if not v or seen.versions.get(h) != v}
    try:
        rows = [r for r in calendar.dav.between(calendar.path, _midnight(first), _midnight(end)) if calendar.name(r)]
    except TemporaryError:
        raise
    except UnbusyError:
        rows = []
    # Of ours, those of any age are known; a server that cannot answer, or finds nothing, is asked for everything.
    apart = {h for h in new if not rows or h.startswith(UID_PREFIX)}
    here = {calendar.name(r) for r in rows}
    listing |= {calendar.name(r): r.etag for r in rows}
    changed = [*_resources(calendar, rows, seen), *_fetched(calendar, seen, apart - here, listing, [])]
    unfetched = {h: v for h, v in new.items() if h not in here | apart}
    after = State(token, tag, today, first.isoformat(), end.isoformat())
    after = _noted(after, calendar, _mirrored(seen, listing, changed) | unfetched, listing, changed)
    return Changes(changed=changed, present=frozenset(listing), unfetched=unfetched, state=str(after))


def _noted(
    after: State, calendar: Calendar, mirrored: Mapping[str, str], listing: Mapping[str, str],
    fetched: Iterable[Resource | Problem],
) -> State:  # fmt: skip
    """With what the mirror then has, and what is owed; if that is much, all is compared in the next read."""
    failed = [item.where.removeprefix(f"{calendar.id}/") for item in fetched if isinstance(item, Problem) and item.code]
    if len(failed) > MULTIGET:
        return after
    return replace(after, mirrored=_digest(mirrored), owed=json.dumps({h: listing.get(h, "") for h in failed}))


def _mirrored(seen: Seen, listing: Mapping[str, str], fetched: Iterable[Resource | Problem]) -> dict[str, str]:
    """What the mirror holds once this read is in it."""
    kept = {h: v for h, v in seen.versions.items() if h in listing}
    return kept | {r.ref.href: r.ref.version for r in fetched if isinstance(r, Resource)}


def _digest(versions: Mapping[str, str]) -> str:
    return hashlib.sha256("\n".join(f"{h} {v}" for h, v in sorted(versions.items())).encode()).hexdigest()


def _hinted(calendar: Calendar, seen: Seen, state: State) -> tuple[dict[str, str] | None, str, str]:
    """The versions of all resources as the cheapest question tells, or None where that is not to be trusted."""
    if not state.token:
        tag = _tag(calendar)
        return ({**seen.versions, **state.unread} if tag and tag == state.tag else None), "", tag
    try:
        synced = calendar.dav.sync(calendar.path, state.token)
    except (LoginError, TemporaryError):
        raise
    except UnbusyError:  # not every server says in words that it is the token: the list of all tells what is wrong
        return None, "", ""
    listing = {**seen.versions, **state.unread}
    gone = odd = 0
    for row in synced.rows:
        if not (href := calendar.name(row)):
            continue
        if row.status == 404:
            odd += href not in listing
            gone += listing.pop(href, None) is not None
        else:
            listing[href] = row.etag
    known = len(seen.versions)
    full = known > 3 and len(synced.rows) - odd >= known and not gone
    if not synced.whole or not synced.token or full:
        return None, synced.token if synced.whole else "", ""
    return listing, synced.token, ""


def _listed(calendar: Calendar, token: str, tag: str) -> tuple[dict[str, str], str, str]:
    """Every resource with its version, and a token or a tag from before the list was made."""
    if not token and not tag:
        try:
            synced = calendar.dav.sync(calendar.path, "")
        except (LoginError, TemporaryError):
            raise
        except UnbusyError:  # what is wrong with more than the report, the next question meets too
            tag = _tag(calendar)
        else:
            token = synced.token
            if synced.whole and token:
                return _versions(calendar, (r for r in synced.rows if r.status != 404)), token, ""
    return _versions(calendar, calendar.dav.propfind(calendar.path, ["D:getetag", "D:resourcetype"], 1)), token, tag


def _versions(calendar: Calendar, rows: Iterable[Row]) -> dict[str, str]:
    found = {}
    for row in rows:
        if row.status >= 500:
            raise TemporaryError(f"{calendar.id} could not be listed: the server failed in between")
        if row.status >= 400 and row.path.rstrip("/") == calendar.path.rstrip("/"):
            raise UnreadableError(
                f"{calendar.id} could not be listed: the server answered {row.status}",
                "bring the calendar back, or correct `read` and `write` of this account",
            )
        if row.status in (404, 410) or f"{D}collection" in row.names(f"{D}resourcetype"):
            continue
        if href := calendar.name(row):  # one of which the server tells nothing else is there, all the same
            found[href] = row.etag
    if len(found) > MOST:
        raise UnreadableError(f"{calendar.id} has more than {MOST} events", "read a smaller calendar")
    return found


def _tag(calendar: Calendar) -> str:
    """The ctag (a version of the whole calendar), '' where there is none."""
    rows = calendar.dav.propfind(calendar.path, ["CS:getctag"], 0)
    return rows[0].text(f"{CS}getctag") if rows else ""


# -- contents ---------------------------------------------------------------------------------------------------------


def _fetched(
    calendar: Calendar, seen: Seen, news: Iterable[str], listing: Iterable[str], gaps: Iterable[tuple[date, date]]
) -> Iterator[Resource | Problem]:
    """What is new, in portions; and what never changed and comes into sight now."""
    hrefs = sorted(news)
    for at in range(0, len(hrefs), MULTIGET):
        yield from _portion(calendar, hrefs[at : at + MULTIGET])
    for first, end in gaps:
        try:
            rows = calendar.dav.between(calendar.path, _midnight(first), _midnight(end))
        except TemporaryError:
            raise
        except UnbusyError:  # a server that cannot answer this is asked for all that was never fetched
            unknown = sorted(h for h in listing if h not in news and seen.payload(h) is None)
            yield from _fetched(calendar, seen, unknown, listing, ())
            return
        fresh = [r for r in rows if (h := calendar.name(r)) and h not in news and seen.payload(h) is None]
        yield from _resources(calendar, fresh, None)


def _portion(calendar: Calendar, hrefs: list[str]) -> Iterator[Resource | Problem]:
    """Up to `MULTIGET` resources; those that the server leaves out are asked for one by one."""
    try:
        rows = calendar.dav.multiget(calendar.path, [calendar.where(h) for h in hrefs])
    except TemporaryError:
        raise
    except UnbusyError:
        rows = ()
    given = [r for r in rows if r.data is not None and calendar.name(r) in hrefs]
    yield from _resources(calendar, given, None)
    for href in sorted(set(hrefs) - {calendar.name(r) for r in given}):
        yield from _alone(calendar, href)


def _alone(calendar: Calendar, href: str) -> Iterator[Resource | Problem]:
    """One resource by itself, or why it cannot be read; one that has gone meanwhile is asked for again, too."""
    answer = calendar.dav.get(calendar.where(href))
    if answer.status == 200 and answer.headers.get("content-type", "").startswith("text/html"):
        yield Problem(f"{calendar.id}/{href}", "cannot be read: the server answered with a web page", code=_AGAIN)
    elif answer.status == 200:
        yield from _sized(calendar, href, answer.headers.get("etag", ""), answer.body)
    else:
        yield Problem(f"{calendar.id}/{href}", f"cannot be read: the server answered {answer.status}", code=_AGAIN)


def _resources(calendar: Calendar, rows: Iterable[Row], seen: Seen | None) -> Iterator[Resource | Problem]:
    for row in rows:
        href, etag, data = calendar.name(row), row.etag, row.data
        if data is None:
            yield from _alone(calendar, href)
        elif not (seen and etag and seen.versions.get(href) == etag and seen.payload(href) is not None):
            yield from _sized(calendar, href, etag, data)


def _sized(calendar: Calendar, href: str, etag: str, data: bytes) -> Iterator[Resource | Problem]:
    if len(data) > min(RESOURCE_LIMIT, LARGEST):
        yield Problem(f"{calendar.id}/{href}", f"is larger than {RESOURCE_LIMIT // 2**20} MiB")
    else:
        yield Resource(ResourceRef(calendar.id, href, etag or digest(data)), data)


def digest(payload: bytes) -> str:
    """The version of a resource that its server gives none."""
    return f"sha256:{hashlib.sha256(payload).hexdigest()}"


# -- spans ------------------------------------------------------------------------------------------------------------


def _around(window: TimeRange) -> tuple[date, date]:
    return (window.start - MARGIN).astimezone(UTC).date(), (window.end + MARGIN).astimezone(UTC).date()


def _covers(state: State, window: TimeRange) -> bool:
    inner = timedelta(days=1)
    first, end = (window.start - inner).astimezone(UTC).date(), (window.end + inner).astimezone(UTC).date()
    return state.first <= first.isoformat() and end.isoformat() <= state.end


def _uncovered(state: State, span: tuple[date, date]) -> list[tuple[date, date]]:
    """What of a span was not fetched yet."""
    first, end = span
    had = date.fromisoformat(state.first), date.fromisoformat(state.end)
    early = [(first, had[0] + timedelta(days=1))] if first < had[0] else []
    late = [(had[1] - timedelta(days=1), end)] if end > had[1] else []
    return early + late


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
