"""The journal in PostgreSQL, sealed; see `daemon.journal.ports`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from msgspec import Struct

from daemon.postgres.database import Database

_PUT = (
    "INSERT INTO page (tenant, day, text) VALUES (%(tenant)s, %(day)s, %(text)s)"
    " ON CONFLICT (tenant, day) DO UPDATE SET text = excluded.text"
)
_OURS = re.compile(r"^(?:# |- .* <!-- unbusy (?:skip|undo|again|never|forget|reply) \S+ -->[ \t\r]*$)")
"""The lines of a page that the program goes by: its heading, what was turned down, what was taken back."""


class PostgresJournal(Struct, frozen=True):
    """See `Journal`.

    `answers`: whether what the leader answers is kept here, too.  Where it is not, it stands on their calendar alone,
    and a page has nothing but the lines that the program goes by.
    """

    db: Database
    answers: bool = True

    def pages(self, first: date = date.min, last: date = date.max) -> Iterator[tuple[date, str]]:
        """By day."""
        sql = "SELECT day, text FROM page WHERE tenant = %(tenant)s AND day BETWEEN %(first)s AND %(last)s ORDER BY day"
        for day, text in self.db.rows(sql, first=first, last=last):
            yield day, self._opened(text)

    def rewrite(self, day: date, change: Callable[[str], str]) -> None:
        """A page that is not changed is not written; two who write at once do so one after the other."""
        with self.db.transaction() as db:
            db.execute("SELECT pg_advisory_xact_lock(hashint4(%(tenant)s), %(day)s)", day=day.toordinal())
            sql = "SELECT text FROM page WHERE tenant = %(tenant)s AND day = %(day)s"
            row = db.row(sql, day=day)
            before = self._opened(row[0]) if row else ""
            heading = f"# {day.isoformat()}\n\n"
            after = change(before or heading)
            after = after if self.answers else _without_answers(after)
            if after != before and (self.answers or before or after != heading):
                db.execute(_PUT, day=day, text=self.db.seal.shut(after.encode(errors="surrogateescape")))

    def _opened(self, text: bytes) -> str:
        return self.db.seal.open(text).decode(errors="surrogateescape")


def _without_answers(page: str) -> str:
    """The heading, and the lines that the program goes by."""
    heading, *rest = (line for line in page.splitlines(keepends=True) if _OURS.match(line))
    return "".join((heading, "\n", *rest))
