"""The mirror in PostgreSQL; see `daemon.ledger.ports`.

Hrefs and ids of calendars are as long as a server likes, and a key of an index is not: they are found by a digest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

import msgspec

from daemon.model.event import CalendarId, ResourceRef
from daemon.model.owner import Wish
from daemon.model.protocols import CalendarInfo, Changes, Peek, Resource
from daemon.postgres.database import Database, Writing, translated
from daemon.postgres.seal import Seal, digest
from daemon.postgres.texts import unescaped

PAGE = 2**20
"""Bytes of payloads that are held back until they are written: a reading of less is written as one."""

_AT_ONCE = 2_000  # resources that are taken out in one go

_HERE = "tenant = %(tenant)s AND calendar = %(calendar)s"
_PUT_RESOURCE = (
    "INSERT INTO resource (tenant, calendar, id, href, version, first, last, policy, key, generation, payload, name,"
    " owner) VALUES (%(tenant)s, %(calendar)s, %(id)s, %(href)s, %(version)s, %(first)s, %(last)s, %(policy)s,"
    " %(key)s, %(generation)s, %(payload)s, %(name)s, %(owner)s)"
    " ON CONFLICT (tenant, calendar, id) DO UPDATE SET version = excluded.version, first = excluded.first,"
    " last = excluded.last, policy = excluded.policy, key = excluded.key, generation = excluded.generation,"
    " payload = excluded.payload, name = excluded.name, owner = excluded.owner"
)
_PUT_CALENDAR = (
    "INSERT INTO calendar (tenant, id, account, named, state, read_at, kept_since) VALUES (%(tenant)s, %(calendar)s,"
    " %(account)s, %(named)s, %(state)s, %(read_at)s, %(since)s)"
    " ON CONFLICT (tenant, id) DO UPDATE SET named = excluded.named, state = excluded.state,"
    " read_at = coalesce(excluded.read_at, calendar.read_at),"
    " kept_since = coalesce(excluded.kept_since, calendar.kept_since)"
)
_TOUCH = "UPDATE calendar SET changes = changes + 1 WHERE tenant = %(tenant)s AND id = %(calendar)s"
_CHANGED = "SELECT changes FROM calendar WHERE tenant = %(tenant)s AND id = %(calendar)s"
_STATE = "SELECT state FROM calendar WHERE tenant = %(tenant)s AND id = %(calendar)s AND kept_since <= %(since)s"
_VERSIONS = (
    "SELECT coalesce(json_object_agg(href, version) FILTER (WHERE payload IS NOT NULL OR last < %(since)s), '{}')"
    "::text, count(*), (SELECT changes FROM calendar WHERE tenant = %(tenant)s AND id = %(calendar)s)"
    f" FROM resource WHERE {_HERE}"
)


class PostgresIntake:
    """See `Intake`."""

    def __init__(self, db: Database, calendar: CalendarId, since: int) -> None:
        self._db = db
        self._calendar = calendar
        self._id = digest(calendar)
        self._since = since
        self._rows: list[dict[str, object]] = []
        self._held = 0
        self._whole: tuple[AbstractSet[str], int | None] | None = None
        self.state = self._state()

    def _state(self) -> str:
        rows = self._db.rows(_STATE, calendar=self._id, since=self._since)
        return str(rows[0][0]) if rows else ""

    def versions(self) -> dict[str, str]:
        """Those whose payload was not kept and that reach the day `since` are to be fetched again."""
        ((found, count, changes),) = self._db.rows(_VERSIONS, calendar=self._id, since=self._since)
        with translated():
            versions = msgspec.json.decode(found, type=dict[str, str])
        if "\\u0001" in found:
            versions = {unescaped(href): unescaped(version) for href, version in versions.items()}
        self._whole = (versions.keys(), changes) if len(versions) == count else None
        return versions

    def payload(self, href: str) -> bytes | None:
        """As it was last read."""
        sql = f"SELECT payload FROM resource WHERE {_HERE} AND id = %(id)s"
        rows = self._db.rows(sql, calendar=self._id, id=digest(href))
        return self._db.seal.open(rows[0][0]) if rows and rows[0][0] is not None else None

    def put(self, resource: Resource, peek: Peek) -> None:
        """Held back, a page at a time."""
        self._rows.append(_values(self._db.seal, resource, peek, self._since))
        self._held += len(resource.payload)
        if self._held > PAGE:
            with self._db.transaction() as db:
                forget = "UPDATE calendar SET state = '' WHERE tenant = %(tenant)s AND id = %(calendar)s"
                db.execute(forget, calendar=self._id)
                self._write(db)

    def commit(self, name: str, changes: Changes, state: str, now: datetime | None) -> None:
        """All that is held back, the listing and the state."""
        account = self._calendar.partition("/")[0]
        named = self._db.seal.shut(msgspec.json.encode((self._calendar, name)))
        with self._db.transaction() as db:
            known = self._whole is not None and self._whole[0] == changes.present and not self._rows
            count = db.row(f"{_CHANGED} FOR UPDATE", calendar=self._id) if known else None
            listed = bool(count and self._whole and count[0] == self._whole[1])
            self._write(db)
            if changes.present is not None and not listed:
                gone = f"DELETE FROM resource WHERE {_HERE} AND href <> ALL(%(present)s::text[])"
                if db.execute(gone, calendar=self._id, present=list(changes.present)):
                    db.execute(_TOUCH, calendar=self._id)
            since = None if changes.present is None or now is None else self._since
            db.execute(
                _PUT_CALENDAR, calendar=self._id, account=account, named=named, state=state, read_at=now, since=since
            )

    def _write(self, db: Writing) -> None:
        if self._rows:
            db.many(_PUT_RESOURCE, self._rows)
            db.execute(_TOUCH, calendar=self._id)
        self._rows, self._held = [], 0


class PostgresMirror:
    """See `Mirror`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def intake(self, calendar: CalendarId, since: int) -> PostgresIntake:
        """A calendar is read."""
        return PostgresIntake(self._db, calendar, since)

    def read_at(self, calendar: CalendarId) -> datetime | None:
        """When it last was."""
        sql = "SELECT read_at FROM calendar WHERE tenant = %(tenant)s AND id = %(calendar)s AND read_at IS NOT NULL"
        rows = self._db.rows(sql, calendar=digest(calendar))
        return rows[0][0].astimezone(UTC) if rows else None

    def calendars(self, account: str) -> tuple[CalendarInfo, ...]:
        """Those that ever were."""
        sql = "SELECT named FROM calendar WHERE tenant = %(tenant)s AND account = %(account)s"
        rows = self._db.rows(sql, account=account)
        with translated():
            found = [msgspec.json.decode(self._db.seal.open(named), type=tuple[str, str]) for (named,) in rows]
        return tuple(CalendarInfo(id=i, name=n) for i, n in sorted(found))

    def forget(self, calendar: CalendarId) -> None:
        """With all that is in it."""
        with self._db.transaction() as db:
            db.execute(f"DELETE FROM resource WHERE {_HERE}", calendar=digest(calendar))
            db.execute(
                "DELETE FROM calendar WHERE tenant = %(tenant)s AND id = %(calendar)s", calendar=digest(calendar)
            )

    def put_resource(self, resource: Resource, peek: Peek) -> None:
        """After our own write."""
        with self._db.transaction() as db:
            db.execute(_PUT_RESOURCE, **_values(self._db.seal, resource, peek, 0))
            db.execute(_TOUCH, calendar=digest(resource.ref.calendar))

    def drop_resource(self, ref: ResourceRef) -> None:
        """After our own deletion, in whatever version."""
        here = digest(ref.calendar)
        with self._db.transaction() as db:
            db.execute(f"DELETE FROM resource WHERE {_HERE} AND id = %(id)s", calendar=here, id=digest(ref.href))
            db.execute(_TOUCH, calendar=here)

    def resources(self, calendar: CalendarId, first: int, last: int) -> Iterator[Resource]:
        """Some at a time, each opened when it is asked for."""
        sql = (
            f"SELECT href, version, payload FROM resource WHERE {_HERE} AND href > %(href)s AND payload IS NOT NULL"
            " AND (first IS NULL OR first <= %(last)s) AND (last IS NULL OR last >= %(first)s) ORDER BY href"
            f" LIMIT {_AT_ONCE}"
        )
        href, here, opened = "", digest(calendar), self._db.seal.open
        while True:
            rows = self._db.rows(sql, calendar=here, href=href, first=first, last=last)
            for href, version, payload in rows:
                yield Resource(ResourceRef(calendar, href, version), opened(payload))
            if len(rows) < _AT_ONCE:
                return

    def resource(self, ref: ResourceRef) -> Resource | None:
        """One, in this version."""
        sql = f"SELECT payload FROM resource WHERE {_HERE} AND id = %(id)s AND version = %(version)s"
        rows = self._db.rows(
            f"{sql} AND payload IS NOT NULL", calendar=digest(ref.calendar), id=digest(ref.href), version=ref.version
        )
        return Resource(ref, self._db.seal.open(rows[0][0])) if rows else None

    def marked(self, calendars: Iterable[CalendarId], owners: Collection[str]) -> list[tuple[Wish, Resource]]:
        """By calendar, then by policy, key and generation."""
        sql = (
            f"SELECT policy, key, href, version, payload FROM resource WHERE {_HERE} AND policy IS NOT NULL"
            " AND (owner IS NULL OR owner = ANY(%(owners)s::text[])) ORDER BY policy, key, generation, href"
        )
        return [
            (Wish(policy, key), Resource(ResourceRef(calendar, href, version), self._db.seal.open(payload)))
            for calendar in sorted(set(calendars))
            for policy, key, href, version, payload in self._db.rows(
                sql, calendar=digest(calendar), owners=sorted(owners)
            )
        ]

    def unmarked(self, calendars: Iterable[CalendarId]) -> list[tuple[str, Resource]]:
        """By calendar, then by name and href."""
        sql = (
            f"SELECT name, href, version, payload FROM resource WHERE {_HERE} AND name IS NOT NULL"
            " AND policy IS NULL ORDER BY name, href"
        )
        return [
            (name, Resource(ResourceRef(calendar, href, version), self._db.seal.open(payload)))
            for calendar in sorted(set(calendars))
            for name, href, version, payload in self._db.rows(sql, calendar=digest(calendar))
        ]

    def owners(self, calendars: Iterable[CalendarId]) -> dict[str, int]:
        """Of any age."""
        sql = (
            "SELECT owner, count(*) FROM resource WHERE tenant = %(tenant)s AND calendar = ANY(%(calendars)s::bytea[])"
            " AND policy IS NOT NULL AND owner IS NOT NULL GROUP BY owner ORDER BY owner"
        )
        return dict(self._db.rows(sql, calendars=sorted(map(digest, set(calendars)))))

    def nameless(self, calendars: Iterable[CalendarId], prefix: str) -> frozenset[str]:
        """Those of which nothing is known but that they are there."""
        sql = (
            f"SELECT href FROM resource WHERE {_HERE} AND starts_with(href, %(prefix)s) AND policy IS NULL"
            " AND first IS NULL AND payload IS NOT NULL"
        )
        return frozenset(
            href for c in calendars for (href,) in self._db.rows(sql, calendar=digest(c), prefix=prefix)
        )  # fmt: skip


def _values(seal: Seal, resource: Resource, peek: Peek, since: int) -> dict[str, object]:
    """A resource for its table; without the payload if it ended before the day `since` and is not named as ours."""
    mark, ref = peek.mark, resource.ref
    old = not peek.name and peek.last is not None and peek.last < since
    return {
        "calendar": digest(ref.calendar), "id": digest(ref.href), "href": ref.href, "version": ref.version,
        "first": peek.first, "last": peek.last, "policy": mark.policy if mark else None,
        "key": mark.key if mark else None, "generation": mark.generation if mark else None,
        "payload": None if old else seal.shut(resource.payload), "name": peek.name or None,
        "owner": mark.owner if mark else None,
    }  # fmt: skip
